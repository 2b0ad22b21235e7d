"""What people write behind `!erinnern`: when, whom, how often and of what."""

from __future__ import annotations

import re

from bots.kit.arguments import find_person
from bots.kit.context import Context
from bots.kit.registry import plain_word
from bots.kit.wording import remark_skipped
from wecreate_module.domain.dates import Recurrence, find_moment, find_recurrence
from wecreate_module.domain.dates.moments import Moment, read_moment
from wecreate_module.domain.dates.tokens import Reader, tidy, tokenize
from wecreate_module.domain.errors import UserError
from wecreate_module.services.memos import MAX_PEOPLE, NewMemo

_ME = {"mich", "mir", "me", "myself"}
_ALL = {"alle", "uns", "all", "everyone", "everybody", "us"}
_AND = {"und", "and", "&", "+"}
_QUOTED = re.compile(r"^(?P<when>[^\"„“”]+?)[\"„“](?P<text>[^\"„“”]+)[\"“”]\s*$", re.DOTALL)
_LEAD = re.compile(r"^(?:an|daran|dass|to|that|about|of)\s+(?=\S)|^[:,\u2013-]\s*", re.IGNORECASE)
_MOST_TOKENS = 24


def read_memo(text: str, ctx: Context) -> NewMemo:
    """`morgen 9 Uhr Ben anrufen`, `@ben Fr 18 Uhr Schlüssel`, `alle jeden Montag um 8 Müll`."""
    people, everybody, rest = _whom(text.strip(), ctx)
    quoted = _QUOTED.match(rest)
    said = quoted["text"] if quoted else ""
    rest = quoted["when"].strip() if quoted else rest
    recurrence, moment, left = _when(rest, ctx)
    words = said or _LEAD.sub("", left.strip(), count=1).strip()
    if not any(char.isalnum() for char in words):
        raise UserError(
            "text-missing-for-memo",
            "What shall I remind you of? Write it like !remind tomorrow 9am Call Ben",
        )
    if moment is not None:
        remark_skipped(ctx, moment)
    start = None if moment is None else moment.value
    if recurrence is not None and start is None and recurrence.start is not None:
        start = recurrence.start.value
    if not people and not everybody:
        people = (ctx.sender,)
    return NewMemo(" ".join(words.split()), start, people, everybody, recurrence)


def _whom(text: str, ctx: Context) -> tuple[tuple[str, ...], bool, str]:
    """Names at the beginning; "me" is whoever writes."""
    people: dict[str, None] = {}
    words = text.split(" ")
    at = 0
    while at < len(words):
        word = words[at].rstrip(",")
        plain = plain_word(word)
        if plain in _ALL and not people and at == 0 and not _repeats(words[1:]):
            return (), True, " ".join(words[1:])
        if plain in _ME or (word.startswith("@") and len(word) > 1):
            people[ctx.sender if plain in _ME else find_person(word, ctx)] = None
        elif not (people and plain in _AND):
            break
        at += 1
    if len(people) > MAX_PEOPLE:
        raise UserError(
            "too-many", "That is too many at once; at most {most} are possible.", most=MAX_PEOPLE
        )
    return tuple(people), False, " ".join(words[at:])


def _repeats(words: list[str]) -> bool:
    """Whether "alle" stands before a number: "alle 2 Wochen" is how often."""
    first = plain_word(words[0]) if words else ""
    return first.rstrip(".").isdigit() or first in {"zwei", "drei", "vier", "paar"}


def _when(text: str, ctx: Context) -> tuple[Recurrence | None, Moment | None, str]:
    """At the beginning, where it belongs; else at the end."""
    repeated = _repetition(text, ctx)
    if repeated is not None:
        recurrence, left = repeated
        moment, left = _moment(left, ctx) if recurrence.time is None else (None, left)
        return recurrence, moment, left
    moment, left = _moment(text, ctx)
    if moment is None:
        return None, None, left
    repeated = _repetition(left, ctx)
    return (repeated[0], moment, repeated[1]) if repeated is not None else (None, moment, left)


def _repetition(text: str, ctx: Context) -> tuple[Recurrence, str] | None:
    """At the edges only: in the midst it belongs to what one is reminded of."""
    found = find_recurrence(text, ctx.now, ctx.timezone)
    said = tidy(text).strip()
    if found is None or not (said.startswith(found[1]) or said.endswith(found[1])):
        return None
    return found


def _moment(text: str, ctx: Context) -> tuple[Moment | None, str]:
    tidied = tidy(text)
    tokens = tokenize(tidied)
    local = ctx.now.astimezone(ctx.timezone)
    reader = Reader(tokens[:_MOST_TOKENS], local, strict=True)
    found = read_moment(reader)
    if found is not None and reader.at < len(tokens):
        return found, tidied[tokens[reader.at - 1].end :].strip()
    behind = find_moment(text, ctx.now, ctx.timezone)
    if behind is not None:
        return behind
    return found, "" if found is not None else text
