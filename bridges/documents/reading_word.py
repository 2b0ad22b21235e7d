"""The words of a Word file (ISO/IEC 29500, WordprocessingML), as Markdown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain
from xml.etree.ElementTree import Element

from bridges.documents.archives import OfficeFile, broken

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Containers whose content is read as if they were not there.
_THROUGH = frozenset(
    f"{_W}{name}" for name in ("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent",
                               "fldSimple", "customXml", "dir", "bdo")
)  # fmt: skip
_WORDS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}
# What points at a note, and the part of the file where its words stand.
_NOTES = {"footnoteReference": "footnote", "endnoteReference": "endnote"}
# What may hold a text box: as Word draws it, as older ones do, both for the reader to choose.
_EITHER = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_FRAMES = frozenset({f"{_W}drawing", f"{_W}pict", _EITHER})
_DEEPEST = 40
_MOST_LEVELS = 6
_HEADING = re.compile(r"(?:heading|überschrift|titre) ?([1-9])$", re.IGNORECASE)
_PLACE = re.compile(r"%([1-9])")
_ROMANS = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_LONGEST_ROMAN = 39
_LETTERS = 26


def word_text(file: OfficeFile) -> str:
    """Paragraphs as lines; raises UserError for a file that is no Word file."""
    document = file.xml("word/document.xml")
    body = document.find(f"{_W}body") if document is not None else None
    if body is None:
        raise broken()
    styles = _styles(file.xml("word/styles.xml"))
    lists = _Lists(file.xml("word/numbering.xml"))
    notes = _Notes({kind: _note_bodies(file, kind) for kind in _NOTES.values()})
    return "\n".join([*_lines(body, styles, lists, notes), *notes.lines])


@dataclass(frozen=True)
class _Style:
    """What a paragraph style says, its own or taken over."""

    heading: int = 0
    list_id: str = ""
    level: int = 0


@dataclass
class _Notes:
    """Foot- and endnotes, counted as they come: "[1]" in the text, their words in `lines`."""

    bodies: dict[str, dict[str, Element]]
    lines: list[str] = field(default_factory=list)
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def sign(self, kind: str, note_id: str) -> str:
        body = self.bodies[kind].get(note_id)
        if body is None:
            return ""
        if (kind, note_id) not in self._known:
            words = ("".join(_words(each, 0, None)).strip() for each in _blocks(body, 0))
            text = " ".join(filter(None, words))
            self._known[kind, note_id] = f"[{len(self.lines) + 1}]" if text else ""
            if text:
                self.lines.append(f"[{len(self.lines) + 1}] {text}")
        return self._known[kind, note_id]


def _note_bodies(file: OfficeFile, kind: str) -> dict[str, Element]:
    """By id; the lines that Word draws above notes are notes of a type too."""
    root = file.xml(f"word/{kind}s.xml")
    found = root.findall(f"{_W}{kind}") if root is not None else []
    return {each.get(f"{_W}id", ""): each for each in found if each.get(f"{_W}type") is None}


def _lines(body: Element, styles: dict[str, _Style], lists: _Lists, notes: _Notes) -> Iterator[str]:
    """One line a paragraph; one whose mark was deleted goes on with the next."""
    open_ = ""
    for block in _blocks(body, 0):
        if block.tag == f"{_W}tbl":
            yield from _table(block, 0, notes)
            continue
        words = "".join(_words(block, 0, notes))
        about = block.find(f"{_W}pPr")
        if words.strip() and not open_:
            words = _front(about, styles, lists) + words
        if _mark_deleted(about):
            open_ += words
        else:
            yield open_ + words
            open_ = ""
    if open_:
        yield open_


def _blocks(parent: Element, depth: int) -> Iterator[Element]:
    """Paragraphs and tables in order."""
    return _inside(parent, ("p", "tbl"), depth)


def _inside(parent: Element, names: Collection[str], depth: int) -> Iterator[Element]:
    """Those of these names, whatever wraps them."""
    if depth > _DEEPEST:
        raise broken()
    for child in parent:
        if child.tag in _THROUGH:
            yield from _inside(child, names, depth + 1)
        elif child.tag.removeprefix(_W) in names:
            yield child


def _words(parent: Element, depth: int, notes: _Notes | None) -> Iterator[str]:
    """Of one paragraph, as it reads with all changes accepted."""
    if depth > _DEEPEST:
        raise broken()
    for child in parent:
        if child.tag == f"{_W}r":
            yield from _run(child, depth, notes)
        elif child.tag in _THROUGH:
            yield from _words(child, depth + 1, notes)


def _run(run: Element, depth: int, notes: _Notes | None) -> Iterator[str]:
    about = run.find(f"{_W}rPr")
    if about is not None and _on(about.find(f"{_W}vanish")):
        return
    for piece in run:
        name = piece.tag.removeprefix(_W)
        if name == "t":
            yield piece.text or ""
        elif name in _WORDS:
            yield _WORDS[name]
        elif piece.tag in _FRAMES:
            yield from _framed(piece, depth, notes)
        elif name in _NOTES and notes is not None:
            yield notes.sign(_NOTES[name], piece.get(f"{_W}id", ""))


def _framed(frame: Element, depth: int, notes: _Notes | None) -> Iterator[str]:
    """The words of text boxes stand where they hang in the text."""
    for box in _boxes(frame, 0):
        for block in _blocks(box, depth + 1):
            if block.tag == f"{_W}tbl":
                rows = list(_table(block, depth + 1, notes))
                yield "\n".join(["", *rows, ""]) if rows else ""
            else:
                yield " "
                yield from _words(block, depth + 1, notes)
                yield " "


def _boxes(frame: Element, depth: int) -> Iterator[Element]:
    """One, or all of a group; not those in them."""
    if depth > _DEEPEST:
        raise broken()
    if frame.tag == f"{_W}txbxContent":
        yield frame
        return
    for part in frame[:1] if frame.tag == _EITHER else frame:
        yield from _boxes(part, depth + 1)


def _table(table: Element, depth: int, notes: _Notes | None) -> Iterator[str]:
    """A line for each row, its cells apart by bars; behind it those of tables in its cells."""
    if depth > _DEEPEST:
        raise broken()
    for row in _inside(table, ("tr",), 0):
        blocks = [list(_blocks(cell, 0)) for cell in _inside(row, ("tc",), 0)]
        cells = [_cell(each, depth, notes) for each in blocks]
        if any(cells):
            yield f"| {' | '.join(cells)} |"
        for block in chain.from_iterable(blocks):
            if block.tag == f"{_W}tbl":
                yield from _table(block, depth + 1, notes)


def _cell(blocks: list[Element], depth: int, notes: _Notes | None) -> str:
    words = ("".join(_words(each, depth, notes)).strip() for each in blocks)
    return " ".join(filter(None, words)).replace("\n", " ")


def _mark_deleted(about: Element | None) -> bool:
    return about is not None and about.find(f"{_W}rPr/{_W}del") is not None


def _front(about: Element | None, styles: dict[str, _Style], lists: _Lists) -> str:
    """Markdown's sign of a heading, or the number or bullet of a list's item."""
    style = styles.get(_value(about, "pStyle"), _Style())
    outline = _number(_value(about, "outlineLvl"), -1)
    heading = style.heading or (outline + 1 if 0 <= outline < _MOST_LEVELS else 0)
    if heading:
        return "#" * min(heading, _MOST_LEVELS) + " "
    own = about.find(f"{_W}numPr") if about is not None else None
    list_id = _value(own, "numId") or style.list_id
    level = _number(_value(own, "ilvl"), style.level)
    return lists.front(list_id, level) if list_id not in {"", "0"} else ""


def _styles(root: Element | None) -> dict[str, _Style]:
    """By id; what a style is based on counts where it says nothing itself."""
    if root is None:
        return {}
    found = {each.get(f"{_W}styleId", ""): each for each in root.findall(f"{_W}style")}
    return {name: _style(name, found) for name in found}


def _style(name: str, found: dict[str, Element]) -> _Style:
    heading, list_id, level = 0, "", 0
    for _ in range(_DEEPEST):
        element = found.get(name)
        if element is None:
            break
        about = element.find(f"{_W}pPr")
        heading = heading or _heading_of(element, about)
        own = about.find(f"{_W}numPr") if about is not None else None
        if not list_id and own is not None:
            list_id, level = _value(own, "numId"), _number(_value(own, "ilvl"), 0)
        name = _value(element, "basedOn")
    return _Style(heading, list_id, level)


def _heading_of(style: Element, about: Element | None) -> int:
    title = _value(style, "name")
    if title.casefold() in {"title", "titel"}:
        return 1
    named = _HEADING.match(title)
    if named:
        return int(named[1])
    outline = _number(_value(about, "outlineLvl"), -1)
    return outline + 1 if 0 <= outline < _MOST_LEVELS else 0


@dataclass
class _Lists:
    """Numbers as Word counts them: by list and level, deeper levels begin anew."""

    root: Element | None
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def front(self, list_id: str, level: int) -> str:
        levels = self._levels(list_id)
        kind, shape, start = levels.get(level, ("bullet", "", 1))
        if kind in {"bullet", "none"}:
            return "- " if kind == "bullet" else ""
        self._counts[list_id, level] = self._counts.get((list_id, level), start - 1) + 1
        for key in [key for key in self._counts if key[0] == list_id and key[1] > level]:
            del self._counts[key]

        def place(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            kind_there, _, start_there = levels.get(at, ("decimal", "", 1))
            return _counted(self._counts.get((list_id, at), start_there), kind_there)

        return _PLACE.sub(place, shape).strip() + " "

    def _levels(self, list_id: str) -> dict[int, tuple[str, str, int]]:
        """Level → kind of number, its shape ("%1."), where it begins."""
        if self.root is None:
            return {}
        nums = (each for each in self.root.findall(f"{_W}num"))
        num = next((each for each in nums if each.get(f"{_W}numId") == list_id), None)
        wanted = _value(num, "abstractNumId")
        for each in self.root.findall(f"{_W}abstractNum"):
            if num is not None and each.get(f"{_W}abstractNumId") == wanted:
                return {
                    _number(level.get(f"{_W}ilvl", ""), 0): (
                        _value(level, "numFmt") or "decimal",
                        _value(level, "lvlText"),
                        _number(_value(level, "start"), 1),
                    )
                    for level in each.findall(f"{_W}lvl")
                }
        return {}


def _counted(count: int, kind: str) -> str:
    if kind in {"lowerLetter", "upperLetter"} and 1 <= count <= _LETTERS:
        letter = chr(ord("a") + count - 1)
        return letter.upper() if kind == "upperLetter" else letter
    if kind in {"lowerRoman", "upperRoman"} and 1 <= count <= _LONGEST_ROMAN:
        roman, rest = "", count
        for value, sign in _ROMANS:
            roman += sign * (rest // value)
            rest %= value
        return roman.upper() if kind == "upperRoman" else roman
    return str(count)


def _value(parent: Element | None, name: str) -> str:
    child = parent.find(f"{_W}{name}") if parent is not None else None
    return child.get(f"{_W}val", "") if child is not None else ""


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else otherwise  # noqa: PLR2004  no file counts further


def _on(switch: Element | None) -> bool:
    return switch is not None and switch.get(f"{_W}val", "1") not in {"0", "false", "off"}
