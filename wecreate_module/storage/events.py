"""Events as rows: iCalendar text, whole, beside a summary and the bounds of all occurrences."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_

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
from wecreate_module.storage.entries import LIST, Entries
from wecreate_module.storage.ical_events import event_to_ical
from wecreate_module.storage.tables import objects
from wecreate_module.storage.whens import read_when, when_text

Json = dict[str, Any]
_PLAIN_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9@_.-]{0,119}")
# Whole days begin at another moment in each zone.
_ZONES = timedelta(hours=26)

_BETWEEN = LIST.where(
    objects.c.starts_at < bindparam("until"),
    or_(objects.c.ends_at.is_(None), objects.c.ends_at > bindparam("since")),
)
HELD: tuple[EventStatus, ...] = (EventStatus.CONFIRMED, EventStatus.TENTATIVE)


class EventRepository(Entries[Event]):
    kind = "event"

    def between(
        self,
        box_id: str,
        begin: datetime,
        end: datetime,
        statuses: Collection[EventStatus] = HELD,
    ) -> list[Event]:
        """Events that may take place in this time: all that do, and a few that don't."""
        given = self._of(
            box_id,
            statuses=[status.value for status in statuses],
            since=begin - _ZONES,
            until=end + _ZONES,
        )
        rows = self._connection.execute(_BETWEEN, given)
        return [self._entry(box_id, *row) for row in rows.all()]

    def list(self, box_id: str, statuses: Collection[EventStatus] = HELD) -> list[Event]:
        """Events of these statuses by number."""
        return self._listed(box_id, statuses)

    def _to_json(self, entry: Event) -> Json:
        return to_json(entry)

    def _from_json(self, number: int, revision: int, stored: Json) -> Event:
        return from_json(number, revision, stored)

    def _to_ical(self, entry: Event, previous: str | None) -> str:
        return event_to_ical(entry, previous, self._now)

    def _columns(self, entry: Event) -> Json:
        return columns(entry)

    def _href(self, entry: Event) -> str:
        return _href(entry.uid)


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
