"""Typst: data into a template of ours, a PDF out of it, tagged (PDF/UA-1) and archivable (A-3a).

It stands on nothing but Typst, so that a process of its own is there at once; and Typst, which
is large, is loaded with the first document.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typst

STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-3a"]
_TEMPLATES = Path(__file__).parent / "templates"
_FONTS = Path(__file__).parent / "fonts"
# One compiler is kept: looking for fonts takes longer than a motion does.
_ONE_AT_A_TIME = threading.Lock()
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_MOST_TRIES = 6
# A fault in Rust comes as a BaseException of a class that can't be imported (PyO3).
_PANIC = "PanicException"
_LONGEST_NAME = 30


class DocumentFailed(Exception):
    """A document could not be made; the text says why, for the log."""


def compile_pdf(template: str, data: dict[str, Any], made_at: datetime) -> bytes:
    """The PDF; raises DocumentFailed.

    A character that no font here can show is written as its name: under PDF/UA it would
    otherwise stop the whole document.
    """
    from typst import TypstError  # noqa: PLC0415  as said above

    shown: Any = data
    for _ in range(_MOST_TRIES):
        try:
            return _compile(template, shown, made_at)
        except TypstError as error:
            missing = set(_missing(f"{error.message}\n{error.diagnostic}"))
            if not missing:
                raise DocumentFailed(error.message) from error
            shown = _named(shown, missing)
    raise DocumentFailed("characters that can't be shown keep coming")


def _compile(template: str, data: Any, made_at: datetime) -> bytes:  # noqa: ANN401  JSON
    with _ONE_AT_A_TIME:
        try:
            made = _compiler(template).compile(
                format="pdf",
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                pdf_standards=STANDARDS,
                timestamp=int(made_at.timestamp()),
            )
        except BaseException as error:
            if type(error).__name__ != _PANIC:
                raise
            _compiler.cache_clear()  # nobody knows what state that one is in
            raise DocumentFailed("Typst broke on these words") from error
    if not isinstance(made, bytes):
        raise DocumentFailed("Typst gave no file")
    return made


@cache
def _fonts() -> typst.Fonts:
    """Typst's own and those shipped here, none of the machine's: the same pages everywhere."""
    import typst  # noqa: PLC0415  as said above

    return typst.Fonts(include_system_fonts=False, font_paths=[str(_FONTS)])


@cache
def _compiler(template: str) -> typst.Compiler:
    import typst  # noqa: PLC0415  as said above

    # The root is the whole disk for the logo's sake; only our templates name files.
    return typst.Compiler(input=str(_TEMPLATES / template), root="/", font_paths=_fonts())


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
