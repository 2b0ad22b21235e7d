"""Events as iCalendar text (RFC 5545) and back, the whole series in one object.

As with tasks (`ical.py`): a write changes only what changed, so that alarms, foreign properties
and guests of other programs stay. Answers are ATTENDEEs with a `matrix:` URI (MSC2312).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component
from icalendar import Event as VEvent
from icalendar.prop import vCalAddress, vRecur, vText

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import (
    Answer,
    Attendee,
    Event,
    EventStatus,
    Proposal,
    Variant,
    When,
    from_wall,
    in_order,
    instant,
    same,
    wall,
    zone_of,
)
from wecreate_module.domain.occurrences import Occurrence
from wecreate_module.domain.series import read_rule
from wecreate_module.storage.ical import CREATED_BY, PRODID, ICalendarError
from wecreate_module.storage.ical_values import (
    MATRIX,
    all_of,
    rrule_of,
    sayable,
    set_values,
    text_of,
    user_of,
    whole,
    zone_name,
)
from wecreate_module.storage.timezones import timezone_component

REMINDERS = "X-WECREATE-REMINDERS"
PROPOSAL = "X-WECREATE-PROPOSAL"
_STATUS = {
    EventStatus.CONFIRMED: "CONFIRMED",
    EventStatus.TENTATIVE: "TENTATIVE",
    EventStatus.CANCELLED: "CANCELLED",
}
_PARTSTAT = {Answer.YES: "ACCEPTED", Answer.MAYBE: "TENTATIVE", Answer.NO: "DECLINED"}
_ANSWERS = {word: answer for answer, word in _PARTSTAT.items()}
_OF_THE_SERIES = ("RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", REMINDERS, PROPOSAL)
_MOST_VARIANTS = 1000
_MOST_DATES = 5000


def event_to_ical(event: Event, previous: str | None, now: datetime) -> str:
    """Write an event into its `previous` text, or into a new VCALENDAR."""
    if previous is None:
        calendar, master, before = _new(event)
    else:
        calendar, master, others = _parse(previous)
        before = _event_of(master, others, _zone(event), event)
    changed = False
    for names, write in _WRITERS.items():
        if before is None or any(_plain(before, name) != _plain(event, name) for name in names):
            write(master, event)
            changed = True
    if changed or before is None:
        _stamp(master, now, fresh=before is None)
    _write_variants(calendar, master, before, event, now)
    for part in calendar.walk("VEVENT"):
        if text_of(part, "UID") != event.uid:
            set_values(part, "UID", event.uid)
    _bring_zones(calendar, event)
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def ical_to_event(
    text: str, *, number: int = 0, zone: ZoneInfo | None = None, known: Event | None = None
) -> Event:
    """Read an event; raises ICalendarError.

    `zone` is meant by times without one (default UTC) and by zones that nobody knows. `known`
    is the event as it stands: it gives what another program's text leaves out.
    """
    _, master, others = _parse(text)
    epoch = datetime.fromtimestamp(0, UTC)
    fallback = known or Event(number, "", "", "", epoch, start=epoch, end=epoch)
    return _event_of(master, others, zone or UTC, fallback)


def one_text(text: str) -> str:
    """An object's text as a file for other programs: with a METHOD."""
    calendar = Calendar.from_ical(text)
    set_values(calendar, "METHOD", "PUBLISH")
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def _parse(text: str) -> tuple[Calendar, VEvent, list[VEvent]]:
    try:
        calendar = Calendar.from_ical(text)
        events = [part for part in calendar.walk("VEVENT") if isinstance(part, VEvent)]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ICalendarError("this is no iCalendar text") from error
    masters = [part for part in events if "RECURRENCE-ID" not in part]
    if not masters or "DTSTART" not in masters[0]:
        raise ICalendarError("there is no VEVENT with a start in it")
    return calendar, masters[0], [part for part in events if "RECURRENCE-ID" in part]


def _new(event: Event) -> tuple[Calendar, VEvent, None]:
    calendar, master = Calendar(), VEvent()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add_component(master)
    master.add("UID", event.uid)
    master.add("CREATED", event.created_at.astimezone(UTC))
    master.add(CREATED_BY, vText(event.created_by))
    return calendar, master, None


# Reading


def _event_of(master: VEvent, others: list[VEvent], zone: tzinfo, known: Event) -> Event:
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
    start = _moment(part.get("DTSTART"), zone)
    if start is None:
        raise ICalendarError("there is no VEVENT with a start in it")
    end = _moment(part.get("DTEND"), zone)
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


def _moment(value: Any, zone: tzinfo) -> When | None:  # noqa: ANN401  a property of icalendar
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
    """In a zone that we know: without one in `zone`, of a zone unknown here by the instant.

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
    return found.astimezone(UTC).astimezone(zone)


def _created(part: VEvent) -> datetime | None:
    found = _value_of(part.get("CREATED"))
    if not isinstance(found, datetime):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _status_of(part: VEvent) -> EventStatus:
    word = text_of(part, "STATUS").upper()
    return next(
        (status for status, known in _STATUS.items() if known == word), EventStatus.CONFIRMED
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
        user, answer = user_of(one), _ANSWERS.get(word)
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
    at = _moment(part.get("RECURRENCE-ID"), zone_of(event.start) or zone)
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


# Writing


def _plain(event: Event, name: str) -> object:
    """A field as it is compared: times by the instant and the zone's name."""
    value = getattr(event, name)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(microsecond=0)
        return value if event.floating else (moment, zone_name(sayable(value)))
    if isinstance(value, tuple) and value and isinstance(value[0], date):
        return tuple(instant(each, UTC).replace(microsecond=0) for each in value)
    return value


def _stamp(part: Component, now: datetime, *, fresh: bool) -> None:
    set_values(part, "DTSTAMP", now)
    if not fresh:
        set_values(part, "LAST-MODIFIED", now)
        set_values(part, "SEQUENCE", whole(part.get("SEQUENCE")) + 1)


def _write_title(part: Component, event: Event) -> None:
    set_values(part, "SUMMARY", event.title)


def _write_place(part: Component, event: Event) -> None:
    set_values(part, "LOCATION", *filter(None, [event.place]))


def _write_description(part: Component, event: Event) -> None:
    set_values(part, "DESCRIPTION", *filter(None, [event.description]))


def _write_status(part: Component, event: Event) -> None:
    set_values(part, "STATUS", _STATUS[event.status])


def _write_span(part: Component, event: Event) -> None:
    set_values(part, "DURATION")
    set_values(part, "DTSTART", _said(event.start, event))
    set_values(part, "DTEND", _said(event.end, event))


def _said(when: When, event: Event) -> When:
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
        part.add(name, [_said(when, event)])


def _write_answers(part: Component, event: Event) -> None:
    _put_answers(part, event.answers)


def _put_answers(part: Component, answers: tuple[Attendee, ...]) -> None:
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
        one.params["PARTSTAT"] = _PARTSTAT[answer.answer]
        part.add("ATTENDEE", one)


def _asked_only(attendee: Any) -> bool:  # noqa: ANN401  a property of icalendar
    return str(getattr(attendee, "params", {}).get("PARTSTAT", "")).upper() not in _ANSWERS


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


_WRITERS: dict[tuple[str, ...], Callable[[Component, Event], None]] = {
    ("start", "end", "floating"): _write_span,
    ("title",): _write_title,
    ("place",): _write_place,
    ("description",): _write_description,
    ("status",): _write_status,
    ("rrule",): _write_rule,
    ("added",): _write_added,
    ("excluded",): _write_excluded,
    ("answers",): _write_answers,
    ("reminders",): _write_reminders,
    ("proposals",): _write_proposals,
}


def _write_variants(
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
        _stamp(part, now, fresh=known is None)


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
        if (at := _moment(part.get("RECURRENCE-ID"), zone)) is not None and same(at, each.at)
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
    set_values(part, "RECURRENCE-ID", _said(variant.at, event))
    for write in (_write_span, _write_title, _write_place, _write_description, _write_status):
        write(part, as_event)
    _put_answers(part, found.answers)


def _bring_zones(calendar: Calendar, event: Event) -> None:
    """A VTIMEZONE for each zone that is named."""
    variants = [when for each in event.variants for when in (each.at, each.start, each.end)]
    for when in (event.start, event.end, *event.added, *event.excluded, *variants):
        said = None if when is None or event.floating else sayable(when)
        name = zone_name(said)
        if name is None or not isinstance(said, datetime):
            continue
        if any(str(zone.get("TZID")) == name for zone in calendar.walk("VTIMEZONE")):
            continue
        component: Component | None = timezone_component(name, said)
        if component is not None:
            calendar.subcomponents.insert(0, component)


def _zone(event: Event) -> tzinfo:
    return zone_of(event.start) or UTC


# Times as text, with their zone's name (RFC 9557): in summaries and proposals


def when_text(when: When) -> str:
    zone = zone_of(when)
    return f"{when.isoformat()}[{zone.key}]" if isinstance(zone, ZoneInfo) else when.isoformat()


def read_when(text: str) -> When:
    """Raises ValueError or KeyError for what is none."""
    if "T" not in text:
        return date.fromisoformat(text)
    if not text.endswith("]"):
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    moment, _, name = text[:-1].partition("[")
    found, zone = datetime.fromisoformat(moment), ZoneInfo(name)
    # As it was written, where the zone says it so: an hour that is skipped stays.
    for fold in (0, 1):
        there = found.replace(tzinfo=zone, fold=fold)
        if there.utcoffset() == found.utcoffset():
            return there
    return found.astimezone(zone)


__all__ = ["event_to_ical", "ical_to_event", "one_text", "read_when", "when_text"]
