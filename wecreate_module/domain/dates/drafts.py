"""A rule while it is being read, and the small readings that its parts share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time

from wecreate_module.domain.dates.moments import Moment
from wecreate_module.domain.dates.rules import DAY_CODES, Recurrence
from wecreate_module.domain.dates.times import DAY, HOUR
from wecreate_module.domain.dates.tokens import Reader
from wecreate_module.domain.dates.words import LAST, NUMBERS, ORDINALS, WEEKDAYS
from wecreate_module.domain.errors import UserError

_SHORTEST_MONTH, _LAST_DAY_OF_MONTH = 28, 31
_FEBRUARY = 2
_MOST_OF_A_WEEKDAY = 5
_AND = {"und", "and", ",", "&"}
ON = {"am", "an", "on", "the", "immer", "jeweils", "den", "dem"}
OF_EACH_MONTH = (
    ("jedes", "monats"),
    ("jeden", "monats"),
    ("jeden", "monat"),
    ("of", "every", "month"),
    ("of", "each", "month"),
    ("every", "month"),
    ("each", "month"),
)
OF_THE_MONTH = (
    *OF_EACH_MONTH,
    ("im", "monat"),
    ("des", "monats"),
    ("eines", "monats"),
    ("of", "the", "month"),
    ("of", "a", "month"),
    ("in", "the", "month"),
    ("monatlich",),
)


@dataclass
class Draft:
    freq: str
    interval: int = 1
    days: list[str] = field(default_factory=list)
    month_day: int | None = None
    month: int | None = None
    minutes: int | None = None
    part: int | None = None  # the hour of "jeden Abend", until "um 8" says it better
    start: Moment | None = None
    until: Moment | None = None
    count: int | None = None
    at: str = "edge"  # where it counts in a sentence: "anywhere", "edge" or "end"

    def finish(self) -> Recurrence:
        parts = [f"FREQ={self.freq}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.month is not None:
            parts.append(f"BYMONTH={self.month}")
        if self.month_day is not None:
            parts.append(self._by_month_day(self.month_day))
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

    def _by_month_day(self, day: int) -> str:
        """The 29th of February is the month's last: RFC 5545 would leave three years out."""
        leap = self.month == _FEBRUARY and day > _SHORTEST_MONTH
        return f"BYMONTHDAY={-1 if leap else day}"


def monthly(counts: list[int], weekday: int) -> Draft:
    if not all(count == LAST or 1 <= count <= _MOST_OF_A_WEEKDAY for count in counts):
        raise UserError(
            "weekday-impossible",
            "No month has that many of this day: take one from first to fifth, or the last.",
        )
    return Draft("MONTHLY", days=[f"{count}{DAY_CODES[weekday]}" for count in counts])


def read_month_day(reader: Reader, counts: list[int]) -> Draft | None:
    if counts == [LAST] and not reader.take_any({"tag", "day"}):
        return None
    read_phrase(reader, OF_THE_MONTH)
    day = counts[0]
    if len(counts) > 1 or not (day == LAST or 1 <= day <= _LAST_DAY_OF_MONTH):
        return None
    return Draft("MONTHLY", month_day=day)


def read_weekday(reader: Reader) -> int | None:
    return reader.look_up(WEEKDAYS)


def read_ordinal(reader: Reader) -> int | None:
    token = reader.peek()
    if token.kind == "ordinal":
        reader.at += 1
        return token.number
    return reader.look_up(ORDINALS)


def read_number(reader: Reader) -> int | None:
    token = reader.peek()
    if token.kind == "number":
        reader.at += 1
        return token.number
    return reader.look_up(NUMBERS)


def read_list(reader: Reader, read: Callable[[Reader], int | None]) -> list[int]:
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


def read_phrase(reader: Reader, phrases: tuple[tuple[str, ...], ...]) -> bool:
    return any(reader.take(*words) for words in phrases)
