"""What changed between two texts, in words; and where each line of the old one is in the new.

Pure: `applied(old, diff(old, new)) == new` for all texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from wecreate_module.domain.lines import Line

_TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
# Beyond this many words on both sides together they are compared no further: it would take
# quadratic time, and nobody reads such a change word by word.
_MOST_WORDS = 4000
# A change with less than this share of words in common reads better as "all of it is new".
_ALIKE = 0.35


class Kind(StrEnum):
    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True)
class Change:
    """A stretch of text that is in both, only in the old or only in the new one."""

    kind: Kind
    text: str


def diff(old: str, new: str) -> tuple[Change, ...]:
    """Changes in order; what is deleted stands before what is inserted in its place."""
    found: list[Change] = []
    for kind, text in _by_paragraph(old, new):
        if not text:
            continue
        if found and found[-1].kind is kind:
            found[-1] = Change(kind, found[-1].text + text)
        else:
            found.append(Change(kind, text))
    return tuple(found)


def applied(old: str, changes: Sequence[Change]) -> str:
    """The new text; ValueError where these are changes of another text."""
    kept = "".join(change.text for change in changes if change.kind is not Kind.INSERTED)
    if kept != old:
        raise ValueError("these changes belong to another text")
    return "".join(change.text for change in changes if change.kind is not Kind.DELETED)


class Places:
    """From places in the old text to those in the new one; never backwards."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._old: list[int] = []
        self._new: list[int] = []
        self._kept: list[bool] = []
        old = new = 0
        for change in changes:
            self._old.append(old)
            self._new.append(new)
            self._kept.append(change.kind is Kind.KEPT)
            old += 0 if change.kind is Kind.INSERTED else len(change.text)
            new += 0 if change.kind is Kind.DELETED else len(change.text)
        self._ends = (old, new)

    def after(self, place: int) -> int:
        """Where the text at this place is now; what was deleted: where it would be."""
        at = bisect_right(self._old, place) - 1
        if at < 0:
            return 0
        if place >= self._ends[0]:
            return self._ends[1]
        return self._new[at] + (place - self._old[at] if self._kept[at] else 0)

    def untouched(self, start: int, end: int) -> tuple[int, int] | None:
        """Where this stretch is now, if nothing in it was changed; else None."""
        for at, old in enumerate(self._old):
            stop = self._old[at + 1] if at + 1 < len(self._old) else self._ends[0]
            if self._kept[at] and old <= start and end <= stop:
                return self._new[at] + start - old, self._new[at] + end - old
        return None


def line_map(
    old: Sequence[Line], new: Sequence[Line], changes: Sequence[Change]
) -> tuple[int, ...]:
    """For each old line the number of the new one where it begins; 0 if none is left.

    Total (each old line has one) and never falling.
    """
    if not new:
        return (0,) * len(old)
    places = Places(changes)
    starts = [line.start for line in new]
    return tuple(max(1, bisect_right(starts, places.after(line.start))) for line in old)


def _by_paragraph(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    """Whole paragraphs first, then words in those that differ: quick for long texts."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Kind.KEPT, "".join(before[i1:i2])
        else:
            yield from _by_word("".join(before[i1:i2]), "".join(after[j1:j2]))


def _by_word(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    """Words; what is the same at both ends is not compared again, as comparing is slow."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    mid_before, mid_after = before[head : len(before) - tail], after[head : len(after) - tail]
    middle = _middle(mid_before, mid_after)
    same = 2 * (head + tail) + sum(2 * len(words) for kind, words in middle if kind is Kind.KEPT)
    if same < _ALIKE * (len(before) + len(after)):
        yield Kind.DELETED, old
        yield Kind.INSERTED, new
        return
    yield Kind.KEPT, "".join(before[:head])
    for kind, words in middle:
        yield kind, "".join(words)
    yield Kind.KEPT, "".join(before[len(before) - tail :])


def _middle(before: list[str], after: list[str]) -> list[tuple[Kind, list[str]]]:
    """What differs between the ends."""
    if not before or not after or len(before) + len(after) > _MOST_WORDS:
        return [(Kind.DELETED, before), (Kind.INSERTED, after)]
    found = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append((Kind.KEPT, before[i1:i2]))
        else:
            found += [(Kind.DELETED, before[i1:i2]), (Kind.INSERTED, after[j1:j2])]
    return found
