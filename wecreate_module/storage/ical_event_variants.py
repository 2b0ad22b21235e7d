"""Occurrences that differ, as VEVENTs with a RECURRENCE-ID beside the series' own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime

from icalendar import Calendar, Component
from icalendar import Event as VEvent

from wecreate_module.domain.events import (
    Event,
    EventStatus,
    Variant,
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

_OF_THE_SERIES = ("RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", REMINDERS, PROPOSAL)


def write_variants(
    calendar: Calendar, master: VEvent, before: Event | None, event: Event, now: datetime
) -> None:
    """The occurrences that differ: those that changed are written, those that went are taken."""
    parts = _parts_of_variants(calendar, before, event)
    for part in calendar.walk("VEVENT"):
        if "RECURRENCE-ID" in part and not any(part is kept for kept, _ in parts.values()):
            calendar.subcomponents.remove(part)
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
    written = [
        (part, each)
        for part in calendar.walk("VEVENT")
        for each in before.variants
        if (at := moment_of(part.get("RECURRENCE-ID"), zone)) is not None and same(at, each.at)
    ]
    found, left = {}, list(event.variants)
    for part, old in written:
        for variant in event.variants:
            if variant in left and same(old.at, variant.at):
                found[wall(variant.at)] = (part, old)
                left.remove(variant)
                break
    if before.start != event.start and before.uid == event.uid:
        taken = {id(part) for part, _ in found.values()}
        free = [(part, old) for part, old in written if id(part) not in taken]
        free.sort(key=lambda each: wall(each[1].at))
        found |= {wall(variant.at): each for variant, each in zip(left, free, strict=False)}
    return found


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
