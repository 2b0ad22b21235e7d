"""Lines of a motion's text: where they break, and what numbers they have.

A version of these rules never changes once a release had it: motions keep the version they
were written under, so that "line 4" stays line 4 in chat, PDF and Word for ever.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

RULES = 1
"""The newest version of the rules, for new motions."""
WIDTH = 76
"""Letters of average width in a full line."""

_QUARTERS = 4  # an average letter, so that narrow and wide ones are whole numbers
_WIDTHS = {
    **dict.fromkeys(map(chr, range(32, 127)), 4),
    **dict.fromkeys(" !',.:;Iijl|·", 2),
    **dict.fromkeys("()-/[]`frt", 3),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZÄÖÜẞmw&+<=>~#$€§", 5),
    **dict.fromkeys("MW@%…—", 8),
}
_JOINER = "\u200d"
_WORD = re.compile(r"[^ ]+")
# What joins to the character before it: marks, variation selectors, skin tones.
_JOINING = frozenset({"Mn", "Me", "Mc"})


@dataclass(frozen=True)
class Line:
    """One numbered line: `text[start:end]` of the motion. `first`, `last` of its paragraph."""

    number: int
    text: str
    start: int
    end: int
    first: bool
    last: bool


def break_lines(text: str, rules: int = RULES, width: int = WIDTH) -> tuple[Line, ...]:
    """All lines in order, numbered from 1; blank ones have no number and are left out.

    ValueError for rules that this release does not know.
    """
    if rules != 1:
        raise ValueError(f"unknown rules for lines: {rules}")
    spans = [span for paragraph in _paragraphs(text) for span in _break(text, *paragraph, width)]
    return tuple(
        Line(number, text[start:end], start, end, first, last)
        for number, (start, end, first, last) in enumerate(spans, start=1)
    )


def in_paragraphs(lines: tuple[Line, ...]) -> list[tuple[Line, ...]]:
    """The lines of each paragraph."""
    found: list[list[Line]] = []
    for line in lines:
        if line.first:
            found.append([])
        found[-1].append(line)
    return [tuple(paragraph) for paragraph in found]


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each paragraph that has any text, without the spaces around it."""
    at = 0
    for paragraph in text.split("\n"):
        inner = paragraph.strip(" ")
        if inner:
            start = at + len(paragraph) - len(paragraph.lstrip(" "))
            yield start, start + len(inner)
        at += len(paragraph) + 1


def _break(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int, bool, bool]]:
    """Fill lines with whole words; a word wider than a line is broken inside."""
    limit = width * _QUARTERS
    pieces = [
        piece
        for word in _WORD.finditer(text, start, end)
        for piece in _fitting(text, word.start(), word.end(), limit)
    ]
    line_start, line_end, used = pieces[0]
    first = True
    for piece_start, piece_end, needed in pieces[1:]:
        space = 2 * (piece_start - line_end)  # a space is narrow: half a letter
        if used + space + needed <= limit:
            line_end, used = piece_end, used + space + needed
        else:
            yield line_start, line_end, first, False
            first = False
            line_start, line_end, used = piece_start, piece_end, needed
    yield line_start, line_end, first, True


def _fitting(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int, int]]:
    """A word as pieces that fit into a line, with their widths; nearly always one."""
    used, piece = 0, start
    for at in range(start, end):
        needed = _width(text, at)
        if needed and used + needed > limit:
            yield piece, at, used
            piece, used = at, 0
        used += needed
    yield piece, end, used


def _width(text: str, at: int) -> int:
    """Of one character, in quarters of an average letter; 0 for what joins the one before."""
    char = text[at]
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if unicodedata.east_asian_width(char) in {"W", "F"}:
        joined = at > 0 and text[at - 1] == _JOINER
        return 0 if joined or "\U0001f3fb" <= char <= "\U0001f3ff" else 8
    if char == _JOINER or unicodedata.category(char) in _JOINING:
        return 0
    return 5
