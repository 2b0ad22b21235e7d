"""One motion, the formats that were asked for: files with names and types."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bridges.documents.house import House
from bridges.documents.odt import render_odt
from bridges.documents.pdf import render_pdf
from bridges.documents.plain import render_html, render_markdown, render_text
from bridges.documents.typesetting import DocumentFailed
from bridges.documents.view import Layout, MotionDocument

_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "html": "text/html",
    "md": "text/markdown",
    "txt": "text/plain",
}
FORMATS = tuple(_TYPES)
# Bodies see these names.
_CALLED: Mapping[Layout, str] = {
    Layout.SUBMISSION: "Einreichung",
    Layout.BOOK: "Antragsbuch",
    Layout.LETTER: "Brief",
    Layout.SYNOPSIS: "Synopse",
    Layout.SIGNATURES: "Unterschriften",
    Layout.FUNDING: "Foerderantrag",
}
# A letter has its places on paper.
SPECIAL: Mapping[Layout, tuple[str, ...]] = {Layout.LETTER: ("pdf", "docx", "odt")}
BOOK_FORMATS = ("pdf", "docx", "odt", "html")
"""Of a whole Antragsbuch."""
_LONGEST_NAME = 60


@dataclass(frozen=True)
class File:
    format: str
    layout: str
    name: str
    mimetype: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def formats_of(layout: Layout) -> tuple[str, ...]:
    """The formats that a layout can be made in."""
    return SPECIAL.get(layout, FORMATS)


def mimetype_of(format_: str) -> str:
    """KeyError for a format that isn't in FORMATS."""
    return _TYPES[format_]


def file_name(document: MotionDocument, format_: str, number: int) -> str:
    return f"A{number}-{_for_files(document.title)}-{_CALLED[document.layout]}.{format_}"


def render(
    document: MotionDocument,
    format_: str,
    number: int,
    made_at: datetime,
    house: House | None = None,
) -> File:
    """In the operator's look, where `house` has one.

    Raises DocumentFailed, HouseError; KeyError for a format that isn't in FORMATS.
    """
    mimetype, name = mimetype_of(format_), file_name(document, format_, number)
    data = _data(document, format_, made_at, house or House(None))
    return File(format_, document.layout.value, name, mimetype, data)


def _data(document: MotionDocument, format_: str, made_at: datetime, house: House) -> bytes:
    if format_ == "md":
        return render_markdown(document)
    if format_ == "txt":
        return render_text(document)
    letterhead = house.letterhead(document.body)
    if format_ == "pdf":
        return render_pdf(document, made_at, letterhead)
    if format_ == "html":
        return render_html(document, letterhead)
    if format_ == "odt":
        return render_odt(document, made_at, letterhead)
    # Word's libraries take half a second to load, which nobody else shall wait for.
    from bridges.documents.docx import render_docx, template_name  # noqa: PLC0415  see above

    own = house.template(template_name(document), document.body)
    return render_docx(document, made_at, own, letterhead)


def _for_files(title: str) -> str:
    """Safe in every file system and mail program: letters, digits and hyphens."""
    for umlaut, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"),
                            ("Ü", "Ue"), ("ß", "ss")):  # fmt: skip
        title = title.replace(umlaut, spelled)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].strip("-") or "Antrag"


__all__ = ["FORMATS", "DocumentFailed", "File", "file_name", "formats_of", "mimetype_of", "render"]
