"""Types of arguments that only motion commands have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from bots.kit.arguments import ArgumentType, Rest
from bots.kit.context import Context
from bots.kit.registry import plain_word
from bridges.documents.export import BOOK_FORMATS, FORMATS, formats_of
from bridges.documents.view import Layout
from wecreate_module.domain.amendments import AmendmentKind, Wish
from wecreate_module.domain.bodies import Bodies, Body, plain
from wecreate_module.domain.errors import UserError
from wecreate_module.services.bodies import known_bodies

_ANY = re.IGNORECASE | re.DOTALL
_DASH = "-|\\u2013|bis|to"
_LINES = rf"(?:zeilen?|lines?|z\.?)\s*(?P<first>\d{{1,6}})(?:\s*(?:{_DASH})\s*(?P<last>\d{{1,6}}))?"
_STRIKE = "(?:streichen?|delete|strike)"
_VERSION = re.compile(r"(?:fassung|version)\s*(\d{1,6})\s*[:,]?\s*(?=\D)", _ANY)
_REPLACE = re.compile(rf"(?:ersetzen?\s+)?{_LINES}\s*(?:durch\s*)?:\s*(?P<text>.+)", _ANY)
_DELETE = (
    re.compile(rf"{_STRIKE}\s+{_LINES}\s*\.?", _ANY),
    re.compile(rf"{_LINES}\s+{_STRIKE}\s*\.?", _ANY),
)
_INSERT = re.compile(
    rf"(?:(?:einfügen|einfuegen|insert)\s+)?(?:nach|after)\s+{_LINES}\s*:\s*(?P<text>.+)", _ANY
)
_WHOLE = re.compile(r"text\s*:\s*(?P<text>.+)", _ANY)
_APPEND = re.compile(r"(?:anhängen|anhaengen|dazu|append|add)\s*:\s*(?P<text>.+)", _ANY)
_TO = re.compile(rf"(\d{{1,6}})(?:\s*(?:\.\.|{_DASH})\s*(\d{{1,6}}))?$")
_AS = re.compile(r"\s+(?:als|geändert|as|modified)\s*:\s*", re.IGNORECASE)
_AMENDMENTS = re.compile(r"(?:ä|ae|a)?(\d{1,4})$", _ANY)

T = TypeVar("T")
_REST = Rest()

_LAYOUTS = {
    **dict.fromkeys(("einreichung", "submission"), Layout.SUBMISSION),
    **dict.fromkeys(("antragsbuch", "buch", "book"), Layout.BOOK),
    **dict.fromkeys(("brief", "letter"), Layout.LETTER),
    **dict.fromkeys(("synopse", "synopsis"), Layout.SYNOPSIS),
    **dict.fromkeys(("unterschriften", "unterschriftenliste", "signatures"), Layout.SIGNATURES),
    **dict.fromkeys(("foerderantrag", "funding"), Layout.FUNDING),
}
_FORMATS = {**{name: name for name in FORMATS}, "word": "docx", "text": "txt", "markdown": "md"}


class All(ArgumentType[T]):
    """Takes all words that are left."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all, whatever it is
        return len(words)


class BodyName(ArgumentType[Body]):
    """A body, by as many words as its name takes: "SBB Süd", "Stadtrat"."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - words are enough
        return name_length(known_bodies(), words)

    def parse(self, text: str, ctx: Context) -> Body:  # noqa: ARG002 - the same for all
        return known_bodies().find(text)


def name_length(bodies: Bodies, words: Sequence[str]) -> int:
    """How many of the first words name a body; at least 1, so that a wrong name is told."""
    longest = min(len(words), bodies.longest_name)
    for length in range(longest, 0, -1):
        if bodies.called(" ".join(words[:length])) is not None:
            return length
    for length in range(longest, 0, -1):
        if len(bodies.search(" ".join(words[:length]))) == 1:
            return length
    for length in range(longest, 0, -1):
        if bodies.near(" ".join(words[:length])):
            return length
    return min(len(words), 1)


class ChangeKind(Enum):
    WHOLE = auto()
    APPEND = auto()
    LINES = auto()


@dataclass(frozen=True)
class TextChange:
    """What shall happen to the text. `seen` is the version whose lines are meant."""

    kind: ChangeKind
    text: str = ""
    wish: Wish | None = None
    seen: int | None = None


class TextChangeArgument(All[TextChange]):
    """A whole text, or a change to lines of it: "Zeile 4-6: …", "streichen Zeile 4"."""

    def parse(self, text: str, ctx: Context) -> TextChange:
        said = _REST.parse(text, ctx)
        seen, rest = _seen(said)
        wish = read_wish(rest)
        if wish is not None:
            return TextChange(ChangeKind.LINES, wish=wish, seen=seen)
        appended = _APPEND.match(said)
        if appended:
            return TextChange(ChangeKind.APPEND, appended["text"])
        return TextChange(ChangeKind.WHOLE, said)


class AmendmentText(All[TextChange]):
    """A change to lines, or "text: …" with the whole text as it shall be."""

    def parse(self, text: str, ctx: Context) -> TextChange:
        said = _REST.parse(text, ctx)
        seen, rest = _seen(said)
        wish = read_wish(rest)
        if whole := _WHOLE.fullmatch(rest.strip()):
            return TextChange(ChangeKind.WHOLE, whole["text"], seen=seen)
        if wish is None:
            raise UserError(
                "amendment-unclear",
                "Write it like one of these: line 4-6: new words · delete line 4 · "
                "insert after line 4: new words",
            )
        return TextChange(ChangeKind.LINES, wish=wish, seen=seen)


def read_wish(text: str) -> Wish | None:
    """A change to lines as people write it; None when it is none."""
    said = text.strip()
    if found := _INSERT.fullmatch(said):
        line = _span(found)[1]
        return Wish(AmendmentKind.INSERT, line, line, found["text"])
    for pattern in _DELETE:
        if found := pattern.fullmatch(said):
            return Wish(AmendmentKind.DELETE, *_span(found))
    if found := _REPLACE.fullmatch(said):
        return Wish(AmendmentKind.REPLACE, *_span(found), found["text"])
    return None


def _span(found: re.Match[str]) -> tuple[int, int]:
    """The first and the last line, whichever was named first."""
    first = int(found["first"])
    last = int(found["last"] or first)
    return min(first, last), max(first, last)


def _seen(text: str) -> tuple[int | None, str]:
    """A version named first, and what is behind it."""
    found = _VERSION.match(text)
    return (int(found[1]), text[found.end() :]) if found else (None, text)


class Versions(All[tuple[int | None, int]]):
    """`2..5`, or `5` (what changed in it: the first is None)."""

    def parse(self, text: str, ctx: Context) -> tuple[int | None, int]:  # noqa: ARG002 - numbers
        found = _TO.match(text.strip())
        if found is None:
            raise UserError("versions-unclear", "Which versions? Write for example 2..5")
        if found[2] is None:
            return None, int(found[1])
        return int(found[1]), int(found[2])


class AmendmentNumbers(All[tuple[int, ...]]):
    """`Ä1`, `1 3`, "Ä1 und Ä2"."""

    def parse(self, text: str, ctx: Context) -> tuple[int, ...]:  # noqa: ARG002 - numbers
        numbers: dict[int, None] = {}
        for word in re.split(r"[\s,;]+", text.strip()):
            found = _AMENDMENTS.match(word)
            if found:
                numbers[int(found[1])] = None
            elif word.casefold() not in {"und", "and", "&", "+", "statt", "over"}:
                raise _which_amendment()
        if not numbers:
            raise _which_amendment()
        return tuple(numbers)


@dataclass(frozen=True)
class Adoption:
    """Amendments to adopt; with `text` the one of them, in these words."""

    numbers: tuple[int, ...]
    text: str = ""


class AdoptionText(All[Adoption]):
    """`Ä1 Ä3`, or `Ä1 als: andere Worte`."""

    def parse(self, text: str, ctx: Context) -> Adoption:
        named, _, words = _AS.sub("\0", _REST.parse(text, ctx), count=1).partition("\0")
        numbers = AmendmentNumbers().parse(named, ctx)
        if words and len(numbers) > 1:
            raise UserError(
                "one-at-a-time", "In other words only one amendment at a time can be adopted."
            )
        return Adoption(numbers, words.strip())


def _which_amendment() -> UserError:
    return UserError("amendments-unclear", "Which amendment? Type its number, like 1 or Ä1.")


@dataclass(frozen=True)
class Wanted:
    """Formats that were asked for, none for the body's own, and the layout."""

    formats: tuple[str, ...]
    layout: Layout


class ExportText(All[Wanted]):
    """`pdf docx`, `antragsbuch pdf`."""

    def parse(self, text: str, ctx: Context) -> Wanted:  # noqa: ARG002 - the same for all
        formats: dict[str, None] = {}
        layout = Layout.SUBMISSION
        for word in _words(text):
            if word in _LAYOUTS:
                layout = _LAYOUTS[word]
            elif word in _FORMATS:
                formats[_FORMATS[word]] = None
            else:
                raise UserError(
                    "export-unclear",
                    "I can't make “{word}”. Possible are {formats} and the layouts submission, "
                    "book, letter, synopsis, signatures and funding.",
                    word=word[:30],
                    formats=", ".join(FORMATS),
                )
        for format_ in formats:
            if format_ not in formats_of(layout):
                raise UserError(
                    "export-not-in-format",
                    "This layout comes as {formats} only.",
                    formats=", ".join(formats_of(layout)),
                )
        return Wanted(tuple(formats), layout)


class BookText(All[tuple[str, ...]]):
    """`pdf docx`: the formats of a whole book."""

    def parse(self, text: str, ctx: Context) -> tuple[str, ...]:  # noqa: ARG002 - the same for all
        formats: dict[str, None] = {}
        for word in _words(text):
            format_ = _FORMATS.get(word)
            if format_ not in BOOK_FORMATS:
                raise UserError(
                    "export-not-in-format",
                    "This layout comes as {formats} only.",
                    formats=", ".join(BOOK_FORMATS),
                )
            formats[format_] = None
        return tuple(formats)


def _words(text: str) -> list[str]:
    """What names something, without the words between."""
    words = map(plain_word, re.split(r"[\s,;+]+", text.strip()))
    return [word for word in words if word not in {"und", "and", "als", "as", ""}]


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
