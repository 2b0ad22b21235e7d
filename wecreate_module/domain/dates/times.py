"""Times of day: "18 Uhr", "18.30 Uhr", "6pm", "um halb sieben", "mittags".

All are minutes since midnight; 1440 is the end of the day ("24 Uhr", "Mitternacht").
Hours are those of the 24-hour clock unless the words say otherwise ("7 Uhr abends", "7 pm"),
but "um 5" is in the afternoon.
"""

from __future__ import annotations

from collections.abc import Callable

from wecreate_module.domain.dates.tokens import Reader, Token
from wecreate_module.domain.dates.words import (
    AFTERNOON,
    DAY_PARTS,
    EVENING,
    GERMAN_WEEKDAYS,
    MIDNIGHT,
    MORNING,
    NIGHT,
    NOON,
    NUMBERS,
)
from wecreate_module.domain.errors import UserError

HOUR = 60
DAY = 24 * HOUR
_QUARTER = 15
_AFTERNOON_UNTIL = 6
_AT = {"um", "at", "gegen"}
_HOUR_WORDS = {"uhr", "h", "o'clock"}
_BEFORE_NOON = {"am", "a.m", "a.m."}
_AFTER_NOON = {"pm", "p.m", "p.m."}
_REPETITIONS = {"mal", "x", "times"}  # "18 Uhr 10 mal"
_PLACES = {"im", "in", "am", "an", "bei", "beim", "at"}  # "Fr 19.30 im Capitol"
_FRACTIONS = {"halb": -30, "dreiviertel": -15}
_AFTER = {"nach", "past", "after"}
_UNTIL = {"vor", "to", "before"}


def read_clock(reader: Reader) -> int | None:
    """A time told by numbers, with "abends" or "in the morning" behind it if that is said."""
    marked = reader.skip(_AT) > 0
    found = reader.first(_digital, _hour)
    if found is None:
        found = reader.first(_spoken, _bare_hour) if marked else reader.attempt(_spoken)
        # Nobody means 5 in the morning who says "um 5"; "5 Uhr" is as it says.
        if found is not None and HOUR <= found < _AFTERNOON_UNTIL * HOUR:
            found += DAY // 2
    if found is None:
        return None
    return towards(found, reader.attempt(_trailing_part))


def read_hour_behind_day(reader: Reader) -> int | None:
    """The 18 of "Freitag 18", at the end of all; the 18.00 of "24.12. 18.00"."""
    token = reader.peek()
    behind = reader.peek(1)
    if (
        token.kind == "pair"
        and (behind.kind == "end" or behind.text in _PLACES)
        and _no_month(token)
    ):
        return _bare_hour(reader)
    last = token.kind == "number" and behind.kind == "end"
    return _bare_hour(reader) if reader.strict and (last or token.kind == "pair") else None


def read_part(reader: Reader) -> int | None:
    """A part of the day, as an hour: "abends" → 19."""
    return reader.look_up(DAY_PARTS)


def towards(minutes: int, part: int | None) -> int:
    """The time meant by "7" in the evening; `part` is an hour of DAY_PARTS."""
    hour = minutes // HOUR
    if part in {AFTERNOON, EVENING} and hour < NOON:
        return minutes + DAY // 2
    if part in {MORNING, NIGHT} and NOON < hour < NOON + _AFTERNOON_UNTIL:
        return minutes - DAY // 2
    if part == NOON and hour <= AFTERNOON - NOON:
        return minutes + DAY // 2
    if part in {NIGHT, MIDNIGHT} and EVENING - NOON <= hour <= NOON:
        return minutes + DAY // 2
    return minutes


def _trailing_part(reader: Reader) -> int | None:
    reader.skip({"in", "the", "am", "der", "at"})
    return read_part(reader)


def _minutes(hour: int, minute: int, said: str) -> int:
    if hour * HOUR + minute > DAY or minute >= HOUR:
        raise UserError(
            "time-impossible",
            "{time} is no time of day. Write it for example like 18:30 or 6pm.",
            time=said,
        )
    return hour * HOUR + minute


def _digital(reader: Reader) -> int | None:
    """18:30, 18:30 Uhr, 6:30pm, 18.30 Uhr."""
    token = reader.peek()
    if token.kind == "pair" and reader.peek(1).text not in _HOUR_WORDS and not _no_day(reader):
        return None
    if token.kind not in {"clock", "pair"}:
        return None
    hour, minute = (int(part) for part in token.text.replace(".", ":").split(":")[:2])
    if token.kind == "clock" and not reader.strict and (hour >= NIGHT + 2 or minute >= HOUR):
        return None  # "Psalm 34:85" is no time
    reader.at += 1
    reader.skip(_HOUR_WORDS)
    return _half_of_day(reader, hour, minute, token.text)


def _no_day(reader: Reader) -> bool:
    """The 19.30 of "bis 19.30": no month has that number."""
    return reader.strict and _no_month(reader.peek())


def _no_month(token: Token) -> bool:
    hour, minute = (int(part) for part in token.text.split("."))
    return hour <= DAY // HOUR and minute < HOUR and is_no_month(minute)


def is_no_month(number: int) -> bool:
    return number == 0 or number > NOON


def _hour(reader: Reader) -> int | None:
    """18 Uhr, 18 Uhr 30, 18h, 6 pm, six o'clock."""
    token = reader.peek()
    hour = _number(reader)
    if hour is None:
        return None
    if reader.take_any(_HOUR_WORDS):
        minute = 0
        minutes = reader.peek().kind == "number" and len(reader.peek().text) == len("30")
        if minutes and reader.peek(1).text not in _REPETITIONS:
            minute = reader.peek().number
            reader.at += 1
        return _half_of_day(reader, hour, minute, f"{token.text}:{minute:02}")
    if _is_before_german_day(reader):
        return None
    if reader.peek().text in _BEFORE_NOON | _AFTER_NOON and 1 <= hour <= NOON:
        return _half_of_day(reader, hour, 0, token.text)
    part = reader.attempt(_trailing_part)  # "7 in the evening"
    return None if part is None or hour > NOON else towards(hour * HOUR, part)


def _is_before_german_day(reader: Reader) -> bool:
    """The "1 am 1.12." of "Tag 1 am 1.12." is no time; "1 am" is."""
    day = reader.peek(1)
    named = day.kind in {"dotted", "pair", "ordinal"} and not day.text.endswith(("st", "nd", "th"))
    return reader.peek().text == "am" and (named or day.text in GERMAN_WEEKDAYS)


def _half_of_day(reader: Reader, hour: int, minute: int, said: str) -> int:
    """With am or pm applied; "18 Uhr am Freitag" has no am in it, nor has "9:30 am 24.12."."""
    if 1 <= hour <= NOON:
        if reader.take_any(_AFTER_NOON):
            return _minutes(hour % NOON + NOON, minute, said)
        if reader.take_any(_BEFORE_NOON) and not (hour == NOON and _german_am(reader)):
            return _minutes(hour % NOON, minute, said)
    return _minutes(hour, minute, said)


def _german_am(reader: Reader) -> bool:
    return not reader.done


def _spoken(reader: Reader) -> int | None:
    """Halb sieben, viertel nach sechs, dreiviertel sieben, ten past six, quarter to seven."""
    if reader.take_any({"half"}):  # "half six" is "half past six"
        reader.take("past")
        return _beside(reader, HOUR // 2)
    before = reader.look_up(_FRACTIONS)
    if before is not None:
        return _beside(reader, before)
    if reader.take("drei", "viertel"):
        return _beside(reader, _FRACTIONS["dreiviertel"])
    reader.take("a")
    if reader.take_any({"viertel", "quarter"}):
        # "viertel sieben" is a quarter past six
        return reader.first(_distance_of(_QUARTER), lambda here: _beside(here, -3 * _QUARTER))
    count = _number(reader)
    if count is None or count >= HOUR:
        return None
    reader.skip({"minuten", "minutes"})
    return reader.attempt(_distance_of(count))


def _distance_of(minutes: int) -> Callable[[Reader], int | None]:
    """So long after or before the hour that comes now."""

    def read(reader: Reader) -> int | None:
        if reader.take_any(_AFTER):
            return _beside(reader, minutes)
        return _beside(reader, -minutes) if reader.take_any(_UNTIL) else None

    return read


def _beside(reader: Reader, minutes: int) -> int | None:
    """So many minutes beside the hour that comes now."""
    if reader.take("halb"):  # "fünf vor halb acht"
        minutes -= HOUR // 2
    hour = _number(reader)
    if hour is None or not 1 <= hour < DAY // HOUR:
        return None
    reader.skip({"uhr"})
    if reader.take_any(_AFTER_NOON) and hour < NOON:
        hour += NOON
    return hour * HOUR + minutes


def _bare_hour(reader: Reader) -> int | None:
    """The 9 of "um 9", the 9.30 of "um 9.30"."""
    token = reader.peek()
    if token.kind == "pair":
        reader.at += 1
        hour, minute = (int(part) for part in token.text.split("."))
        return _minutes(hour, minute, token.text)
    said = _number(reader)
    return None if said is None else _minutes(said, 0, token.text)


def _number(reader: Reader) -> int | None:
    token = reader.peek()
    if token.kind == "number":
        reader.at += 1
        return token.number
    return reader.look_up(NUMBERS)
