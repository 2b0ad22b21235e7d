"""Recurrence rules expanded by the clock on the wall (RFC 5545, 3.3.10), within bounds.

Whatever a rule says, one expansion looks at MOST_PERIODS days, weeks, months or years, so that
a hostile rule costs a moment and never the evening. Rules without COUNT are entered where they
are needed, not run through from their start. Faster than once a day is no series of events.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import product

from wecreate_module.domain.dates.rules import DAY_CODES, rule_parts
from wecreate_module.domain.errors import UserError

MOST_PERIODS = 20_000
_LONGEST_RULE = 500
_MOST_VALUES = 400
_MOST_TIMES = 100
_MOST_INTERVAL = 100_000
_MOST_COUNT = 1_000_000
_WEEK = 7
_MONTHS = 12
_LAST_YEAR = 9990
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY"),
    *("BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYHOUR", "BYMINUTE", "BYSECOND"),
}


@dataclass(frozen=True)
class Rule:
    """A rule that was read. `until` as written; `days` with their place (0: every one)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: str | None = None
    week_start: int = 0
    days: tuple[tuple[int, int], ...] = ()
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    places: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()


@lru_cache(maxsize=1024)
def read_rule(text: str) -> Rule:
    """Read a rule; raises UserError for one that can't be expanded."""
    parts = rule_parts(text)
    freq = parts.get("FREQ", "")
    if len(text) > _LONGEST_RULE or freq not in _FREQUENCIES or parts.keys() - _PARTS:
        raise _unsupported(text)
    try:
        rule = Rule(
            freq,
            interval=_one(parts.get("INTERVAL", "1"), 1, _MOST_INTERVAL),
            count=_one(parts["COUNT"], 1, _MOST_COUNT) if "COUNT" in parts else None,
            until=parts.get("UNTIL") or None,
            week_start=DAY_CODES.index(parts.get("WKST", "MO")),
            days=tuple(map(_day, _listed(parts, "BYDAY"))),
            months=frozenset(_numbers(parts, "BYMONTH", _MONTHS)),
            month_days=frozenset(_numbers(parts, "BYMONTHDAY", 31, signed=True)),
            year_days=frozenset(_numbers(parts, "BYYEARDAY", 366, signed=True)),
            weeks=frozenset(_numbers(parts, "BYWEEKNO", 53, signed=True)),
            places=tuple(_numbers(parts, "BYSETPOS", 366, signed=True)),
            hours=tuple(_numbers(parts, "BYHOUR", 23, least=0)),
            minutes=tuple(_numbers(parts, "BYMINUTE", 59, least=0)),
            seconds=tuple(_numbers(parts, "BYSECOND", 59, least=0)),
        )
    except (ValueError, IndexError) as error:
        raise _unsupported(text) from error
    if (
        len(rule.hours or (0,)) * len(rule.minutes or (0,)) * len(rule.seconds or (0,))
        > _MOST_TIMES
    ):
        raise _unsupported(text)
    return rule


def walls(rule: Rule, start: datetime, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The series' times by the clock on the wall from `begin` up to before `end`, in order.

    All are naive. `start` is the first of the series, whether the rule has it or not. COUNT is
    counted from there; UNTIL is the caller's, who knows the zone.
    """
    left = _MOST_COUNT if rule.count is None else rule.count
    if begin <= start < end:
        yield start
    left -= 1
    for wall in _following(rule, start, begin if rule.count is None else start):
        if left <= 0 or wall >= end:
            return
        left -= 1
        if wall >= begin:
            yield wall


def _following(rule: Rule, start: datetime, begin: datetime) -> Iterator[datetime]:
    """Times after `start`, from the period of `begin` on at the latest."""
    plain = _with_defaults(rule, start.date())
    times = [
        time(hour, minute, second)
        for hour, minute, second in product(
            sorted(rule.hours) or [start.hour],
            sorted(rule.minutes) or [start.minute],
            sorted(rule.seconds) or [start.second],
        )
    ]
    first = max(0, _period_of(rule, start.date(), begin.date()) - 1)
    for period in range(first, first + MOST_PERIODS):
        days = _days_of(plain, start.date(), period * rule.interval)
        if days is None:
            return
        found = [datetime.combine(day, at) for day in days for at in times]
        for wall in _placed(found, rule.places) if rule.places else found:
            if wall > start:
                yield wall


def _with_defaults(rule: Rule, start: date) -> Rule:
    """What the rule leaves open follows from the first day."""
    if rule.weeks or rule.year_days or rule.month_days or rule.days:
        return rule
    fields = dict(vars(rule))
    if rule.freq == "YEARLY":
        fields["months"] = rule.months or frozenset({start.month})
        fields["month_days"] = frozenset({start.day})
    elif rule.freq == "MONTHLY":
        fields["month_days"] = frozenset({start.day})
    elif rule.freq == "WEEKLY":
        fields["days"] = ((0, start.weekday()),)
    return Rule(**fields)


def _period_of(rule: Rule, start: date, day: date) -> int:
    """The number of the period in which `day` lies, or one before it; 0 is the start's."""
    if day <= start:
        return 0
    if rule.freq == "DAILY":
        units = (day - start).days
    elif rule.freq == "WEEKLY":
        units = (day - start).days // _WEEK
    elif rule.freq == "MONTHLY":
        units = (day.year - start.year) * _MONTHS + day.month - start.month
    else:
        units = day.year - start.year
    return units // rule.interval


def _days_of(rule: Rule, start: date, units: int) -> list[date] | None:
    """The days of a period that the rule has; None behind the end of time."""
    if rule.freq == "YEARLY":
        return _days_of_year(rule, start.year + units)
    if rule.freq == "MONTHLY":
        year, month = divmod(start.year * _MONTHS + start.month - 1 + units, _MONTHS)
        return None if year > _LAST_YEAR else _days_of_month(rule, year, month + 1)
    length = _WEEK if rule.freq == "WEEKLY" else 1
    ordinal = start.toordinal() + units * length
    if rule.freq == "WEEKLY":
        ordinal -= (start.weekday() - rule.week_start) % _WEEK
    if ordinal > date(_LAST_YEAR, 1, 1).toordinal():
        return None
    first = max(1, ordinal)
    days = map(date.fromordinal, range(first, ordinal + length))
    weekdays = {weekday for _, weekday in rule.days}
    return [day for day in days if (not weekdays or day.weekday() in weekdays) and _fits(rule, day)]


def _days_of_month(rule: Rule, year: int, month: int) -> list[date]:
    if rule.months and month not in rule.months:
        return []
    length = monthrange(year, month)[1]
    chosen = _nth_days(rule, date(year, month, 1), length)
    days = (date(year, month, day) for day in range(1, length + 1))
    return [day for day in days if (chosen is None or day in chosen) and _fits(rule, day)]


def _days_of_year(rule: Rule, year: int) -> list[date] | None:
    if year > _LAST_YEAR:
        return None
    chosen: set[date] | None = None
    if rule.days and rule.months:
        chosen = set()
        for month in rule.months:
            length = monthrange(year, month)[1]
            chosen |= _nth_days(rule, date(year, month, 1), length) or set()
    elif rule.days:
        chosen = _nth_days(rule, date(year, 1, 1), 366 if isleap(year) else 365)
    in_weeks = _days_in_weeks(rule, year) if rule.weeks else None
    if chosen is not None:
        days = sorted(chosen if in_weeks is None else chosen & in_weeks)
    elif in_weeks is not None:
        days = sorted(in_weeks)
    else:
        days = [
            date(year, month, day)
            for month in sorted(rule.months or range(1, _MONTHS + 1))
            for day in range(1, monthrange(year, month)[1] + 1)
        ]
    return [day for day in days if _fits(rule, day)]


def _nth_days(rule: Rule, first: date, length: int) -> set[date] | None:
    """Days by BYDAY within so many days: every Friday, the second, the last; None without."""
    if not rule.days:
        return None
    found: set[date] = set()
    for place, weekday in rule.days:
        offset = (weekday - first.weekday()) % _WEEK
        places = range(offset, length, _WEEK)
        if place == 0:
            found.update(first + timedelta(days=at) for at in places)
        elif abs(place) <= len(places):
            found.add(first + timedelta(days=places[place - 1 if place > 0 else place]))
    return found


def _days_in_weeks(rule: Rule, year: int) -> set[date]:
    """Days of the year in weeks with these numbers, of its neighbours' weeks too."""
    found: set[date] = set()
    for near in (year - 1, year, year + 1):
        start, end = _first_week(near, rule.week_start), _first_week(near + 1, rule.week_start)
        most = (end - start).days // _WEEK
        for number in {each if each > 0 else most + each + 1 for each in rule.weeks}:
            if 1 <= number <= most:
                week = start + timedelta(days=(number - 1) * _WEEK)
                found.update(week + timedelta(days=at) for at in range(_WEEK))
    return {day for day in found if day.year == year}


def _first_week(year: int, week_start: int) -> date:
    """Where week 1 begins: the first that has at least four days in the year."""
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - week_start) % _WEEK)


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days:
        back = day.day - monthrange(day.year, day.month)[1] - 1
        if day.day not in rule.month_days and back not in rule.month_days:
            return False
    if rule.year_days:
        number = day.timetuple().tm_yday
        back = number - (366 if isleap(day.year) else 365) - 1
        if number not in rule.year_days and back not in rule.year_days:
            return False
    return True


def _placed(found: list[datetime], places: tuple[int, ...]) -> list[datetime]:
    chosen = {
        found[place - 1 if place > 0 else place] for place in places if abs(place) <= len(found)
    }
    return sorted(chosen)


def _listed(parts: dict[str, str], name: str) -> list[str]:
    values = parts[name].split(",") if parts.get(name) else []
    if len(values) > _MOST_VALUES:
        raise ValueError(name)
    return values


def _numbers(
    parts: dict[str, str], name: str, most: int, *, least: int = 1, signed: bool = False
) -> list[int]:
    found = []
    for text in _listed(parts, name):
        value = _one(text.lstrip("+-") if signed else text, least, most)
        found.append(-value if signed and text.startswith("-") else value)
    return found


def _one(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):  # noqa: PLR2004 - bounded
        raise ValueError(text)
    value = int(text)
    if not least <= value <= most:
        raise ValueError(text)
    return value


def _day(text: str) -> tuple[int, int]:
    """`FR`, `2FR`, `-1FR` → place and weekday."""
    sign = -1 if text.startswith("-") else 1
    digits = text[:-2].lstrip("+-")
    place = _one(digits, 1, 53) * sign if digits else 0
    return place, DAY_CODES.index(text[-2:])


def _unsupported(rrule: str) -> UserError:
    return UserError(
        "recurrence-unsupported",
        "I can't repeat an event by “{rule}”. Write it for example like every week.",
        rule=rrule[:60],
    )
