"""Types of arguments that only file commands have."""

from __future__ import annotations

from bots.kit.arguments import Rest, Text
from bots.kit.context import Context
from bots.kit.registry import plain_word
from wecreate_module.domain.files import MAX_DESCRIPTION, MAX_FOLDER

_TOP = frozenset({"/", "oben", "raus", "hauptordner", "keiner", "none", "top", "root", "out"})
_NOTHING = frozenset({"weg", "leer", "loeschen", "entfernen", "remove", "none", "empty", "delete"})


class FolderText(Text):
    """A folder; "" for "raus", "out"."""

    def __init__(self) -> None:
        super().__init__(MAX_FOLDER * 2)

    def parse(self, text: str, ctx: Context) -> str:
        return "" if plain_word(text.strip()) in _TOP else super().parse(text, ctx)


class DescriptionText(Rest):
    """Anything; "" for "weg", "remove"."""

    def __init__(self) -> None:
        super().__init__(MAX_DESCRIPTION * 2)

    def parse(self, text: str, ctx: Context) -> str:
        return "" if plain_word(text.strip()) in _NOTHING else super().parse(text, ctx)
