"""Amendments: changes to lines of one version, brought together without regard to their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wecreate_module.domain.diffs import Places, diff
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.lines import Line

_BLANK_LINES = re.compile(r"\n{3,}")


class AmendmentKind(StrEnum):
    REPLACE = "replace"
    DELETE = "delete"
    INSERT = "insert"
    """Behind the line `last`; 0 is before the first."""


class AmendmentState(StrEnum):
    OPEN = "open"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Amendment:
    """Ä1 to a motion. Its lines are those of the version `base`, whatever the text is now."""

    number: int
    base: int
    kind: AmendmentKind
    first: int
    last: int
    text: str
    author: str
    at: datetime
    reason: str = ""
    state: AmendmentState = AmendmentState.OPEN
    adopted_in: int | None = None
    """The version that it went into."""
    cosigners: tuple[str, ...] = ()
    adopted_as: str | None = None
    """The words it was adopted with, where the group changed them."""


@dataclass(frozen=True)
class Wish:
    """A change to lines, as typed: replace, delete, or insert behind `last`."""

    kind: AmendmentKind
    first: int
    last: int
    text: str = ""


@dataclass(frozen=True)
class Edit:
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str
    amendment: int


def edit_of(amendment: Amendment, lines: Sequence[Line]) -> Edit:
    """What it does to the text of these lines, which are its base's."""
    if amendment.kind is AmendmentKind.INSERT:
        if amendment.last == 0:
            return Edit(0, 0, f"{amendment.text}\n", amendment.number)
        before = lines[amendment.last - 1]
        between = "\n" if before.last else " "
        return Edit(before.end, before.end, between + amendment.text, amendment.number)
    start, end = lines[amendment.first - 1].start, lines[amendment.last - 1].end
    new = amendment.text if amendment.kind is AmendmentKind.REPLACE else ""
    return Edit(start, end, new, amendment.number)


def collisions(edits: Iterable[Edit]) -> list[tuple[int, int]]:
    """Pairs of amendments that can't both be adopted as they are, by number."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end, edit.amendment))
    found = []
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if other.start > one.end:
                break
            if _collide(one, other):
                first, second = sorted((one.amendment, other.amendment))
                found.append((first, second))
    return sorted(found)


def merged(text: str, edits: Iterable[Edit]) -> str:
    """The text with all of them; in which order they come does not matter.

    ValueError where some collide.
    """
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    if collisions(ordered):
        raise ValueError("some of these amendments collide")
    pieces, at = [], 0
    for edit in ordered:
        pieces += [text[at : edit.start], edit.new]
        at = edit.end
    return _tidied("".join((*pieces, text[at:])))


def moved(edits: Iterable[Edit], base: str, now: str) -> tuple[list[Edit], list[int]]:
    """The edits of an older text as edits of today's, and the amendments that no longer fit."""
    places = Places(diff(base, now))
    fitting, lost = [], []
    for edit in edits:
        place = places.untouched(edit.start, edit.end)
        if place is None:
            lost.append(edit.amendment)
        else:
            fitting.append(Edit(*place, edit.new, edit.amendment))
    return fitting, lost


def require_mergeable(edits: Sequence[Edit]) -> None:
    pairs = collisions(edits)
    if pairs:
        first, second = pairs[0]
        raise UserError(
            "amendments-collide",
            "Amendments {first} and {second} change the same lines. Adopt one of them and "
            "reject the other, or write a new one.",
            first=first,
            second=second,
        )


def _collide(one: Edit, other: Edit) -> bool:
    """Whether they touch the same words, or put words in the same place."""
    if one.start == one.end and other.start == other.end:
        return one.start == other.start
    return one.start < other.end and other.start < one.end


def _tidied(text: str) -> str:
    """No blanks where something was struck out."""
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.replace(" \n", "\n").replace("\n ", "\n").strip(" ")
    return _BLANK_LINES.sub("\n\n", text).strip("\n") if "\n\n\n" in text else text.strip("\n")
