"""Reading fields of JSON that anyone may have written: the wrong type is as good as none."""

from __future__ import annotations

from typing import Any

CANONICAL_BOUND = 2**53


def as_dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Text that any database takes: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def as_int(value: object) -> int:
    """A whole number as Matrix' canonical JSON bounds it."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if abs(value) < CANONICAL_BOUND else 0
