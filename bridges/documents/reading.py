"""Texts that people attach: .txt, .md, .docx, .odt, as words for a motion.

Only words are taken, as a reader sees them: tracked changes count as accepted; macros, links,
pictures, comments and hidden text are left behind. Headings and lists become Markdown; foot- and
endnotes are numbered, [1], and stand at the end.
"""

from __future__ import annotations

import codecs

from bridges.documents.archives import OfficeFile, too_much
from bridges.documents.reading_odt import odt_text
from bridges.documents.reading_word import word_text
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import clean_wording

READABLE = (".txt", ".md", ".docx", ".odt")
MOST_BYTES = 10_000_000
"""Of the file as it was sent."""
_TEXT = frozenset({"txt", "md", "markdown", "text"})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(name: str, data: bytes) -> str:
    """The text of a file, by the end of its name; paragraphs are lines.

    Raises UserError for other kinds, for broken files, and for more than fits into a motion.
    """
    if len(data) > MOST_BYTES:
        raise too_much()
    kind = name.rpartition(".")[2].casefold()
    if kind == "docx":
        text = word_text(OfficeFile(data))
    elif kind == "odt":
        text = odt_text(OfficeFile(data))
    elif kind in _TEXT:
        text = _plain(data)
    else:
        raise UserError(
            "file-kind-unknown",
            "I can read Word (.docx), LibreOffice (.odt) and plain text (.txt, .md). "
            "Save it as one of these.",
        )
    clean = clean_wording(text)
    if not clean:
        raise UserError("file-empty", "There is no text in that file.")
    return clean


def _plain(data: bytes) -> str:
    """UTF-8 or UTF-16 with its mark, UTF-8 without; else as old Windows programs write."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\0" in data:
        raise UserError("file-not-text", "That file is no text. Send it as .txt, .docx or .odt.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
