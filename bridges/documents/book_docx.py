"""An Antragsbuch as a Word file, from a template like the motion's: contents, amendments."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docxtpl import DocxTemplate  # type: ignore[import-untyped]  # ships no types
from markupsafe import Markup

from bridges.documents.book import AMENDMENTS, CONTENTS, Book, Chapter, day_of, how_many
from bridges.documents.docx import (
    TEMPLATES,
    fill,
    finished,
    head_values,
    set_line_numbers,
    set_look,
    word_part,
)
from bridges.documents.house import BOOK_TEMPLATE, PLAIN, Letterhead
from bridges.documents.typesetting import DocumentFailed
from bridges.documents.view import WORDS

_LINK = (
    '<w:p><w:pPr><w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9071"/></w:tabs>'
    '<w:spacing w:after="40"/></w:pPr><w:hyperlink w:anchor="m{number}"><w:r>'
    '<w:t xml:space="preserve">{label}</w:t></w:r><w:r><w:tab/></w:r>'
    '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
    '<w:r><w:instrText xml:space="preserve"> PAGEREF m{number} \\h </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t> </w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:hyperlink></w:p>'
)

_NUMBERED = "Antragstext"
_ENDS_SECTION = f"{qn('w:pPr')}/{qn('w:sectPr')}"
_LOW = (
    f'<w:pPr {nsdecls("w")}><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    "</w:pPr>"
)


def render_docx_book(
    book: Book,
    made_at: datetime,
    template: Path | None = None,
    letterhead: Letterhead = PLAIN,
) -> bytes:
    """Each motion is a section of its own: there its lines are counted from one again.

    Raises DocumentFailed where a template of one's own can't be used.
    """
    word = DocxTemplate(template or TEMPLATES / BOOK_TEMPLATE)
    values = {
        "title": book.title,
        "contents": Markup("".join(_contents(book))),  # noqa: S704  escaped where it is made
        "motions": [_motion(number, each) for number, each in enumerate(book.chapters, 1)],
        "version": how_many(book),
        "date": day_of(book),
        "sha256": book.sha256,
        "words": {**WORDS, "contents": CONTENTS, "amendments": AMENDMENTS},
    }
    fill(word, {**values, **head_values(word, letterhead)})
    shown = ["none", *(chapter.motion.show_numbers for chapter in book.chapters)]
    if len(word.docx.sections) != len(shown):
        raise DocumentFailed(f"{template}: not one section for each motion and one before them")
    set_line_numbers(word, shown)
    _count_anew(word)
    set_look(word, letterhead)
    return finished(word, book.title, "de", book.sha256, made_at)


def _count_anew(word: DocxTemplate) -> None:
    """A section of its own begins right where a motion's numbered lines do.

    Word counts anew in each section wherever it begins; LibreOffice only where the section's first
    paragraph is one that is numbered.
    """
    before: list[Any] = []
    for paragraph in list(word.docx.element.body):
        before.append(paragraph)
        ends = paragraph if paragraph.tag == qn("w:sectPr") else paragraph.find(_ENDS_SECTION)
        if ends is None:
            continue
        first = next((each for each in before if _style_of(each) == _NUMBERED), None)
        if first is not None:
            carrier = OxmlElement("w:p")
            carrier.append(parse_xml(_LOW))
            carrier.find(qn("w:pPr")).append(deepcopy(ends))
            first.addprevious(carrier)
            ends.start_type = WD_SECTION.CONTINUOUS
        before = []


def _style_of(paragraph: Any) -> str | None:  # noqa: ANN401  an element of the file
    found = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return None if found is None else str(found.get(qn("w:val")))


def _contents(book: Book) -> Iterator[str]:
    """A link and its page for each motion; office programs fill the pages in."""
    for number, chapter in enumerate(book.chapters, 1):
        yield _LINK.format(number=number, label=escape(chapter.label))


def _motion(number: int, chapter: Chapter) -> dict[str, Any]:
    motion = chapter.motion
    return {
        "number": number,
        "label": chapter.label,
        "facts": motion.facts,
        "parts": [word_part(part, motion) for part in motion.parts],
        "signers": ", ".join(motion.signers),
        "amendments": [vars(each) for each in chapter.amendments],
    }
