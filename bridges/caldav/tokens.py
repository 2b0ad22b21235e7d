"""Sync tokens: the revision up to which a program knows a collection."""

from __future__ import annotations

_TOKEN = "https://wecreate.invalid/sync/"  # noqa: S105  a name, no secret
_LONGEST = 16


def token_of(revision: int) -> str:
    return f"{_TOKEN}{revision:x}"


def revision_of(token: str) -> int | None:
    """None for what was never given as a token."""
    text = token.removeprefix(_TOKEN)
    if text == token or len(text) > _LONGEST:
        return None
    try:
        revision = int(text, 16)
    except ValueError:
        return None
    return revision if revision >= 0 and token_of(revision) == token else None
