"""Calendar days named outright: "24.12.", "24. Dezember 2026", "Dec 24", "2026-12-24"."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from wecreate_module.domain.dates.feasts import (
    BEFORE_ADVENT,
    DAYS_OF_CHRISTMAS,
    EMBRACING,
    FIXED,
    FROM_EASTER,
    PHRASES,
    PHRASES_FROM_EASTER,
    SUNDAYS_OF_ADVENT,
    advent,
    from_easter,
    mothers_day,
)
from wecreate_module.domain.dates.times import is_no_month
from wecreate_module.domain.dates.tokens import Reader
from wecreate_module.domain.dates.words import MONTHS, NEXT, ORDINALS, WEEKDAYS
from wecreate_module.domain.errors import UserError

FIRST_YEAR, LAST_YEAR = 1970, 2199
_MONTHS_A_YEAR = 12
_CENTURY = 2000
_DAYS_OF_CHRISTMAS = 2
_CALENDAR_WEEK = {"kw", "kalenderwoche"}
_HOURS = 24
_BEHIND_A_DAY = {*NEXT, "des", "um", "ab", ",", "."}
_NAMED_DAY = {"am", "zum", "den", "dem", "the"}


@dataclass(frozen=True)
class Day:
    """A day (or instant) as read.

    `floating`: a weekday named on that weekday, which is today only with a time still to come.
    `weak`: a short word that is a date only with more beside it, in ordinary talk.
    `part`: the hour of the part of the day that was in the same word ("Freitagabend").
    """

    value: date | datetime
    floating: bool = False
    weak: bool = False
    part: int | None = None


def make_date(year: int, month: int, day: int) -> date:
    """Or a sentence about why there is no such day."""
    check_year(year)
    try:
        return date(year, month, day)
    except ValueError:
        raise _impossible(f"{day}.{month}.{year}") from None


def _impossible(said: str) -> UserError:
    return UserError(
        "date-impossible",
        "{date} does not exist. Write the day first, for example 24.12. for Christmas Eve.",
        date=said,
    )


def check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UserError(
            "year-impossible",
            "The year {year} is too far away: take one from {first} to {last}.",
            year=year,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )


def next_date(today: date, month: int, day: int) -> date:
    """The next such day to come; today counts. 29.02. waits for its leap year."""
    for year in range(today.year, today.year + 9):
        if 1 <= month <= _MONTHS_A_YEAR and 1 <= day <= monthrange(year, month)[1]:
            found = make_date(year, month, day)
            if found >= today:
                return found
    raise _impossible(f"{day}.{month}.")


def add_months(start: date, months: int) -> date:
    """The same day so many months on, or the month's last where it has no such day."""
    total = start.year * _MONTHS_A_YEAR + start.month - 1 + months
    year, month = total // _MONTHS_A_YEAR, total % _MONTHS_A_YEAR + 1
    check_year(year)
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def add_days(start: date, days: int) -> date:
    check_year(start.year + days // 365)
    return start + timedelta(days=days)


def read_named_day(reader: Reader) -> Day | None:
    """A day of the calendar; without a year the next one to come."""
    return reader.first(
        _iso,
        _dotted,
        _slashed,
        _day_month,
        _month_day,
        _feast,
        _week_of_year,
        _day_of_month,
        _month,
    )


def _iso(reader: Reader) -> Day | None:
    token = reader.peek()
    if token.kind != "iso":
        return None
    reader.at += 1
    said = token.text[: len("2026-12-24")]
    found = make_date(*(int(part) for part in said.replace("/", "-").split("-")))
    if said == token.text:
        return Day(found)
    try:
        instant = datetime.fromisoformat(token.text.upper())
    except ValueError:
        raise UserError(
            "time-impossible",
            "{time} is no time of day. Write it for example like 18:30 or 6pm.",
            time=token.text[11:],
        ) from None
    zone = reader.now.tzinfo
    return Day(instant.astimezone(zone) if instant.tzinfo else instant.replace(tzinfo=zone))


def _dotted(reader: Reader) -> Day | None:
    """24.12., 24.12.2026, 24. 12. 2026; 24.12 where a date is expected."""
    token = reader.peek()
    if token.kind == "ordinal" and reader.strict and _is_spaced(reader):
        reader.at += 2
        return _day(reader, token.number, reader.tokens[reader.at - 1].number, None)
    pair = token.kind == "pair" and reader.strict and reader.peek(1).text != "uhr"
    if pair and _is_clock(token.text):
        return None  # "bis 19.30" says when, not on which day
    if token.kind != "dotted" and not pair:
        return None
    reader.at += 1
    return _from_parts(reader, token.text.replace("-", ".").split("."))


def _is_clock(said: str) -> bool:
    hour, minute = (int(part) for part in said.split("."))
    return hour <= _HOURS and is_no_month(minute)


def _is_spaced(reader: Reader) -> bool:
    """The "5. 12" of "am 5. 12": day and month, at the end of all."""
    day, month = reader.peek(), reader.peek(1)
    return (
        month.kind == "number"
        and 1 <= month.number <= _MONTHS_A_YEAR
        and reader.peek(2).kind == "end"
        and day.text.endswith(".")
    )


def _slashed(reader: Reader) -> Day | None:
    """24/12, 24/12/2026: the day first, as everywhere in Europe."""
    token = reader.peek()
    if token.kind != "slash" or not reader.strict:
        return None
    reader.at += 1
    return _from_parts(reader, token.text.split("/"))


def _from_parts(reader: Reader, parts: list[str]) -> Day:
    day, month = int(parts[0]), int(parts[1])
    year = parts[2].strip() if len(parts) > len("dm") else ""
    if not year:
        return _day(reader, day, month, None)
    short = len(year) == len("26")
    return _day(reader, day, month, int(year) + (_CENTURY if short else 0))


def _day(reader: Reader, day: int, month: int, year: int | None) -> Day:
    if year is None:
        return Day(next_date(reader.now.date(), month, day))
    return Day(make_date(year, month, day))


def _day_month(reader: Reader) -> Day | None:
    """24. Dezember, 24 Dec 2026, the 24th of December, ersten Mai."""
    day = _day_number(reader)
    if day is None:
        return None
    reader.skip({"of"})
    month = reader.look_up(MONTHS)
    if month is None:
        return None
    year = year_behind(reader)
    reader.skip({"."})
    return _day(reader, day, month, year)


def _month_day(reader: Reader) -> Day | None:
    """Dec 24, December 24th, 2026."""
    month = reader.look_up(MONTHS)
    if month is None:
        return None
    reader.skip({".", "the"})
    day = _day_number(reader)
    if day is None or reader.peek().text in {"uhr", "pm", "p.m.", "am", "a.m."}:
        return None
    return _day(reader, day, month, year_behind(reader))


def _day_of_month(reader: Reader) -> Day | None:
    """Am 5., on the 5th: the next one to come."""
    token = reader.peek()
    before = reader.tokens[reader.at - 1].text if reader.at else ""
    named = before in _NAMED_DAY or (before in WEEKDAYS and _ends_here(reader))
    if token.kind == "ordinal" and (reader.strict or named):
        reader.at += 1
        number = token.number
    elif named and (reader.strict or before == "am") and _ends_here(reader):
        number = reader.look_up(ORDINALS) or 0  # "am Ersten"
    else:
        return None
    if number < 1 and token.kind != "ordinal":
        return None
    if reader.attempt(_next_month):
        first = add_months(reader.now.date().replace(day=1), 1)
        return Day(make_date(first.year, first.month, number))
    return Day(_next_day_of_month(reader.now.date(), number))


def _ends_here(reader: Reader) -> bool:
    """Whether nothing behind it is counted by it, as the class of "3. Klasse" is."""
    behind = reader.peek(1)
    return behind.kind in {"end", "clock"} or behind.text in _BEHIND_A_DAY


def _next_month(reader: Reader) -> bool | None:
    """The rest of "am 5. nächsten Monats"."""
    reader.skip({"des", "of"})
    found = reader.take_any(NEXT) and reader.take_any({"monats", "monat", "month"})
    return found or None


def _feast(reader: Reader) -> Day | None:
    """Weihnachten, Ostermontag 2027, Tag der Arbeit, 2. Advent, where a date is expected.

    "Good Friday" and the like in every sentence: there is another day in their names.
    """
    embracing = reader.peek().text in EMBRACING
    found = reader.first(_phrase, _fixed_feast, _moving_feast, _counted_feast)
    if found is None or reader.strict or embracing:
        return found
    return replace(found, weak=True)  # "Deko Weihnachten" is no date, "Silvester 20 Uhr" is


def _phrase(reader: Reader) -> Day | None:
    for words, days in PHRASES_FROM_EASTER:
        if reader.take(*words):
            return _of_some_year(reader, partial(from_easter, days=days))
    fixed = next((day for words, day in PHRASES if reader.take(*words)), None)
    return None if fixed is None else _day(reader, fixed[1], fixed[0], year_behind(reader))


def _fixed_feast(reader: Reader) -> Day | None:
    fixed = reader.look_up(FIXED)
    return None if fixed is None else _day(reader, fixed[1], fixed[0], year_behind(reader))


def _moving_feast(reader: Reader) -> Day | None:
    days = reader.look_up(FROM_EASTER)
    if days is not None:
        return _of_some_year(reader, lambda year: from_easter(year, days))
    before = reader.look_up(BEFORE_ADVENT)
    if before is not None:
        return _of_some_year(reader, lambda year: advent(year, 1) - timedelta(days=before))
    return _of_some_year(reader, mothers_day) if reader.take("muttertag") else None


def _counted_feast(reader: Reader) -> Day | None:
    """2. Advent, zweiter Weihnachtstag."""
    number = _day_number(reader)
    if number is None or not 1 <= number <= SUNDAYS_OF_ADVENT:
        return None
    if reader.take("advent"):
        return _of_some_year(reader, lambda year: advent(year, number))
    if number <= _DAYS_OF_CHRISTMAS and reader.take_any(DAYS_OF_CHRISTMAS):
        return _day(reader, 24 + number, _MONTHS_A_YEAR, year_behind(reader))
    return None


def _of_some_year(reader: Reader, of_year: Callable[[int], date]) -> Day:
    """The year that is said, else the next one where the day is still to come."""
    said, today = year_behind(reader), reader.now.date()
    if said is not None:
        check_year(said)
        return Day(of_year(said))
    found = of_year(today.year)
    if found < today:
        check_year(today.year + 1)
        found = of_year(today.year + 1)
    return Day(found)


def _week_of_year(reader: Reader) -> Day | None:
    """KW 50, Kalenderwoche 50: its Monday, of this year or (where it is over) of the next."""
    reader.skip({"in", "der"})
    if not reader.take_any(_CALENDAR_WEEK):
        return None
    token = reader.peek()
    if token.kind not in {"number", "ordinal"}:
        return None
    reader.at += 1
    said, today = year_behind(reader), reader.now.date()
    weekday = reader.attempt(_weekday_behind)
    if weekday is None and not reader.strict:
        return None
    ahead = weekday or 0
    if said is not None:
        return Day(add_days(_monday(said, token.number), ahead))
    # A week that has begun already is still this one.
    this = _monday(today.isocalendar().year, token.number)
    over = this <= today - timedelta(days=7)
    monday = _monday(today.isocalendar().year + 1, token.number) if over else this
    return Day(add_days(monday, ahead))


def _weekday_behind(reader: Reader) -> int | None:
    """The Freitag of "KW 50, Freitag", in days after its Monday."""
    reader.skip({",", "am", "on"})
    return reader.look_up(WEEKDAYS)


def _monday(year: int, week: int) -> date:
    check_year(year)
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        raise UserError(
            "week-impossible",
            "The year {year} has no week {week}.",
            year=year,
            week=week,
        ) from None


def _month(reader: Reader) -> Day | None:
    """Bis Mai, where a date is expected: its first day."""
    month = reader.look_up(MONTHS) if reader.strict else None
    year = None if month is None else year_behind(reader)
    if month is None or (year is None and reader.peek().kind in {"ordinal", "number"}):
        return None
    return _day(reader, 1, month, year)


def _next_day_of_month(today: date, day: int) -> date:
    if day >= 1:
        for ahead in range(3):
            month = add_months(today.replace(day=1), ahead)
            if day <= monthrange(month.year, month.month)[1] and month.replace(day=day) >= today:
                return month.replace(day=day)
    return make_date(today.year, today.month, day)


def _day_number(reader: Reader) -> int | None:
    token = reader.peek()
    if token.kind == "ordinal" or (token.kind == "number" and len(token.text) <= len("31")):
        reader.at += 1
        return token.number
    ordinal = reader.look_up(ORDINALS)
    return ordinal if ordinal and ordinal > 0 else None


def year_behind(reader: Reader) -> int | None:
    """A year of four digits (or a hopeless one) behind a month's name."""
    before = reader.at
    reader.skip({",", "."})
    token = reader.peek()
    if token.kind == "number" and len(token.text) >= len("2026"):
        reader.at += 1
        return token.number
    reader.skip({"'", "\u2019"})
    token = reader.peek()
    # The 26 of "2 dec 26" is no hour.
    if token.kind == "number" and len(token.text) == len("26") and token.number > _HOURS:
        reader.at += 1
        return token.number + _CENTURY
    reader.at = before
    return None
