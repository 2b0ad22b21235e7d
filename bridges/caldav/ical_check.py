"""Calendar objects of requests, before they are kept: whole, of the right kind, and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from icalendar import Calendar, Component
from icalendar.prop import vRecur

from bridges.caldav.kinds import COMPONENTS
from bridges.caldav.refusals import forbidden, too_large
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.series import read_rule, walls
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.ical_parsing import read_calendar

MAX_BYTES = 1_000_000
_MAX_COMPONENTS = 500
_MAX_ATTENDEES = 1000
_LONGEST_UID = 255
_MAX_DEPTH = 8
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_RARE = ("SECONDLY", "MINUTELY", "HOURLY")
_ENDS = frozenset({"UNTIL", "COUNT"})
_FAR = datetime(9990, 1, 1)  # noqa: DTZ001  by the clock on the wall
_MAX_BY = 400
"""How many values the BY… parts of one rule may multiply to."""
_DATES = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "RDATE", "EXDATE")
_FOLD = re.compile(rb"\r?\n[ \t]")
# The last two are no characters, and would spoil the XML of every answer.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_INVALID = "C:valid-calendar-data"
_NO_OBJECT = "C:valid-calendar-object-resource"


def check_object(body: bytes, kind: Kind) -> Written:
    """Read one object that was sent for a collection of a kind; raises Refused (403, 413).

    Folds are undone before the bytes are read as UTF-8, for some programs fold inside of a
    character.
    """
    if len(body) > MAX_BYTES:
        raise too_large(f"An object may have {MAX_BYTES} bytes.")
    text = _decoded(body)
    calendar = _parsed(text)
    parts = [part for part in calendar.subcomponents if part.name != "VTIMEZONE"]
    wrong = {str(part.name) for part in parts} - {COMPONENTS[kind]}
    if wrong:
        raise forbidden(
            "C:supported-calendar-component",
            f"This collection takes {COMPONENTS[kind]} only, not {', '.join(sorted(wrong))}.",
        )
    uid = _uid(parts)
    _check_series(parts)
    for part in parts:
        _check_part(part)
    return Written(uid, text, calendar)


def _decoded(body: bytes) -> str:
    plain = _FOLD.sub(b"", body.removeprefix(b"\xef\xbb\xbf"))
    try:
        text = plain.decode()
    except UnicodeDecodeError as error:
        raise forbidden(_INVALID, "The text must be UTF-8.") from error
    if _CONTROL.search(text):
        raise forbidden(_INVALID, "There are control characters in it.")
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()]
    _check_nesting(lines)
    return "".join(_folded(line) + "\r\n" for line in lines)


def _check_nesting(lines: Iterable[str]) -> None:
    depth = components = 0
    for line in lines:
        word = line[:6].upper()
        depth += word == "BEGIN:"
        components += word == "BEGIN:"
        depth -= word.startswith("END:")
        if depth > _MAX_DEPTH or components > _MAX_COMPONENTS:
            raise forbidden(_INVALID, "It is nested too deeply or has too many components.")


def _folded(line: str) -> str:
    """Fold after at most 75 bytes, never inside of a character (RFC 5545, 3.1)."""
    if len(line) * 4 <= 75 or len(line.encode()) <= 75:  # noqa: PLR2004  the RFC's number
        return line
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > 74:  # noqa: PLR2004  75 with the space that begins the next line
            pieces.append(piece)
            piece, size = "", 0
        piece += character
        size += width
    return "\r\n ".join([*pieces, piece])


def _parsed(text: str) -> Calendar:
    if text.count("BEGIN:VCALENDAR") != 1 or not text.startswith("BEGIN:VCALENDAR"):
        raise forbidden(_INVALID, "It must be one VCALENDAR.")
    try:
        found = read_calendar(text)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise forbidden(_INVALID, "This is no iCalendar text.") from error
    if not isinstance(found, Calendar):
        raise forbidden(_INVALID, "It must be one VCALENDAR.")
    if "METHOD" in found:
        raise forbidden(_NO_OBJECT, "METHOD has no place in a stored object (RFC 4791, 4.1).")
    return found


def _uid(parts: list[Component]) -> str:
    found = {str(part.get("UID", "")) for part in parts}
    if len(found) != 1 or any(isinstance(part.get("UID"), list) for part in parts):
        raise forbidden(_NO_OBJECT, "There must be exactly one UID.")
    (uid,) = found
    if not uid or len(uid.encode()) > _LONGEST_UID:
        raise forbidden(_NO_OBJECT, f"A UID has 1 to {_LONGEST_UID} bytes.")
    return uid


def _check_series(parts: list[Component]) -> None:
    """One object is one event or series: a master, and what differs from it."""
    masters = [part for part in parts if "RECURRENCE-ID" not in part]
    if len(masters) != 1:
        raise forbidden(_NO_OBJECT, "There must be exactly one without RECURRENCE-ID.")
    ids = [str(part["RECURRENCE-ID"].to_ical()) for part in parts if "RECURRENCE-ID" in part]
    if len(ids) != len(set(ids)):
        raise forbidden(_NO_OBJECT, "There are two of one RECURRENCE-ID.")


def _check_part(part: Component) -> None:
    broken = [name for name, _ in part.errors]
    if any(name in (*_DATES, "RRULE", "DURATION") for name in broken):
        raise forbidden(_INVALID, f"{broken[0]} can't be read.")
    for name in _DATES:
        for value in _values(part, name):
            _check_year(name, value)
    if part.name == "VEVENT" and "DTSTART" not in part:
        raise forbidden(_INVALID, "An event needs DTSTART.")
    _check_end(part)
    attendees = part.get("ATTENDEE", [])
    if isinstance(attendees, list) and len(attendees) > _MAX_ATTENDEES:
        raise forbidden("C:max-attendees-per-instance", f"At most {_MAX_ATTENDEES} people fit.")
    rules = part.get("RRULE", [])
    rules = rules if isinstance(rules, list) else [rules]
    if len(rules) > 1:
        raise forbidden(_INVALID, "There must be one RRULE at most.")
    for rule in rules:
        _check_rule(part, rule)


def _values(part: Component, name: str) -> Iterable[Any]:
    found = part.get(name, [])
    for one in found if isinstance(found, list) else [found]:
        dates = getattr(one, "dts", None)
        yield from (each.dt for each in dates) if dates is not None else (getattr(one, "dt", None),)


def _check_year(name: str, value: Any) -> None:  # noqa: ANN401  a property's value
    moment = value[0] if isinstance(value, tuple) else value
    if not isinstance(moment, date):
        raise forbidden(_INVALID, f"{name} is no date.")
    if moment.year < _FIRST_YEAR:
        raise forbidden("C:min-date-time", f"{name} is before {_FIRST_YEAR}.")
    if moment.year > _LAST_YEAR:
        raise forbidden("C:max-date-time", f"{name} is after {_LAST_YEAR}.")


def _check_end(part: Component) -> None:
    start, end = _first(part, "DTSTART"), _first(part, "DTEND") or _first(part, "DUE")
    if start is not None:
        _check_length(start, getattr(part.get("DURATION"), "dt", None))
    if start is None or end is None:
        return
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise forbidden(_INVALID, "Start and end must both be dates or both times.")
    if _comparable(end) < _comparable(start):
        raise forbidden(_INVALID, "It ends before it starts.")


def _check_length(start: date, length: object) -> None:
    if not isinstance(length, timedelta):
        return
    try:
        _check_year("The end", _comparable(start) + length)
    except OverflowError as error:
        raise forbidden("C:max-date-time", f"The end is after {_LAST_YEAR}.") from error


def _first(part: Component, name: str) -> date | None:
    value = next(iter(_values(part, name)), None)
    return value if isinstance(value, date) else None


def _comparable(moment: date) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _check_rule(part: Component, rule: Any) -> None:  # noqa: ANN401  a property
    """Only rules that we can expand, which Radicale then can too without end."""
    start = _first(part, "DTSTART") or _first(part, "DUE")
    if not isinstance(rule, vRecur) or start is None:
        raise forbidden(_INVALID, "RRULE needs DTSTART.")
    if str(rule.get("FREQ", [""])[0]).upper() in _RARE:
        raise forbidden("C:max-instances", "Nothing happens more often than daily here.")
    product = 1
    for name, values in rule.items():
        if name.upper().startswith("BY"):
            product *= max(1, len(values))
    if product > _MAX_BY:
        raise forbidden("C:max-instances", "The rule has too many parts.")
    parts = {name: values for name, values in rule.items() if name.upper() not in _ENDS}
    try:
        read_rule(_text_of(rule))
        endless = read_rule(_text_of(vRecur(parts)))
    except UserError as error:
        raise forbidden(_INVALID, "RRULE can't be understood.") from error
    local = start if isinstance(start, datetime) else datetime.combine(start, time())
    local = local.replace(tzinfo=None)
    # The start counts in any case; a rule that has nothing else would be sought for minutes.
    if len(list(islice(walls(endless, local, local, _FAR), 2))) < 2:  # noqa: PLR2004  as said
        raise forbidden(_INVALID, "RRULE never happens.")


def _text_of(rule: vRecur) -> str:
    written: bytes = rule.to_ical()  # type: ignore[no-untyped-call]  # icalendar
    return written.decode()
