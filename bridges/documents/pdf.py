"""Motions as PDF, by Typst: tagged (PDF/UA-1) and archivable (PDF/A-3a), fonts embedded.

The agreed words are attached, for `wecreate verify-document`.
"""

from __future__ import annotations

import logging
import re
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bridges.documents.house import PLAIN, Letterhead
from bridges.documents.typesetting import DocumentFailed, compile_pdf
from bridges.documents.view import Layout, MotionDocument

log = logging.getLogger("wecreate.documents")

# Widths of Libertinus Serif's letters, rounded up, in thousandths of its size; all others count
# as wider than they are. Only lines that may not fit are measured in the template: it takes time.
_WIDTHS = {
    **dict.fromkeys(" .,:;'|", 260),
    **dict.fromkeys("ijlIft()[]-/!", 360),
    **dict.fromkeys("acrsezJ0123456789", 475),
    **dict.fromkeys("bdghknopquvxyüößäFELPS€?", 560),
    **dict.fromkeys("ABCDGHKNOQRTUVXYZÄÖÜ&", 790),
    **dict.fromkeys("mwM", 860),
}
_WIDEST = 1100
_FULL_LINE = 41_200
"""160 mm in thousandths of 11 pt."""
_LONG = re.compile(r"\S{30,}")
# Never before what belongs to the sign in front of it: accents, parts of emoji.
_PIECES = re.compile(r"\S{10,}?(?=\w)|\S+")
_BREAK = "\u200b"
_AS_THEY_ARE = frozenset({"agreed", "sha256", "words", "parts", "letterhead", "language"})


def render_pdf(
    document: MotionDocument, made_at: datetime, letterhead: Letterhead = PLAIN
) -> bytes:
    """One motion; raises DocumentFailed."""
    template = "letter.typ" if document.layout is Layout.LETTER else "motion.typ"
    data = marked(asdict(document))
    try:
        shown = {**data, "letterhead": letterhead_data(letterhead)}
        return compile_pdf(template, shown, made_at)
    except DocumentFailed as error:
        if letterhead.logo is None:
            raise
        log.warning("the logo can't be used", extra={"why": str(error)})
        shown = {**data, "letterhead": letterhead_data(replace(letterhead, logo=None))}
        return compile_pdf(template, shown, made_at)


def letterhead_data(letterhead: Letterhead) -> dict[str, Any]:
    logo = None if letterhead.logo is None else str(letterhead.logo)
    name = letterhead.name or ("Logo" if logo else "")
    return {"name": name, "colour": letterhead.colour, "ink": letterhead.ink, "logo": logo}


def marked(data: dict[str, Any]) -> dict[str, Any]:
    """A motion's data, with the lines marked that may need to be made smaller.

    Very long words may be broken, but in lines that are broken already.
    """
    numbered = data["show_numbers"] != "none"
    for part in data["parts"]:
        part["table"] = _breakable_in(part["table"])
        for row in (row for rows in part["paragraphs"] for row in rows):
            if numbered and row["number"] is not None:
                row["wide"] = _may_be_wide(row["text"])
            else:
                row["text"], row["wide"] = breakable(row["text"]), False
    return data | {
        key: _breakable_in(value) for key, value in data.items() if key not in _AS_THEY_ARE
    }


def breakable(text: str) -> str:
    """With places to break at in what would run off the page: an address, say."""
    return _LONG.sub(lambda word: _BREAK.join(_PIECES.findall(word[0])), text)


def _breakable_in(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, dict):
        return {key: _breakable_in(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_breakable_in(each) for each in value]
    return value


def _may_be_wide(line: str) -> bool:
    return sum(_WIDTHS.get(char, _WIDEST) for char in line) > _FULL_LINE
