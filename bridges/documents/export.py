"""One motion, the formats that were asked for: files with names and types."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bridges.documents.docx import render_docx
from bridges.documents.odt import render_odt
from bridges.documents.pdf import DocumentFailed, render_pdf
from bridges.documents.plain import render_html, render_markdown, render_text
from bridges.documents.view import Layout, MotionDocument

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OPEN = "application/vnd.oasis.opendocument.text"
_RENDERERS: Mapping[str, tuple[str, Callable[[MotionDocument, datetime], bytes]]] = {
    "pdf": ("application/pdf", render_pdf),
    "docx": (_WORD, render_docx),
    "odt": (_OPEN, render_odt),
    "html": ("text/html", lambda document, _: render_html(document)),
    "md": ("text/markdown", lambda document, _: render_markdown(document)),
    "txt": ("text/plain", lambda document, _: render_text(document)),
}
FORMATS = tuple(_RENDERERS)
# Which formats show a comparison side by side, and which the form of a letter.
SPECIAL: Mapping[Layout, tuple[str, ...]] = {
    Layout.SYNOPSIS: ("pdf", "docx", "html"),
    Layout.LETTER: ("pdf",),
}
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


def render(document: MotionDocument, format_: str, number: int, made_at: datetime) -> File:
    """Raises DocumentFailed; KeyError for a format that isn't in FORMATS."""
    mimetype, make = _RENDERERS[format_]
    name = f"A{number}-{_for_files(document.title)}-{document.layout.value}.{format_}"
    return File(format_, document.layout.value, name, mimetype, make(document, made_at))


def _for_files(title: str) -> str:
    """Safe in every file system and mail program: letters, digits and hyphens."""
    for umlaut, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"),
                            ("Ü", "Ue"), ("ß", "ss")):  # fmt: skip
        title = title.replace(umlaut, spelled)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].strip("-") or "Antrag"


__all__ = ["FORMATS", "DocumentFailed", "File", "formats_of", "render"]
