"""A calendar file taken apart: one text for each event with its exceptions and time zones."""

from __future__ import annotations

from dataclasses import dataclass

from icalendar import Calendar, Component

from wecreate_module.storage.ical import PRODID, ICalendarError
from wecreate_module.storage.ical_values import text_of

MOST_EVENTS = 500
MOST_BYTES = 512 * 1024
_LONGEST_UID = 250


@dataclass(frozen=True)
class Piece:
    """One event, as it stood in the file."""

    uid: str
    text: str


def pieces_of(data: bytes) -> list[Piece]:
    """Raises ICalendarError for what is no calendar; events without a start are left out."""
    if len(data) > MOST_BYTES:
        raise ICalendarError("the file is too large")
    try:
        calendars = Calendar.from_ical(_decoded(data), multiple=True)
        events = [part for each in calendars for part in each.walk("VEVENT")]
        zones = [part for each in calendars for part in each.walk("VTIMEZONE")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ICalendarError("this is no iCalendar text") from error
    by_uid: dict[str, list[Component]] = {}
    for at, event in enumerate(events[: MOST_EVENTS * 4]):
        uid = text_of(event, "UID")[:_LONGEST_UID]
        by_uid.setdefault(uid or f"without-{at}", []).append(event)
    if not by_uid:
        raise ICalendarError("there is no VEVENT in it")
    if len(by_uid) > MOST_EVENTS:
        raise ICalendarError("there are too many events in it")
    return [Piece(uid, _text(parts, zones)) for uid, parts in by_uid.items()]


def _text(parts: list[Component], zones: list[Component]) -> str:
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    body = "".join(part.to_ical(sorted=False).decode() for part in parts)
    for zone in zones:
        if f"TZID={text_of(zone, 'TZID')}" in body.replace("\r\n ", "").replace('"', ""):
            calendar.add_component(zone)
    for part in parts:
        calendar.add_component(part)
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
