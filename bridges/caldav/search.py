"""Whether a text may fit a filter's words at all: seen as it lies, before anything is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

_C = "{urn:ietf:params:xml:ns:caldav}"
_PROPERTIES = f"{_C}comp-filter/{_C}comp-filter/{_C}prop-filter"
_MATCH = f"{_C}text-match"
# What a parser gives back as it was written, but for folds and backslashes.
_TEXTS = frozenset(
    ("SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "COMMENT", "CONTACT", "STATUS", "UID")
)
# Signs that are written otherwise, and sigma: its small letter depends on its neighbours.
_ODD = re.compile('[\\\\,;:"^\u03c3\u03c2]')
_FOLD = re.compile(r"\r?\n[ \t]")


class Words:
    """What every text that fits these filters holds, by the property that holds it."""

    def __init__(self, filters: Iterable[Element]) -> None:
        self._words: list[tuple[str, str]] = []
        for prop in (prop for each in filters for prop in each.findall(_PROPERTIES)):
            name = prop.get("name", "").upper()
            if name in _TEXTS:
                self._words += [(name.lower(), word) for word in _needed(prop)]

    def may_be_in(self, text: str) -> bool:
        if not self._words:
            return True
        plain = _FOLD.sub("", text).replace("\\", "").lower()
        # Packed texts (vCalendar 1.0's way) are for the parser.
        return "encoding=" in plain or all(_is_in(plain, *each) for each in self._words)


def _is_in(plain: str, name: str, word: str) -> bool:
    if word not in plain:
        return False
    return any(line.startswith(name) and word in line for line in plain.split("\n"))


def _needed(prop: Element) -> list[str]:
    found = []
    for match in prop.findall(_MATCH):
        words = next(match.itertext(), "").lower()
        if match.get("negate-condition") != "yes":
            # Of several words, each must be there; what stands between them may be folded.
            found += [word for word in words.split() if not _ODD.search(word)]
    return found
