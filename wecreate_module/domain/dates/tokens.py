"""Text to tokens, in one linear pass; the grammar reads tokens, never text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

T = TypeVar("T")

# No repetition inside a repetition: matching is linear in the text.
_TOKEN = re.compile(
    r"""
    (?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2}
        (?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?(?![0-9])
        |[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}(?![0-9]))
    |(?P<dotted>[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}(?![0-9])
        |[0-9]{1,2}\.\ ?[0-9]{1,2}\.(?:[0-9]{2,6}|\ [0-9]{4}(?![0-9:]))?(?![0-9]))
    |(?P<pair>[0-9]{1,2}\.[0-9]{1,2}(?![0-9.]))
    |(?P<slash>[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,6})?(?![0-9/]))
    |(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9:]))
    |(?P<ordinal>[0-9]{1,2}(?:\.(?![0-9])|(?:st|nd|rd|th|s?te[nrs]?)(?![^\W_])))
    |(?P<number>[0-9]+)
    |(?P<word>[ap]\.m(?:\.|(?![^\W_]))|[^\W\d_]+(?:['\u2019][^\W\d_]+)?)
    |(?P<other>[^\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])  # marks that nobody sees
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "\u2019": "'"})


def fold(word: str) -> str:
    """Case, umlauts and ß away: "Übermorgen", "uebermorgen" → "uebermorgen"."""
    return word.casefold().translate(_FOLDED)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def number(self) -> int:
        """The digits of a number or ordinal, short enough to calculate with."""
        return int("".join(c for c in self.text if c in "0123456789")[:6])


def tidy(text: str) -> str:
    """One form for composed and decomposed umlauts; positions below refer to this."""
    return unicodedata.normalize("NFC", text)


def tokenize(text: str) -> list[Token]:
    """Tokens of a tidied text."""
    return [
        Token(match.lastgroup or "other", fold(match.group()), match.start(), match.end())
        for match in _TOKEN.finditer(text)
    ]


_END = Token("end", "", 0, 0)


class Reader:
    """A place in the tokens, and the time it is for whoever wrote them.

    `strict` says that a date is expected here: short forms that might mean something else in
    ordinary talk ("24.12", "So", "5.") are dates then.
    """

    def __init__(self, tokens: list[Token], now: datetime, *, strict: bool, at: int = 0) -> None:
        self.tokens = tokens
        self.now = now
        self.strict = strict
        self.at = at

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else _END

    def skip(self, words: Collection[str]) -> int:
        """Pass over any of these words or signs; says how many."""
        before = self.at
        while self.peek().text in words and not self.done:
            self.at += 1
        return self.at - before

    def take(self, *words: str) -> bool:
        """Pass over exactly these words, or stay."""
        if all(self.peek(ahead).text == word for ahead, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def take_any(self, words: Collection[str]) -> bool:
        if self.peek().kind == "word" and self.peek().text in words:
            self.at += 1
            return True
        return False

    def look_up(self, table: Mapping[str, T]) -> T | None:
        """The meaning of the word here, passed over if it has one."""
        token = self.peek()
        if token.kind == "word" and token.text in table:
            self.at += 1
            return table[token.text]
        return None

    def attempt(self, read: Callable[[Reader], T | None]) -> T | None:
        """What `read` finds; where it finds nothing the place stays as it was."""
        before = self.at
        found = read(self)
        if found is None:
            self.at = before
        return found

    def first(self, *reads: Callable[[Reader], T | None]) -> T | None:
        """The first reading that finds something."""
        for read in reads:
            found = self.attempt(read)
            if found is not None:
                return found
        return None
