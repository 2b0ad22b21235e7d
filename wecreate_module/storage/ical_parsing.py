"""iCalendar texts of other programs, read so that none changes what another means.

icalendar remembers each VTIMEZONE it has read under its name, for the whole process, and the
first one counts: a zone "Home" of one Box would say when the events of another are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar
from icalendar.prop import vRecur
from icalendar.timezone import tzp

_PARSING = threading.Lock()
_YEAR = 2026
"""Zones are compared as they go nowadays."""
_POINTS = 52
"""How often in a year two zones are compared."""
_MOST_OBSERVANCES, _MOST_WEEKS = 400, 5
_RULE = {"FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "UNTIL", "COUNT", "WKST"}
_SHORTEST = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}
Clock = tuple[timedelta | None, ...]


def read_calendar(text: str) -> Calendar:
    """Read one calendar with all in it; raises what icalendar raises: ValueError and others."""
    with _alone():
        # As bytes: of a string it would ask whether it is the path of a file, and read that.
        found = Calendar.from_ical(text.encode())
    _check_zones([found])
    return found


def read_calendars(text: str) -> list[Calendar]:
    """Read as many as there are, likewise."""
    with _alone():
        found = Calendar.from_ical(text.encode(), multiple=True)
    _check_zones(found)
    return found


@contextmanager
def _alone() -> Iterator[None]:
    with _PARSING:
        try:
            yield
        finally:
            tzp.use_zoneinfo()  # forgets the zones of this text


def _check_zones(calendars: list[Calendar]) -> None:
    """Clocks that change each second never come to an end: ValueError for all but yearly ones."""
    observances = [
        part for each in calendars for zone in each.walk("VTIMEZONE") for part in zone.subcomponents
    ]
    if len(observances) > _MOST_OBSERVANCES:
        raise ValueError("there are too many zones in it")
    for part in observances:
        rules = part.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if not _is_restful(rule):
                raise ValueError("a zone's clocks change once a year")


def _is_restful(rule: vRecur) -> bool:
    """Each year, on days that there are: to look for others takes until the year 9999."""
    said = {str(name).upper(): value for name, value in rule.items()}
    days = [int(day) for day in said.get("BYMONTHDAY", [1])]
    weeks = [int(str(day)[:-2] or 1) for day in said.get("BYDAY", [])]
    months = [int(month) for month in said.get("BYMONTH", [1])]
    return (
        said.keys() <= _RULE
        and [str(one).upper() for one in said.get("FREQ", [])] == ["YEARLY"]
        and [int(one) for one in said.get("INTERVAL", [1])] == [1]
        and all(0 < abs(day) <= _SHORTEST.get(month, 31) for day in days for month in months)
        and all(0 < abs(week) <= _MOST_WEEKS for week in weeks)
    )


def zone_like(found: datetime, preferred: tzinfo) -> tzinfo | None:
    """Find a zone of the world whose clocks go as those of a text's own zone.

    `preferred` is taken if it fits; None where none does.
    """
    own = found.tzinfo
    if own is None:
        return None
    like = _like(own, preferred)
    return like if like and found.replace(tzinfo=like).utcoffset() == found.utcoffset() else None


@lru_cache(maxsize=256)
def _like(own: tzinfo, preferred: tzinfo) -> tzinfo | None:
    clock = _clock(own)
    if clock == _clock(preferred):
        return preferred
    name = _clocks().get(clock)
    return None if name is None else ZoneInfo(name)


@cache
def _clocks() -> dict[Clock, str]:
    """One zone for each clock; towns rather than offsets and old names."""
    names = sorted(available_timezones(), key=lambda name: ("/" in name, name[:4] != "Etc/", name))
    return {_clock(ZoneInfo(name)): name for name in names}


def _clock(zone: tzinfo) -> Clock:
    first = datetime(_YEAR, 1, 1, 12)  # noqa: DTZ001  by the local clock
    step = timedelta(days=7)
    return tuple(zone.utcoffset(first + number * step) for number in range(_POINTS))
