"""A calendar file taken apart: one text for each event with its exceptions and time zones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from icalendar import Calendar, Component

from wecreate_module.storage.ical import PRODID, ICalendarError
from wecreate_module.storage.ical_parsing import read_calendar, read_calendars
from wecreate_module.storage.ical_values import set_values, text_of

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
        calendars = read_calendars(_decoded(data))
        events = [part for each in calendars for part in each.walk("VEVENT")]
        zones = [part for each in calendars for part in each.walk("VTIMEZONE")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ICalendarError("this is no iCalendar text") from error
    by_uid: dict[str, list[Component]] = {}
    for at, event in enumerate(events[: MOST_EVENTS * 4]):
        by_uid.setdefault(text_of(event, "UID") or f" {at}", []).append(event)
    if not by_uid:
        raise ICalendarError("there is no VEVENT in it")
    if len(by_uid) > MOST_EVENTS:
        raise ICalendarError("there are too many events in it")
    return [_piece(uid, parts, zones) for uid, parts in by_uid.items()]


def _piece(uid: str, parts: list[Component], zones: list[Component]) -> Piece:
    """Without a name, or with one that is too long, it is named for what is in it."""
    if not text_of(parts[0], "UID") or len(uid.encode()) > _LONGEST_UID:
        said = b"".join(part.to_ical() for part in parts)
        uid = f"{hashlib.sha256(said).hexdigest()[:32]}@file"
        for part in parts:
            set_values(part, "UID", uid)
    return Piece(uid, _text(parts, zones))


def only_once(piece: Piece) -> Piece:
    """The first date of a series alone."""
    calendar = read_calendar(piece.text)
    for part in calendar.walk("VEVENT"):
        if "RECURRENCE-ID" in part:
            calendar.subcomponents.remove(part)
        for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
            part.pop(name, None)
    written: bytes = calendar.to_ical(sorted=False)
    return Piece(piece.uid, written.decode())


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
