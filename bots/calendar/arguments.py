"""Types of arguments that only calendar commands have. Each takes all words that are left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from bots.calendar.sentences import bounds, read_event, read_proposals, remark_all
from bots.kit.arguments import ArgumentType, Rest
from bots.kit.context import Context
from bots.kit.registry import plain_word
from bots.kit.wording import remark_skipped
from wecreate_module.domain.dates import Recurrence, parse_moment, parse_recurrence
from wecreate_module.domain.dates.moments import moment_of
from wecreate_module.domain.dates.spans import clock_only, parse_length, parse_span
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import DEFAULT_LENGTH, When, from_wall, wall, zone_of
from wecreate_module.services.event_series import Target
from wecreate_module.services.events import EVERY, NewEvent, Scope, Selection

T = TypeVar("T")

_NEVER = {"nie", "niemals", "never", "kein", "keine", "keins", "none", "no", "ohne"} | {
    *("weg", "aus", "off", "stop", "loeschen", "remove", "clear", "leer", "empty", "einmal"),
}
_USUAL = {"normal", "standard", "default", "usual", "wie", "ueblich"}
_ALL = {"alle", "alles", "all", "serie", "series", "ganz", "every", "immer", "always"}
_NEXT = {"naechster", "naechsten", "naechste", "next", "nur", "only", "einmal", "once"}
_ONE = {"am", "nur", "on", "only", "den", "vom", "von"}
_FOLLOWING = {"ab", "from", "folgende", "following", "since"}
_TO = re.compile(r"(?:^|\s)(?:auf|to|nach|->|→)\s+", re.IGNORECASE)
_LATER = re.compile(
    r"(?P<length>.+?)\s+(?P<way>sp\u00e4ter|spaeter|later|fr\u00fcher|frueher|earlier)[.!]?$",
    re.IGNORECASE,
)
_WEEKS = re.compile(r"(?P<count>[0-9]{1,2}|eine?|an?|one)\s+(?:wochen?|weeks?)$", re.IGNORECASE)
_DAYS = re.compile(r"(?P<count>[0-9]{1,3}|einen?|an?|one)\s+(?:tage?|days?)$", re.IGNORECASE)
_BEFORE = re.compile(r"\s*(?:vorher|davor|before|zuvor)\b", re.IGNORECASE)
_AT_START = {"anfang", "beginn", "start", "puenktlich", "sofort"}
_SPLIT = re.compile(r"\s*(?:,|;|\bund\b|\band\b|\+)\s*", re.IGNORECASE)
_LONGEST_REMINDER = timedelta(days=60)
_MOST_REMINDERS = 20


class _Whole(ArgumentType[T]):
    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all, whatever it is
        return len(words)


class NewEventText(_Whole[NewEvent]):
    """`Grillen Samstag 15 Uhr im Garten jede Woche`."""

    def parse(self, text: str, ctx: Context) -> NewEvent:
        return read_event(text, ctx)


class ProposalsText(_Whole[tuple[str, list[NewEvent]]]):
    """`Sommerfest Fr 18 Uhr, Sa 15 Uhr`."""

    def parse(self, text: str, ctx: Context) -> tuple[str, list[NewEvent]]:
        return read_proposals(text, ctx)


class SelectionText(_Whole[Selection]):
    """`am 4.12.`, `ab 4.12.`, `alle`, `nur`."""

    def parse(self, text: str, ctx: Context) -> Selection:
        words = text.split()
        first = plain_word(words[0].rstrip(",.")) if words else ""
        rest = " ".join(words[1:])
        if len(words) == 1 and first in _ALL:
            return EVERY
        if len(words) == 1 and first in _NEXT:
            return Selection(Scope.ONE)
        if first in _FOLLOWING:
            return Selection(Scope.FOLLOWING, _day(rest, ctx) if rest else None)
        said = rest if first in _ONE and rest else text
        return Selection(Scope.ONE, _day(said, ctx))


@dataclass(frozen=True)
class Move:
    """Where to; `selection` None: not said. `said` is the target as typed."""

    target: Target
    said: str
    selection: Selection | None = None


class MoveText(_Whole[Move]):
    """`auf Samstag 18 Uhr`, `am 4.12. auf 5.12.`, `ab 4.12. auf 20 Uhr`, `alle 1 Stunde später`."""

    def parse(self, text: str, ctx: Context) -> Move:
        split = _TO.search(text)
        before, said = ("", text.strip())
        if split is not None:
            before, said = text[: split.start()].strip(), text[split.end() :].strip()
        elif (words := text.split()) and plain_word(words[0]) in _ALL and len(words) > 1:
            before, said = words[0], " ".join(words[1:])
        selection = SelectionText().parse(before, ctx) if before else None
        return Move(read_target(said, ctx), said, selection)


def read_target(text: str, ctx: Context) -> Target:
    """A new time of day, a new day, both, or so much later. Raises UserError at once."""
    shift = _shift(text)
    if shift is not None:
        return lambda start, end: _shifted(start, end, shift, ctx)
    if clock_only(text, ctx.today, ctx.timezone) is not None:
        return lambda start, end: _at_clock(text, start, end, ctx)
    span = parse_span(text, ctx.now, ctx.timezone)
    remark_all(span, ctx)
    start, end = bounds(span)
    return lambda before, until: _to(start, end, before, until, ctx)


def _shift(text: str) -> timedelta | None:
    found = _LATER.fullmatch(text.strip())
    if found is None:
        return None
    length = _long(found["length"])
    if length is None:
        return None
    return length if plain_word(found["way"]) in {"spaeter", "later"} else -length


def _long(text: str) -> timedelta | None:
    """Hours, minutes, days, weeks."""
    said = re.sub(r"^(?:um|by)\s+", "", text.strip(), flags=re.IGNORECASE)
    for pattern, unit in ((_WEEKS, 7), (_DAYS, 1)):
        if found := pattern.fullmatch(said):
            return timedelta(days=unit * (int(found["count"]) if found["count"].isdigit() else 1))
    return parse_length(said)


def _shifted(start: When, end: When, shift: timedelta, ctx: Context) -> tuple[When, When]:
    if not isinstance(start, datetime) and shift.seconds:
        raise UserError(
            "time-missing-for-shift", "It lasts whole days. Write a day or a time of day."
        )
    until = wall(end, zone_of(start))
    return _begin(wall(start) + shift, start, ctx), from_wall(until + shift, start)


def _begin(local: datetime, like: When, ctx: Context) -> When:
    """As `from_wall`; a time that the clocks skip is remarked on."""
    if isinstance(like, datetime):
        remark_skipped(ctx, moment_of(local, like.tzinfo or UTC))
    return from_wall(local, like)


def _at_clock(text: str, start: When, end: When, ctx: Context) -> tuple[When, When]:
    """Another time on the same day, as long as before."""
    day = start.astimezone(ctx.timezone).date() if isinstance(start, datetime) else start
    span = clock_only(text, day, ctx.timezone)
    if span is None:
        raise RuntimeError("a time of day was read, and now it is none")
    remark_all(span, ctx)
    return _to(*bounds(span), start, end, ctx)


def _to(
    start: When, end: When | None, before: When, until: When, ctx: Context
) -> tuple[When, When]:
    """The new time; what was not said stays: the time of day, the length."""
    length = wall(until, zone_of(before)) - wall(before)
    if isinstance(before, datetime) and not isinstance(start, datetime) and end is None:
        start = _begin(datetime.combine(start, wall(before).time()), before, ctx)
    if end is not None:
        return start, end
    if isinstance(start, datetime) and not isinstance(before, datetime):
        length = DEFAULT_LENGTH
    return start, from_wall(wall(start) + length, start)


class RecurrenceText(_Whole[Recurrence | None]):
    """`jeden Freitag um 11`; None for "nie", "never"."""

    def parse(self, text: str, ctx: Context) -> Recurrence | None:
        return None if _is(text, _NEVER) else parse_recurrence(text, ctx.now, ctx.timezone)


class LengthText(_Whole[timedelta]):
    """`2 Stunden`, `90 Minuten`, `3 Tage`."""

    def parse(self, text: str, ctx: Context) -> timedelta:  # noqa: ARG002 - a length is a length
        found = _long(text)
        if not found:
            raise UserError("length-unknown", "How long? Write it like 2 hours or 90 minutes.")
        return found


class RemindersText(_Whole[tuple[int, ...] | None]):
    """`2 Stunden, 1 Tag vorher` in minutes; () for "aus"; None for "normal"."""

    def parse(self, text: str, ctx: Context) -> tuple[int, ...] | None:  # noqa: ARG002 - likewise
        if _is(text, _USUAL):
            return None
        if _is(text, _NEVER):
            return ()
        parts = [part for part in _SPLIT.split(_BEFORE.sub("", text.strip(" .!"))) if part]
        return tuple(_minutes(part) for part in parts[:_MOST_REMINDERS])


def _minutes(text: str) -> int:
    if plain_word(text.rsplit(maxsplit=1)[-1]) in _AT_START:
        return 0
    found = _long(text)
    if found is None or found > _LONGEST_REMINDER:
        raise UserError(
            "reminder-unknown",
            "How long before? Write it like 1 day, 2 hours or 30 minutes, at most 60 days.",
        )
    return int(found.total_seconds()) // 60


class ClearableText(Rest):
    """Anything; "" for "weg", "remove"."""

    def parse(self, text: str, ctx: Context) -> str:
        return "" if _is(text, _NEVER) else super().parse(text, ctx)


def _day(text: str, ctx: Context) -> date:
    return parse_moment(text, ctx.now, ctx.timezone).day


def _is(text: str, words: set[str]) -> bool:
    """One word, and one of these."""
    return plain_word(text.strip().rstrip(".!")) in words
