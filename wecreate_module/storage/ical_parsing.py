"""iCalendar texts of other programs, read so that none changes what another means.

icalendar remembers each VTIMEZONE it has read under its name, for the whole process, and the
first one counts: a zone "Home" of one Box would say when the events of another are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar
from icalendar.timezone import tzp

_PARSING = threading.Lock()
_FIRST_YEAR, _LAST_YEAR = 1990, 2037
_POINTS = 52
"""How often in a year two zones are compared."""
Clock = tuple[timedelta | None, ...]


def read_calendar(text: str) -> Calendar:
    """Read one calendar with all in it; raises what icalendar raises: ValueError and others."""
    with _alone():
        # As bytes: of a string it would ask whether it is the path of a file, and read that.
        return Calendar.from_ical(text.encode())


def read_calendars(text: str) -> list[Calendar]:
    """Read as many as there are, likewise."""
    with _alone():
        return Calendar.from_ical(text.encode(), multiple=True)


@contextmanager
def _alone() -> Iterator[None]:
    with _PARSING:
        try:
            yield
        finally:
            tzp.use_zoneinfo()  # forgets the zones of this text


def zone_like(zone: tzinfo, moment: datetime, preferred: tzinfo) -> tzinfo | None:
    """Find a zone of the world whose clocks go as a text's own zone says, in that year.

    `preferred` is taken if it fits; None where none does.
    """
    year = min(max(moment.year, _FIRST_YEAR), _LAST_YEAR)
    clock = _clock(zone, year)
    if clock == _clock(preferred, year):
        return preferred
    name = _clocks(year).get(clock)
    return None if name is None else ZoneInfo(name)


@lru_cache(maxsize=8)
def _clocks(year: int) -> dict[Clock, str]:
    """One zone for each clock; towns rather than offsets and old names."""
    names = sorted(available_timezones(), key=lambda name: ("/" in name, name[:4] != "Etc/", name))
    return {_clock(ZoneInfo(name), year): name for name in names}


def _clock(zone: tzinfo, year: int) -> Clock:
    first = datetime(year, 1, 1, 12)  # noqa: DTZ001  by the local clock
    step = timedelta(days=7)
    return tuple(zone.utcoffset(first + number * step) for number in range(_POINTS))
