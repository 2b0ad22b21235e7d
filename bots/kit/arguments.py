"""Types of arguments: how many words each takes, and what it makes of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from bots.kit.context import Context

T = TypeVar("T")


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

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002
        return len(words)

    def parse(self, text: str, ctx: Context) -> str:
        raise NotImplementedError


class Rest(Text):
    """All that is left, for a grammar of the command's own."""

    def __init__(self, max_length: int = 8000) -> None:
        super().__init__(max_length)


class Number(ArgumentType[int]):
    """`3` or `#3`."""

    def parse(self, text: str, ctx: Context) -> int:
        raise NotImplementedError


class Numbers(ArgumentType[tuple[int, ...]]):
    """`3`, `3,4 5`, `3-5`: each once, in the order typed; at most `most`."""

    def __init__(self, most: int = 50) -> None:
        self.most = most

    def parse(self, text: str, ctx: Context) -> tuple[int, ...]:
        raise NotImplementedError


class Person(ArgumentType[str]):
    """A user id. Accepts @anna:server, @anna, a joined member's display name, "mich" / "me".

    With `known_only` only members of the room; else any well-formed user id may be given.
    """

    def __init__(self, *, known_only: bool = True) -> None:
        self.known_only = known_only

    def parse(self, text: str, ctx: Context) -> str:
        raise NotImplementedError


class Persons(ArgumentType[tuple[str, ...]]):
    """Several people, separated by spaces or commas; each once; at most `most`."""

    def __init__(self, *, known_only: bool = True, most: int = 50) -> None:
        self.known_only = known_only
        self.most = most

    def parse(self, text: str, ctx: Context) -> tuple[str, ...]:
        raise NotImplementedError


class Choice(ArgumentType[str]):
    """One of some words: `Choice({"on": ("an", "on"), "off": ("aus", "off")})` gives the key."""

    def __init__(self, options: dict[str, tuple[str, ...]]) -> None:
        self.options = options

    def parse(self, text: str, ctx: Context) -> str:
        raise NotImplementedError


class Language(ArgumentType[str]):
    """Gives "de" or "en"; Deutsch, German, englisch are understood."""

    def parse(self, text: str, ctx: Context) -> str:
        raise NotImplementedError


class Timezone(ArgumentType[str]):
    """An IANA name; "Berlin" is enough."""

    def parse(self, text: str, ctx: Context) -> str:
        raise NotImplementedError
