"""Motions as PDF, by Typst: tagged (PDF/UA-1) and archivable (PDF/A-3a), fonts embedded.

The agreed words are attached, for `wecreate verify-document`.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from bridges.documents.house import PLAIN, Letterhead
from bridges.documents.view import Layout, MotionDocument

log = logging.getLogger("wecreate.documents")

STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-3a"]
_TEMPLATES = Path(__file__).parent / "templates"
_FONTS = Path(__file__).parent / "fonts"
# One compiler is kept: looking for fonts takes longer than a motion does.
_ONE_AT_A_TIME = threading.Lock()
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_MOST_TRIES = 6
_LONGEST_NAME = 30


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


class DocumentFailed(Exception):
    """A document could not be made; the text says why, for the log."""


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
    """A motion's data, with the lines marked that may need to be made smaller."""
    for part in data["parts"]:
        for row in (row for rows in part["paragraphs"] for row in rows):
            row["wide"] = _may_be_wide(row["text"])
    return data


def compile_pdf(template: str, data: dict[str, Any], made_at: datetime) -> bytes:
    """The PDF; raises DocumentFailed.

    A character that no font here can show is written as its name: under PDF/UA it would
    otherwise stop the whole document.
    """
    shown: Any = data
    for _ in range(_MOST_TRIES):
        try:
            return _compile(template, shown, made_at)
        except typst.TypstError as error:
            missing = set(_missing(f"{error.message}\n{error.diagnostic}"))
            if not missing:
                raise DocumentFailed(error.message) from error
            shown = _named(shown, missing)
    raise DocumentFailed("characters that can't be shown keep coming")


def _compile(template: str, data: Any, made_at: datetime) -> bytes:  # noqa: ANN401  JSON
    with _ONE_AT_A_TIME:
        made = _compiler(template).compile(
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=STANDARDS,
            timestamp=int(made_at.timestamp()),
        )
    if not isinstance(made, bytes):
        raise DocumentFailed("Typst gave no file")
    return made


@cache
def _fonts() -> typst.Fonts:
    """Typst's own and those shipped here, none of the machine's: the same pages everywhere."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(_FONTS)])


@cache
def _compiler(template: str) -> typst.Compiler:
    # The root is the whole disk for the logo's sake; only our templates name files.
    return typst.Compiler(input=str(_TEMPLATES / template), root="/", font_paths=_fonts())


def _may_be_wide(line: str) -> bool:
    return sum(_WIDTHS.get(char, _WIDEST) for char in line) > _FULL_LINE


def _missing(told: str) -> Iterable[str]:
    """The characters that Typst names."""
    for text in _MISSING.findall(told):
        yield from _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _named(value: Any, missing: set[str]) -> Any:  # noqa: ANN401  JSON
    """The same data, these characters spelled out: "🌳" becomes "(deciduous tree)"."""
    if isinstance(value, str):
        return "".join(name_of(char) if char in missing else char for char in value)
    if isinstance(value, dict):
        # What is attached for checking is never shown.
        return {
            key: each if key == "agreed" else _named(each, missing) for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_named(each, missing) for each in value]
    return value


def name_of(char: str) -> str:
    """What is written instead of a character that no font here has."""
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return ""  # what belongs to a character before it goes with that
    name = unicodedata.name(char, "").lower()
    if not name or len(name) > _LONGEST_NAME or name.startswith("cjk "):
        return f"(U+{ord(char):04X})"
    return f"({name})"
