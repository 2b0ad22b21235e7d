"""All that WeCreate holds of a Box, as data and as one bounded archive."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from icalendar import Calendar, Component

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import Event, EventStatus
from wecreate_module.domain.files import File
from wecreate_module.domain.motions import Motion
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.services.boxes import title
from wecreate_module.storage.ical_parsing import read_calendar
from wecreate_module.storage.motions import to_json, version_json
from wecreate_module.storage.uow import UnitOfWork

Json = dict[str, Any]
FORMAT = 1
# Homeservers take 50 MB by default; ours is text, and a phone has to open it.
MAX_BYTES = 20_000_000
SLUG_LENGTH = 40


def collect(uow: UnitOfWork, box: Box, bot_user_id: str) -> Json:
    """All of a Box but the bytes of its files: JSON, instants in ISO 8601."""
    room = uow.rooms.get(box.room_id)
    return {
        "format": FORMAT,
        "exported_at": uow.now.isoformat(),
        "box": {
            "id": box.id,
            "room_id": box.room_id,
            "name": title(uow, box),
            "language": box.language,
            "timezone": box.timezone,
            "state": box.state.value,
            "adopted": box.adopted,
            "created_by": box.created_by,
            "created_at": box.created_at.isoformat(),
        },
        "settings": dict(room.settings) if room else {},
        "members": [
            {"user_id": m.user_id, "name": m.display_name or m.user_id, "membership": m.membership}
            for m in uow.rooms.members(box.room_id, ("join", "invite"))
            if m.user_id != bot_user_id
        ],
        "tasks": [_task(task) for task in uow.tasks.list(box.id, tuple(TaskStatus))],
        "events": [_event(event) for event in uow.events.list(box.id, tuple(EventStatus))],
        "files": [_file(file) for file in uow.files.all(box.id)],
        "motions": [_motion(uow, box, each) for each in uow.motions.list(box.id)],
        "journal": [
            {
                "at": entry.at.isoformat(),
                "kind": entry.kind,
                "subject": entry.subject,
                "actor": entry.actor,
                "data": entry.data,
            }
            for entry in uow.journal.of_box(box.id)
        ],
    }


def as_json(collected: Json) -> bytes:
    return json.dumps(collected, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace")


def tasks_file(uow: UnitOfWork, box: Box) -> bytes:
    """All tasks as one iCalendar file (RFC 5545), what foreign clients wrote included."""
    found = uow.tasks.list(box.id, tuple(TaskStatus))
    return _calendar(uow.tasks.ical(box.id, task.number) for task in found)


def events_file(uow: UnitOfWork, box: Box) -> bytes:
    """All events, likewise."""
    found = uow.events.list(box.id, tuple(EventStatus))
    return _calendar(uow.events.ical(box.id, event.number) for event in found)


def _calendar(texts: Iterable[str | None]) -> bytes:
    """One VCALENDAR of several, each time zone once."""
    whole = Calendar()
    whole.add("prodid", "-//WeCreate//Export//EN")
    whole.add("version", "2.0")
    zones: dict[str, Component] = {}
    entries: list[Component] = []
    for text in texts:
        for part in read_calendar(text).subcomponents if text else ():
            if part.name == "VTIMEZONE":
                zones.setdefault(str(part.get("TZID")), part)
            else:
                entries.append(part)
    for part in (*zones.values(), *entries):
        whole.add_component(part)
    made: bytes = whole.to_ical()
    return made


def pack(files: Mapping[str, bytes], at: datetime) -> bytes:
    """A ZIP of these files. Raises UserError when it would be larger than MAX_BYTES."""
    if sum(len(content) for content in files.values()) > 20 * MAX_BYTES:
        raise _too_large()
    buffer = io.BytesIO()
    stamp = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
            if buffer.tell() > MAX_BYTES:
                raise _too_large()
    return buffer.getvalue()


def file_name(name: str, day: date) -> str:
    """`box-<name>-<date>.zip`, in letters that every system takes."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").casefold())
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain if c.isascii())
    slug = "-".join(words.split())[:SLUG_LENGTH].strip("-")
    return f"box-{slug}-{day.isoformat()}.zip" if slug else f"box-{day.isoformat()}.zip"


def _motion(uow: UnitOfWork, box: Box, motion: Motion) -> Json:
    """With every version of its words."""
    numbers = range(1, motion.version.number + 1)
    versions = ((number, uow.motions.version(box.id, motion.number, number)) for number in numbers)
    return {
        "number": motion.number,
        **to_json(motion),
        "versions": [{"number": at, **version_json(words)} for at, words in versions if words],
    }


def _task(task: Task) -> Json:
    return {
        "number": task.number,
        "uid": task.uid,
        "title": task.title,
        "description": task.description,
        "status": task.status.value,
        "due": task.due.isoformat() if task.due else None,
        "assignees": list(task.assignees),
        "labels": list(task.labels),
        "priority": int(task.priority),
        "rrule": task.rrule,
        "items": [{"text": item.text, "done": item.done} for item in task.items],
        "created_by": task.created_by,
        "created_at": task.created_at.isoformat(),
        "finished_by": task.finished_by,
        "finished_at": task.finished_at.isoformat() if task.finished_at else None,
    }


def _event(event: Event) -> Json:
    """`end` of whole days is the day after the last, as in iCalendar."""
    return {
        "number": event.number,
        "uid": event.uid,
        "title": event.title,
        "description": event.description,
        "status": event.status.value,
        "start": event.start.isoformat(),
        "end": event.end.isoformat(),
        "all_day": event.all_day,
        "place": event.place,
        "rrule": event.rrule,
        "repeats": event.repeats,
        "attendees": [{"user": one.user, "status": one.answer.value} for one in event.answers],
        "created_by": event.created_by,
        "created_at": event.created_at.isoformat(),
    }


def _file(file: File) -> Json:
    """What is known of a file; its bytes and what opens them stay in the room."""
    return {
        "number": file.number,
        "name": file.name,
        "folder": file.folder,
        "description": file.description,
        "status": file.status.value,
        "version": file.version.number,
        "size": file.version.size,
        "mimetype": file.version.mimetype,
        "sender": file.version.sender,
        "sent_at": file.version.sent_at.isoformat(),
    }


def _too_large() -> UserError:
    return UserError(
        "export-too-large",
        "This Box holds more than fits into one file. Please ask those who run the server.",
    )
