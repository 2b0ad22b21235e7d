"""What a check of `wecreate doctor` finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """`NOTE` is worth knowing; only `WRONG` makes doctor end with 1."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What is so, in plain words, and what to do about it."""

    check: str
    grade: Grade
    said: str
    do: str = ""


def fine(check: str, said: str) -> Finding:
    return Finding(check, Grade.FINE, said)


def note(check: str, said: str, do: str = "") -> Finding:
    return Finding(check, Grade.NOTE, said, do)


def wrong(check: str, said: str, do: str) -> Finding:
    return Finding(check, Grade.WRONG, said, do)


def all_well(findings: Iterable[Finding]) -> bool:
    return all(finding.grade is not Grade.WRONG for finding in findings)
