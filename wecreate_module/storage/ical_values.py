"""Properties of iCalendar parts: read and written in the same way for tasks and events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from icalendar import Component
from icalendar.prop import vRecur, vText, vUnknown

from wecreate_module.storage.timezones import timezone_component

MATRIX = "matrix:u/"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def all_of(part: Mapping[str, Any], name: str) -> list[Any]:
    found = part.get(name, [])
    return found if isinstance(found, list) else [found]


def text_of(part: Mapping[str, Any], name: str) -> str:
    found = all_of(part, name)
    return unescaped(found[0]) if found else ""


def unescaped(value: Any) -> str:  # noqa: ANN401  a property of icalendar
    """Read text; the parser leaves that of properties it does not know as it stands."""
    if not isinstance(value, vUnknown):
        return str(value)
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def whole(value: Any) -> int:  # noqa: ANN401  a property of icalendar
    return int(value) if isinstance(value, int) else 0


def rrule_of(part: Mapping[str, Any]) -> str | None:
    found = [rule for rule in all_of(part, "RRULE") if isinstance(rule, vRecur)]
    return str(found[0].to_ical(), "ascii") if found else None  # type: ignore[no-untyped-call]  # icalendar


def user_of(attendee: object) -> str | None:
    """Read a Matrix user from an ATTENDEE; None for somebody of another program."""
    address = str(attendee)
    return f"@{unquote(address[len(MATRIX) :])}" if address.startswith(MATRIX) else None


def set_values(part: Component, name: str, *values: object) -> None:
    """Put values in place of all that stand under a name; none removes them."""
    part.pop(name, None)
    for value in values:
        part.add(name, clean(value) if isinstance(value, str) else value)


def clean(text: str) -> str:
    """Leave out what iCalendar text can't hold: control characters and half characters."""
    cleaned = _CONTROL.sub("", text)
    return vText(cleaned, params=dict(text.params)) if isinstance(text, vText) else cleaned


def sayable(due: date | datetime | None) -> date | datetime | None:
    """Keep the zone where a VTIMEZONE can say it, else give the instant in UTC."""
    if not isinstance(due, datetime):
        return due
    name = zone_name(due)
    plain = due.replace(fold=0).utcoffset() == due.utcoffset()  # else: the hour's second time
    if plain and name and timezone_component(name, due) is not None:
        return due.replace(microsecond=0)
    return due.astimezone(UTC).replace(microsecond=0)


def zone_name(due: date | datetime | None) -> str | None:
    zone = due.tzinfo if isinstance(due, datetime) else None
    return zone.key if isinstance(zone, ZoneInfo) and zone.key != "UTC" else None
