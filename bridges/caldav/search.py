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
    """What every text that fits these filters holds."""

    def __init__(self, filters: Iterable[Element]) -> None:
        self._words: list[str] = []
        for prop in (prop for each in filters for prop in each.findall(_PROPERTIES)):
            if prop.get("name", "").upper() in _TEXTS:
                self._words += _needed(prop)

    def may_be_in(self, text: str) -> bool:
        if not self._words:
            return True
        plain = _FOLD.sub("", text).replace("\\", "").lower()
        # Packed texts (vCalendar 1.0's way) are for the parser.
        return "encoding=" in plain or all(word in plain for word in self._words)


def _needed(prop: Element) -> list[str]:
    found = []
    for match in prop.findall(_MATCH):
        words = next(match.itertext(), "").lower()
        if match.get("negate-condition") != "yes":
            # Of several words, each must be there; what stands between them may be folded.
            found += [word for word in words.split() if not _ODD.search(word)]
    return found
