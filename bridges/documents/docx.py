"""Motions as Word files, from a template that anyone can edit in Word (docxtpl, Jinja2).

Templates are rendered in the sandbox; people's words are escaped and never evaluated.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from docx.image.exceptions import (
    InvalidImageStreamError,
    UnexpectedEndOfFileError,
    UnrecognizedImageError,
)
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.packuri import PackURI
from docx.opc.part import Part as FilePart
from docx.oxml.ns import qn
from docx.shared import Mm, RGBColor
from docxtpl import (  # type: ignore[import-untyped]  # ships no types
    DocxTemplate,
    InlineImage,
    Listing,
)
from jinja2.exceptions import TemplateError
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]  # ships no types
from markupsafe import Markup

from bridges.documents.agreed import WORD_PART, as_xml
from bridges.documents.changes import paragraphs_xml
from bridges.documents.house import BLACK, PLAIN, Letterhead
from bridges.documents.tables import word_table
from bridges.documents.typesetting import DocumentFailed
from bridges.documents.view import Layout, MotionDocument, Part

log = logging.getLogger("wecreate.documents")

TEMPLATES = Path(__file__).parent / "templates"
_COUNT_BY = {"every": "1", "fifth": "5"}
_LOGO_MM = 16


def template_name(document: MotionDocument) -> str:
    return "letter.docx" if document.layout is Layout.LETTER else "motion.docx"


def render_docx(
    document: MotionDocument,
    made_at: datetime,
    template: Path | None = None,
    letterhead: Letterhead = PLAIN,
) -> bytes:
    """The .docx, with real headings; line numbers are Word's own, the breaks ours.

    Raises DocumentFailed where a template of one's own can't be used.
    """
    word = DocxTemplate(template or TEMPLATES / template_name(document))
    fill(word, {**_values(document, made_at), **head_values(word, letterhead)})
    set_line_numbers(word, [document.show_numbers] * len(word.docx.sections))
    set_look(word, letterhead)
    if document.agreed:
        package = word.docx.part.package
        words = FilePart(PackURI(WORD_PART), "application/xml", as_xml(document.agreed), package)
        word.docx.part.relate_to(words, RELATIONSHIP_TYPE.CUSTOM_XML)
    return finished(word, document.title, document.language, document.sha256, made_at)


def fill(word: DocxTemplate, values: Mapping[str, Any]) -> None:
    """Raises DocumentFailed for a template that can't be used."""
    try:
        word.render(dict(values), SandboxedEnvironment(autoescape=True), autoescape=True)
    except (TemplateError, XMLSyntaxError, BadZipFile, PackageNotFoundError) as error:
        raise DocumentFailed(f"{word.template_file}: {error}") from error


def finished(
    word: DocxTemplate, title: str, language: str, sha256: str, made_at: datetime
) -> bytes:
    """The file with its properties."""
    # Only now: docxtpl evaluates what stands in the properties while it renders.
    properties = word.docx.core_properties
    properties.title = title
    properties.author = ""
    properties.last_modified_by = ""
    properties.language = language
    properties.identifier = f"sha256:{sha256}"
    properties.created = properties.modified = made_at.replace(tzinfo=None)
    made = io.BytesIO()
    word.save(made)
    return _timeless(made.getvalue(), made_at)


def _timeless(data: bytes, made_at: datetime) -> bytes:
    """The same archive with one time for all its parts: the same words give the same bytes."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as archive, ZipFile(made, "w", ZIP_DEFLATED) as again:
        for name in archive.namelist():
            again.writestr(ZipInfo(name, made_at.timetuple()[:6]), archive.read(name), ZIP_DEFLATED)
    return made.getvalue()


def _values(document: MotionDocument, made_at: datetime) -> dict[str, Any]:
    return {
        "heading": document.heading,
        "title": document.title,
        "facts": document.facts,
        "parts": _parts(document, made_at),
        "signers": ", ".join(document.signers),
        "signature": document.words["signature"] if document.signature else "",
        "recipient": Listing("\n".join(document.recipient)),
        "sender": Listing("\n".join(document.sender)),
        "sender_line": " · ".join(document.sender),
        "reference": document.reference,
        "version": document.version,
        "date": document.date,
        "sha256": document.sha256,
        "words": document.words,
    }


def head_values(word: DocxTemplate, letterhead: Letterhead) -> dict[str, Any]:
    if letterhead.logo is None:
        return {"name": letterhead.name, "logo": ""}
    try:
        logo = InlineImage(word, str(letterhead.logo), height=Mm(_LOGO_MM))
        Image.from_file(str(letterhead.logo))
    except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError) as error:
        log.warning("the logo can't be used", extra={"why": str(error)})
        logo = ""
    return {"name": letterhead.name, "logo": logo}


def set_look(word: Any, letterhead: Letterhead) -> None:  # noqa: ANN401  docxtpl ships no types
    """Headings in the chapter's colour; its logo with words for those who can't see it."""
    for name in ("Heading 1", "Heading 2"):
        if letterhead.ink != BLACK and name in word.docx.styles:
            ink = RGBColor.from_string(letterhead.ink.removeprefix("#").upper())
            word.docx.styles[name].font.color.rgb = ink
    if letterhead.logo is not None:
        for picture in word.docx.element.body.iter(qn("wp:docPr")):
            picture.set("descr", letterhead.name or "Logo")


def _parts(document: MotionDocument, made_at: datetime) -> list[dict[str, Any]]:
    """The parts; in a synopsis the text comes as tracked changes instead."""
    comparison = document.comparison
    if comparison is None:
        return [word_part(part, document) for part in document.parts]
    author = document.sender[0] if document.sender else "WeCreate"
    tracked = {
        "title": f"{comparison.title}: {comparison.old_title} → {comparison.new_title}",
        "prefix": "",
        "numbered": False,
        "table": "",
        "tracked": Markup(  # noqa: S704  escaped where it is made
            paragraphs_xml(comparison.changes, "Antragstext", author, made_at)
        ),
        "paragraphs": [],
    }
    others = [part for part in document.parts if part.title not in document.compared]
    return [tracked, *(word_part(part, document) for part in others)]


def word_part(part: Part, document: MotionDocument) -> dict[str, Any]:
    numbered = document.show_numbers != "none" and any(
        row.number is not None for rows in part.paragraphs for row in rows
    )
    return {
        "title": part.title,
        "prefix": part.prefix,
        "numbered": numbered,
        "tracked": "",
        "table": Markup(word_table(part.table)) if part.table else "",  # noqa: S704  escaped where it is made
        "paragraphs": [Listing("\n".join(row.text for row in rows)) for rows in part.paragraphs],
    }


def set_line_numbers(word: DocxTemplate, shown: Sequence[str]) -> None:
    """Every line, every fifth, or none, by section; the template's sections number every line."""
    for section, show in zip(word.docx.sections, shown, strict=True):
        for numbers in section._sectPr.findall(qn("w:lnNumType")):  # noqa: SLF001  python-docx has no other way
            if show in _COUNT_BY:
                numbers.set(qn("w:countBy"), _COUNT_BY[show])
            else:
                numbers.getparent().remove(numbers)
