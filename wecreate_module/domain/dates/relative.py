"""Days told from today: "morgen", "in 2 Wochen", "nächsten Freitag", "Ende der Woche"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from wecreate_module.domain.dates.days import (
    Day,
    add_days,
    add_months,
    check_year,
    make_date,
    read_named_day,
    year_behind,
)
from wecreate_module.domain.dates.later import (
    WEEK,
    hours_from_now,
    plain_weekday,
    read_later,
    today_of,
    whole_days,
    whole_weeks,
)
from wecreate_module.domain.dates.tokens import Reader
from wecreate_module.domain.dates.words import (
    AFTER_NEXT,
    COMPOUND_DAYS,
    DAY_PARTS,
    EVENING,
    MONTHS,
    NEXT,
    THIS,
    UNITS,
    WEEKDAY_SHORT,
    WEEKDAYS,
)
from wecreate_module.domain.errors import UserError

_SATURDAY = 5
_END = 2
_TODAY = {"heute": 0, "today": 0, "eod": 0, "morgen": 1, "tomorrow": 1, "uebermorgen": 2} | {
    "tmrw": 1,
    "tmr": 1,
    "gestern": -1,  # to be told that it is over
    "yesterday": -1,
    "vorgestern": -2,
}
# Abbreviations that are words too; in ordinary talk they want a time or date beside them.
_WEAK = {"do", "so", "di", "mi", "sa", "sun", "sat", "mon", "wed"}
_EDGES = {"anfang": 0, "beginning": 0, "start": 0, "mitte": 1, "middle": 1, "mid": 1} | {
    "ende": 2,
    "end": 2,
    "early": 0,
    "late": 2,
}
_COMPOUND_EDGES = {
    "wochenanfang": ("week", 0),
    "monatsanfang": ("month", 0),
    "jahresanfang": ("year", 0),
    "monatsmitte": ("month", 1),
    "monatsende": ("month", 2),
    "jahresende": ("year", 2),
    "eow": ("week", 2),
    "eom": ("month", 2),
    "eoy": ("year", 2),
}
_WEEKEND = {"wochenende", "weekend"}
_OF = {"of", "the", "der", "des", "in", "im", "vom"}


def read_relative_day(reader: Reader) -> Day | None:
    return reader.first(_from_today, read_later, _this_part, _weekday, _edge, _period, _weekend)


def _from_today(reader: Reader) -> Day | None:
    """Heute, morgen, übermorgen, day after tomorrow; heute in 2 Wochen."""
    reader.take("the")
    if reader.take("day", "after", "tomorrow"):
        return Day(add_days(today_of(reader), 2))
    if reader.take("tonight"):
        return Day(today_of(reader), part=EVENING)
    ahead = reader.look_up(_TODAY)
    if ahead is None:
        return None
    later = reader.attempt(whole_days)
    found = add_days(today_of(reader), ahead + (later or 0))
    if later is None and ahead == 0:
        soon = reader.attempt(hours_from_now)
        if soon is not None:
            return soon
    if later is None:  # "heute, Mittwoch"
        reader.attempt(lambda here: plain_weekday(here) == found.weekday() or None)
    return Day(found)


def _this_part(reader: Reader) -> Day | None:
    """The "this" of "this evening"."""
    if reader.take_any(THIS) and reader.peek().text in DAY_PARTS:
        return Day(today_of(reader))
    return None


def _weekday(reader: Reader) -> Day | None:
    """Freitag, nächsten Fr, next friday, Freitag nächster Woche, Fr 24.12., Freitagabend."""
    ahead = reader.attempt(_ahead)
    token = reader.peek()
    compound = reader.look_up(COMPOUND_DAYS)
    weekday = compound[0] if compound else reader.look_up(WEEKDAYS)
    if weekday is None:
        return None
    if token.text in WEEKDAY_SHORT:
        reader.skip({"."})
    found = _weekday_with(reader, weekday, ahead)
    weak = token.text in _WEAK and ahead is None
    return replace(found, weak=weak, part=compound[1] if compound else None)


def _weekday_with(reader: Reader, weekday: int, ahead: int | None) -> Day:
    """`ahead`: 1 for "nächsten", 2 for "übernächsten", None for the bare word."""
    dated = reader.attempt(_date_beside)
    if dated is not None:
        _check_weekday(dated, weekday)
        return dated
    week = reader.attempt(_which_week)
    if week is not None:
        return Day(add_days(week, weekday))
    if ahead is None and reader.take("after", "next"):
        ahead = 2
    days = (weekday - today_of(reader).weekday()) % WEEK
    if days == 0 and ahead:
        days = WEEK
    if ahead == 2:  # noqa: PLR2004 - the one after the next
        days += WEEK
    more = reader.attempt(whole_weeks)
    floating = days == 0 and ahead is None and more is None
    return Day(add_days(today_of(reader), days + (more or 0)), floating=floating)


def _check_weekday(dated: Day, weekday: int) -> None:
    if dated.value.weekday() != weekday:
        raise UserError(
            "weekday-wrong",
            "The {day}.{month}. is another day of the week: leave the weekday out, "
            "or correct the date.",
            day=dated.value.day,
            month=dated.value.month,
        )


def _date_beside(reader: Reader) -> Day | None:
    reader.skip({",", "den", "the", "dem"})
    return read_named_day(reader)


def _which_week(reader: Reader) -> date | None:
    """The Monday of "nächste Woche", "of this week"."""
    reader.skip({",", "of", "in", "der"})
    weeks = reader.attempt(_ahead)
    if weeks is None or reader.look_up(UNITS) != "week":
        return None
    today = today_of(reader)
    return add_days(today, weeks * WEEK - today.weekday())


def _ahead(reader: Reader) -> int | None:
    """This is 0, next 1, the one after 2."""
    if reader.take_any(THIS):
        return 0
    if reader.take_any(NEXT):
        return 1
    return 2 if reader.take_any(AFTER_NEXT) else None


def _edge(reader: Reader) -> Day | None:
    """Ende der Woche, Mitte nächsten Monats, end of march, Monatsende."""
    compound = reader.look_up(_COMPOUND_EDGES)
    if compound is not None:
        return _to_come(today_of(reader), *compound)
    place = reader.look_up(_EDGES)
    if place is None:
        return None
    reader.skip(_OF | {"-"})
    month = reader.look_up(MONTHS)
    year = reader.attempt(year_behind)
    if month is not None:
        if year is None:
            return Day(_in_month(today_of(reader), month, place))
        check_year(year)
        return Day(_within(date(year, month, 1), "month", 0, place))
    if year is not None:
        check_year(year)
        return Day(_within(date(year, 1, 1), "year", 0, place))
    return _edge_of_period(reader, place)


def _edge_of_period(reader: Reader, place: int) -> Day | None:
    ahead = reader.attempt(_ahead)
    unit = reader.look_up(UNITS)
    if unit == "day" and place == _END and not ahead:
        return Day(today_of(reader))
    if unit not in {"week", "month", "year"}:
        return None
    if ahead is None:
        return _to_come(today_of(reader), unit, place)
    return Day(_within(today_of(reader), unit, ahead, place))


def _to_come(today: date, unit: str, place: int) -> Day:
    """Of this period, or of the next if it is over."""
    found = _within(today, unit, 0, place)
    return Day(found if found >= today else _within(today, unit, 1, place))


def _in_month(today: date, month: int, place: int) -> date:
    start = today.replace(month=month, day=1)
    found = _within(start, "month", 0, place)
    return found if found >= today else _within(add_months(start, 12), "month", 0, place)


def _period(reader: Reader) -> Day | None:
    """Nächste Woche is its Monday; diese Woche is its end, for that is when it must be done."""
    ahead = reader.attempt(_ahead)
    unit = None if ahead is None and not reader.strict else reader.look_up(UNITS)
    if ahead is None and unit is not None and reader.take("after", "next"):
        ahead = 2
    if ahead is None or unit not in {"week", "month", "year"}:
        return None
    found = _within(today_of(reader), unit, ahead, 0 if ahead else 2)
    if unit == "month" and ahead and (day := reader.attempt(_day_in_it)):
        return Day(make_date(found.year, found.month, day))
    weekday = reader.attempt(plain_weekday) if unit == "week" else None
    return Day(found if weekday is None else add_days(found, weekday - found.weekday()))


def _day_in_it(reader: Reader) -> int | None:
    """The "am 5." of "nächsten Monat am 5."."""
    token = reader.peek(1)
    if reader.peek().text not in {"am", "on", "den"} or token.kind != "ordinal":
        return None
    reader.at += 2
    return token.number


def _weekend(reader: Reader) -> Day | None:
    """Its Saturday."""
    said = reader.peek().text
    ahead = reader.attempt(_ahead)
    before = reader.tokens[reader.at - 1].text if reader.at else ""
    german = before == "am" or (ahead is not None and said not in {"this", "next", "coming"})
    if not reader.take_any(_WEEKEND) and not (german and reader.take("we")):
        return None
    today = today_of(reader)
    days = _SATURDAY - today.weekday()
    if days < 0 or (days == 0 and ahead):
        days += WEEK
    return Day(add_days(today, days + (WEEK if ahead == 2 else 0)))  # noqa: PLR2004 - the one after


def _within(today: date, unit: str, ahead: int, place: int) -> date:
    """Start (0), middle (1) or end (2) of a week, month or year; weeks start on Monday."""
    if unit == "week":
        monday = add_days(today, ahead * WEEK - today.weekday())
        return add_days(monday, (0, 2, WEEK - 1)[place])
    if unit == "month":
        first = add_months(today.replace(day=1), ahead)
        last = add_days(add_months(first, 1), -1)
        return (first, first.replace(day=15), last)[place]
    year = today.year + ahead
    check_year(year)
    return (date(year, 1, 1), date(year, 7, 1), date(year, 12, 31))[place]
