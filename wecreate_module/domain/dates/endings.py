"""What is said behind a rule: on which days, at what time, from when, until when, how often."""

from __future__ import annotations

from wecreate_module.domain.dates.days import read_named_day
from wecreate_module.domain.dates.drafts import (
    ON,
    Draft,
    monthly,
    read_list,
    read_month_day,
    read_number,
    read_ordinal,
    read_weekday,
)
from wecreate_module.domain.dates.moments import read_moment
from wecreate_module.domain.dates.rules import DAY_CODES
from wecreate_module.domain.dates.times import HOUR, read_clock, read_part, towards
from wecreate_module.domain.dates.tokens import Reader
from wecreate_module.domain.dates.words import WEEKDAY_NAMES, WEEKDAY_PLURALS, WEEKDAYS
from wecreate_module.domain.errors import UserError

MAX_COUNT = 1000
_WEEK = 7
_FROM = {"ab", "from", "starting", "beginnend"}
_UNTIL = {"bis", "until", "till"}
_TIMES = {"mal", "x", "times"}


def _count(reader: Reader, draft: Draft) -> bool | None:
    """10 mal, 5x, 3 times."""
    reader.skip({","})
    found = None if draft.count is not None else read_number(reader)
    if found is None or not reader.take_any(_TIMES):
        return None
    if not 1 <= found <= MAX_COUNT:
        raise UserError(
            "count-impossible",
            "{count} times is too much: take a number from 1 to {most}.",
            count=found,
            most=MAX_COUNT,
        )
    draft.count = found
    return True


def _until(reader: Reader, draft: Draft) -> bool | None:
    if draft.until is None and reader.take_any(_UNTIL):
        draft.until = read_moment(reader)
    else:
        return None
    return draft.until is not None or None


def _start(reader: Reader, draft: Draft) -> bool | None:
    if draft.start is None and reader.take_any(_FROM):
        draft.start = read_moment(reader)
    else:
        return None
    return draft.start is not None or None


def _days(reader: Reader, draft: Draft) -> bool | None:
    """Which days of the week, month or year, said behind the rule."""
    if draft.days or draft.month_day is not None:
        return None
    marked = reader.skip(ON) > 0
    if draft.freq == "DAILY":
        return _of_weeks(reader, draft) if draft.interval % _WEEK == 0 else None
    if draft.freq == "WEEKLY":
        names = WEEKDAYS if marked else WEEKDAY_NAMES
        days = read_list(reader, lambda here: here.look_up(names))
        days = days or read_list(reader, lambda here: here.look_up(WEEKDAY_PLURALS))
        draft.days = [DAY_CODES[day] for day in days]
        return bool(days) or None
    if not marked:
        return None
    return _of_year(reader, draft) if draft.freq == "YEARLY" else _of_month(reader, draft)


def _of_year(reader: Reader, draft: Draft) -> bool | None:
    named = read_named_day(reader)
    if named is None:
        return None
    draft.month, draft.month_day = named.value.month, named.value.day
    return True


def _of_month(reader: Reader, draft: Draft) -> bool | None:
    counts = read_list(reader, read_ordinal)
    weekday = reader.attempt(read_weekday) if counts else None
    if weekday is None:
        found = read_month_day(reader, counts) if counts else None
    else:
        found = monthly(counts, weekday)
    if found is None:
        return None
    draft.days, draft.month_day = found.days, found.month_day
    return True


def _of_weeks(reader: Reader, draft: Draft) -> bool | None:
    """The Wednesdays of "alle 14 Tage mittwochs"."""
    days = read_list(reader, lambda here: here.look_up(WEEKDAY_NAMES | WEEKDAY_PLURALS))
    if not days:
        return None
    draft.freq, draft.interval = "WEEKLY", draft.interval // _WEEK
    draft.days = [DAY_CODES[day] for day in days]
    return True


def _time(reader: Reader, draft: Draft) -> bool | None:
    reader.skip({",", "am", "in", "the", "immer", "jeweils"})
    if draft.minutes is not None and draft.part is None:
        return None
    found = reader.attempt(read_clock)
    if found is not None and draft.part is not None:  # "jeden Abend um 8"
        found = towards(found, draft.part)
        draft.part = None
    elif draft.part is not None:
        return None
    if found is None:
        reader.skip({"at"})
        part = read_part(reader)
        found = None if part is None else part * HOUR
    draft.minutes = found
    return found is not None or None


ENDINGS = (_count, _until, _start, _days, _time)
