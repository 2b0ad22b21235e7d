"""From when until when: "Fr 19-21 Uhr", "morgen 18 Uhr 2 Stunden", "1.-3.5.", "ganztägig"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from wecreate_module.domain.dates.days import add_days
from wecreate_module.domain.dates.moments import (
    Moment,
    at_time,
    moment_of,
    on_wall,
    parse_moment,
    read_moment,
)
from wecreate_module.domain.dates.times import DAY, HOUR, read_clock
from wecreate_module.domain.dates.tokens import Reader, Token, fold, tidy, tokenize
from wecreate_module.domain.dates.words import NUMBERS, WEEKDAYS
from wecreate_module.domain.errors import UserError

_LONGEST = 400
_MOST_TOKENS = 160
_NOON = 12 * HOUR
_UNTIL = {"-", "\u2013", "\u2014", "bis", "to", "until", "till"}
_FROM = {"von", "vom", "from"}
_DASH = r"\s*(?:-|\u2013|\u2014|bis(?:\s+zum)?|to|until)\s*"
_CLOCK = r"(?P<{0}h>[0-9]{{1,2}})(?:[:.](?P<{0}m>[0-9]{{2}}))?\s*(?P<{0}w>uhr|[ap]\.?m\b\.?)?"
# 19-21 Uhr, von 19 bis 21 Uhr, 19:30-21:00, 7-9pm
_CLOCK_SPAN = re.compile(
    rf"(?<![0-9.:])(?:\b(?:von|from)\s+)?{_CLOCK.format('a')}{_DASH}(?P<b>{_CLOCK.format('b')})"
    r"(?![0-9:])(?!\.[0-9])",
    re.IGNORECASE,
)
_MONTH_BEHIND = re.compile(
    r"\.\s*[0-9]"
    r"|\.?\s*(?:jan|feb|m\u00e4r|maer|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)",
    re.IGNORECASE,
)
_DAYS = {*WEEKDAYS, "heute", "morgen", "uebermorgen", "today", "tomorrow"}
_DAY_BEFORE = re.compile(r"(?:(?P<date>[0-9]{1,2}\.[0-9]{1,2}\.)|(?P<name>[^\W\d_]+))\.?,?\s*$")
_NOTHING_COUNTED = re.compile(
    r"\s*(?:$|[,;.!?)\n]|(?:in|im|am|an|auf|bei|beim|at|jede[nrs]?|every)\b)", re.IGNORECASE
)
# 1.-3.5., 1. bis 3. Mai, May 1 is the moments' own
_DAY_SPAN = re.compile(
    rf"(?<![0-9.:])(?P<first>[0-9]{{1,2}})\.?{_DASH}(?P<last>[0-9]{{1,2}})\."
    r"(?P<rest>\s?[0-9]{1,2}\.(?:\s?[0-9]{4})?|\s+[^\W\d_]{3,}\.?(?:\s+[0-9]{4})?)",
    re.IGNORECASE,
)
_AMOUNT = (
    r"[0-9]{1,3}(?:[.,][0-9])?|(?:ein(?:e|er|en)?\s+)?halbe(?:n|r)?|half\s+an?|anderthalb"
    r"|eineinhalb|[^\W\d_]{1,12}"
)
_LENGTH = re.compile(
    rf"(?P<mark>\b(?:f\u00fcr|fuer|for|dauert|dauer|lasting)\s+)?\b(?P<amount>{_AMOUNT})\s*"
    r"(?P<unit>stunden?|std|hours?|hrs?|minuten?|mins?|minutes?|tage?|days?)\b\.?(?P<lang>\s+lang\b)?",
    re.IGNORECASE,
)
_NO_LENGTH_BEFORE = re.compile(
    r"\b(?:in|nach|vor|after|before|alle|every|jede[nrs]?)\s*$"
    r"|\bin\s+\w{1,10}\s+(?:stunden?|std\.?|h|hours?)\s+(?:(?:und|and)\s+)?$",
    re.IGNORECASE,
)
_NO_LENGTH_BEHIND = re.compile(
    r"\s*(?:vorher|davor|before|sp\u00e4ter|spaeter|later|fr\u00fcher)\b", re.IGNORECASE
)
_HOUR_SAID = r"[0-9]{1,2}(?:[:.][0-9]{2})?(?:[ ]?uhr)?"
# What people also write, and how it is written here; none of it looks across a line.
_SAID_OTHERWISE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said, re.IGNORECASE), meant)
    for said, meant in (
        (r",?[ ]*(?:\bbis[ ]+)?\(?\bopen[ -]end\b\)?", ""),
        (
            r"\b(bis|um|ab|von|to|until)[ ]+(?:ca\.?|circa|etwa|ungef\u00e4hr|about)[ ]*(?=[0-9])",
            r"\1 ",
        ),
        (
            r"\b(?:zwischen|between)[ ]+(" + _HOUR_SAID + r")[ ]+(?:und|and)[ ]+(?=[0-9])",
            r"von \1 bis ",
        ),
        (r"\b([0-9]{1,2})[ ]?(?:\u00bd|[ ]1/2)(?=[ ]?(?:stunden?|std|hours?|hrs?|h)\b)", r"\1,5"),
        (r"\([ ]*([0-9]{1,2}(?:[.,]5)?)[ ]*h[ ]*\)", r" \1 Stunden "),
        (r"(?<=uhr),?[ ]+([0-9](?:[.,]5)?)[ ]?h\b", r" \1 Stunden"),
    )
)
_YEAR_SAID = re.compile(r"[0-9]{4}|\.[0-9]{1,2}\.[0-9]{2}")
_HALF_A_YEAR = timedelta(days=183)
_ALL_DAY = re.compile(
    r"\b(?:ganzt\u00e4gig|ganztaegig|ganztags|den\s+ganzen\s+tag|all[ -]day)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Span:
    """`start` is a day or an instant; `end` is of the same kind (a day: the last), or open.

    `skipped` are those of the two that the clocks skip, as they were said: see Moment.
    """

    start: date | datetime
    end: date | datetime | None = None
    length: timedelta | None = None
    skipped: tuple[Moment, ...] = ()


@dataclass(frozen=True)
class Found:
    """A span in a sentence, and the words before and behind it."""

    span: Span
    before: str
    behind: str
    words: int


@dataclass(frozen=True)
class _Marks:
    """What was taken out of the text: the end's time, a length, that it is whole days."""

    text: str
    end: int | None = None
    length: timedelta | None = None
    all_day: bool = False


def parse_span(text: str, now: datetime, tz: tzinfo) -> Span:
    """The whole text; raises UserError with what to write instead."""
    marks = _marks(tidy(text[:_LONGEST]))
    tokens = tokenize(marks.text)[:_MOST_TOKENS]
    reader = Reader(tokens, now.astimezone(tz), strict=True)
    reader.skip(_FROM)
    found = _read(reader)
    reader.skip({".", ",", "!", "?"})
    if found is None or not reader.done:
        parse_moment(text, now, tz)  # says what is wrong
        return _span(parse_moment(marks.text, now, tz))
    return _with_marks(found, marks, tz)


def find_spans(text: str, now: datetime, tz: tzinfo) -> list[Found]:
    """Every reading of a date and time in a sentence, those with the most words first."""
    marks = _marks(tidy(text[:_LONGEST]))
    tokens = tokenize(marks.text)[:_MOST_TOKENS]
    local = now.astimezone(tz)
    found: list[Found] = []
    for strict in (False, True):
        for start in range(len(tokens)):
            reader = Reader(tokens, local, strict=strict, at=start)
            reader.skip(_FROM)
            span = _read(reader)
            if span is not None:
                whole = _with_marks(span, marks, tz)
                found.append(Found(whole, *_around(marks.text, tokens, start, reader.at)))
        if found:
            break
    return sorted(found, key=lambda each: -each.words)


def clock_only(text: str, day: date, tz: tzinfo) -> Span | None:
    """A time without a day, on this day: "19 Uhr", "um 19-21 Uhr"; None for anything else."""
    marks = _marks(tidy(text[:_LONGEST]))
    midnight = at_time(day, 0, tz)
    reader = Reader(tokenize(marks.text)[:_MOST_TOKENS], midnight, strict=True)
    reader.skip(_FROM)
    minutes = read_clock(reader)
    reader.skip({".", ",", "!"})
    if minutes is None or not reader.done:
        return None
    return _with_marks(_span(moment_of(on_wall(day, minutes), tz)), marks, tz)


def parse_length(text: str) -> timedelta | None:
    """`2 Stunden`, `90 Minuten`, `3 Tage`; None for what is none."""
    found = _LENGTH.fullmatch(text.strip().rstrip(".!"))
    return None if found is None else _length(found)


def _around(text: str, tokens: list[Token], start: int, end: int) -> tuple[str, str, int]:
    before = text[: tokens[start].start].rstrip(" ,;:-\u2013")
    behind = text[tokens[end - 1].end :].lstrip(" ,;").strip()
    return before, "" if behind in {".", "!", "?"} else behind, end - start


def _read(reader: Reader) -> Span | None:
    first = read_moment(reader)
    if first is None:
        return None
    last = reader.attempt(lambda here: _read_end(here, first))
    return _span(first, last)


def _span(first: Moment, last: Moment | None = None) -> Span:
    ends = (first,) if last is None else (first, last)
    return Span(
        first.value,
        None if last is None else last.value,
        skipped=tuple(each for each in ends if each.skipped is not None),
    )


def _read_end(reader: Reader, first: Moment) -> Moment | None:
    """Behind "bis": a time on the first day, or another day from there on."""
    reader.skip({","})
    if reader.peek().text not in _UNTIL:
        return None
    reader.at += 1
    zone = reader.now.tzinfo or UTC
    start = first.value if isinstance(first.value, datetime) else at_time(first.value, 0, zone)
    there = Reader(reader.tokens, start, strict=True, at=reader.at)
    minutes = there.attempt(read_clock)
    if minutes is not None and isinstance(first.value, datetime):
        reader.at = there.at
        return _clock_behind(start, first.day, minutes, zone)
    there.at = reader.at
    last = read_moment(there)
    if last is None or (last.timed and not first.timed):
        return None
    _check_order(first, last, reader.tokens[reader.at : there.at])
    reader.at = there.at
    return last


def _clock_behind(start: datetime, day: date, minutes: int, zone: tzinfo) -> Moment:
    """That time of the day, or of the next where it would be before the start."""
    if at_time(day, minutes, zone) <= start:
        day = add_days(day, 1)
    return moment_of(on_wall(day, minutes), zone)


def _check_order(first: Moment, last: Moment, said: list[Token]) -> None:
    """The "20.12." of "24.12. bis 20.12." is no day of the next year, but a slip."""
    if last.day - first.day <= _HALF_A_YEAR or any(_YEAR_SAID.search(one.text) for one in said):
        return
    raise UserError(
        "end-before-start",
        "The end ({end}) is before the start ({start}). If you mean another year, write it too.",
        start=f"{first.day.day}.{first.day.month}.",
        end=f"{last.day.day}.{last.day.month}.",
    )


def _with_marks(span: Span, marks: _Marks, tz: tzinfo) -> Span:
    """The parts of a span put together; its end is after its start where that can be meant."""
    start, end = span.start, span.end
    if marks.all_day and isinstance(start, datetime):
        start = start.date()
        end = end.date() if isinstance(end, datetime) else end
    if isinstance(start, datetime):
        if isinstance(end, datetime):
            return Span(start, end, skipped=span.skipped)
        last = start.date() if end is None else end
        if marks.end is not None:
            until = _clock_behind(start, last, marks.end, tz)
            said = (until,) if until.skipped is not None else ()
            return Span(start, until.value, skipped=(*span.skipped, *said))
        if end is not None:
            return Span(start, at_time(end, DAY, tz), skipped=span.skipped)
        return Span(start, length=marks.length, skipped=span.skipped)
    if isinstance(end, datetime):
        end = end.date()
    if end is None and marks.length is not None and marks.length.days:
        end = add_days(start, marks.length.days - 1)
    return Span(start, end)


def _marks(text: str) -> _Marks:
    for otherwise, meant in _SAID_OTHERWISE:
        text = otherwise.sub(meant, text)
    text, all_day = _ALL_DAY.sub(" ", text), bool(_ALL_DAY.search(text))
    text = _DAY_SPAN.sub(r"\g<first>.\g<rest> - \g<last>.\g<rest>", text, count=1)
    end: int | None = None
    found = next((each for each in _CLOCK_SPAN.finditer(text) if _is_clock_span(each)), None)
    if found is not None:
        start, end = _clocks(found)
        said = f" {start // HOUR}:{start % HOUR:02} "
        text = text[: found.start()] + said + text[found.end() :]
    length: timedelta | None = None
    for each in _LENGTH.finditer(text):
        if _is_length(text, each):
            length = _length(each)
            if length is not None:
                text = f"{text[: each.start()]} {text[each.end() :]}"
                break
    return _Marks(text, end, length, all_day)


def _is_clock_span(found: re.Match[str]) -> bool:
    """One of the two says that it is a time of day; a point does only with "Uhr"."""
    if not found["bw"] and _is_date(found):
        return False
    hours = int(found["ah"]), int(found["bh"])
    if max(hours) > DAY // HOUR or any(int(found[m] or 0) >= HOUR for m in ("am", "bm")):
        return False
    if found["aw"] or found["bw"]:
        return True
    said = found.group()
    return (":" in said and "." not in said) or _follows_day(found)


def _is_date(found: re.Match[str]) -> bool:
    """The end of "9 Uhr bis 5.12. 17 Uhr" is a day."""
    behind = found.string[found.end() :]
    if found["bm"] is None:
        return bool(_MONTH_BEHIND.match(behind))
    return behind.startswith(".") and ":" not in found.group("b") and 1 <= int(found["bm"]) <= 12  # noqa: PLR2004 - months


def _follows_day(found: re.Match[str]) -> bool:
    """The "10-12" of "Sonntag 10-12", if nothing behind it is counted by it."""
    if "." in found.group() or int(found["ah"]) >= int(found["bh"]):
        return False
    day = _DAY_BEFORE.search(found.string[: found.start()])
    named = day is not None and (day["date"] or fold(day["name"]) in _DAYS)
    return bool(named and _NOTHING_COUNTED.match(found.string[found.end() :]))


def _clocks(found: re.Match[str]) -> tuple[int, int]:
    start = int(found["ah"]) * HOUR + int(found["am"] or 0)
    end = int(found["bh"]) * HOUR + int(found["bm"] or 0)
    first, last = ((found[word] or "").lower()[:1] for word in ("aw", "bw"))
    if last == "p" and end < _NOON:
        end += _NOON
        if first != "a" and start < _NOON and start + _NOON < end:
            start += _NOON
    if first == "p" and start < _NOON:
        start += _NOON
    return min(start, DAY - 1), min(end, DAY)


def _is_length(text: str, found: re.Match[str]) -> bool:
    """Not "in 2 Stunden", which is when, nor "2 Stunden vorher"; days want "für" or "lang"."""
    if _NO_LENGTH_BEFORE.search(text[: found.start()]):
        return False
    if _NO_LENGTH_BEHIND.match(text, found.end()):
        return False
    days = found["unit"].lower().startswith(("tag", "day"))
    return not days or bool(found["mark"] or found["lang"])


def _length(found: re.Match[str]) -> timedelta | None:
    amount, unit = fold(found["amount"]), found["unit"].lower()
    if amount[0].isdigit():
        count = float(amount.replace(",", "."))
    elif "halb" in amount or "half" in amount:
        count = 1.5 if amount in {"anderthalb", "eineinhalb"} else 0.5
    elif amount in NUMBERS:
        count = NUMBERS[amount]
    else:
        return None
    if unit.startswith(("st", "h")):
        return timedelta(hours=count)
    return timedelta(minutes=count) if unit.startswith("m") else timedelta(days=int(count))
