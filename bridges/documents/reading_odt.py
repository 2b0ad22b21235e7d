"""The words of an OpenDocument text (ISO/IEC 26300), as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from bridges.documents.archives import OfficeFile, broken

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE = f"{_OASIS}text:1.0}}", f"{_OASIS}table:1.0}}", f"{_OASIS}office:1.0}}"
_STYLE = f"{_OASIS}style:1.0}}"
# Never read: deleted words stand in tracked-changes, the rest is no running text.
_SKIPPED = frozenset(
    {f"{_TEXT}{name}" for name in ("tracked-changes", "hidden-text", "hidden-paragraph",
                                   "ruby-text", "script", "sequence-decls", "variable-decls",
                                   "user-field-decls", "table-of-content", "bibliography")}
    | {f"{_OFFICE}{name}" for name in ("annotation", "annotation-end", "forms", "scripts")}
)  # fmt: skip
_DRAWING = f"{_OASIS}drawing:1.0}}"
_ROW_GROUPS = frozenset(
    f"{_TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group")
)
_NOTE = f"{_TEXT}note"
_TEXT_BOX = f"{_DRAWING}text-box"
_DEEPEST = 40
_MOST_SPACES = 200
_MOST_LEVELS = 6


def odt_text(file: OfficeFile) -> str:
    """Paragraphs as lines; raises UserError for a file that is no OpenDocument text."""
    content = file.xml("content.xml")
    body = content.find(f"{_OFFICE}body/{_OFFICE}text") if content is not None else None
    if content is None or body is None:
        raise broken()
    numbered = _numbered_lists(content) | _numbered_lists(file.xml("styles.xml"))
    place = _Place(numbered)
    return "\n".join([*_lines(body, place, 0), *place.notes])


@dataclass(frozen=True)
class _Place:
    """Where in which lists we are; `numbered` are (style, level) whose items have numbers.

    `notes` are the same for all of a file: foot- and endnotes, counted as they come.
    """

    numbered: frozenset[tuple[str, int]]
    style: str = ""
    level: int = 0
    front: str = ""
    notes: list[str] = field(default_factory=list)


def _lines(parent: Element, place: _Place, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise broken()
    for block in parent:
        name = block.tag
        if name in _SKIPPED:
            continue
        if name.startswith(_DRAWING):
            yield from _framed(block, place, depth + 1)
            continue
        if name == f"{_TEXT}h":
            level = _number(block.get(f"{_TEXT}outline-level", "1"), 1)
            yield (
                "#" * min(max(level, 1), _MOST_LEVELS)
                + " "
                + "".join(_words(block, depth, place.notes))
            )
        elif name == f"{_TEXT}p":
            words = "".join(_words(block, depth, place.notes))
            yield (place.front if words.strip() else "") + words
        elif name == f"{_TEXT}list":
            yield from _items(block, place, depth + 1)
        elif name == f"{_TABLE}table":
            yield from _rows(block, place, depth + 1)
        else:
            yield from _lines(block, place, depth + 1)


def _items(block: Element, place: _Place, depth: int) -> Iterator[str]:
    """A list; an item's first paragraph carries its number or bullet."""
    if depth > _DEEPEST:
        raise broken()
    style = block.get(f"{_TEXT}style-name") or place.style
    inside = replace(place, style=style, level=place.level + 1, front="")
    has_numbers = (style, inside.level) in place.numbered
    count = 0
    for item in block:
        if item.tag != f"{_TEXT}list-item":
            yield from _lines(item, inside, depth + 1)
            continue
        count = _number(item.get(f"{_TEXT}start-value", ""), count + 1)
        front = f"{count}. " if has_numbers else "- "
        for child in item:
            holder = Element("item")
            holder.append(child)
            is_words = child.tag == f"{_TEXT}p"
            shown = replace(inside, front=front if is_words else "")
            yield from _lines(holder, shown, depth + 1)
            front = "" if is_words else front


def _rows(table: Element, place: _Place, depth: int) -> Iterator[str]:
    """A line for each row, its cells apart by bars."""
    plain = _Place(frozenset(), notes=place.notes)
    for row in _own_rows(table, depth):
        cells = [
            " ".join(filter(None, (each.strip() for each in _lines(cell, plain, depth))))
            for cell in row.findall(f"{_TABLE}table-cell")
        ]
        if any(cells):
            yield f"| {' | '.join(cells)} |"


def _own_rows(parent: Element, depth: int) -> Iterator[Element]:
    """A table in a cell has rows of its own; they are read with that cell."""
    if depth > _DEEPEST:
        raise broken()
    for child in parent:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in _ROW_GROUPS:
            yield from _own_rows(child, depth + 1)


def _words(parent: Element, depth: int, notes: list[str] | None) -> Iterator[str]:
    """Of one paragraph: inserted words stand in place, deleted ones elsewhere."""
    if depth > _DEEPEST:
        raise broken()
    yield _joined(parent.text)
    for child in parent:
        if child.tag == f"{_TEXT}s":
            yield " " * min(_number(child.get(f"{_TEXT}c", "1"), 1), _MOST_SPACES)
        elif child.tag == f"{_TEXT}tab":
            yield " "
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag == _NOTE:
            yield _note(child, depth, notes)
        elif child.tag.startswith(_DRAWING):
            inside = _Place(frozenset(), notes=[] if notes is None else notes)
            yield "".join(f" {line} " for line in _framed(child, inside, depth + 1))
        elif child.tag not in _SKIPPED:
            yield from _words(child, depth + 1, notes)
        yield _joined(child.tail)


def _framed(drawing: Element, place: _Place, depth: int) -> Iterator[str]:
    """The words of text boxes stand where they hang in the text; pictures have none."""
    if depth > _DEEPEST:
        raise broken()
    if drawing.tag == _TEXT_BOX:
        yield from _lines(drawing, place, depth)
        return
    for part in drawing:
        if part.tag.startswith(_DRAWING):
            yield from _framed(part, place, depth + 1)


def _note(note: Element, depth: int, notes: list[str] | None) -> str:
    """Its sign in the text; its words go to the notes. What stands in a note has none itself."""
    body = note.find(f"{_TEXT}note-body")
    if notes is None or body is None:
        return ""
    words = ("".join(_words(each, depth + 1, None)).strip() for each in _paragraphs(body, depth))
    text = " ".join(filter(None, words))
    if not text:
        return ""
    notes.append(f"[{len(notes) + 1}] {text}")
    return f"[{len(notes)}]"


def _paragraphs(parent: Element, depth: int) -> Iterator[Element]:
    if depth > _DEEPEST:
        raise broken()
    for child in parent:
        if child.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
            yield child
        elif child.tag not in _SKIPPED and not child.tag.startswith(_DRAWING):
            yield from _paragraphs(child, depth + 1)


def _joined(text: str | None) -> str:
    """White space of the XML is one space."""
    return (text or "").replace("\n", " ").replace("\t", " ").replace("\r", " ")


def _numbered_lists(root: Element | None) -> frozenset[tuple[str, int]]:
    if root is None:
        return frozenset()
    return frozenset(
        (style.get(f"{_STYLE}name", ""), _number(level.get(f"{_TEXT}level", ""), 0))
        for style in root.iter(f"{_TEXT}list-style")
        for level in style.findall(f"{_TEXT}list-level-style-number")
    )


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else otherwise  # noqa: PLR2004  no file counts further
