"""Foreign JSON, read without trusting its shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]


def obj(value: object, *path: str) -> Json:
    """Return the object at `path`, or an empty one where something else or nothing stands."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: object, *path: str) -> str:
    """Return the string at `path`, or "" (also for one that is no valid Unicode)."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, str):
        return ""
    return value if value.isascii() or _is_unicode(value) else ""


def texts(value: object) -> Iterator[str]:
    """Yield the strings of a list, whatever else it holds."""
    if isinstance(value, list):
        yield from (found for item in value if (found := text(item)))


def objects(value: object) -> Iterator[Json]:
    """Yield the objects of a list, whatever else it holds."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def per_user(value: object) -> Iterator[tuple[str, Json]]:
    """Yield (user id, object) of `{user id: {…}}`."""
    if isinstance(value, Mapping):
        for user_id, found in value.items():
            if isinstance(found, dict) and text(user_id):
                yield user_id, found


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
