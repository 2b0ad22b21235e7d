"""Calendar days named outright: "24.12.", "24. Dezember 2026", "Dec 24", "2026-12-24"."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wecreate_module.domain.dates.feasts import (
    FIXED,
    FROM_EASTER,
    SUNDAYS_OF_ADVENT,
    advent,
    from_easter,
)
from wecreate_module.domain.dates.tokens import Reader
from wecreate_module.domain.dates.words import MONTHS, ORDINALS
from wecreate_module.domain.errors import UserError

FIRST_YEAR, LAST_YEAR = 1970, 2199
_MONTHS_A_YEAR = 12
_CENTURY, _TWO_DIGITS = 2000, 100
_CALENDAR_WEEK = {"kw", "kalenderwoche"}
# Feasts of several words, with month and day.
_PHRASES = (
    (("tag", "der", "arbeit"), (5, 1)),
    (("tag", "der", "deutschen", "einheit"), (10, 3)),
    (("new", "year's", "eve"), (12, 31)),
    (("new", "year's", "day"), (1, 1)),
    (("christmas", "eve"), (12, 24)),
)
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
    pair = token.kind == "pair" and reader.strict and reader.peek(1).text != "uhr"
    if token.kind != "dotted" and not pair:
        return None
    reader.at += 1
    return _from_parts(reader, token.text.replace("-", ".").split("."))


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
    return _day(reader, day, month, int(year) if year else None)


def _day(reader: Reader, day: int, month: int, year: int | None) -> Day:
    if year is None:
        return Day(next_date(reader.now.date(), month, day))
    return Day(make_date(year + _CENTURY if year < _TWO_DIGITS else year, month, day))


def _day_month(reader: Reader) -> Day | None:
    """24. Dezember, 24 Dec 2026, the 24th of December, ersten Mai."""
    day = _day_number(reader)
    if day is None:
        return None
    reader.skip({"of"})
    month = reader.look_up(MONTHS)
    if month is None:
        return None
    year = _year(reader)
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
    return _day(reader, day, month, _year(reader))


def _day_of_month(reader: Reader) -> Day | None:
    """Am 5., on the 5th: the next one to come."""
    token = reader.peek()
    before = reader.tokens[reader.at - 1].text if reader.at else ""
    if token.kind != "ordinal" or not (reader.strict or before in _NAMED_DAY):
        return None
    reader.at += 1
    return Day(_next_day_of_month(reader.now.date(), token.number))


def _feast(reader: Reader) -> Day | None:
    """Weihnachten, Ostermontag 2027, Tag der Arbeit, 2. Advent, where a date is expected."""
    if not reader.strict:
        return None
    fixed = next((day for words, day in _PHRASES if reader.take(*words)), None)
    fixed = fixed or reader.look_up(FIXED)
    if fixed is not None:
        return _day(reader, fixed[1], fixed[0], _year(reader))
    days = reader.look_up(FROM_EASTER)
    if days is not None:
        return _of_some_year(reader, lambda year: from_easter(year, days))
    number = _day_number(reader)
    if number is None or not 1 <= number <= SUNDAYS_OF_ADVENT or not reader.take("advent"):
        return None
    return _of_some_year(reader, lambda year: advent(year, number))


def _of_some_year(reader: Reader, of_year: Callable[[int], date]) -> Day:
    """The year that is said, else the next one where the day is still to come."""
    said, today = _year(reader), reader.now.date()
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
    if not reader.strict or not reader.take_any(_CALENDAR_WEEK):
        return None
    token = reader.peek()
    if token.kind not in {"number", "ordinal"}:
        return None
    reader.at += 1
    said, today = _year(reader), reader.now.date()
    if said is not None:
        return Day(_monday(said, token.number))
    # A week that has begun already is still this one.
    this = _monday(today.isocalendar().year, token.number)
    over = this <= today - timedelta(days=7)
    return Day(_monday(today.isocalendar().year + 1, token.number) if over else this)


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
    if month is None or reader.peek().kind in {"ordinal", "number"}:
        return None
    return _day(reader, 1, month, None)


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


def _year(reader: Reader) -> int | None:
    """A year of four digits (or a hopeless one) behind a month's name."""
    before = reader.at
    reader.skip({",", "."})
    token = reader.peek()
    if token.kind == "number" and len(token.text) >= len("2026"):
        reader.at += 1
        return token.number
    reader.at = before
    return None
