"""VTIMEZONE components with yearly rules, which every client reads the same way.

Lists of single dates are cut off by some parsers (python vobject keeps the first), so that
clocks come out an hour wrong; the rules come from the POSIX text at the end of each TZif file
(RFC 8536, 3.3). A zone whose rules can't be said so has no component: use UTC then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

_FIRST_YEAR = 1970
_LAST_WEEK = 5
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_NAME = r"(<[^>]+>|[A-Za-z]{3,})"
_TIME = r"(-?[0-9:]+|\+[0-9:]+)"
_RULE = r"M(\d+)\.(\d)\.(\d)(?:/(-?[0-9:]+))?"
_POSIX = re.compile(rf"{_NAME}{_TIME}(?:{_NAME}{_TIME}?,{_RULE},{_RULE})?")


@dataclass(frozen=True)
class _Change:
    """One change of the clocks each year: the `week`th (5: last) weekday (0: Sunday) of a month."""

    month: int
    week: int
    weekday: int
    at: timedelta

    def rule(self) -> vRecur:
        nth = -1 if self.week == _LAST_WEEK else self.week
        return vRecur(FREQ="YEARLY", BYMONTH=self.month, BYDAY=f"{nth}{_DAYS[self.weekday]}")

    def on(self, year: int) -> datetime:
        """Give the local moment, by the clock before the change."""
        first = date(year, self.month, 1)
        day = first + timedelta((self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1))
        while day.month != self.month:
            day -= timedelta(7)
        return datetime(day.year, day.month, day.day) + self.at  # noqa: DTZ001  by the local clock


@dataclass(frozen=True)
class Rules:
    """A zone's clocks as they are changed nowadays."""

    name: str
    standard_name: str
    standard: timedelta
    daylight_name: str = ""
    daylight: timedelta = timedelta()
    forward: _Change | None = None
    back: _Change | None = None

    def offset(self, instant: datetime) -> timedelta:
        """Give the offset from UTC at an aware instant, as a client works it out."""
        if self.forward is None or self.back is None:
            return self.standard
        utc = instant.astimezone(UTC).replace(tzinfo=None)
        year = (utc + self.standard).year
        changes = [
            moment
            for near in (year - 1, year, year + 1)
            for moment in (
                (self.forward.on(near) - self.standard, self.daylight),
                (self.back.on(near) - self.daylight, self.standard),
            )
        ]
        return max(change for change in changes if change[0] <= utc)[1]

    def component(self) -> Timezone:
        zone = Timezone()
        zone.add("TZID", self.name)
        winter, summer = self.standard, self.daylight
        came = winter if self.back is None else summer
        standard = (TimezoneStandard(), self.standard_name, (came, winter), self.back)
        zone.add_component(_observance(*standard))
        if self.forward is not None:
            daylight = (TimezoneDaylight(), self.daylight_name, (winter, summer), self.forward)
            zone.add_component(_observance(*daylight))
        return zone


@lru_cache(maxsize=256)
def rules(name: str) -> Rules | None:
    """Read a zone's rules by its IANA name; None where they are too odd for yearly rules."""
    posix = _posix(name)
    found = _POSIX.fullmatch(posix) if posix else None
    if found is None:
        return None
    standard_name, standard, daylight_name, daylight = found.group(1, 2, 3, 4)
    offset = -_clock(standard)
    if not daylight_name:
        return Rules(name, standard_name.strip("<>"), offset)
    forward, back = _change(*found.group(5, 6, 7, 8)), _change(*found.group(9, 10, 11, 12))
    if forward is None or back is None:
        return None
    summer = -_clock(daylight) if daylight else offset + timedelta(hours=1)
    names = (standard_name.strip("<>"), offset, daylight_name.strip("<>"))
    return Rules(name, *names, summer, forward, back)


def timezone_component(name: str, instant: datetime) -> Timezone | None:
    """Make a zone's component, if it says the right offset at this instant; None otherwise."""
    found = rules(name)
    if found is None or found.offset(instant) != instant.utcoffset():
        return None
    return found.component()


def _posix(name: str) -> str | None:
    """Read the last line of a TZif file: what holds from now on."""
    if not re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", name):
        return None
    file = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not file.is_file():
        return None
    lines = file.read_bytes().rstrip(b"\n").rsplit(b"\n", 1)
    return lines[-1].decode("ascii", "replace")


def _clock(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds, *_ = [int(part) for part in text.lstrip("+-").split(":")] + [0, 0]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _change(month: str, week: str, weekday: str, at: str | None) -> _Change | None:
    moment = _clock(at or "2")
    if not timedelta(0) <= moment < timedelta(days=1):
        return None  # on another day than the rule's: no yearly rule says it
    return _Change(int(month), int(week), int(weekday), moment)


def _observance(
    part: TimezoneStandard | TimezoneDaylight,
    name: str,
    offsets: tuple[timedelta, timedelta],
    change: _Change | None,
) -> TimezoneStandard | TimezoneDaylight:
    before, after = offsets
    start = change.on(_FIRST_YEAR) if change else datetime(_FIRST_YEAR, 1, 1)  # noqa: DTZ001  local
    part.add("DTSTART", start)
    part.add("TZOFFSETFROM", before)
    part.add("TZOFFSETTO", after)
    part.add("TZNAME", name)
    if change:
        part.add("RRULE", change.rule())
    return part
