"""OpenDocument's tracked changes (OpenDocument 1.3, part 3, 5.5).

What was inserted stands in its place between two marks; what was deleted stands before the text,
and a mark where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape

from bridges.documents.view import Stretch

Words = Callable[[str], str]


@dataclass
class Tracked:
    """`regions` belong before the text, `paragraphs` in it; both escaped."""

    author: str
    made_at: datetime
    words: Words
    style: str = "Antragstext"
    regions: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    _open: str = ""

    def write(self, changes: Sequence[Stretch]) -> None:
        for number, change in enumerate(changes, start=1):
            if change.kind == "inserted":
                self._region(number, "insertion", "")
                self._open += f'<text:change-start text:change-id="c{number}"/>'
                self._put(change.text)
                self._open += f'<text:change-end text:change-id="c{number}"/>'
            elif change.kind == "deleted":
                gone = "".join(map(self._paragraph, map(self.words, change.text.split("\n"))))
                self._region(number, "deletion", gone)
                self._open += f'<text:change text:change-id="c{number}"/>'
            else:
                self._put(change.text)
        self.paragraphs.append(self._paragraph(self._open))
        self._open = ""

    def xml(self) -> tuple[str, str]:
        """The regions and the text."""
        regions = "".join(self.regions)
        tracked = f"<text:tracked-changes>{regions}</text:tracked-changes>" if regions else ""
        return tracked, "".join(self.paragraphs)

    def _put(self, text: str) -> None:
        first, *rest = text.split("\n")
        self._open += self.words(first)
        for piece in rest:
            self.paragraphs.append(self._paragraph(self._open))
            self._open = self.words(piece)

    def _paragraph(self, inner: str) -> str:
        return f'<text:p text:style-name="{self.style}">{inner}</text:p>'

    def _region(self, number: int, kind: str, inner: str) -> None:
        about = (
            f"<office:change-info><dc:creator>{escape(self.author)}</dc:creator>"
            f"<dc:date>{self.made_at:%Y-%m-%dT%H:%M:%S}</dc:date></office:change-info>"
        )
        self.regions.append(
            f'<text:changed-region xml:id="c{number}" text:id="c{number}"><text:{kind}>{about}'
            f"{inner}</text:{kind}></text:changed-region>"
        )
