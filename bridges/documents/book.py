"""An Antragsbuch: many motions in one PDF, each followed by its amendments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import accumulate

from bridges.documents.house import PLAIN
from bridges.documents.pdf import compile_pdf, letterhead_data, marked
from bridges.documents.view import WORDS, MotionDocument
from wecreate_module.domain.amendments import Amendment, AmendmentKind, AmendmentState

MOST_MOTIONS = 60
MOST_LETTERS = 120_000
"""More would hold up the others: a page takes some milliseconds, and megabytes."""

_STATES: Mapping[AmendmentState, str] = {
    AmendmentState.OPEN: "offen",
    AmendmentState.ADOPTED: "angenommen",
    AmendmentState.REJECTED: "abgelehnt",
    AmendmentState.WITHDRAWN: "zurückgezogen",
}


@dataclass(frozen=True)
class Chapter:
    """A motion in the book. `amendments` with the names of who wrote them."""

    label: str
    motion: MotionDocument
    amendments: tuple[tuple[Amendment, str], ...]


def render_book(title: str, chapters: Sequence[Chapter], day: date, made_at: datetime) -> bytes:
    """The PDF; raises DocumentFailed."""
    prints = "".join(chapter.motion.sha256 for chapter in chapters)
    before = [0, *accumulate(_numbered(chapter.motion) for chapter in chapters)]
    data = {
        "title": title,
        "language": "de",
        "date": f"{day.day}.{day.month}.{day.year}",
        "version": f"{len(chapters)} Anträge" if len(chapters) != 1 else "1 Antrag",
        "sha256": hashlib.sha256(prints.encode()).hexdigest(),
        "letterhead": letterhead_data(PLAIN),
        "words": {**WORDS, "amendments": "Änderungsanträge"},
        "motions": [
            {
                **marked(asdict(chapter.motion)),
                "letterhead": letterhead_data(PLAIN),
                "label": chapter.label,
                "lines_before": lines_before,
                "amendments": [_amendment(*each) for each in chapter.amendments],
            }
            for chapter, lines_before in zip(chapters, before, strict=False)
        ],
    }
    return compile_pdf("book.typ", data, made_at)


def letters(chapters: Sequence[Chapter]) -> int:
    """How much there is to set."""
    return sum(
        sum(
            len(row.text)
            for part in chapter.motion.parts
            for rows in part.paragraphs
            for row in rows
        )
        + sum(len(amendment.text) + len(amendment.reason) for amendment, _ in chapter.amendments)
        for chapter in chapters
    )


def _numbered(motion: MotionDocument) -> int:
    """How many lines Typst will count: those that show numbers."""
    if motion.show_numbers == "none":
        return 0
    rows = (row for part in motion.parts for rows in part.paragraphs for row in rows)
    return sum(row.number is not None for row in rows)


def _amendment(amendment: Amendment, author: str) -> dict[str, str]:
    first, last = amendment.first, amendment.last
    lines = f"Zeile {first}" if first == last else f"Zeilen {first} bis {last}"
    text = {
        AmendmentKind.REPLACE: f"Ersetze {lines} durch: {amendment.text}",
        AmendmentKind.DELETE: f"Streiche {lines}.",
        AmendmentKind.INSERT: f"Füge nach Zeile {last} ein: {amendment.text}",
    }[amendment.kind]
    return {
        "label": f"Ä{amendment.number}",
        "about": f"{author} · zu Fassung {amendment.base} · {_STATES[amendment.state]}",
        "text": text,
        "reason": amendment.reason,
    }
