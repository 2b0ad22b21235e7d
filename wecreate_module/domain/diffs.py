"""What changed between two texts, in words; and where each line of the old one is in the new.

Pure: `applied(old, diff(old, new)) == new` for all texts.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from wecreate_module.domain.lines import Line

_TOKEN = re.compile(r"\w+| +|[^\w\s]|\n|[^\S\n]+")
# Beyond this many words on both sides together they are compared no further: it would take
# quadratic memory, and nobody reads such a change word by word.
_MOST_WORDS = 8000
# A change with less than this share of words in common reads better as "all of it is new".
_ALIKE = 0.35
# Beyond this many pairs of lines those that are there several times are not looked for: a text of
# one line again and again would take minutes.
_MOST_LINES_SQUARED = 250_000
# Beyond this many pairs paragraphs that differ are not put beside each other.
_MOST_PAIRS = 2500


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
    open_: dict[Kind, list[str]] = {Kind.KEPT: [], Kind.DELETED: [], Kind.INSERTED: []}
    kept, deleted, inserted = open_.values()

    def close(*ended: tuple[Kind, list[str]]) -> None:
        for kind, pieces in ended:
            if pieces:
                found.append(Change(kind, "".join(pieces)))
                pieces.clear()

    for kind, text in _by_paragraph(old, new):
        if not text:
            continue
        if kind is not Kind.KEPT:
            close((Kind.KEPT, kept))
        elif deleted or inserted:
            close((Kind.DELETED, deleted), (Kind.INSERTED, inserted))
        open_[kind].append(text)
    close(*open_.items())
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
    before, after = _paragraphs(old), _paragraphs(new)
    at = other = 0
    for one, two, length in (*_same(before, after), (len(before), len(after), 0)):
        for left, right in _alike(before[at:one], after[other:two]):
            if left and right:
                yield from _by_word(left, right)
            else:
                yield (Kind.DELETED, left) if left else (Kind.INSERTED, right)
        yield Kind.KEPT, "".join(before[one : one + length])
        at, other = one + length, two + length


def _paragraphs(text: str) -> list[str]:
    """Each with its line break (`str.splitlines` looks for others too, which takes longer)."""
    *whole, last = text.split("\n")
    return [f"{each}\n" for each in whole] + ([last] if last else [])


def paragraph_pairs(old: str, new: str) -> list[tuple[str, str]]:
    """Each paragraph beside what became of it; "" where there is nothing on that side."""
    before, after = old.split("\n"), new.split("\n")
    found: list[tuple[str, str]] = []
    at = other = 0
    for one, two, length in (*_same(before, after), (len(before), len(after), 0)):
        found += _alike(before[at:one], after[other:two])
        found += [(each, each) for each in before[one : one + length]]
        at, other = one + length, two + length
    return found


def changed_runs(before: list[str], after: list[str]) -> list[tuple[int, int, int, int]]:
    """Where two lists differ: `before[i1:i2]` became `after[j1:j2]`; either may be empty."""
    found = []
    at = other = 0
    for one, two, length in (*_same(before, after), (len(before), len(after), 0)):
        if one > at or two > other:
            found.append((at, one, other, two))
        at, other = one + length, two + length
    return found


def _same(before: list[str], after: list[str]) -> list[tuple[int, int, int]]:
    """Runs that are the same in both: (place in the old, place in the new, how many).

    Paragraphs that are there just once hold the rest together (Cohen's patience diff): in a
    text with few changes that finds nearly all, without looking at every pair.
    """
    found: list[tuple[int, int, int]] = []
    at = other = length = 0
    anchors = _in_both_orders(_once(before), _once(after))
    for one, two in (*anchors, (len(before), len(after))):
        if one == at + length and two == other + length and one < len(before):
            length += 1
            continue
        if length:
            found.append((at, other, length))
        at, other = at + length, other + length
        found += _runs_between(before, after, (at, one), (other, two))
        at, other, length = one, two, 1
    return found


def _once(words: list[str]) -> dict[str, int]:
    """What is there just once, and where."""
    places: dict[str, int] = {}
    for at, word in enumerate(words):
        places[word] = -1 if word in places else at
    return {word: at for word, at in places.items() if at >= 0}


def _in_both_orders(one: dict[str, int], other: dict[str, int]) -> list[tuple[int, int]]:
    """The longest row of common places that rises on both sides."""
    pairs = [(at, other[word]) for word, at in one.items() if word in other]
    ends: list[int] = []
    rows: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = len(ends) if not ends or place > ends[-1] else bisect_left(ends, place)
        ends[length : length + 1] = [place]
        rows[length : length + 1] = [index]
        before.append(rows[length - 1] if length else -1)
    found = []
    index = rows[-1] if rows else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


def _runs_between(
    before: list[str], after: list[str], old: tuple[int, int], new: tuple[int, int]
) -> list[tuple[int, int, int]]:
    """The same within a gap: what is there several times, like a rule or an empty line."""
    one, two = before[slice(*old)], after[slice(*new)]
    if not one or not two or set(one).isdisjoint(two):
        return []
    head, tail = _ends_in_common(one, two)
    mid, mid_two = one[head : len(one) - tail], two[head : len(two) - tail]
    found = [(old[0], new[0], head)]
    if len(mid) * len(mid_two) <= _MOST_LINES_SQUARED:
        matcher = SequenceMatcher(None, mid, mid_two, autojunk=False)
        found += [
            (old[0] + head + a, new[0] + head + b, size)
            for a, b, size in matcher.get_matching_blocks()
        ]
    found.append((old[1] - tail, new[1] - tail, tail))
    return [run for run in found if run[2]]


def _ends_in_common(one: list[str], other: list[str]) -> tuple[int, int]:
    """How many are the same at the beginning and, of the rest, at the end."""
    shorter = min(len(one), len(other))
    head = tail = 0
    while head < shorter and one[head] == other[head]:
        head += 1
    while tail < shorter - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    return head, tail


def _alike(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """Paragraphs that differ: those beside each other that have most words in common."""
    if not before or not after or len(before) * len(after) > _MOST_PAIRS:
        yield from ((one, "") for one in before)
        yield from (("", other) for other in after)
        return
    if len(before) == len(after) == 1:
        yield before[0], after[0]
        return
    counted = [set(each.split()) for each in before], [set(each.split()) for each in after]
    best = _best_rows(*counted)
    at = other = 0
    while at < len(before) or other < len(after):
        if at < len(before) and other < len(after):
            together = best[at + 1][other + 1] + _likeness(counted[0][at], counted[1][other])
            if together == best[at][other] and together > best[at + 1][other + 1]:
                yield before[at], after[other]
                at, other = at + 1, other + 1
                continue
        if at < len(before) and (other == len(after) or best[at + 1][other] == best[at][other]):
            yield before[at], ""
            at += 1
        else:
            yield "", after[other]
            other += 1


def _best_rows(one: list[set[str]], other: list[set[str]]) -> list[list[float]]:
    """How alike the rest from each pair of places on can be put beside each other."""
    best = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for at in range(len(one) - 1, -1, -1):
        for to in range(len(other) - 1, -1, -1):
            together = best[at + 1][to + 1] + _likeness(one[at], other[to])
            best[at][to] = max(together, best[at + 1][to], best[at][to + 1])
    return best


def _likeness(one: set[str], other: set[str]) -> float:
    """Share of words in common; 0 where it is too little to belong together."""
    total = len(one) + len(other)
    share = 2 * len(one & other) / total if total else 0.0
    return share if share >= _ALIKE else 0.0


def _by_word(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    """Words; what is the same at both ends is not compared again."""
    start, end = _ends_outside_words(old, new)
    outside = old[:start] + old[len(old) - end :]
    before = _TOKEN.findall(old[start : len(old) - end])
    after = _TOKEN.findall(new[start : len(new) - end])
    head, tail = _ends_in_common(before, after)
    mid_before, mid_after = before[head : len(before) - tail], after[head : len(after) - tail]
    runs = _in_common(mid_before, mid_after)
    around = len(_TOKEN.findall(outside))
    same = around + head + tail + sum(length for _, _, length in runs)
    if 2 * same < _ALIKE * (2 * around + len(before) + len(after)):
        yield Kind.DELETED, old
        yield Kind.INSERTED, new
        return
    yield Kind.KEPT, old[:start] + "".join(before[:head])
    at = other = 0
    for one, two, length in (*runs, (len(mid_before), len(mid_after), 0)):
        kept = mid_before[one : one + length]
        # A stretch that has no word in it counts as changed: it would only cut the rest in pieces.
        if length and not any(word[0].isalnum() or word == "\n" for word in kept):
            continue
        yield Kind.DELETED, "".join(mid_before[at:one])
        yield Kind.INSERTED, "".join(mid_after[other:two])
        yield Kind.KEPT, "".join(kept)
        at, other = one + length, two + length
    yield Kind.KEPT, "".join(before[len(before) - tail :]) + old[len(old) - end :]


def _ends_outside_words(old: str, new: str) -> tuple[int, int]:
    """How many characters are the same at the beginning and at the end, cut between words.

    Cheap: what they hold need not be taken apart into words.
    """
    start = _alike_up_to(old, new, min(len(old), len(new)))
    room = min(len(old), len(new)) - start
    end = _alike_up_to(old[::-1][:room], new[::-1][:room], room)
    head = old.rfind(" ", 0, start)
    while head > 0 and old[head - 1].isspace():
        head = old.rfind(" ", 0, head)
    tail = old.find(" ", len(old) - end + 1)
    while tail > 0 and old[tail - 1].isspace():
        tail = old.find(" ", tail + 1)
    return max(head, 0), len(old) - tail if tail > 0 else 0


def _alike_up_to(one: str, other: str, most: int) -> int:
    """How many characters are the same from the beginning on."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def _in_common(before: list[str], after: list[str]) -> list[tuple[int, int, int]]:
    """A longest common subsequence, as runs (place, place, how many): a row of bits a word.

    Hyyrö, "Bit-parallel LCS-length computation revisited" (2004): a bit stays set where the word
    of the old text adds nothing.
    """
    if not before or not after or len(before) + len(after) > _MOST_WORDS:
        return []
    places: dict[str, int] = {}
    bit = 1
    for word in before:
        places[word] = places.get(word, 0) | bit
        bit <<= 1
    row = full = bit - 1
    rows = []
    for bits in map(places.get, after):
        if bits and (both := row & bits):
            row = ((row + both) | (row - both)) & full
        rows.append(row)
    found: list[tuple[int, int, int]] = []
    at, other = len(before), len(after)
    end, end_other, length = at, other, 0
    while at and other:
        if rows[other - 1] >> (at - 1) & 1:
            at -= 1
            continue
        other -= 1
        if other and not rows[other - 1] >> (at - 1) & 1:
            continue
        at -= 1
        if at == end - 1 and other == end_other - 1:
            length += 1
        else:
            found.append((end, end_other, length))
            length = 1
        end, end_other = at, other
    found.append((end, end_other, length))
    return [run for run in reversed(found) if run[2]]
