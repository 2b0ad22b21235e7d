"""Types of arguments that only task commands have. Each takes all words that are left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum, auto
from typing import TypeVar

from bots.kit.arguments import ArgumentType, Numbers, Persons, Rest
from bots.kit.context import Context
from bots.kit.registry import plain_word
from bots.tasks.sentences import read_filter, read_moment, read_task
from wecreate_module.domain.dates import Recurrence, parse_moment, parse_recurrence
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import MAX_ASSIGNEES, MAX_ITEMS, TaskFilter
from wecreate_module.services.recurrence import Due
from wecreate_module.services.reminders import MORNING
from wecreate_module.services.tasks import NewTask

T = TypeVar("T")

_NEVER = {"nie", "niemals", "never", "kein", "keine", "keins", "none", "no", "ohne"} | {
    *("weg", "aus", "off", "stop", "loeschen", "remove", "clear", "leer", "empty"),
}
_NOBODY = {"niemand", "niemanden", "niemandem", "keinen", "nobody", "none"}
_ONLY = {"nur", "only"}
_NOT = {"nicht", "not", "ohne", "without"}
_TICK = {"fertig", "erledigt", "done", "ok", "ab", "tick", "✓", "✔", "✅"}
_UNTICK = {"offen", "open", "untick"}
_REMOVE = {"weg", "loeschen", "streichen", "delete", "remove"}
_RENAME = {"titel", "umbenennen", "heisst", "title", "rename"}
_MOST_AT_ONCE = 20
_SPLIT = re.compile(r"[\s,;]+")


class _Whole(ArgumentType[T]):
    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all, whatever it is
        return len(words)


class NewTaskText(_Whole[NewTask]):
    """`Kuchen backen @ben bis Freitag #fest`."""

    def parse(self, text: str, ctx: Context) -> NewTask:
        return read_task(text, ctx)


class FilterText(_Whole[TaskFilter]):
    """`ich heute #fest`."""

    def parse(self, text: str, ctx: Context) -> TaskFilter:
        return read_filter(text, ctx)


class DueText(_Whole[Due | None]):
    """A date or time; None for "nie", "never"."""

    def parse(self, text: str, ctx: Context) -> Due | None:
        return None if _is(text, _NEVER) else read_moment(text, ctx).value


class ReminderText(_Whole[datetime | None]):
    """An instant, a day being its morning; None for "aus", "off"."""

    def parse(self, text: str, ctx: Context) -> datetime | None:
        if _is(text, _NEVER):
            return None
        value = read_moment(text, ctx).value
        if isinstance(value, datetime):
            return value
        return at_time(value, MORNING.hour * 60 + MORNING.minute, ctx.timezone)


class RecurrenceText(_Whole[Recurrence | None]):
    """`jeden Freitag um 11`; None for "nie", "never"."""

    def parse(self, text: str, ctx: Context) -> Recurrence | None:
        return None if _is(text, _NEVER) else parse_recurrence(text, ctx.now, ctx.timezone)


class DailyTime(_Whole[time | None]):
    """`7:30`; None for "aus", "off"."""

    def parse(self, text: str, ctx: Context) -> time | None:
        if _is(text, _NEVER):
            return None
        said = text if ":" in text else f"um {text}"
        value = parse_moment(said, ctx.now, ctx.timezone).value
        if not isinstance(value, datetime):
            raise UserError(
                "time-missing", "At what time each day? Write it for example like 7:30."
            )
        return value.time()


class NoteText(Rest):
    """Anything; "" for "weg", "remove"."""

    def parse(self, text: str, ctx: Context) -> str:
        return "" if _is(text, _NEVER) else super().parse(text, ctx)


class Change(Enum):
    ADD = auto()
    ONLY = auto()
    REMOVE = auto()


@dataclass(frozen=True)
class Assignment:
    """Who is to do it as well, alone, or not any more."""

    change: Change
    people: tuple[str, ...]


class AssignmentText(_Whole[Assignment]):
    """`@ben`, `mich`, `nur @ben`, `nicht @ben`, `-@ben`, `niemand`."""

    def parse(self, text: str, ctx: Context) -> Assignment:
        words = text.split()
        if _is(text, _NOBODY | _NEVER):
            return Assignment(Change.ONLY, ())
        if words and all(word.startswith("-@") for word in words):
            words = ["nicht", *(word[1:] for word in words)]
        first = plain_word(words[0]) if words else ""
        change = Change.ONLY if first in _ONLY else Change.ADD
        change = Change.REMOVE if first in _NOT else change
        rest = text if change is Change.ADD else " ".join(words[1:])
        return Assignment(change, Persons(most=MAX_ASSIGNEES).parse(rest, ctx))


@dataclass(frozen=True)
class LabelChange:
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    clear: bool = False


class LabelText(_Whole[LabelChange]):
    """`fest #essen`, `-fest`, `weg`."""

    def parse(self, text: str, ctx: Context) -> LabelChange:  # noqa: ARG002 - a label is a label
        if _is(text, _NEVER):
            return LabelChange(clear=True)
        words = [word for word in _SPLIT.split(text) if word.strip("#-")][:_MOST_AT_ONCE]
        return LabelChange(
            add=tuple(word for word in words if not word.startswith("-")),
            remove=tuple(word[1:] for word in words if word.startswith("-")),
        )


@dataclass(frozen=True)
class ItemChange:
    """New lines for the list, or what becomes of the items at these places (from 1)."""

    add: tuple[str, ...] = ()
    tick: tuple[int, ...] = ()
    untick: tuple[int, ...] = ()
    remove: tuple[int, ...] = ()
    rename: tuple[int, str] | None = None


class ItemText(_Whole[ItemChange]):
    """`Mehl kaufen`; `2 fertig`, `2,3 offen`, `2 weg`, `2 titel Öl`; a line for each new item."""

    def parse(self, text: str, ctx: Context) -> ItemChange:
        words = text.split()
        verb = plain_word(words[-1]) if len(words) > 1 else ""
        places = _places(words[:-1] if verb in _TICK | _UNTICK | _REMOVE else words, ctx)
        if places:
            if verb in _UNTICK:
                return ItemChange(untick=places)
            return ItemChange(remove=places) if verb in _REMOVE else ItemChange(tick=places)
        renamed = _renamed(text, ctx)
        if renamed is not None:
            return ItemChange(rename=renamed)
        if len(words) == 1 and plain_word(words[0]) in _TICK | _UNTICK | _REMOVE:
            raise UserError(
                "item-missing", "Which item? Put its number first, like !task 3 item 2 done"
            )
        lines = tuple(line for line in text.split("\n") if line.strip())
        if len(lines) > MAX_ITEMS:
            raise UserError(
                "too-many-items", "At most {most} items fit on one list.", most=MAX_ITEMS
            )
        return ItemChange(add=lines)


def _renamed(text: str, ctx: Context) -> tuple[int, str] | None:
    """`2 titel Öl`: the place and what stands there from now on."""
    words = text.split(maxsplit=2)
    if len(words) <= 2 or plain_word(words[1]) not in _RENAME:  # noqa: PLR2004 - place, verb, text
        return None
    places = _places(words[:1], ctx)
    return (places[0], words[2]) if len(places) == 1 else None


def _places(words: list[str], ctx: Context) -> tuple[int, ...]:
    """Numbers and nothing else; () for words."""
    if not words or Numbers(MAX_ITEMS).take(words, ctx) < len(words):
        return ()
    return Numbers(MAX_ITEMS).parse(" ".join(words), ctx)


def _is(text: str, words: set[str]) -> bool:
    """One word, and one of these."""
    return plain_word(text.strip().rstrip(".!")) in words
