"""What people type behind `!markt suche`."""

from __future__ import annotations

from wecreate_module.domain.listings import InvalidListing, read_kind

_MOST_TAGS = 10


def read_search(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Words, kinds and tags: `Idee #rad Radweg`. A kind is one as the first word only."""
    said = text.split()
    tags = tuple(word.lstrip("#").lower() for word in said if word.startswith("#") and word[1:])
    words = [word for word in said if not word.startswith("#")]
    kinds: tuple[str, ...] = ()
    if words:
        try:
            kinds = (read_kind(words[0]).value,)
            words = words[1:]
        except InvalidListing:
            kinds = ()
    return " ".join(words), kinds, tags[:_MOST_TAGS]
