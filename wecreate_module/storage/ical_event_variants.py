"""Occurrences that differ, as VEVENTs with a RECURRENCE-ID beside the series' own."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Generic, TypeVar

from icalendar import Calendar, Component
from icalendar import Event as VEvent

from wecreate_module.domain.events import (
    Event,
    EventStatus,
    Variant,
    When,
    from_wall,
    instant,
    same,
    wall,
    zone_of,
)
from wecreate_module.domain.occurrences import Occurrence
from wecreate_module.storage.ical_event_reading import moment_of
from wecreate_module.storage.ical_event_words import PROPOSAL, REMINDERS
from wecreate_module.storage.ical_event_writing import (
    put_answers,
    said,
    stamp,
    write_description,
    write_place,
    write_span,
    write_status,
    write_title,
)
from wecreate_module.storage.ical_values import set_values

Place = TypeVar("Place")
_OF_THE_SERIES = ("RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", REMINDERS, PROPOSAL)


def write_variants(
    calendar: Calendar, master: VEvent, before: Event | None, event: Event, now: datetime
) -> None:
    """The occurrences that differ: those that changed are written, those that went are taken."""
    parts = _parts_of_variants(calendar, before, event)
    kept = {id(part) for part, _ in parts.values()}
    calendar.subcomponents = [
        part
        for part in calendar.subcomponents
        if part.name != "VEVENT" or "RECURRENCE-ID" not in part or id(part) in kept
    ]
    for variant in event.variants:
        known, old = parts.get(wall(variant.at), (None, None))
        if before is not None and old is not None and _alike((before, old), (event, variant)):
            continue
        part = _copy(calendar, master) if known is None else known
        _write_variant(part, event, variant)
        stamp(part, now, fresh=known is None)


def _parts_of_variants(
    calendar: Calendar, before: Event | None, event: Event
) -> dict[datetime, tuple[Component, Variant]]:
    """Which part of the text belongs to which variant; when all moved, one after another."""
    if before is None:
        return {}
    zone = zone_of(before.start) or UTC
    known = _Places((each.at, each) for each in before.variants)
    moments = (
        (part, moment_of(part.get("RECURRENCE-ID"), zone)) for part in calendar.walk("VEVENT")
    )
    written = [
        (part, old) for part, at in moments if at is not None and (old := known.get(at)) is not None
    ]
    parts = _Places((old.at, (part, old)) for part, old in reversed(written))
    found = {
        wall(each.at): place for each in event.variants if (place := parts.get(each.at)) is not None
    }
    if before.start != event.start and before.uid == event.uid:
        left = [each for each in event.variants if wall(each.at) not in found]
        taken = {id(part) for part, _ in found.values()}
        free = [(part, old) for part, old in written if id(part) not in taken]
        free.sort(key=lambda each: wall(each[1].at))
        found |= {wall(variant.at): each for variant, each in zip(left, free, strict=False)}
    return found


class _Places(Generic[Place]):
    """What belongs to an occurrence, found as `same` finds it; fast for a thousand."""

    def __init__(self, places: Iterable[tuple[When, Place]]) -> None:
        self._exact: dict[When, Place] = {}
        self._days: dict[tuple[bool, date], Place] = {}
        for at, place in places:
            timed = isinstance(at, datetime)
            self._exact[_exactly(at)] = place
            self._days[timed, wall(at).date()] = place

    def get(self, at: When) -> Place | None:
        """A day names any time on it, and the other way round."""
        found = self._exact.get(_exactly(at))
        other = not isinstance(at, datetime)
        return self._days.get((other, wall(at).date())) if found is None else found


def _exactly(at: When) -> When:
    return at.astimezone(UTC) if isinstance(at, datetime) else at


def _alike(before: tuple[Event, Variant], after: tuple[Event, Variant]) -> bool:
    return same(before[1].at, after[1].at) and _shown(*before) == _shown(*after)


def _shown(event: Event, variant: Variant) -> tuple[object, ...]:
    """All that an occurrence shows, by its own values and the series'."""
    found = _occurrence(event, variant)
    times = tuple(instant(each, UTC) for each in (found.start, found.end))
    texts = (found.title, found.place, found.description, found.cancelled)
    return (times, isinstance(found.start, datetime), texts, frozenset(found.answers))


def _occurrence(event: Event, variant: Variant) -> Occurrence:
    start = variant.start if variant.start is not None else variant.at
    end = variant.end if variant.end is not None else from_wall(wall(start) + event.length, start)
    return Occurrence(event, variant.at, start, end, variant)


def _copy(calendar: Calendar, master: VEvent) -> VEvent:
    """A new part for one occurrence: as the series, with its alarms and foreign properties."""
    part: VEvent = deepcopy(master)
    for name in _OF_THE_SERIES:
        part.pop(name, None)
    calendar.add_component(part)
    return part


def _write_variant(part: Component, event: Event, variant: Variant) -> None:
    found = _occurrence(event, variant)
    as_event = replace(
        event,
        start=found.start,
        end=found.end,
        title=found.title,
        place=found.place,
        description=found.description,
        status=EventStatus.CANCELLED if variant.cancelled else event.status,
    )
    set_values(part, "RECURRENCE-ID", said(variant.at, event))
    for write in (write_span, write_title, write_place, write_description, write_status):
        write(part, as_event)
    put_answers(part, found.answers)
