"""Words inside files, for Boxes whose admins want to search them."""

from __future__ import annotations

from wecreate_module.domain.files import File, folded

MOST_SIZE = 25_000_000
"""Bytes of a file that is read."""
MOST_CHARS = 2_000_000
MOST_WORDS = 30_000
"""Characters of words kept of one file."""
SHORTEST = 3
_KINDS = {"pdf": "pdf", "docx": "docx", "odt": "odt", "md": "txt", "txt": "txt"}
_AROUND = ".,;:!?()[]{}\"'„“”‚‘’»«›‹*_#|<>-–—…"  # noqa: RUF001 - the marks themselves


def kind_of_text(file: File) -> str | None:
    """How a file's text is read; None for one that has none, or is too large."""
    kind = _KINDS.get(file.name.rpartition(".")[2].casefold())
    return kind if file.version.size <= MOST_SIZE else None


def text_words(text: str) -> str:
    """Each word once, as it is searched for: folded, the first ones where they don't all fit."""
    seen: dict[str, None] = {}
    length = 0
    for word in folded(text).split():
        plain = word.strip(_AROUND)
        if len(plain) < SHORTEST or plain in seen:
            continue
        length += len(plain) + 1
        if length > MOST_WORDS:
            break
        seen[plain] = None
    return " ".join(seen)
