"""A VEVENT and its overrides, read: whatever other programs wrote into them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event as VEvent

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import (
    Attendee,
    Event,
    EventStatus,
    Proposal,
    Variant,
    When,
    from_wall,
    in_order,
    same,
    wall,
    zone_of,
)
from wecreate_module.domain.series import read_rule
from wecreate_module.storage.ical import CREATED_BY, ICalendarError
from wecreate_module.storage.ical_event_words import ANSWERS, PROPOSAL, REMINDERS, STATUS
from wecreate_module.storage.ical_parsing import zone_like
from wecreate_module.storage.ical_values import all_of, rrule_of, text_of, user_of
from wecreate_module.storage.whens import read_when

_MOST_VARIANTS = 1000
_MOST_DATES = 5000


def event_of(master: VEvent, others: list[VEvent], zone: tzinfo, known: Event) -> Event:
    start, end = _span_of(master, zone)
    raw = _value_of(master.get("DTSTART"))
    event = Event(
        number=known.number,
        uid=text_of(master, "UID") or known.uid,
        title=text_of(master, "SUMMARY"),
        created_by=text_of(master, CREATED_BY) or known.created_by,
        created_at=_created(master) or known.created_at,
        start=start,
        end=end,
        place=text_of(master, "LOCATION"),
        description=text_of(master, "DESCRIPTION"),
        status=_status_of(master),
        rrule=_rule_of(master),
        added=_dates_of(master, "RDATE", start, zone),
        excluded=_dates_of(master, "EXDATE", start, zone),
        answers=_answers_of(master),
        reminders=_reminders_of(master),
        proposals=_proposals_of(master),
        floating=isinstance(raw, datetime) and raw.tzinfo is None,
        revision=known.revision,
    )
    variants = (_variant_of(part, event, zone) for part in others[:_MOST_VARIANTS])
    return replace(event, variants=in_order(each for each in variants if each is not None))


def _span_of(part: VEvent, zone: tzinfo) -> tuple[When, When]:
    start = moment_of(part.get("DTSTART"), zone)
    if start is None:
        raise ICalendarError("there is no VEVENT with a start in it")
    end = moment_of(part.get("DTEND"), zone)
    if end is None or isinstance(end, datetime) != isinstance(start, datetime):
        length = _value_of(part.get("DURATION"))
        if not isinstance(length, timedelta):
            length = timedelta() if isinstance(start, datetime) else timedelta(days=1)
        try:
            end = from_wall(wall(start) + length, start)
        except OverflowError as error:
            raise ICalendarError("it ends behind the end of time") from error
    if isinstance(end, datetime) and isinstance(start, datetime):
        end = end.astimezone(start.tzinfo)
    least = start if isinstance(start, datetime) else start + timedelta(days=1)
    return start, max(end, least)


def moment_of(value: Any, zone: tzinfo) -> When | None:  # noqa: ANN401  a property of icalendar
    found = _value_of(value)
    if isinstance(found, datetime):
        return _instant_of(found, zone)
    return found if isinstance(found, date) else None


def _value_of(value: Any) -> object:  # noqa: ANN401  a property of icalendar
    """What a date, time or length is read as; None for a broken one."""
    try:
        return getattr(value, "dt", None)
    except ValueError:  # the parser keeps what it can't read, and complains when it is looked at
        return None


def _instant_of(found: datetime, zone: tzinfo) -> datetime:
    """In a zone that we know: without one in `zone`.

    Of a text's own zone in one whose clocks go the same way, or else by the instant.

    An hour that the clocks skip stays as it is written: a series that begins there is at that
    hour on all other days. As an instant it is the one after the gap.
    """
    if not 1 < found.year < 9990:  # noqa: PLR2004 - what clocks of all zones can say
        raise ICalendarError("a date is behind the end of time")
    if found.tzinfo is None:
        return found.replace(tzinfo=zone)
    if found.tzinfo is UTC or isinstance(found.tzinfo, ZoneInfo):
        key = getattr(found.tzinfo, "key", "UTC")
        kept = UTC if key == "UTC" else found.tzinfo
        return found.replace(tzinfo=kept)
    like = zone_like(found, zone)
    return found.replace(tzinfo=like) if like else found.astimezone(UTC).astimezone(zone)


def _created(part: VEvent) -> datetime | None:
    found = _value_of(part.get("CREATED"))
    if not isinstance(found, datetime):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _status_of(part: VEvent) -> EventStatus:
    word = text_of(part, "STATUS").upper()
    return next(
        (status for status, known in STATUS.items() if known == word), EventStatus.CONFIRMED
    )


def _rule_of(part: VEvent) -> str | None:
    """The rule, if it is one that we can expand; else the event is at its first time only."""
    rrule = rrule_of(part)
    if rrule is None:
        return None
    try:
        read_rule(rrule)
    except UserError:
        return None
    return rrule


def _dates_of(part: VEvent, name: str, start: When, zone: tzinfo) -> tuple[When, ...]:
    found: list[When] = []
    for values in all_of(part, name):
        for value in getattr(values, "dts", []):
            given = value.dt[0] if isinstance(value.dt, tuple) else value.dt  # a period's start
            if isinstance(given, datetime):
                moment = _instant_of(given, zone_of(start) or zone)
                found.append(moment if isinstance(start, datetime) else moment.date())
            elif isinstance(given, date):
                found.append(given)
    return tuple(sorted(found, key=wall)[:_MOST_DATES])


def _answers_of(part: VEvent) -> tuple[Attendee, ...]:
    found: dict[str, Attendee] = {}
    for one in all_of(part, "ATTENDEE"):
        word = str(getattr(one, "params", {}).get("PARTSTAT", "")).upper()
        user, answer = user_of(one), ANSWERS.get(word)
        if user is not None and answer is not None:
            found[user] = Attendee(user, answer)
    return tuple(found.values())


def _reminders_of(part: VEvent) -> tuple[int, ...] | None:
    if REMINDERS not in part:
        return None
    numbers = text_of(part, REMINDERS).split(",")
    return tuple(int(each) for each in numbers if each.isascii() and each.isdigit())


def _proposals_of(part: VEvent) -> tuple[Proposal, ...]:
    found = []
    for value in all_of(part, PROPOSAL):
        try:
            start, end, voters = json.loads(text_of({PROPOSAL: value}, PROPOSAL))
            found.append(Proposal(read_when(start), read_when(end), tuple(map(str, voters))))
        except (ValueError, TypeError, KeyError):
            continue
    return tuple(found)


def _variant_of(part: VEvent, event: Event, zone: tzinfo) -> Variant | None:
    at = moment_of(part.get("RECURRENCE-ID"), zone_of(event.start) or zone)
    if at is None or "DTSTART" not in part:
        return None
    if isinstance(event.start, datetime) and isinstance(at, datetime):
        at = at.astimezone(event.start.tzinfo)
    start, end = _span_of(part, zone)
    usual_end = from_wall(wall(at) + event.length, at)
    moved = not (_equal(start, at) and _equal(end, usual_end))
    known = {one.user: one for one in event.answers}
    return Variant(
        at,
        start=start if moved else None,
        end=end if moved else None,
        title=_own(text_of(part, "SUMMARY"), event.title),
        place=_own(text_of(part, "LOCATION"), event.place),
        description=_own(text_of(part, "DESCRIPTION"), event.description),
        cancelled=_called_off(part, event),
        answers=tuple(one for one in _answers_of(part) if known.get(one.user) != one),
    )


def _called_off(part: VEvent, event: Event) -> bool:
    """By itself, not with the whole series."""
    held = event.status is not EventStatus.CANCELLED
    return held and _status_of(part) is EventStatus.CANCELLED


def _own(text: str, of_series: str) -> str | None:
    return None if text == of_series else text


def _equal(one: When, other: When) -> bool:
    return isinstance(one, datetime) == isinstance(other, datetime) and same(one, other)
