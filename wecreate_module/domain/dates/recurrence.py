"""What comes again and again: "jede Woche", "every first monday of the month" → a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo

from wecreate_module.domain.dates.days import read_named_day
from wecreate_module.domain.dates.moments import Moment, read_moment, without
from wecreate_module.domain.dates.rules import DAY_CODES, WORKDAYS, Recurrence
from wecreate_module.domain.dates.times import DAY, HOUR, read_clock, read_part
from wecreate_module.domain.dates.tokens import Reader, tidy, tokenize
from wecreate_module.domain.dates.words import (
    COMPOUND_DAYS,
    EVERY,
    LAST,
    MORNING,
    NUMBERS,
    ORDINALS,
    OTHER,
    UNITS,
    WEEKDAY_NAMES,
    WEEKDAY_PLURALS,
    WEEKDAYS,
)
from wecreate_module.domain.errors import UserError

_LONGEST = 200
_MOST_TOKENS = 24
MAX_INTERVAL = 500
MAX_COUNT = 1000
_LAST_DAY_OF_MONTH = 31
_MOST_OF_A_WEEKDAY = 5
_EVERY_OTHER = 2
_FREQUENCY = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_ADVERBS = {
    "taeglich": ("DAILY", 1),
    "woechentlich": ("WEEKLY", 1),
    "zweiwoechentlich": ("WEEKLY", 2),
    "monatlich": ("MONTHLY", 1),
    "zweimonatlich": ("MONTHLY", 2),
    "vierteljaehrlich": ("MONTHLY", 3),
    "halbjaehrlich": ("MONTHLY", 6),
    "jaehrlich": ("YEARLY", 1),
}
# Adjectives too ("the weekly report"): in a sentence they count at its end only.
_ADJECTIVES = {
    "daily": ("DAILY", 1),
    "weekly": ("WEEKLY", 1),
    "biweekly": ("WEEKLY", 2),
    "fortnightly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1),
    "quarterly": ("MONTHLY", 3),
    "yearly": ("YEARLY", 1),
    "annually": ("YEARLY", 1),
}
_GROUPS = {
    word: days
    for words, days in {
        "werktags wochentags weekdays werktag wochentag weekday workday": WORKDAYS,
        "wochenende weekend": DAY_CODES[5:],
    }.items()
    for word in words.split()
}
_GROUP_ADVERBS = {"werktags", "wochentags", "weekdays"}
_AND = {"und", "and", ",", "&"}
_ON = {"am", "an", "on", "the", "immer", "jeweils", "den", "dem"}
_FROM = {"ab", "from", "starting", "beginnend"}
_UNTIL = {"bis", "until", "till"}
_TIMES = {"mal", "x", "times"}
_OF_EACH_MONTH = (
    ("jedes", "monats"),
    ("jeden", "monats"),
    ("jeden", "monat"),
    ("of", "every", "month"),
    ("of", "each", "month"),
    ("every", "month"),
    ("each", "month"),
)
_OF_THE_MONTH = (
    *_OF_EACH_MONTH,
    ("im", "monat"),
    ("des", "monats"),
    ("eines", "monats"),
    ("of", "the", "month"),
    ("of", "a", "month"),
    ("in", "the", "month"),
    ("monatlich",),
)


@dataclass
class _Draft:
    freq: str
    interval: int = 1
    days: list[str] = field(default_factory=list)
    month_day: int | None = None
    month: int | None = None
    minutes: int | None = None
    start: Moment | None = None
    until: Moment | None = None
    count: int | None = None
    adjective: bool = False

    def finish(self) -> Recurrence:
        parts = [f"FREQ={self.freq}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.month is not None:
            parts.append(f"BYMONTH={self.month}")
        if self.month_day is not None:
            parts.append(f"BYMONTHDAY={self.month_day}")
        if self.days:
            parts.append(f"BYDAY={','.join(dict.fromkeys(self.days))}")
        own_day = bool(self.days or self.month_day is not None or self.freq == "DAILY")
        minutes = None if self.minutes is None else self.minutes % DAY
        return Recurrence(
            ";".join(parts),
            own_day=own_day,
            time=None if minutes is None else time(minutes // HOUR, minutes % HOUR),
            start=self.start,
            until=self.until,
            count=self.count,
        )


def parse_recurrence(text: str, now: datetime, tz: tzinfo) -> Recurrence:
    """The whole text as a rule; raises UserError with what to write instead."""
    tokens = tokenize(tidy(text)) if len(text) <= _LONGEST else []
    reader = Reader(tokens, now.astimezone(tz), strict=True)
    draft = _read(reader)
    reader.skip({".", "!"})
    if draft is None or not reader.done:
        shown = text.strip()
        raise UserError(
            "recurrence-unknown",
            "I can't read “{text}” as a repetition. Write it for example like every week, "
            "every 2nd day, every friday at 11 or every first monday of the month.",
            text=shown if len(shown) <= 40 else f"{shown[:39]}…",  # noqa: PLR2004 - a line on a phone
        )
    return draft.finish()


def find_recurrence(text: str, now: datetime, tz: tzinfo) -> tuple[Recurrence, str] | None:
    """A rule at the start or at the end of a sentence; and the rest of it."""
    text = tidy(text)
    tokens = tokenize(text)
    local = now.astimezone(tz)
    end = len(tokens)
    while end and tokens[end - 1].text in {".", "!", "?"}:
        end -= 1
    for start in dict.fromkeys([0, *range(max(0, end - _MOST_TOKENS), end)]):
        reader = Reader(tokens[: min(end, start + _MOST_TOKENS)], local, strict=True, at=start)
        draft = _read(reader)
        if draft is None:
            continue
        if reader.at == end or (start == 0 and not draft.adjective):
            return draft.finish(), without(text, tokens, start, reader.at)
    return None


def _read(reader: Reader) -> _Draft | None:
    draft = reader.first(_every, _adverb, _plural_days, _nth_weekday, _day_of_each_month)
    if draft is not None:
        more = (_count, _until, _start, _days, _time)
        while any(reader.attempt(lambda here, add=add: add(here, draft)) for add in more):  # type: ignore[misc] # mypy cannot type a bound default
            pass
    return draft


def _adverb(reader: Reader) -> _Draft | None:
    found = reader.look_up(_ADVERBS)
    if found is not None:
        return _Draft(*found)
    found = reader.look_up(_ADJECTIVES)
    if found is not None:
        return _Draft(*found, adjective=True)
    if reader.peek().text in _GROUP_ADVERBS:
        return _Draft("WEEKLY", days=list(reader.look_up(_GROUPS) or ()))
    return None


def _plural_days(reader: Reader) -> _Draft | None:
    """Freitags; on mondays and thursdays."""
    reader.skip({"on", "immer"})
    days = _list(reader, lambda here: here.look_up(WEEKDAY_PLURALS))
    return _Draft("WEEKLY", days=[DAY_CODES[day] for day in days]) if days else None


def _every(reader: Reader) -> _Draft | None:
    reader.skip({"an", "on", "am"})
    if not reader.take_any(EVERY):
        return None
    return reader.first(
        _each_group, _each_unit, _each_weekday, _each_date, _each_part, _each_counted
    )


def _each_group(reader: Reader) -> _Draft | None:
    """Jeden Werktag, every weekend."""
    days = reader.look_up(_GROUPS)
    return None if days is None else _Draft("WEEKLY", days=list(days))


def _each_unit(reader: Reader) -> _Draft | None:
    """Jede Woche; alle 2 Wochen, jeden 3. Tag, every other month."""
    interval = reader.first(_number, _ordinal)
    if interval is None:
        interval = _EVERY_OTHER if reader.take_any(OTHER) else 1
    unit = reader.look_up(UNITS)
    if unit not in _FREQUENCY or interval == LAST:
        return None
    if not 1 <= interval <= MAX_INTERVAL:
        raise UserError(
            "interval-impossible",
            "Every {count} is too much: take a number from 1 to {most}.",
            count=interval,
            most=MAX_INTERVAL,
        )
    return _Draft(_FREQUENCY[unit], interval)


def _each_weekday(reader: Reader) -> _Draft | None:
    """Jeden Montag und Freitag, every friday, jeden Freitagabend."""
    compound = reader.look_up(COMPOUND_DAYS)
    if compound is not None:
        return _Draft("WEEKLY", days=[DAY_CODES[compound[0]]], minutes=compound[1] * HOUR)
    days = _list(reader, _any_weekday)
    return _Draft("WEEKLY", days=[DAY_CODES[day] for day in days]) if days else None


def _each_date(reader: Reader) -> _Draft | None:
    """Jeden 24. Dezember."""
    named = read_named_day(reader) if reader.peek(1).kind == "word" else None
    if named is None and reader.peek().kind == "dotted":
        named = read_named_day(reader)
    if named is None or reader.tokens[reader.at - 1].kind == "ordinal":
        return None
    return _Draft("YEARLY", month=named.value.month, month_day=named.value.day)


def _each_part(reader: Reader) -> _Draft | None:
    """Jeden Morgen, every evening."""
    part = MORNING if reader.take("morgen") else read_part(reader)
    return None if part is None else _Draft("DAILY", minutes=part * HOUR)


def _each_counted(reader: Reader) -> _Draft | None:
    """Jeden 1. Montag im Monat; every other friday; jeden 15.; jeden letzten Tag im Monat."""
    counts = [_EVERY_OTHER] if (other := reader.take_any(OTHER)) else _list(reader, _ordinal)
    if not counts:
        return None
    weekday = reader.attempt(_any_weekday)
    if weekday is None:
        return None if other else _month_day(reader, counts)
    monthly = _phrase(reader, _OF_THE_MONTH)
    if counts == [_EVERY_OTHER] and not monthly:
        return _Draft("WEEKLY", _EVERY_OTHER, days=[DAY_CODES[weekday]])
    return _monthly(counts, weekday)


def _nth_weekday(reader: Reader) -> _Draft | None:
    """Letzter Donnerstag im Monat; the first and third monday of every month."""
    reader.skip(_ON)
    counts = _list(reader, _ordinal)
    weekday = _any_weekday(reader) if counts else None
    if weekday is None or not _phrase(reader, _OF_THE_MONTH):
        return None
    return _monthly(counts, weekday)


def _day_of_each_month(reader: Reader) -> _Draft | None:
    """Am 15. jedes Monats, on the last day of every month."""
    reader.skip(_ON)
    counts = _list(reader, _ordinal)
    if not counts:
        return None
    whole_day = reader.take_any({"tag", "day"})
    if counts == [LAST] and not whole_day:
        return None
    return _Draft("MONTHLY", month_day=counts[0]) if _phrase(reader, _OF_EACH_MONTH) else None


def _month_day(reader: Reader, counts: list[int]) -> _Draft | None:
    if counts == [LAST] and not reader.take_any({"tag", "day"}):
        return None
    _phrase(reader, _OF_THE_MONTH)
    day = counts[0]
    if len(counts) > 1 or not (day == LAST or 1 <= day <= _LAST_DAY_OF_MONTH):
        return None
    return _Draft("MONTHLY", month_day=day)


def _monthly(counts: list[int], weekday: int) -> _Draft:
    if any(count > _MOST_OF_A_WEEKDAY for count in counts):
        raise UserError(
            "weekday-impossible",
            "No month has that many of this day: take one from first to fifth, or the last.",
        )
    return _Draft("MONTHLY", days=[f"{count}{DAY_CODES[weekday]}" for count in counts])


def _count(reader: Reader, draft: _Draft) -> bool | None:
    """10 mal, 5x, 3 times."""
    reader.skip({","})
    found = None if draft.count is not None else _number(reader)
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


def _until(reader: Reader, draft: _Draft) -> bool | None:
    if draft.until is None and reader.take_any(_UNTIL):
        draft.until = read_moment(reader)
    else:
        return None
    return draft.until is not None or None


def _start(reader: Reader, draft: _Draft) -> bool | None:
    if draft.start is None and reader.take_any(_FROM):
        draft.start = read_moment(reader)
    else:
        return None
    return draft.start is not None or None


def _days(reader: Reader, draft: _Draft) -> bool | None:
    """Which days of the week, month or year, said behind the rule."""
    if draft.days or draft.month_day is not None or draft.freq == "DAILY":
        return None
    marked = reader.skip(_ON) > 0
    if draft.freq == "WEEKLY":
        names = _any_weekday if marked else lambda here: here.look_up(WEEKDAY_NAMES)
        days = _list(reader, names) or _list(reader, lambda here: here.look_up(WEEKDAY_PLURALS))
        draft.days = [DAY_CODES[day] for day in days]
        return bool(days) or None
    if not marked:
        return None
    if draft.freq == "YEARLY":
        named = read_named_day(reader)
        if named is not None:
            draft.month, draft.month_day = named.value.month, named.value.day
        return named is not None or None
    counts = _list(reader, _ordinal)
    weekday = reader.attempt(_any_weekday) if counts else None
    found = _monthly(counts, weekday) if weekday is not None else _month_day(reader, counts or [0])
    if found is None:
        return None
    draft.days, draft.month_day = found.days, found.month_day
    return True


def _time(reader: Reader, draft: _Draft) -> bool | None:
    reader.skip({",", "am", "in", "the", "immer", "jeweils"})
    if draft.minutes is not None:
        return None
    found = reader.attempt(read_clock)
    if found is None:
        reader.skip({"at"})
        part = read_part(reader)
        found = None if part is None else part * HOUR
    draft.minutes = found
    return found is not None or None


def _any_weekday(reader: Reader) -> int | None:
    return reader.look_up(WEEKDAYS)


def _ordinal(reader: Reader) -> int | None:
    token = reader.peek()
    if token.kind == "ordinal":
        reader.at += 1
        return token.number
    return reader.look_up(ORDINALS)


def _number(reader: Reader) -> int | None:
    token = reader.peek()
    if token.kind == "number":
        reader.at += 1
        return token.number
    return reader.look_up(NUMBERS)


def _list(reader: Reader, read: Callable[[Reader], int | None]) -> list[int]:
    """One or more of them: "Montag, Mittwoch und Freitag"."""
    found: list[int] = []
    while (one := reader.attempt(read)) is not None:
        found.append(one)
        before = reader.at
        if not reader.skip(_AND) or reader.done:
            break
        if read(Reader(reader.tokens, reader.now, strict=reader.strict, at=reader.at)) is None:
            reader.at = before
            break
    return found


def _phrase(reader: Reader, phrases: tuple[tuple[str, ...], ...]) -> bool:
    return any(reader.take(*words) for words in phrases)
