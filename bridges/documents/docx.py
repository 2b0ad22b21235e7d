"""Motions as Word files, from a template that anyone can edit in Word (docxtpl, Jinja2).

Templates are rendered in the sandbox; people's words are escaped and never evaluated.
"""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from docx.oxml.ns import qn
from docxtpl import DocxTemplate, Listing  # type: ignore[import-untyped]  # ships no types
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from bridges.documents.changes import paragraphs_xml
from bridges.documents.view import MotionDocument, Part

TEMPLATE = Path(__file__).parent / "templates" / "motion.docx"
_COUNT_BY = {"every": "1", "fifth": "5"}


def render_docx(document: MotionDocument, made_at: datetime, template: Path = TEMPLATE) -> bytes:
    """The .docx, with real headings; line numbers are Word's own, the breaks ours."""
    word = DocxTemplate(template)
    word.render(_values(document, made_at), SandboxedEnvironment(autoescape=True), autoescape=True)
    _set_line_numbers(word, document.show_numbers)
    # Only now: docxtpl evaluates what stands in the properties while it renders.
    properties = word.docx.core_properties
    properties.title = document.title
    properties.author = ""
    properties.last_modified_by = ""
    properties.language = document.language
    properties.created = properties.modified = made_at.replace(tzinfo=None)
    made = io.BytesIO()
    word.save(made)
    return made.getvalue()


def _values(document: MotionDocument, made_at: datetime) -> dict[str, Any]:
    return {
        "heading": document.heading,
        "title": document.title,
        "facts": document.facts,
        "parts": _parts(document, made_at),
        "signers": ", ".join(document.signers),
        "version": document.version,
        "date": document.date,
        "sha256": document.sha256,
        "words": document.words,
    }


def _parts(document: MotionDocument, made_at: datetime) -> list[dict[str, Any]]:
    """The parts; in a synopsis the text comes as tracked changes instead."""
    comparison = document.comparison
    if comparison is None:
        return [_part(part, document) for part in document.parts]
    author = document.sender[0] if document.sender else "WeCreate"
    tracked = {
        "title": f"{comparison.title}: {comparison.old_title} → {comparison.new_title}",
        "prefix": "",
        "numbered": False,
        "tracked": Markup(  # noqa: S704  escaped where it is made
            paragraphs_xml(comparison.changes, "Antragstext", author, made_at)
        ),
        "paragraphs": [],
    }
    others = [part for part in document.parts if part.title not in document.compared]
    return [tracked, *(_part(part, document) for part in others)]


def _part(part: Part, document: MotionDocument) -> dict[str, Any]:
    numbered = document.show_numbers != "none" and any(
        row.number is not None for rows in part.paragraphs for row in rows
    )
    return {
        "title": part.title,
        "prefix": part.prefix,
        "numbered": numbered,
        "tracked": "",
        "paragraphs": [Listing("\n".join(row.text for row in rows)) for rows in part.paragraphs],
    }


def _set_line_numbers(word: Any, show: str) -> None:  # noqa: ANN401  docxtpl ships no types
    """Every line, every fifth, or none; the template's sections number every line."""
    for section in word.docx.sections:
        for numbers in section._sectPr.findall(qn("w:lnNumType")):  # noqa: SLF001  python-docx has no other way
            if show in _COUNT_BY:
                numbers.set(qn("w:countBy"), _COUNT_BY[show])
            else:
                numbers.getparent().remove(numbers)
