"""What an iCalendar text says, however a server writes it: a digest to compare copies by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from icalendar import Component

from wecreate_module.storage.ical import ICalendarError
from wecreate_module.storage.ical_parsing import read_calendar
from wecreate_module.storage.ical_values import all_of

# When and by whom it was written; servers put their own. Zones are said by their names.
_ASIDE = frozenset({"DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "PRODID", "CALSCALE"})
_USUAL = {("VALUE", "DATE-TIME"), ("VALUE", "TEXT"), ("VALUE", "DURATION")}


def content_digest(text: str) -> str:
    """The same for the same content in another order, folding or spelling; raises ICalendarError.

    Everything counts but time stamps: alarms, guests, properties that nobody knows.
    """
    try:
        calendar = read_calendar(text)
        said = sorted("\n".join(_lines(part)) for part in calendar.subcomponents if _counts(part))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ICalendarError("this is no iCalendar text") from error
    return hashlib.sha256("\n\n".join(said).encode("utf-8", "replace")).hexdigest()


def _counts(part: Component) -> bool:
    return part.name != "VTIMEZONE"


def _lines(part: Component) -> Iterator[str]:
    yield f"BEGIN {part.name}"
    yield from sorted(_line(name, one) for name in part for one in all_of(part, name) if _own(name))
    yield from sorted("\n".join(_lines(inner)) for inner in part.subcomponents)


def _own(name: str) -> bool:
    return name.upper() not in _ASIDE


def _line(name: str, value: Any) -> str:  # noqa: ANN401  a property of icalendar
    """A property as one line, its parameters in order."""
    written = value.to_ical() if hasattr(value, "to_ical") else str(value)
    text = written.decode("utf-8", "replace") if isinstance(written, bytes) else str(written)
    parameters = sorted(
        f"{key.upper()}={one}"
        for key, one in getattr(value, "params", {}).items()
        if (key.upper(), str(one).upper()) not in _USUAL
    )
    return ";".join([name.upper(), *parameters]) + ":" + text
