"""Word's tracked changes (w:ins, w:del): accept all for the new text, reject all for the old."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from bridges.documents.view import Stretch

_SPACE = 'xml:space="preserve"'


@dataclass(frozen=True)
class TrackedParagraph:
    """Stretches of one paragraph, and what happened to the mark at its end."""

    stretches: tuple[Stretch, ...]
    mark: str


def in_paragraphs(changes: Sequence[Stretch]) -> list[TrackedParagraph]:
    """Split at line breaks; each break is a paragraph's mark that was kept, deleted or inserted."""
    found: list[TrackedParagraph] = []
    open_: list[Stretch] = []
    for change in changes:
        pieces = change.text.split("\n")
        for at, piece in enumerate(pieces):
            if at:
                found.append(TrackedParagraph(tuple(open_), change.kind))
                open_ = []
            if piece:
                open_.append(Stretch(change.kind, piece))
    found.append(TrackedParagraph(tuple(open_), "kept"))
    return found


def paragraphs_xml(changes: Sequence[Stretch], style: str, author: str, made_at: datetime) -> str:
    """All paragraphs as WordprocessingML, escaped; ids count from 1."""
    about = f'w:author={quoteattr(author)} w:date="{made_at:%Y-%m-%dT%H:%M:%SZ}"'
    ids = _Ids()
    return "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{_mark(paragraph.mark, about, ids)}</w:pPr>'
        f"{''.join(_runs(paragraph.stretches, about, ids))}</w:p>"
        for paragraph in in_paragraphs(changes)
    )


class _Ids:
    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        self._last += 1
        return f'w:id="{self._last}"'


def _mark(kind: str, about: str, ids: _Ids) -> str:
    tag = {"inserted": "w:ins", "deleted": "w:del"}.get(kind)
    return f"<w:rPr><{tag} {ids.next()} {about}/></w:rPr>" if tag else ""


def _runs(stretches: Sequence[Stretch], about: str, ids: _Ids) -> Iterator[str]:
    for stretch in stretches:
        words = escape(stretch.text)
        if stretch.kind == "inserted":
            run = f"<w:r><w:t {_SPACE}>{words}</w:t></w:r>"
            yield f"<w:ins {ids.next()} {about}>{run}</w:ins>"
        elif stretch.kind == "deleted":
            run = f"<w:r><w:delText {_SPACE}>{words}</w:delText></w:r>"
            yield f"<w:del {ids.next()} {about}>{run}</w:del>"
        else:
            yield f"<w:r><w:t {_SPACE}>{words}</w:t></w:r>"
