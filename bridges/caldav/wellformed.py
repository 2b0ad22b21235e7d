"""An object as Radicale's parser and its expansion can take it, whatever somebody wrote into it.

Programs get the text as it was sent. This is what filters, expansion and free-busy look at: with
one kind of date in it, no rules but ours, each property once that may be there once, and nothing
that is broken. Else one odd object would spoil the answer for all, or take for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component
from icalendar.parser import Contentline, Parameters
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.series import read_rule
from wecreate_module.storage.ical_parsing import read_calendar

_NAME = re.compile(r"[A-Z0-9-]{1,60}")
_GEO = re.compile(rb"-?\d{1,3}(\.\d{1,20})?;-?\d{1,3}(\.\d{1,20})?")
_STAMPS = ("DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED")
_TIMES = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "DURATION", "TRIGGER")
_SERIES = ("RRULE", "EXRULE", "RDATE", "EXDATE")
_APART = frozenset((*_STAMPS, *_TIMES, *_SERIES))
_ONCE = frozenset(
    (
        *(
            "UID",
            "SUMMARY",
            "DESCRIPTION",
            "LOCATION",
            "STATUS",
            "CLASS",
            "GEO",
            "PRIORITY",
            "SEQUENCE",
        ),
        *("TRANSP", "URL", "ORGANIZER", "PERCENT-COMPLETE", "ACTION", "REPEAT"),
    )
)
_INSIDE = frozenset({"VALARM"})
_MOST_DATES = 5000

When = date | datetime


def well_formed(text: str, zone: ZoneInfo) -> str:
    """Write the object anew; raises ValueError for what can't be read at all.

    `zone` is where times are that have none.
    """
    calendar = read_calendar(text)
    parts = [part for part in calendar.subcomponents if part.name in {"VEVENT", "VTODO"}]
    master = next((part for part in parts if "RECURRENCE-ID" not in part), None)
    if master is None:
        raise ValueError("there is no main component")
    like = _moment(master.get("DTSTART")) or _moment(master.get("DUE"))
    if isinstance(like, datetime):
        like = _in(zone, like)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//WeCreate//WeCreate//EN"]
    for part in parts:
        lines += _component(part, like, repeats=part is master)
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _component(part: Component, like: When | None, *, repeats: bool) -> Iterator[str]:
    yield f"BEGIN:{part.name}"
    for name in _STAMPS:
        stamp = _moment(part.get(name))
        if isinstance(stamp, datetime):
            aware = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
            yield _dated(name, aware.astimezone(UTC))
    yield from _span(part, like)
    if repeats and like is not None:
        yield from _series(part, like)
    yield from _words(part)
    for inner in part.subcomponents:
        if inner.name in _INSIDE:
            yield from _alarm(inner)
    yield f"END:{part.name}"


def _span(part: Component, like: When | None) -> Iterator[str]:
    """When it is; all dates of one kind, for they are compared with each other."""
    found = {
        name: _as(like, moment)
        for name in ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")
        if like is not None and (moment := _moment(part.get(name))) is not None
    }
    start = found.get("DTSTART")
    for name, moment in found.items():
        if name not in {"DTEND", "DUE"} or start is None or moment >= start:
            yield _dated(name, moment)
    length = getattr(part.get("DURATION"), "dt", None)
    ends = "DTEND" in found or "DUE" in found
    if isinstance(length, timedelta) and length >= timedelta() and not ends:
        yield f"DURATION:P{length.days}DT{length.seconds}S"


def _series(part: Component, like: When) -> Iterator[str]:
    rules = part.get("RRULE", [])
    rule = rules[0] if isinstance(rules, list) and rules else rules
    if rule:
        text = rule.to_ical().decode()
        try:
            read_rule(text)
        except UserError:
            pass  # to us too it is at its first time only
        else:
            yield f"RRULE:{text}"
    for name in ("RDATE", "EXDATE"):
        for moment in list(_listed(part, name))[:_MOST_DATES]:
            yield _dated(name, _as(like, moment))


def _words(part: Component) -> Iterator[str]:
    """All that says nothing about times."""
    broken = {name for name, _ in part.errors}
    seen: set[str] = set()
    for name, value in part.property_items(recursive=False, sorted=False):
        known = name.upper()
        apart = known in {"BEGIN", "END"} or known in _APART or known in broken
        if apart or not _NAME.fullmatch(known) or (known in _ONCE and known in seen):
            continue
        if known == "GEO" and not _GEO.fullmatch(getattr(value, "to_ical", bytes)()):
            continue
        seen.add(known)
        kept = {
            key: said for key, said in getattr(value, "params", {}).items() if key != "ENCODING"
        }
        yield str(Contentline.from_parts(known, Parameters(kept), value, sorted=False))


def _alarm(alarm: Component) -> Iterator[str]:
    yield "BEGIN:VALARM"
    when = getattr(alarm.get("TRIGGER"), "dt", None)
    if isinstance(when, timedelta):
        sign, size = ("-" if when < timedelta() else ""), abs(when)
        yield f"TRIGGER:{sign}P{size.days}DT{size.seconds}S"
    elif isinstance(when, datetime):
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        yield f"TRIGGER;VALUE=DATE-TIME:{aware.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield from _words(alarm)
    yield "END:VALARM"


def _moment(value: Any) -> When | None:  # noqa: ANN401  a property of icalendar
    """What a date is read as, the first if it is there twice; None for a broken one."""
    first = value[0] if isinstance(value, list) and value else value
    try:
        found = getattr(first, "dt", None)
    except ValueError:  # kept as it was by the parser, which complains when it is looked at
        return None
    return _zoned(first, found) if isinstance(found, date) else None


def _zoned(value: Any, moment: When) -> When:  # noqa: ANN401  a property of icalendar
    """In the zone that its name means, whatever VTIMEZONE came with it."""
    if not isinstance(moment, datetime) or isinstance(moment.tzinfo, ZoneInfo):
        return moment
    name = str(getattr(value, "params", {}).get("TZID", ""))
    try:
        zone = ZoneInfo(WINDOWS_TO_OLSON.get(name, name)) if name else None
    except (ValueError, KeyError, OSError):  # a name of no zone, or of no file
        zone = None
    return moment if zone is None else moment.replace(tzinfo=zone)


def _listed(part: Component, name: str) -> Iterator[When]:
    found = part.get(name, [])
    values: Iterable[Any] = found if isinstance(found, list) else [found]
    for value in values:
        for each in getattr(value, "dts", []):
            moment = each.dt[0] if isinstance(each.dt, tuple) else each.dt  # a period's start
            if isinstance(moment, date):
                yield _zoned(value, moment)


def _as(like: When | None, moment: When) -> When:
    """Of the kind that the series' start is: a day, or a time in a zone."""
    if not isinstance(like, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if not isinstance(moment, datetime):
        return datetime.combine(moment, like.timetz())
    return moment.astimezone(like.tzinfo) if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)


def _in(zone: ZoneInfo, moment: datetime) -> datetime:
    """In a zone whose clocks we know: its own, or else this one."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    known = moment.tzinfo is UTC or isinstance(moment.tzinfo, ZoneInfo)
    return moment if known else moment.astimezone(zone)


def _dated(name: str, moment: When) -> str:
    if not isinstance(moment, datetime):
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    if isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key != "UTC":
        return f"{name};TZID={moment.tzinfo.key}:{moment:%Y%m%dT%H%M%S}"
    return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
