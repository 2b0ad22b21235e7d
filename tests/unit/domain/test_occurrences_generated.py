"""A large generated set of events as other programs write them, expanded by us and by
recurring-ical-events: zones around their changes of the clocks, whole days, floating times, the
turn of the year, exceptions and overrides."""  # fmt: skip

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]  # ships no types
from icalendar import Calendar

from wecreate_module.domain.events import When, from_wall, wall
from wecreate_module.domain.occurrences import occurrences
from wecreate_module.storage.ical_events import ical_to_event

BERLIN = ZoneInfo("Europe/Berlin")
# With what is odd about them: half an hour's change, the other half of the year, no change, at
# midnight, over the date line, and a change on another day than Berlin's.
ZONES = (
    *("Europe/Berlin", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Pacific/Apia", "UTC"),
)
# Days when clocks change somewhere, and where years and Februaries end.
TURNS = (
    *(date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25)),
    *(date(2026, 11, 1), date(2026, 12, 31), date(2027, 3, 28), date(2027, 10, 31)),
    *(date(2027, 12, 31), date(2028, 2, 29), date(2028, 3, 26), date(2028, 12, 31)),
)
RULES = (
    *("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU"),
    *("FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY=-1SU", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=YEARLY"),
    *("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;INTERVAL=5"),
    *("FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=SU"),
    "FREQ=DAILY;BYDAY=SA,SU",
)
NIGHTS = ("00:00", "01:30", "02:00", "02:30", "03:00", "23:30")
CASES = 1000


def said(when: When, zone: str | None) -> str:
    """A property's parameters and value."""
    if not isinstance(when, datetime):
        return f";VALUE=DATE:{when:%Y%m%d}"
    if zone == "UTC":
        return f":{when:%Y%m%dT%H%M%SZ}"
    return f":{when:%Y%m%dT%H%M%S}" if zone is None else f";TZID={zone}:{when:%Y%m%dT%H%M%S}"


class Case:
    """One generated object: a VEVENT, with overrides of single dates."""

    def __init__(self, number: int, kind: str) -> None:
        rng = self.rng = random.Random(f"{kind}-{number}")
        self.zone = {"days": None, "floating": None}.get(kind, rng.choice(ZONES))
        day = rng.choice(TURNS) - timedelta(days=rng.choice((0, 1, 2, 7, 8, 30, 200)))
        if kind == "days":
            self.start: When = day
            self.length = timedelta(days=rng.randint(1, 4))
        else:
            clock = rng.choice((*NIGHTS, f"{rng.randrange(24):02}:{rng.choice((0, 15, 45)):02}"))
            self.start = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
            self.length = timedelta(minutes=rng.choice((30, 60, 90, 600, 1440, 3000)))
        self.rule = rng.choice(RULES)
        begin = datetime.combine(rng.choice(TURNS), datetime.min.time(), UTC)
        self.begin = begin - timedelta(days=rng.randint(1, 20))
        self.end = self.begin + timedelta(days=rng.choice((8, 40, 120)))

    @property
    def text(self) -> str:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Generated//EN"]
        for part in (self._master(), *self._overrides()):
            lines += ["BEGIN:VEVENT", "UID:one", "DTSTAMP:20260101T000000Z", *part, "END:VEVENT"]
        return "\r\n".join([*lines, "END:VCALENDAR", ""])

    def _master(self) -> list[str]:
        lines = [f"DTSTART{said(self.start, self.zone)}"]
        lines.append(f"DTEND{said(self.start + self.length, self.zone)}")
        lines.append(f"RRULE:{self.rule}{self._ending()}")
        for name in ("EXDATE", "RDATE"):
            if self.rng.random() < 0.3:
                # A day of the rule's or one beside it: both come up. None that is overridden too:
                # there that library keeps times and drops whole days.
                when = self.start + timedelta(days=self.rng.choice((1, 35, 42, 30, 31)))
                lines.append(f"{name}{said(when, self.zone)}")
        return [*lines, "SUMMARY:series"]

    def _ending(self) -> str:
        kind = self.rng.choice(("", "", "count", "until"))
        if kind == "count" and self._first_fits():
            return f";COUNT={self.rng.randint(2, 60)}"
        if kind == "until":
            last = self.start + timedelta(days=self.rng.randint(20, 300))
            if not isinstance(last, datetime):
                return f";UNTIL={last:%Y%m%d}"
            if self.zone is None:
                return f";UNTIL={last:%Y%m%dT%H%M%S}"
            return (
                f";UNTIL={last.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
            )
        return ""

    def _first_fits(self) -> bool:
        """A first date that no rule has is counted differently everywhere."""
        return self.rule in {"FREQ=DAILY", "FREQ=WEEKLY", "FREQ=YEARLY", "FREQ=DAILY;INTERVAL=3"}

    def _overrides(self) -> Iterator[list[str]]:
        if self.rule not in {"FREQ=DAILY", "FREQ=WEEKLY"} or self.rng.random() < 0.5:
            return
        for days in self.rng.sample((7, 14, 21, 28), 2):
            at = self.start + timedelta(days=days)
            moved = at + timedelta(days=self.rng.randint(-3, 3))
            yield [
                f"RECURRENCE-ID{said(at, self.zone)}",
                f"DTSTART{said(moved, self.zone)}",
                f"DTEND{said(moved + self.length, self.zone)}",
                "SUMMARY:moved",
            ]


@pytest.mark.parametrize("kind", ["timed", "days", "floating"])
def test_a_generated_set_is_expanded_as_by_recurring_ical_events(kind: str) -> None:
    compared = 0
    for number in range(CASES):
        case = Case(number, kind)
        text = case.text
        series = ical_to_event(text, zone=BERLIN)
        assert series.floating is (kind == "floating")
        here = UTC if kind == "days" else BERLIN
        ours = {
            (_plain(each.start), each.title)
            for each in occurrences(series, case.begin, case.end, here, most=5000)
            if case.begin <= _instant(each.start, here) < case.end
        }
        expanded = recurring_ical_events.of(Calendar.from_ical(text))
        margin = timedelta(days=3)
        theirs = {
            (_plain(_clocked(part["DTSTART"].dt)), str(part["SUMMARY"]))
            for part in expanded.between(case.begin - margin, case.end + margin)
            if case.begin <= _instant(_clocked(part["DTSTART"].dt), here) < case.end
        }
        assert ours == theirs, f"{kind} {number}\n{text}\n{case.begin} {case.end}"
        compared += len(ours)
    assert compared > CASES  # it was not all empty


def _clocked(when: When) -> When:
    """Floating times in the Box's zone; what the clocks skip is moved on."""
    if isinstance(when, datetime):
        return from_wall(wall(when), datetime(2026, 1, 1, tzinfo=when.tzinfo or BERLIN))
    return when


def _plain(when: When) -> When:
    return when.astimezone(UTC) if isinstance(when, datetime) else when


def _instant(when: When, zone: tzinfo) -> datetime:
    if isinstance(when, datetime):
        return when.astimezone(UTC)
    return datetime.combine(when, datetime.min.time(), zone).astimezone(UTC)
