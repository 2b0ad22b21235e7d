"""Words for a part of a motion."""

from __future__ import annotations

from collections.abc import Sequence

from bots.kit.arguments import ArgumentType
from bots.kit.context import Context
from wecreate_module.domain.bodies import Body, plain
from wecreate_module.domain.errors import UserError


class SectionText(ArgumentType[tuple[str, str]]):
    """`Finanzielle Auswirkungen: 24.000 €` gives the part's name and the words."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all
        return len(words)

    def parse(self, text: str, ctx: Context) -> tuple[str, str]:  # noqa: ARG002 - the same for all
        name, colon, words = text.partition(":")
        if not colon or not name.strip() or not words.strip():
            raise UserError("section-unclear", "Write it like: part: words")
        return name.strip(), words.strip()

    @staticmethod
    def key_of(body: Body, name: str) -> str:
        """The section whose title begins like this; UserError with those that there are."""
        wanted = plain(name)
        for section in body.sections:
            if wanted in {section.key, plain(section.title)}:
                return section.key
        found = [each for each in body.sections if plain(each.title).startswith(wanted)]
        if wanted and len(found) == 1:
            return found[0].key
        raise UserError(
            "section-unknown",
            "This body asks for: {titles}.",
            titles=", ".join(section.title for section in body.sections),
        )
