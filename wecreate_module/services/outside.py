"""Calendar objects as other programs write them: kept whole, and understood as ours.

Each change is noted for the room, which is told once for many that come together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import Attendee, Event
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.services import event_reminders, reminders
from wecreate_module.storage.calendar_objects import CalendarObject, Indexed, Kind
from wecreate_module.storage.events import columns
from wecreate_module.storage.events import to_json as event_to_json
from wecreate_module.storage.ical import ical_to_task
from wecreate_module.storage.ical_events import ical_to_event
from wecreate_module.storage.tasks import to_json as task_to_json
from wecreate_module.storage.trash import Deleted
from wecreate_module.storage.uow import UnitOfWork

TELL = "caldav.tell"
KEPT = timedelta(days=30)
# Soon enough to feel at once, late enough for what one click in a program sends.
_AT_ONCE = timedelta(milliseconds=150)
_QUIET = timedelta(seconds=10)

Json = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """`uid` and `text` of an object that a program sent; both checked already."""

    uid: str
    text: str


def put(
    uow: UnitOfWork, box: Box, kind: Kind, href: str, written: Written, *, actor: str
) -> CalendarObject:
    """Keep an object under a name, new or over the old one. Raises ICalendarError."""
    known = next(iter(uow.calendar_objects.named(box.id, kind, [href])), None)
    number = known.number if known else uow.calendar_objects.next_number(box.id, kind)
    read = _read_task if kind is Kind.TASK else _read_event
    new = read(uow, box, number, written, actor)
    if known:
        stored = uow.calendar_objects.rewrite(known, written.text, new)
    else:
        names = (written.uid, href)
        stored = uow.calendar_objects.add(box.id, kind, number, names, written.text, new)
    before = known.summary if known else None
    _journal(uow, box, kind, number, before, new.summary, actor)
    _note(uow, box, kind, number, before, new.summary, actor)
    return stored


def delete(uow: UnitOfWork, box: Box, known: CalendarObject, *, actor: str) -> None:
    """Delete an object; for a month it can be brought back."""
    before = known.summary
    uow.trash.put(known, title=str(before.get("title", "")), actor=actor)
    uow.trash.prune(uow.now - KEPT)
    uow.calendar_objects.delete(known)
    _journal(uow, box, known.kind, known.number, before, None, actor)
    _note(uow, box, known.kind, known.number, before, None, actor)
    uow.schedule.cancel(box.id, f"{known.kind.value}:{known.number}")


def restore(uow: UnitOfWork, box: Box, kind: Kind, number: int, *, actor: str) -> Deleted:
    """Bring a deleted object back, under its number; raises UserError."""
    found = next((one for one in uow.trash.of(box.id, kind) if one.number == number), None)
    if found is None or found.deleted_at < uow.now - KEPT:
        raise UserError(
            "not-in-trash", "There is no #{number} among what was deleted.", number=number
        )
    if uow.calendar_objects.href_of(box.id, kind, found.uid) is not None:
        raise UserError("back-already", "“{title}” is there again already.", title=found.title)
    href = found.href
    if uow.calendar_objects.named(box.id, kind, [href]):
        href = f"{number}-{href}"
    read = _read_task if kind is Kind.TASK else _read_event
    new = read(uow, box, number, Written(found.uid, found.text), found.actor)
    uow.calendar_objects.add(box.id, kind, number, (found.uid, href), found.text, new)
    uow.trash.drop(box.id, kind, number)
    _journal(uow, box, kind, number, None, new.summary, actor)
    return found


def _read_task(uow: UnitOfWork, box: Box, number: int, written: Written, actor: str) -> Indexed:
    before = uow.tasks.get(box.id, number)
    start = before or Task(number, written.uid, "", actor, uow.now)
    task = ical_to_task(written.text, zone=ZoneInfo(box.timezone), known=start)
    task = _signed(task, start, actor, uow.now)
    if before is None or (task.due, task.status) != (before.due, before.status):
        reminders.plan(uow, box, task)
    return Indexed(
        status=task.status.value,
        summary=task_to_json(task),
        due_at=_instant(task.due),
        due_is_date=task.due is not None and not isinstance(task.due, datetime),
        rrule=task.rrule,
    )


def _signed(task: Task, before: Task, actor: str, now: datetime) -> Task:
    """Who made and who ended a task is known here; a program can't claim somebody else."""
    task = replace(task, uid=before.uid, created_by=before.created_by)
    if task.status is TaskStatus.OPEN:
        return task
    if task.status is before.status:
        return replace(task, finished_by=before.finished_by)
    return replace(task, finished_by=actor, finished_at=task.finished_at or now)


def _read_event(uow: UnitOfWork, box: Box, number: int, written: Written, actor: str) -> Indexed:
    before = uow.events.get(box.id, number)
    epoch = datetime.fromtimestamp(0, UTC)
    start = before or Event(number, written.uid, "", actor, uow.now, start=epoch, end=epoch)
    event = ical_to_event(written.text, zone=ZoneInfo(box.timezone), known=start)
    answers = before.answers if before else ()
    event = replace(
        event,
        uid=start.uid,
        created_by=start.created_by,
        answers=_own_answer(answers, event.answers, actor),
    )
    event_reminders.plan(uow, box, event)
    known = columns(event)
    del known["due_at"], known["due_is_date"]
    return Indexed(summary=event_to_json(event), **known)


def _own_answer(
    before: tuple[Attendee, ...], after: tuple[Attendee, ...], actor: str
) -> tuple[Attendee, ...]:
    """Whoever writes speaks for themselves; what others answered stays."""
    own = {one.user: one for one in after if one.user == actor}
    kept = tuple(own.pop(one.user, one) for one in before)
    return (*kept, *own.values())


def _journal(
    uow: UnitOfWork,
    box: Box,
    kind: Kind,
    number: int,
    before: Json | None,
    after: Json | None,
    actor: str,
) -> None:
    if after is None:
        uow.journal.add(box.id, f"{kind.value}.deleted", str(number), actor, {})
    elif before is None:
        uow.journal.add(box.id, f"{kind.value}.added", str(number), actor, after)
    else:
        names = [name for name in before | after if before.get(name) != after.get(name)]
        changed = {name: after.get(name) for name in names}
        uow.journal.add(box.id, f"{kind.value}.changed", str(number), actor, changed)


def _note(
    uow: UnitOfWork,
    box: Box,
    kind: Kind,
    number: int,
    before: Json | None,
    after: Json | None,
    actor: str,
) -> None:
    """Keep a change for the room, and plan when it is told."""
    if before == after:
        return
    change = {
        "kind": kind.value,
        "number": number,
        "actor": actor,
        "before": before,
        "after": after,
    }
    if uow.outside_changes.add(box.id, change):
        calendars = uow.calendars.get(box.id)
        told = calendars.told_at if calendars else None
        due = uow.now + _AT_ONCE if told is None else max(uow.now + _AT_ONCE, told + _QUIET)
        key = f"{TELL}:{box.id}:{uow.calendar_objects.revision(box.id)}"
        uow.schedule.put(due, TELL, key=key, box_id=box.id, subject=TELL)


def _instant(due: date | datetime | None) -> datetime | None:
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, time(), UTC)
