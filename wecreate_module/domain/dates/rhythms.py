"""How often: "jede Woche", "every first monday of the month"."""

from __future__ import annotations

from wecreate_module.domain.dates.days import read_named_day
from wecreate_module.domain.dates.drafts import (
    OF_EACH_MONTH,
    OF_THE_MONTH,
    ON,
    Draft,
    monthly,
    read_list,
    read_month_day,
    read_number,
    read_ordinal,
    read_phrase,
    read_weekday,
)
from wecreate_module.domain.dates.rules import DAY_CODES, WORKDAYS
from wecreate_module.domain.dates.times import HOUR, read_clock, read_part
from wecreate_module.domain.dates.tokens import Reader
from wecreate_module.domain.dates.words import (
    COMPOUND_DAYS,
    EVERY,
    LAST,
    MORNING,
    OTHER,
    UNITS,
    WEEKDAY_PLURALS,
    WEEKDAYS,
)
from wecreate_module.domain.errors import UserError

MAX_INTERVAL = 500
_EVERY_OTHER = 2
_FREQUENCY = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_ADVERBS = {
    "taeglich": ("DAILY", 1),
    "woechentlich": ("WEEKLY", 1),
    "zweiwoechentlich": ("WEEKLY", 2),
    "vierzehntaegig": ("WEEKLY", 2),
    "vierzehntaeglich": ("WEEKLY", 2),
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
        "wochenende weekend weekends": DAY_CODES[5:],
    }.items()
    for word in words.split()
}
_GROUP_ADVERBS = {"werktags", "wochentags", "weekdays", "weekends"}
# Alone or behind a number: "14-tägig", "14tägig", "bi-weekly", "einmal im Monat".
_PHRASES = tuple(
    (tuple(words.split()), rule)
    for words, rule in {
        "14 - taegig": ("WEEKLY", 2),
        "14 taegig": ("WEEKLY", 2),
        "14 - taegl": ("WEEKLY", 2),
        "bi - weekly": ("WEEKLY", 2),
        "einmal am tag": ("DAILY", 1),
        "einmal pro tag": ("DAILY", 1),
        "einmal die woche": ("WEEKLY", 1),
        "einmal in der woche": ("WEEKLY", 1),
        "einmal pro woche": ("WEEKLY", 1),
        "einmal im monat": ("MONTHLY", 1),
        "einmal pro monat": ("MONTHLY", 1),
        "einmal im jahr": ("YEARLY", 1),
        "einmal pro jahr": ("YEARLY", 1),
        "once a day": ("DAILY", 1),
        "once a week": ("WEEKLY", 1),
        "once a month": ("MONTHLY", 1),
        "once a year": ("YEARLY", 1),
    }.items()
)
_DASHES = {"-", "\u2013"}
_TO = _DASHES | {"bis", "to", "till", "until", "through"}


def _adverb(reader: Reader) -> Draft | None:
    found = reader.look_up(_ADVERBS)
    if found is not None:
        return Draft(*found, at="anywhere")
    found = reader.look_up(_ADJECTIVES)
    if found is not None:
        return Draft(*found, at="end")
    if reader.peek().text in _GROUP_ADVERBS:
        return Draft("WEEKLY", days=list(reader.look_up(_GROUPS) or ()))
    return None


def _phrase(reader: Reader) -> Draft | None:
    for words, rule in _PHRASES:
        if reader.take(*words):
            return Draft(*rule, at="anywhere")
    return None


def _from_day_to_day(reader: Reader) -> Draft | None:
    """Montags bis freitags; Mo-Fr 8 Uhr. "Zeltlager Fr-So" is once, and a span."""
    reader.skip({"von", "from", "immer"})
    plural = reader.peek().text in WEEKDAY_PLURALS
    names = WEEKDAY_PLURALS if plural else WEEKDAYS
    first = reader.look_up(names)
    to = _TO if plural else _DASHES
    last = reader.look_up(names) if first is not None and reader.skip(to) else None
    if first is None or last is None or last <= first + 1:
        return None
    days = list(DAY_CODES[first : last + 1])
    if not plural and (tuple(days) != WORKDAYS or not _has_time(reader)):
        return None
    return Draft("WEEKLY", days=days, at="end")


def _has_time(reader: Reader) -> bool:
    reader.skip({","})
    there = Reader(reader.tokens, reader.now, strict=True, at=reader.at)
    return read_clock(there) is not None


def _plural_days(reader: Reader) -> Draft | None:
    """Freitags; on mondays and thursdays; but "Fridays for Future" is a name."""
    reader.skip({"on", "immer"})
    at = "end" if reader.peek().text.endswith("days") else "anywhere"
    days = read_list(reader, lambda here: here.look_up(WEEKDAY_PLURALS))
    return Draft("WEEKLY", days=[DAY_CODES[day] for day in days], at=at) if days else None


def _every(reader: Reader) -> Draft | None:
    reader.skip({"an", "on", "am"})
    if not reader.take_any(EVERY):
        return None
    draft = reader.first(
        _each_group, _each_unit, _each_weekday, _each_date, _each_part, _each_counted
    )
    if draft is not None:
        draft.at = "anywhere"
    return draft


def _each_group(reader: Reader) -> Draft | None:
    """Jeden Werktag, every weekend."""
    days = reader.look_up(_GROUPS)
    return None if days is None else Draft("WEEKLY", days=list(days))


def _each_unit(reader: Reader) -> Draft | None:
    """Jede Woche; alle 2 Wochen, jeden 3. Tag, every other month."""
    interval = reader.first(read_number, read_ordinal)
    if interval is None:
        interval = _EVERY_OTHER if reader.take_any(OTHER) else 1
    if interval <= 1 and reader.take("fortnight"):
        return Draft("WEEKLY", 2)
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
    return Draft(_FREQUENCY[unit], interval)


def _each_weekday(reader: Reader) -> Draft | None:
    """Jeden Montag und Freitag, every friday, jeden Freitagabend."""
    compound = reader.look_up(COMPOUND_DAYS)
    if compound is not None:
        return Draft(
            "WEEKLY",
            days=[DAY_CODES[compound[0]]],
            minutes=compound[1] * HOUR,
            part=compound[1],
        )
    days = read_list(reader, read_weekday)
    return Draft("WEEKLY", days=[DAY_CODES[day] for day in days]) if days else None


def _each_date(reader: Reader) -> Draft | None:
    """Jeden 24. Dezember."""
    named = read_named_day(reader) if reader.peek(1).kind == "word" else None
    if named is None and reader.peek().kind == "dotted":
        named = read_named_day(reader)
    if named is None or reader.tokens[reader.at - 1].kind == "ordinal":
        return None
    return Draft("YEARLY", month=named.value.month, month_day=named.value.day)


def _each_part(reader: Reader) -> Draft | None:
    """Jeden Morgen, every evening."""
    part = MORNING if reader.take("morgen") else read_part(reader)
    return None if part is None else Draft("DAILY", minutes=part * HOUR, part=part)


def _each_counted(reader: Reader) -> Draft | None:
    """Jeden 1. Montag im Monat; every other friday; jeden 15.; jeden letzten Tag im Monat."""
    other = reader.take_any(OTHER)
    counts = [_EVERY_OTHER] if other else read_list(reader, read_ordinal)
    if not counts:
        return None
    weekday = reader.attempt(read_weekday)
    if weekday is None:
        return None if other else read_month_day(reader, counts)
    of_the_month = read_phrase(reader, OF_THE_MONTH)
    if counts == [_EVERY_OTHER] and not of_the_month:
        return Draft("WEEKLY", _EVERY_OTHER, days=[DAY_CODES[weekday]])
    return monthly(counts, weekday)


def _nth_weekday(reader: Reader) -> Draft | None:
    """Letzter Donnerstag im Monat; the first and third monday of every month."""
    reader.skip(ON)
    counts = read_list(reader, read_ordinal)
    weekday = read_weekday(reader) if counts else None
    if weekday is None or not read_phrase(reader, OF_THE_MONTH):
        return None
    return monthly(counts, weekday)


def _day_of_each_month(reader: Reader) -> Draft | None:
    """Am 15. jedes Monats, on the last day of every month."""
    reader.skip({*ON, "zum"})
    counts = read_list(reader, read_ordinal)
    if not counts:
        return None
    whole_day = reader.take_any({"tag", "day"})
    if counts == [LAST] and not whole_day:
        return None
    return Draft("MONTHLY", month_day=counts[0]) if read_phrase(reader, OF_EACH_MONTH) else None


RHYTHMS = (
    _every,
    _phrase,
    _adverb,
    _from_day_to_day,
    _plural_days,
    _nth_weekday,
    _day_of_each_month,
)
