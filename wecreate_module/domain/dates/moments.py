"""Dates and times in what people write, German and English.

The choices where language is vague stand in docs/decisions/0006-dates.md.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from difflib import get_close_matches

from wecreate_module.domain.dates.days import Day, add_days, read_named_day
from wecreate_module.domain.dates.relative import read_relative_day
from wecreate_module.domain.dates.times import (
    DAY,
    HOUR,
    read_clock,
    read_hour_behind_day,
    read_part,
    towards,
)
from wecreate_module.domain.dates.tokens import Reader, Token, tidy, tokenize
from wecreate_module.domain.dates.words import (
    DAY_PARTS,
    DUE,
    EVENING,
    GLUE,
    LAST,
    MONTHS,
    MORNING,
    NEXT,
    NIGHT,
    ORDINALS,
    UNITS,
    WEEKDAY_NAMES,
    WEEKDAY_SHORT,
)
from wecreate_module.domain.errors import UserError

# Longer is no date; and a date in a sentence begins at most so many words before its end.
_LONGEST = 200
_MOST_TOKENS = 16
_MOST_MARKERS = 8
# Nobody puts more small words between a day and its time; without an end they'd cost time.
_MOST_BETWEEN = 8
_DASHES = {"-", "\u2013"}
_ABOUT = {"ca", "circa", "etwa", "ungefaehr", "about", "around", "approx"}
_NIGHT_UNTIL, _EVENING_UNTIL = 6, 4
_FIGURES = {"number", "clock", "pair"}
_BETWEEN = {*GLUE, *_DASHES, ",", "@"}
# One word that says when, at the start of a sentence.
_ALONE = {*WEEKDAY_NAMES, "heute", "morgen", "uebermorgen", "today", "tomorrow", "tonight"}
# "Kuchen für Samstag" says what kind of cake, not when it is due.
_BELONGING = {"fuer", "for", "vom", "von", "from", "seit", "since", "ueber", "about", "nach", "vor"}
# "Protokoll letzten Montag" is over.
_OVER = {word for word, count in ORDINALS.items() if count == LAST} | {"vergangenen", "vorigen"}
# Written with a point, which is not the sentence's.
_SHORT = {"std", "min", *WEEKDAY_SHORT, *(name for name in MONTHS if len(name) <= len("sept"))} - {
    "mai",
    "may",
}
_GUESSABLE = [
    *WEEKDAY_NAMES,
    *(name for name in MONTHS if len(name) > len("sept")),
    *("heute", "morgen", "uebermorgen", "today", "tomorrow", "tonight", "naechste", "naechsten"),
]


@dataclass(frozen=True)
class Moment:
    """A day, or an instant: aware, in the zone of whoever wrote it.

    `skipped`: what was said, by the clock on the wall, where the clocks skip it that night.
    """

    value: date | datetime
    skipped: datetime | None = None

    @property
    def timed(self) -> bool:
        return isinstance(self.value, datetime)

    @property
    def day(self) -> date:
        return self.value.date() if isinstance(self.value, datetime) else self.value


def at_time(day: date, minutes: int, zone: tzinfo) -> datetime:
    """That time on that day: 1440 minutes is the next day's start.

    A time that the clocks skip is moved on, one that comes twice is the first (RFC 5545, 3.3.5).
    """
    return on_wall(day, minutes).replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def on_wall(day: date, minutes: int) -> datetime:
    """That time as the clock on the wall would show it."""
    whole, rest = divmod(minutes, DAY)
    return datetime.combine(add_days(day, whole), time(rest // HOUR, rest % HOUR))


def moment_of(wall: datetime, zone: tzinfo) -> Moment:
    """The instant at which a clock there shows `wall`, or is set on past it."""
    value = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return Moment(value, None if value.replace(tzinfo=None, fold=0) == wall else wall)


def parse_moment(text: str, now: datetime, tz: tzinfo) -> Moment:
    """The whole text as a date; raises UserError with what to write instead."""
    tokens = _bare(tokenize(tidy(text))) if len(text) <= _LONGEST else []
    reader = Reader(tokens, now.astimezone(tz), strict=True)
    reader.skip(DUE)
    found = read_moment(reader)
    reader.skip({".", ",", "!", "?"})
    if found is None or not reader.done:
        raise _unknown(text)
    return found


def _bare(tokens: list[Token]) -> list[Token]:
    """Without the brackets, quotes and pictures around a date."""
    first, last = 0, len(tokens)
    while first < last and tokens[first].kind == "other" and tokens[first].text not in _DASHES:
        first += 1
    while (
        first < last and tokens[last - 1].kind == "other" and tokens[last - 1].text not in _DASHES
    ):
        last -= 1
    return tokens[first:last]


def find_moment(text: str, now: datetime, tz: tzinfo) -> tuple[Moment, str] | None:
    """A date behind "bis", "due" or "by", or at either end of a sentence; and the rest of it.

    Raises UserError where clearly a date is meant and there is no such.
    """
    text = tidy(text)
    tokens = tokenize(text)
    local = now.astimezone(tz)
    for find in (_behind_marker, _at_end, _at_start):
        found = find(text, tokens, local)
        if found is not None:
            return found
    return None


def without(text: str, tokens: list[Token], start: int, end: int) -> str:
    """The text without the tokens from `start` up to `end`, and without brackets around them."""
    if start and end < len(tokens) and (tokens[start - 1].text, tokens[end].text) == ("(", ")"):
        start, end = start - 1, end + 1
    before = text[: tokens[start].start].rstrip(" ,;")
    after = text[tokens[end - 1].end :].lstrip(" ,;:")
    return f"{before}{after}" if after[:1] in set(".!?") else f"{before} {after}".strip()


def read_moment(reader: Reader) -> Moment | None:
    """Day and time in any order, with the small words between them."""
    day: Day | None = None
    minutes: int | None = None
    part: int | None = None
    best = reader.at
    while not reader.done and reader.at - best <= _MOST_BETWEEN:
        _skip_about(reader)
        before = reader.at
        if day is None:
            day = reader.first(read_named_day, read_relative_day)
            part = day.part if day is not None and day.part is not None else part
        if reader.at == before and minutes is None:
            minutes = reader.attempt(read_clock)
            if minutes is None and day is not None:
                minutes = reader.attempt(read_hour_behind_day)
        if reader.at == before and part is None:
            part = _part_behind(reader, day)
        if reader.at > before:
            best = reader.at
        elif not (_skip_about(reader) or reader.skip(_BETWEEN)):
            break
    reader.at = best
    return _resolve(reader, day, minutes, part)


def _skip_about(reader: Reader) -> bool:
    """Ca., so gegen, etwa um: words before a time that is not meant to the minute."""
    before = reader.at
    if reader.take("so") and reader.peek().text not in {*_ABOUT, "gegen", "um"}:
        reader.at = before
    if reader.take_any(_ABOUT):
        reader.skip({"."})
    return reader.at > before


def _part_behind(reader: Reader, day: Day | None) -> int | None:
    if day is not None and reader.take("morgen"):
        return MORNING
    return reader.attempt(read_part)


def _resolve(
    reader: Reader, day: Day | None, minutes: int | None, part: int | None
) -> Moment | None:
    late = minutes is not None and part in {NIGHT, EVENING} and _after_midnight(minutes, part)
    if minutes is not None and late:
        minutes %= DAY // 2
    elif minutes is not None and part is not None:
        minutes = towards(minutes, part)
    elif part is not None:
        minutes = part * HOUR
    zone = reader.now.tzinfo or UTC
    if day is None:
        return None if minutes is None else _next_time(reader.now, minutes, zone)
    if isinstance(day.value, datetime):
        return _written_out(day.value, zone) if minutes is None else None
    if minutes is None:
        if day.weak and not reader.strict:
            return None
        return Moment(add_days(day.value, 7) if day.floating else day.value)
    if day.floating and at_time(day.value, minutes, zone) <= reader.now:
        return moment_of(on_wall(add_days(day.value, 7), minutes), zone)
    # "Heute Nacht um 2" is after midnight; only who is up by then means this morning.
    here = reader.now.hour < _NIGHT_UNTIL and day.value == reader.now.date()
    night = add_days(day.value, 1) if late and not here else day.value
    return moment_of(on_wall(night, minutes), zone)


def _after_midnight(minutes: int, part: int) -> bool:
    """The 2 of "Samstagnacht um 2", which is read as 14:00 alone; the 1 of "tonight at 1"."""
    latest = _NIGHT_UNTIL if part == NIGHT else _EVENING_UNTIL
    return minutes % (DAY // 2) < latest * HOUR and minutes != DAY and minutes != DAY // 2


def _written_out(instant: datetime, zone: tzinfo) -> Moment:
    """Of "2027-03-28T02:30", where no zone was written: it has the writer's already."""
    if instant.tzinfo is zone:
        return moment_of(instant.replace(tzinfo=None), zone)
    return Moment(instant.astimezone(zone))


def _next_time(now: datetime, minutes: int, zone: tzinfo) -> Moment:
    """A time without a day is the next to come."""
    today = moment_of(on_wall(now.date(), minutes), zone)
    if isinstance(today.value, datetime) and today.value > now:
        return today
    return moment_of(on_wall(add_days(now.date(), 1), minutes), zone)


def _behind_marker(text: str, tokens: list[Token], now: datetime) -> tuple[Moment, str] | None:
    markers = [at for at, token in enumerate(tokens) if token.text in DUE][-_MOST_MARKERS:]
    for at in reversed(markers):
        reader = Reader(tokens[: at + 1 + _MOST_TOKENS], now, strict=True, at=at + 1)
        reader.skip({":"})
        found = read_moment(reader)
        if found is not None and not _is_span(tokens, at, found):
            start = at
            while start and tokens[start - 1].text in DUE:  # "due by friday"
                start -= 1
            return found, without(text, tokens, start, reader.at)
        if found is None:
            _hint_at_typo(tokens[at + 1 :])
    return None


def _is_span(tokens: list[Token], at: int, found: Moment) -> bool:
    """10 bis 12 Uhr."""
    return found.timed and at > 0 and tokens[at - 1].kind in _FIGURES


def _hint_at_typo(behind: list[Token]) -> None:
    """A short ending that looks like a misspelt date is better asked than put in the title."""
    if 1 <= len(behind) <= 4 and len(behind[0].text) <= len("donnerstagnachmittag"):  # noqa: PLR2004 - a date's words
        word = behind[0]
        known = {*DAY_PARTS, *UNITS, *NEXT}
        if word.kind == "word" and word.text not in known:
            guesses = get_close_matches(word.text, _GUESSABLE, n=1, cutoff=0.8)
            if guesses:
                raise _unknown(word.text)


def _at_end(text: str, tokens: list[Token], now: datetime) -> tuple[Moment, str] | None:
    end = len(tokens)
    while end and (tokens[end - 1].text in {".", "!", "?"} or _is_picture(tokens[end - 1])):
        end -= 1
    point = end < len(tokens) and tokens[end - 1].text in _SHORT and tokens[end].text == "."
    for start in range(max(0, end - _MOST_TOKENS), end):
        belongs = start > 0 and tokens[start - 1].text in _BELONGING | DUE | _OVER
        if belongs or _in_span(tokens, start):
            continue
        reader = Reader(tokens[:end], now, strict=False, at=start)
        found = read_moment(reader)
        if found is not None and reader.done:
            return found, without(text, tokens, start, end + 1 if point else end)
    return None


def _is_picture(token: Token) -> bool:
    """An emoji or a part of one."""
    return token.kind == "other" and unicodedata.category(token.text[0]) in {"So", "Sk", "Mn", "Me"}


def _in_span(tokens: list[Token], start: int) -> bool:
    """The "20 Uhr" of "18-20 Uhr"."""
    dash = start if tokens[start].text in _DASHES else start - 1
    return dash > 0 and tokens[dash].text in _DASHES and tokens[dash - 1].kind in _FIGURES


def _at_start(text: str, tokens: list[Token], now: datetime) -> tuple[Moment, str] | None:
    """As in "morgen Kuchen backen"; but "Wochenende planen" says what is to be planned."""
    reader = Reader(tokens[:_MOST_TOKENS], now, strict=False)
    found = read_moment(reader)
    end = reader.at
    if found is None or end >= len(tokens) or tokens[end].start == tokens[end - 1].end:
        return None
    if end == 1 and tokens[0].text not in _ALONE:
        return None
    return found, without(text, tokens, 0, end)


def _unknown(text: str) -> UserError:
    shown = text.strip()
    return UserError(
        "date-unknown",
        "I can't read “{text}” as a date. "
        "Write it for example like 24.12., friday 6pm, tomorrow or in 2 weeks.",
        text=shown if len(shown) <= 40 else f"{shown[:39]}…",  # noqa: PLR2004 - a line on a phone
    )
