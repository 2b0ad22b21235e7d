"""Which version, and so which amendment, each line of a text comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wecreate_module.domain.bodies import TEXT
from wecreate_module.domain.diffs import Kind, diff
from wecreate_module.domain.motions import Version


@dataclass(frozen=True)
class LineOrigin:
    """A line of the newest text and the versions whose words it holds, oldest first."""

    number: int
    text: str
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        return self.versions[-1]


def line_origins(versions: Iterable[Version]) -> list[LineOrigin]:
    """For each line of the last of these versions, which are in order from the first."""
    known: dict[int, Version] = {}
    owners: list[int] = []
    text, newest = "", None
    for version in versions:
        known[version.number] = version
        newest = version
        now = version.sections.get(TEXT, "")
        owners = _carried(owners, text, now, version.number)
        text = now
    if newest is None:
        return []
    return [
        LineOrigin(
            line.number,
            line.text,
            tuple(known[number] for number in _of_words(owners, text, line.start, line.end)),
        )
        for line in newest.lines
    ]


def _carried(owners: list[int], old: str, new: str, number: int) -> list[int]:
    """Who wrote each character: what is kept keeps its owner."""
    if old == new:
        return owners
    found: list[int] = []
    at = 0
    for change in diff(old, new):
        if change.kind is Kind.INSERTED:
            found += [number] * len(change.text)
            continue
        if change.kind is Kind.KEPT:
            found += owners[at : at + len(change.text)]
        at += len(change.text)
    return found


def _of_words(owners: list[int], text: str, start: int, end: int) -> list[int]:
    """The owners of what can be seen; of a line without any, whoever made it."""
    seen = {owners[at] for at in range(start, end) if not text[at].isspace()}
    return sorted(seen or set(owners[start : max(end, start + 1)]))
