"""Two copies of one calendar brought together: what is to be done, and nothing of how.

As vdirsyncer has it: from the last common state, our state and theirs follows a list of steps.
An edit counts more than a deletion, and of two edits neither is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_FEW = 5
"""So many deletions at once are nobody's accident."""
_A_PART = 4
"""Above that, a quarter of all is."""


class Do(StrEnum):
    """`HERE` is our calendar, `THERE` the other; what is agreed needs a note only."""

    ADD_HERE = "add-here"
    ADD_THERE = "add-there"
    CHANGE_HERE = "change-here"
    CHANGE_THERE = "change-there"
    DELETE_HERE = "delete-here"
    DELETE_THERE = "delete-there"
    KEEP_BOTH = "keep-both"
    AGREE = "agree"
    FORGET = "forget"


DELETIONS = frozenset({Do.DELETE_HERE, Do.DELETE_THERE})


@dataclass(frozen=True)
class Version:
    """An object as one side has it: its etag, and a digest of what it says."""

    etag: str
    content: str


@dataclass(frozen=True)
class Common:
    """When both were last the same: the etags that each had then, and what both said."""

    ours: str
    theirs: str
    content: str


@dataclass(frozen=True)
class Step:
    do: Do
    uid: str


def plan(
    common: Mapping[str, Common],
    ours: Mapping[str, Version],
    theirs: Mapping[str, Version],
    held: Collection[str] = (),
) -> list[Step]:
    """All by UID. `held` are left alone: they can't be read, or were refused."""
    every = dict.fromkeys([*common, *ours, *theirs])
    return list(_steps(common, ours, theirs, [uid for uid in every if uid not in held]))


def _steps(
    common: Mapping[str, Common],
    ours: Mapping[str, Version],
    theirs: Mapping[str, Version],
    uids: Sequence[str],
) -> Iterator[Step]:
    for uid in uids:
        do = _decide(common.get(uid), ours.get(uid), theirs.get(uid))
        if do is not None:
            yield Step(do, uid)


def _decide(before: Common | None, ours: Version | None, theirs: Version | None) -> Do | None:
    if ours is None and theirs is None:
        return Do.FORGET
    if theirs is None:
        gone = before is not None and not _changed(before.ours, before, ours)
        return Do.DELETE_HERE if gone else Do.ADD_THERE
    if ours is None:
        gone = before is not None and not _changed(before.theirs, before, theirs)
        return Do.DELETE_THERE if gone else Do.ADD_HERE
    return _both(before, ours, theirs)


def _both(before: Common | None, ours: Version, theirs: Version) -> Do | None:
    if before is not None and (before.ours, before.theirs) == (ours.etag, theirs.etag):
        return None
    if ours.content == theirs.content:
        return Do.AGREE
    if before is None:
        return Do.KEEP_BOTH
    here = _changed(before.ours, before, ours)
    there = _changed(before.theirs, before, theirs)
    if here and there:
        return Do.KEEP_BOTH
    if here:
        return Do.CHANGE_THERE
    return Do.CHANGE_HERE if there else Do.AGREE


def _changed(etag: str, before: Common, now: Version | None) -> bool:
    """A new etag alone may be a new name, or a server that was restored."""
    return now is not None and now.etag != etag and now.content != before.content


def deletes_much(steps: Sequence[Step], known: int) -> bool:
    """Whether so much would go at once that a person has to say yes. `known`: all in common."""
    gone = sum(step.do in DELETIONS for step in steps)
    if gone == known:
        return known > 1
    return gone >= _FEW and gone * _A_PART > known
