"""Events as rows: iCalendar text, whole, beside a summary and the bounds of all occurrences."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from wecreate_module.domain.events import (
    Answer,
    Attendee,
    Event,
    EventStatus,
    Proposal,
    Variant,
    When,
    instant,
)
from wecreate_module.domain.occurrences import last_end
from wecreate_module.storage.boxes import BoxRepository
from wecreate_module.storage.ical_events import event_to_ical, read_when, when_text
from wecreate_module.storage.journal import Journal
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import insert_returning, upsert
from wecreate_module.storage.tables import counters, objects, tombstones

Json = dict[str, Any]
_KIND = "event"
_PLAIN_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9@_.-]{0,119}")
# Whole days begin at another moment in each zone.
_ZONES = timedelta(hours=26)

_OF_KIND = (objects.c.box_id == bindparam("box"), objects.c.kind == _KIND)
_ONE = (*_OF_KIND, objects.c.number == bindparam("num"))
_SUMMARIES = select(objects.c.number, objects.c.revision, objects.c.summary)
_GET = _SUMMARIES.where(*_ONE)
_BY_UID = _SUMMARIES.where(*_OF_KIND, objects.c.uid == bindparam("which"))
_LIST = _SUMMARIES.where(
    *_OF_KIND, objects.c.status.in_(bindparam("statuses", expanding=True))
).order_by(objects.c.number)
_BETWEEN = _LIST.where(
    objects.c.starts_at < bindparam("until"),
    or_(objects.c.ends_at.is_(None), objects.c.ends_at > bindparam("since")),
)
_ICAL = select(objects.c.ical).where(*_ONE)
_ADD = insert(objects)
_UPDATE = update(objects).where(*_ONE)
_DELETE = delete(objects).where(*_ONE).returning(objects.c.uid, objects.c.href)
_COUNT_UP = (
    update(counters)
    .where(counters.c.box_id == bindparam("box"), counters.c.kind == _KIND)
    .values(last=counters.c.last + 1)
    .returning(counters.c.last)
)
HELD: tuple[EventStatus, ...] = (EventStatus.CONFIRMED, EventStatus.TENTATIVE)


class EventRepository:
    """Every write counts the Box's revision up and leaves a journal entry."""

    def __init__(
        self,
        connection: Connection,
        keys: KeyStore,
        now: datetime,
        boxes: BoxRepository,
        journal: Journal,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self._boxes = boxes
        self._journal = journal

    def next_number(self, box_id: str) -> int:
        """Take the Box's next number; never given twice, not even after a deletion."""
        first = {"box_id": box_id, "kind": _KIND, "last": 1}
        fresh = insert_returning(self._connection, counters, first, counters.c.last)
        if fresh is not None:
            return int(fresh)
        number: int = self._connection.execute(_COUNT_UP, {"box": box_id}).scalar_one()
        return number

    def add(
        self, box_id: str, event: Event, actor: str | None = None, text: str | None = None
    ) -> Event:
        """Keep a new event; the same with its revision. `text`: as another program wrote it."""
        event = replace(event, revision=self._boxes.bump(box_id))
        row = {
            "box_id": box_id,
            "kind": _KIND,
            "number": event.number,
            "uid": event.uid,
            "href": _href(event.uid),
            "created_at": event.created_at,
        }
        ical = event_to_ical(event, text, self._now)
        self._connection.execute(_ADD, {**row, **self._values(box_id, event, ical)})
        self._tell(box_id, "event.added", event.number, actor or event.created_by, to_json(event))
        return event

    def get(self, box_id: str, number: int) -> Event | None:
        row = self._connection.execute(_GET, {"box": box_id, "num": number}).first()
        return self._event(box_id, row[0], row[1], row[2]) if row else None

    def by_uid(self, box_id: str, uid: str) -> Event | None:
        row = self._connection.execute(_BY_UID, {"box": box_id, "which": uid}).first()
        return self._event(box_id, row[0], row[1], row[2]) if row else None

    def update(self, box_id: str, event: Event, actor: str | None = None) -> Event:
        """Write an event over what is there; the same with its revision.

        What other programs wrote into its iCalendar text stays. KeyError for an unknown event.
        """
        before, text = self.get(box_id, event.number), self.ical(box_id, event.number)
        if before is None:
            raise KeyError(event.number)
        event = replace(event, revision=self._boxes.bump(box_id))
        values = self._values(box_id, event, event_to_ical(event, text, self._now))
        self._connection.execute(_UPDATE, {"box": box_id, "num": event.number, **values})
        old, new = to_json(before), to_json(event)
        changed = {name: new.get(name) for name in old | new if old.get(name) != new.get(name)}
        self._tell(box_id, "event.changed", event.number, actor, changed)
        return event

    def delete(self, box_id: str, number: int, actor: str | None = None) -> None:
        """Delete an event and leave a tombstone; nothing happens if there is no such event."""
        gone = self._connection.execute(_DELETE, {"box": box_id, "num": number}).first()
        if gone is None:
            return
        values = {
            "box_id": box_id,
            "kind": _KIND,
            "number": number,
            "uid": gone.uid,
            "href": gone.href,
            "revision": self._boxes.bump(box_id),
            "deleted_at": self._now,
        }
        upsert(self._connection, tombstones, values)
        self._tell(box_id, "event.deleted", number, actor, {})

    def between(
        self,
        box_id: str,
        begin: datetime,
        end: datetime,
        statuses: Collection[EventStatus] = HELD,
    ) -> list[Event]:
        """Events that may take place in this time: all that do, and a few that don't."""
        given = {
            "box": box_id,
            "statuses": [status.value for status in statuses],
            "since": begin - _ZONES,
            "until": end + _ZONES,
        }
        rows = self._connection.execute(_BETWEEN, given)
        return [self._event(box_id, *row) for row in rows.all()]

    def ical(self, box_id: str, number: int) -> str | None:
        """Give the event's iCalendar text: a whole VCALENDAR."""
        sealed = self._connection.execute(_ICAL, {"box": box_id, "num": number}).scalar()
        if sealed is None:
            return None
        return self._keys.unseal(box_id, _place(box_id, number, "ical"), sealed).decode()

    def list(self, box_id: str, statuses: Collection[EventStatus] = HELD) -> list[Event]:
        """Events of these statuses by number. Reads summaries only."""
        given = {"box": box_id, "statuses": [status.value for status in statuses]}
        rows = self._connection.execute(_LIST, given)
        return [self._event(box_id, *row) for row in rows.all()]

    def _values(self, box_id: str, event: Event, text: str) -> Json:
        place = _place(box_id, event.number, "summary")
        return {
            **columns(event),
            "revision": event.revision,
            "updated_at": self._now,
            "ical": self._keys.seal(box_id, _place(box_id, event.number, "ical"), text.encode()),
            "summary": self._keys.seal_json(box_id, place, to_json(event)),
        }

    def _tell(self, box_id: str, kind: str, number: int, actor: str | None, data: Json) -> None:
        self._journal.add(box_id, kind, str(number), actor, data)

    def _event(self, box_id: str, number: int, revision: int, sealed: bytes) -> Event:
        stored = self._keys.unseal_json(box_id, _place(box_id, number, "summary"), sealed)
        return from_json(number, revision, stored)


def _href(uid: str) -> str:
    """The object's name in paths: foreign programs put anything into a UID."""
    if _PLAIN_UID.fullmatch(uid):
        return f"{uid}.ics"
    return f"{hashlib.sha256(uid.encode(errors='replace')).hexdigest()[:40]}.ics"


def columns(event: Event) -> Json:
    """What stands in the open: status, rule, and the bounds of all occurrences in UTC."""
    moved = [each.start for each in event.variants if each.start is not None]
    starts = [instant(each, UTC) for each in (event.start, *event.added, *moved)]
    return {
        "status": event.status.value,
        "starts_at": min(starts),
        "ends_at": last_end(event),
        "due_at": None,
        "due_is_date": False,
        "rrule": event.rrule,
    }


def _place(box_id: str, number: int, column: str) -> str:
    return f"objects:{box_id}:{_KIND}:{number}:{column}"


def to_json(event: Event) -> Json:
    """Summarize: everything but number and revision, which are columns; defaults left out."""
    stored: Json = {
        "uid": event.uid,
        "title": event.title,
        "created_by": event.created_by,
        "created_at": event.created_at.isoformat(),
        "start": when_text(event.start),
        "end": when_text(event.end),
    }
    optional: Json = {
        "place": event.place,
        "description": event.description,
        "status": "" if event.status is EventStatus.CONFIRMED else event.status.value,
        "rrule": event.rrule,
        "added": [when_text(each) for each in event.added],
        "excluded": [when_text(each) for each in event.excluded],
        "variants": [_variant_to_json(each) for each in event.variants],
        "answers": _answers_to_json(event.answers),
        "proposals": [
            [when_text(each.start), when_text(each.end), list(each.voters)]
            for each in event.proposals
        ],
        "floating": event.floating,
    }
    if event.reminders is not None:
        stored["reminders"] = list(event.reminders)
    return stored | {name: value for name, value in optional.items() if value}


def from_json(number: int, revision: int, stored: Json) -> Event:
    """Read a summary; only what it holds is touched."""
    for name in _READ.keys() & stored.keys():
        stored[name] = _READ[name](stored[name])
    return Event(number=number, revision=revision, **stored)


def _variant_to_json(variant: Variant) -> Json:
    stored: Json = {"at": when_text(variant.at)}
    for name in ("start", "end"):
        if (when := getattr(variant, name)) is not None:
            stored[name] = when_text(when)
    for name in ("title", "place", "description"):
        if (text := getattr(variant, name)) is not None:
            stored[name] = text
    if variant.cancelled:
        stored["cancelled"] = True
    if variant.answers:
        stored["answers"] = _answers_to_json(variant.answers)
    return stored


def _answers_to_json(answers: tuple[Attendee, ...]) -> list[list[str]]:
    return [[one.user, one.answer.value] for one in answers]


def _read_answers(stored: list[list[str]]) -> tuple[Attendee, ...]:
    return tuple(Attendee(user, Answer(answer)) for user, answer in stored)


def _read_whens(stored: list[str]) -> tuple[When, ...]:
    return tuple(map(read_when, stored))


def _read_variants(stored: list[Json]) -> tuple[Variant, ...]:
    reads: dict[str, Callable[[Any], Any]] = {
        "at": read_when,
        "start": read_when,
        "end": read_when,
        "answers": _read_answers,
    }
    return tuple(
        Variant(**{name: reads.get(name, _as_is)(value) for name, value in each.items()})
        for each in stored
    )


def _as_is(value: Any) -> Any:  # noqa: ANN401  JSON
    return value


def _read_proposals(stored: list[tuple[str, str, list[str]]]) -> tuple[Proposal, ...]:
    return tuple(
        Proposal(read_when(start), read_when(end), tuple(voters)) for start, end, voters in stored
    )


_READ: dict[str, Callable[[Any], object]] = {
    "created_at": datetime.fromisoformat,
    "start": read_when,
    "end": read_when,
    "status": EventStatus,
    "added": _read_whens,
    "excluded": _read_whens,
    "variants": _read_variants,
    "answers": _read_answers,
    "reminders": tuple,
    "proposals": _read_proposals,
}
