"""Fields of an event as properties of a VEVENT: one function for each, all else stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from icalendar import Calendar, Component
from icalendar.prop import vCalAddress, vRecur, vText

from wecreate_module.domain.events import (
    Attendee,
    Event,
    When,
    from_wall,
    instant,
    wall,
)
from wecreate_module.storage.ical_event_words import ANSWERS, PARTSTAT, PROPOSAL, REMINDERS, STATUS
from wecreate_module.storage.ical_values import (
    MATRIX,
    all_of,
    sayable,
    set_values,
    user_of,
    whole,
    zone_name,
)
from wecreate_module.storage.timezones import timezone_component
from wecreate_module.storage.whens import when_text


def comparable(event: Event, name: str) -> object:
    """A field as it is compared: times by the instant and the zone's name."""
    value = getattr(event, name)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(microsecond=0)
        return value if event.floating else (moment, zone_name(sayable(value)))
    if isinstance(value, tuple) and value and isinstance(value[0], date):
        return tuple(instant(each, UTC).replace(microsecond=0) for each in value)
    return value


def stamp(part: Component, now: datetime, *, fresh: bool) -> None:
    set_values(part, "DTSTAMP", now)
    if not fresh:
        set_values(part, "LAST-MODIFIED", now)
        set_values(part, "SEQUENCE", whole(part.get("SEQUENCE")) + 1)


def write_title(part: Component, event: Event) -> None:
    set_values(part, "SUMMARY", event.title)


def write_place(part: Component, event: Event) -> None:
    set_values(part, "LOCATION", *filter(None, [event.place]))


def write_description(part: Component, event: Event) -> None:
    set_values(part, "DESCRIPTION", *filter(None, [event.description]))


def write_status(part: Component, event: Event) -> None:
    set_values(part, "STATUS", STATUS[event.status])


def write_span(part: Component, event: Event) -> None:
    set_values(part, "DURATION")
    set_values(part, "DTSTART", said(event.start, event))
    set_values(part, "DTEND", said(event.end, event))


def said(when: When, event: Event) -> When:
    """Floating times have no zone; else the zone where a VTIMEZONE can say it, or UTC."""
    if event.floating and isinstance(when, datetime):
        return wall(when).replace(microsecond=0)
    found = sayable(when)
    if found is None:
        raise ValueError(when)
    return found


def _write_rule(part: Component, event: Event) -> None:
    set_values(part, "RRULE", *([vRecur.from_ical(event.rrule)] if event.rrule else []))


def _write_added(part: Component, event: Event) -> None:
    _write_dates(part, "RDATE", event, event.added)


def _write_excluded(part: Component, event: Event) -> None:
    _write_dates(part, "EXDATE", event, event.excluded)


def _write_dates(part: Component, name: str, event: Event, dates: tuple[When, ...]) -> None:
    """One property for each, as every client reads them; days on timed events as their time."""
    part.pop(name, None)
    for each in dates:
        when = each
        if isinstance(event.start, datetime) and not isinstance(each, datetime):
            when = from_wall(datetime.combine(each, wall(event.start).time()), event.start)
        part.add(name, [said(when, event)])


def _write_answers(part: Component, event: Event) -> None:
    put_answers(part, event.answers)


def put_answers(part: Component, answers: tuple[Attendee, ...]) -> None:
    """Guests of other programs stay, and of ours what those wrote beside the answer."""
    before = all_of(part, "ATTENDEE")
    known = {user: one for one in before if (user := user_of(one)) is not None}
    part.pop("ATTENDEE", None)
    answered = {one.user for one in answers}
    for one in before:
        user = user_of(one)
        if user is None or (user not in answered and _asked_only(one)):
            part.add("ATTENDEE", one)
    for answer in answers:
        one = known.get(answer.user, vCalAddress(MATRIX + quote(answer.user[1:], safe=":")))
        one.params["PARTSTAT"] = PARTSTAT[answer.answer]
        part.add("ATTENDEE", one)


def _asked_only(attendee: Any) -> bool:  # noqa: ANN401  a property of icalendar
    return str(getattr(attendee, "params", {}).get("PARTSTAT", "")).upper() not in ANSWERS


def _write_reminders(part: Component, event: Event) -> None:
    chosen = event.reminders
    values = [] if chosen is None else [vText(",".join(map(str, chosen)))]
    set_values(part, REMINDERS, *values)


def _write_proposals(part: Component, event: Event) -> None:
    values = [
        vText(json.dumps([when_text(each.start), when_text(each.end), list(each.voters)]))
        for each in event.proposals
    ]
    set_values(part, PROPOSAL, *values)


WRITERS: dict[tuple[str, ...], Callable[[Component, Event], None]] = {
    ("start", "end", "floating"): write_span,
    ("title",): write_title,
    ("place",): write_place,
    ("description",): write_description,
    ("status",): write_status,
    ("rrule",): _write_rule,
    ("added",): _write_added,
    ("excluded",): _write_excluded,
    ("answers",): _write_answers,
    ("reminders",): _write_reminders,
    ("proposals",): _write_proposals,
}


def bring_zones(calendar: Calendar, event: Event) -> None:
    """A VTIMEZONE for each zone that is named."""
    variants = [when for each in event.variants for when in (each.at, each.start, each.end)]
    for when in (event.start, event.end, *event.added, *event.excluded, *variants):
        named = None if when is None or event.floating else sayable(when)
        name = zone_name(named)
        if name is None or not isinstance(named, datetime):
            continue
        if any(str(zone.get("TZID")) == name for zone in calendar.walk("VTIMEZONE")):
            continue
        component: Component | None = timezone_component(name, named)
        if component is not None:
            calendar.subcomponents.insert(0, component)
