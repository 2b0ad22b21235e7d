"""The words of a PDF as a screen reader gets them: in the order of its content, artifacts left out.

Enough for PDFs as Typst writes them (ISO 32000-2: 9.10.3 ToUnicode, 14.8.2.2 artifacts); others
give less than they hold, never more.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

MOST_PAGES = 5000
_DEEPEST = 5
_LARGEST_MAP = 2_000_000
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_OPENING = frozenset({"BDC", "BMC"})
_CHARS = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGES = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_MOST_IN_RANGE = 65536

Codes = dict[int, str]


def pdf_text(data: bytes) -> tuple[str, str, bytes | None]:
    """The text, that of artifacts (footers), and what is attached; raises pikepdf.PdfError."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if len(pdf.pages) > MOST_PAGES:
            raise pikepdf.PdfError("too many pages")
        words: list[str] = []
        aside: list[str] = []
        for page in pdf.pages:
            for is_artifact, piece in _shown(page.obj, 0):
                (aside if is_artifact else words).append(piece)
        found = next(iter(pdf.attachments.values()), None)
        attached = found.get_file().read_bytes() if found is not None else None
        return "".join(words), "".join(aside), attached


def _shown(holder: Any, depth: int) -> Iterator[tuple[bool, str]]:  # noqa: ANN401, C901  a PDF object; one case an operator
    """Of a page or a form: whether it is an artifact, and its words."""
    resources = holder.get("/Resources", pikepdf.Dictionary())
    fonts: dict[str, Codes] = {}
    codes: Codes = {}
    hidden: list[bool] = []
    for step in pikepdf.parse_content_stream(holder):
        operands: Any = step.operands
        name = str(step.operator)
        if name in _OPENING:
            hidden.append(str(operands[0]) == "/Artifact")
        elif name == "EMC" and hidden:
            hidden.pop()
        elif name == "Tf":
            key = str(operands[0])
            if key not in fonts:
                fonts[key] = _codes(resources.Font[key])
            codes = fonts[key]
        elif name in _SHOWING:
            yield any(hidden), "".join(_letters(operands[-1], codes))
        elif name == "Do" and depth < _DEEPEST:
            form = resources.XObject[str(operands[0])]
            if form.get("/Subtype") == "/Form":
                for inside, piece in _shown(form, depth + 1):
                    yield inside or any(hidden), piece
        elif name == "ET":
            yield any(hidden), " "


def _letters(operand: Any, codes: Codes) -> Iterator[str]:  # noqa: ANN401  a PDF object
    pieces = operand if isinstance(operand, pikepdf.Array) else [operand]
    for piece in pieces:
        if isinstance(piece, pikepdf.String):
            raw = bytes(piece)
            for at in range(0, len(raw) - 1, 2):
                yield codes.get(raw[at] << 8 | raw[at + 1], "")


def _codes(font: Any) -> Codes:  # noqa: ANN401  a PDF object
    """From glyphs to letters."""
    if "/ToUnicode" not in font:
        return {}
    table = font.ToUnicode.read_bytes()[:_LARGEST_MAP]
    found: Codes = {}
    for kind, inner in _SECTION.findall(table):
        if kind == b"bfchar":
            for code, letters in _CHARS.findall(inner):
                found[int(code, 16)] = _decoded(letters)
            continue
        for first, last, letters in _RANGES.findall(inner):
            start, end = int(first, 16), int(last, 16)
            begin = _decoded(letters)
            for code in range(start, min(end, start + _MOST_IN_RANGE) + 1):
                found[code] = begin[:-1] + chr(ord(begin[-1]) + code - start)
    return found


def _decoded(letters: bytes) -> str:
    return bytes.fromhex(letters.decode()).decode("utf-16-be", errors="replace") or "\ufffd"
