"""Types of arguments: how many words each takes, and what it makes of them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import Generic, TypeVar
from zoneinfo import available_timezones

from bots.kit.context import Context
from bots.kit.registry import plain_word
from wecreate_module.domain.errors import UserError
from wecreate_module.storage.rooms import Member

T = TypeVar("T")

_NUMBER = re.compile(r"#?(\d{1,9})[.!]?$")  # phones end a sentence by themselves
_RANGE = re.compile(r"#?(\d{1,9})[-\u2013]#?(\d{1,9})$")
_USER_ID = re.compile(r"@[\x21-\x39\x3b-\x7e]+:[A-Za-z0-9.\-\[\]:]+$")
_LONGEST_USER_ID = 255  # Matrix specification, appendix "User identifiers"
_ME = frozenset({"mich", "mir", "ich", "me", "myself", "i"})
AND = frozenset({"und", "and", "&", "+"})
_GAPS = re.compile(r"[\s,;]+")
_LANGUAGES: dict[str, tuple[str, ...]] = {
    "de": ("de", "deutsch", "german"),
    "en": ("en", "englisch", "english"),
}

# What people there call it; the time zones know but one city of each country.
_LIKE_BERLIN = (
    *("mez", "mesz", "deutschland", "germany", "hamburg", "bremen", "hannover", "leipzig"),
    *("dresden", "stuttgart", "dortmund", "essen", "frankfurt", "frankfurt_am_main", "münchen"),
    *("muenchen", "munich", "köln", "koeln", "cologne", "düsseldorf", "duesseldorf"),
    *("nürnberg", "nuernberg", "nuremberg"),
)


class ArgumentType(ABC, Generic[T]):
    """Reads one argument. `take` says how many of the words left belong to it."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - for those who look
        """One word, unless a type says otherwise; 0 leaves an optional argument out."""
        return 1 if words else 0

    @abstractmethod
    def parse(self, text: str, ctx: Context) -> T:
        """The value; raises UserError with what to type instead."""


class Text(ArgumentType[str]):
    """All that is left, whitespace kept inside; at most `max_length` characters."""

    def __init__(self, max_length: int = 250) -> None:
        self.max_length = max_length

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all, whatever it is
        return len(words)

    def parse(self, text: str, ctx: Context) -> str:  # noqa: ARG002 - no need to know who asks
        said = _readable(text)
        if not said.strip("\u200d"):
            raise UserError("empty-text", "There is no text in it. Write a few words.")
        if len(said) > self.max_length:
            raise UserError(
                "text-too-long",
                "That is too long: {length} characters, at most {most} fit.",
                length=len(said),
                most=self.max_length,
            )
        return said


class Rest(Text):
    """All that is left, for a grammar of the command's own."""

    def __init__(self, max_length: int = 8000) -> None:
        super().__init__(max_length)


class Number(ArgumentType[int]):
    """`3` or `#3`, also as it ends a sentence."""

    def parse(self, text: str, ctx: Context) -> int:  # noqa: ARG002 - a number is a number
        found = _NUMBER.match(text.strip())
        if found is None:
            raise _not_a_number(text)
        return int(found[1])


class Numbers(ArgumentType[tuple[int, ...]]):
    """`3`, `3,4 5`, `3-5`, "3 und 4": each once, in the order typed; at most `most`."""

    def __init__(self, most: int = 50) -> None:
        self.most = most

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - words are enough
        taken = 0
        for count, word in enumerate(words, start=1):
            pieces = [piece for piece in re.split("[,;]", word) if piece]
            if all(_NUMBER.match(piece) or _RANGE.match(piece) for piece in pieces):
                taken = count
            elif word.casefold() not in AND:
                break
        return taken

    def parse(self, text: str, ctx: Context) -> tuple[int, ...]:  # noqa: ARG002 - likewise
        numbers: dict[int, None] = {}
        for piece in _GAPS.split(text):
            if piece and piece.casefold() not in AND:
                numbers.update(dict.fromkeys(self._piece(piece)))
            if len(numbers) > self.most:
                raise self._too_many()
        if not numbers:
            raise _not_a_number(text)
        return tuple(numbers)

    def _piece(self, piece: str) -> Sequence[int]:
        if found := _NUMBER.match(piece):
            return (int(found[1]),)
        if found := _RANGE.match(piece):
            first, last = int(found[1]), int(found[2])
            if last - first >= self.most:
                raise self._too_many()
            if first <= last:
                return range(first, last + 1)
        raise _not_a_number(piece)

    def _too_many(self) -> UserError:
        return UserError(
            "too-many", "That is too many at once; at most {most} are possible.", most=self.most
        )


class Person(ArgumentType[str]):
    """A user id. Accepts @anna:server, @anna, a joined member's display name, "mich" / "me".

    With `known_only` only members of the room; else any well-formed user id may be given.
    """

    def __init__(self, *, known_only: bool = True) -> None:
        self.known_only = known_only

    def take(self, words: Sequence[str], ctx: Context) -> int:
        return max(1, _name_length(words, ctx)) if words else 0

    def parse(self, text: str, ctx: Context) -> str:
        return find_person(text, ctx, known_only=self.known_only)


class Persons(ArgumentType[tuple[str, ...]]):
    """Several people, separated by spaces, commas or "und"; each once; at most `most`."""

    def __init__(self, *, known_only: bool = True, most: int = 50) -> None:
        self.known_only = known_only
        self.most = most

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all
        return len(words)

    def parse(self, text: str, ctx: Context) -> tuple[str, ...]:
        found: dict[str, None] = {}
        words = [word for word in _GAPS.split(text) if word]
        at = 0
        while at < len(words):
            if words[at].casefold() in AND:
                at += 1
                continue
            length = max(1, _name_length(words[at:], ctx))
            name = " ".join(words[at : at + length])
            found[find_person(name, ctx, known_only=self.known_only)] = None
            at += length
            if len(found) > self.most:
                raise UserError(
                    "too-many",
                    "That is too many at once; at most {most} are possible.",
                    most=self.most,
                )
        if not found:
            raise UserError("no-person", "Who? Type a name, like @anna.")
        return tuple(found)


class Choice(ArgumentType[str]):
    """One of some words: `Choice({"on": ("an", "on"), "off": ("aus", "off")})` gives the key."""

    def __init__(self, options: dict[str, tuple[str, ...]]) -> None:
        self.options = options
        self._keys = {plain_word(word): key for key, words in options.items() for word in words}

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - words are enough
        return 1 if words and plain_word(words[0]) in self._keys else 0

    def parse(self, text: str, ctx: Context) -> str:
        key = self._keys.get(plain_word(text.strip()))
        if key is None:
            at = 0 if ctx.language == "de" else -1
            raise UserError(
                "unknown-choice",
                "“{text}” is not possible here. Type one of these: {choices}.",
                text=_short(text),
                choices=", ".join(words[at] for words in self.options.values()),
            )
        return key


class Language(Choice):
    """Gives "de" or "en"; Deutsch, German, englisch are understood."""

    def __init__(self) -> None:
        super().__init__(_LANGUAGES)


class Timezone(ArgumentType[str]):
    """An IANA name; "Berlin" is enough."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - "New York" are two
        return len(words)

    def parse(self, text: str, ctx: Context) -> str:  # noqa: ARG002 - the world is the same for all
        said = text.partition(",")[0]  # "Berlin, Germany"
        name = _zones().get(re.sub(r"[\s_]+", "_", said.strip()).casefold())
        if name is None:
            raise UserError(
                "unknown-timezone",
                "I know no time zone “{text}”. Type a big city near you, like Berlin.",
                text=_short(text),
            )
        return name


def _readable(text: str) -> str:
    """Without invisible characters, but for the one that joins the parts of an emoji."""
    spaced = (" " if char.isspace() and char not in "\n\t" else char for char in text)
    return "".join(c for c in spaced if c.isprintable() or c in "\n\t\u200d").strip()


def find_person(text: str, ctx: Context, *, known_only: bool = True) -> str:
    """The user id that is meant; raises UserError when nobody or several could be."""
    said = text.strip().strip(",").strip()
    if (said.removeprefix("@") if known_only else said).casefold() in _ME:
        return ctx.sender
    if _USER_ID.match(said) and len(said) <= _LONGEST_USER_ID:
        if not known_only or any(member.user_id == said for member in ctx.members()):
            return said
        raise UserError("not-a-member", "{person} is not in this room.", person=_short(said))
    name = _plain_name(said.removeprefix("@"))
    people = [member for member in ctx.members() if member.user_id != ctx.bot_user_id]
    for names in (_localpart, _display_name, _first_name):
        found = [person.user_id for person in people if name and names(person) == name]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(
                "several-people",
                "Several people are called {name}: {people}. Which one?",
                name=_short(said),
                people=", ".join(found[:5]),
            )
    if not known_only and ctx.server is not None and re.fullmatch(r"@[a-z0-9._=/+-]+", said):
        return f"{said}:{ctx.server.server_name}"
    raise UserError(
        "unknown-person",
        "I know nobody called “{name}” here. Type a name like @anna, or pick one after the @.",
        name=_short(said),
    )


def _name_length(words: Sequence[str], ctx: Context) -> int:
    """How many words make up a member's display name; 0 if none do."""
    if words[0].startswith("@") and ":" in words[0]:
        return 1
    names = {_display_name(member) for member in ctx.members()}
    for length in range(min(len(words), 5), 1, -1):
        if _plain_name(" ".join(words[:length]).removeprefix("@")) in names:
            return length
    return 0


def _localpart(member: Member) -> str:
    return member.user_id.removeprefix("@").split(":", 1)[0].casefold()


def _display_name(member: Member) -> str:
    return _plain_name(member.display_name or "")


def _first_name(member: Member) -> str:
    """Of "Meier, Eva" it is "eva", of "☀️ Sonne" it is "sonne"."""
    family, _, first = (member.display_name or "").partition(",")
    words = _plain_name(first if first.strip() else family).split(" ")
    return next((word for word in words if any(char.isalnum() for char in word)), "")


def _plain_name(name: str) -> str:
    """As names are compared: commas in them or behind them don't count."""
    return " ".join(_GAPS.split(name)).strip().casefold()


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Every zone by its name and, for those with a region, by the city alone."""
    # Etc/GMT+1 lies west of Greenwich: nobody who writes GMT+1 means that.
    names = sorted(name for name in available_timezones() if not re.search(r"GMT[+-]", name))
    cities = {name.rsplit("/", 1)[1].casefold(): name for name in names if "/" in name}
    german = dict.fromkeys(_LIKE_BERLIN, "Europe/Berlin") | {
        "österreich": "Europe/Vienna",
        "graz": "Europe/Vienna",
        "schweiz": "Europe/Zurich",
        "bern": "Europe/Zurich",
        "basel": "Europe/Zurich",
        "wien": "Europe/Vienna",
        "zürich": "Europe/Zurich",
        "brüssel": "Europe/Brussels",
        "rom": "Europe/Rome",
        "warschau": "Europe/Warsaw",
        "prag": "Europe/Prague",
        "kopenhagen": "Europe/Copenhagen",
        "lissabon": "Europe/Lisbon",
        "moskau": "Europe/Moscow",
    }
    return cities | german | {name.casefold(): name for name in names}


def _not_a_number(text: str) -> UserError:
    return UserError(
        "not-a-number", "“{text}” is not a number. Type one like 3.", text=_short(text)
    )


def _short(text: str, most: int = 60) -> str:
    """So much of what was typed that it is recognised."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
