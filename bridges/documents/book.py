"""An Antragsbuch: many motions in one PDF, each followed by its amendments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from bridges.documents.house import PLAIN, Letterhead
from bridges.documents.pdf import letterhead_data, marked
from bridges.documents.typesetting import compile_pdf
from bridges.documents.view import WORDS, MotionDocument
from wecreate_module.domain.amendments import Amendment, AmendmentKind, AmendmentState

_STATES: Mapping[AmendmentState, str] = {
    AmendmentState.OPEN: "offen",
    AmendmentState.ADOPTED: "angenommen",
    AmendmentState.REJECTED: "abgelehnt",
    AmendmentState.WITHDRAWN: "zurückgezogen",
}

CONTENTS, AMENDMENTS = "Inhalt", "Änderungsanträge"


@dataclass(frozen=True)
class ShownAmendment:
    """An amendment as it stands in the book."""

    label: str
    about: str
    text: str
    reason: str


@dataclass(frozen=True)
class Chapter:
    """A motion in the book, and its amendments behind it."""

    label: str
    motion: MotionDocument
    amendments: tuple[ShownAmendment, ...]


@dataclass(frozen=True)
class Book:
    title: str
    chapters: tuple[Chapter, ...]
    day: date

    @property
    def sha256(self) -> str:
        """Of all its motions' fingerprints."""
        prints = "".join(chapter.motion.sha256 for chapter in self.chapters)
        return hashlib.sha256(prints.encode()).hexdigest()


def render_book(book: Book, made_at: datetime, letterhead: Letterhead = PLAIN) -> bytes:
    """The PDF in one piece, for books that are small; raises DocumentFailed."""
    data = {**frame_data(book, letterhead), **chapters_data(book.chapters)}
    return compile_pdf("book.typ", data, made_at)


def frame_data(book: Book, letterhead: Letterhead) -> dict[str, Any]:
    """What all pages share."""
    return {
        "title": book.title,
        "language": "de",
        "date": day_of(book),
        "version": how_many(book),
        "sha256": book.sha256,
        "words": {**WORDS, "amendments": AMENDMENTS},
        "letterhead": letterhead_data(letterhead),
    }


def day_of(book: Book) -> str:
    return f"{book.day.day}.{book.day.month}.{book.day.year}"


def how_many(book: Book) -> str:
    count = len(book.chapters)
    return f"{count} Anträge" if count != 1 else "1 Antrag"


def print_line(book: Book) -> str:
    """Which book this is."""
    return f"{how_many(book)} · {day_of(book)} · {WORDS['checksum']} SHA-256: {book.sha256}"


def chapters_data(chapters: Sequence[Chapter]) -> dict[str, Any]:
    """The motions; lines are counted from one again in each."""
    before = [0, *accumulate(_numbered(chapter.motion) for chapter in chapters)]
    motions = [
        {
            **marked(asdict(chapter.motion)),
            "letterhead": letterhead_data(PLAIN),
            "label": chapter.label,
            "lines_before": lines_before,
            "amendments": [asdict(each) for each in chapter.amendments],
        }
        for chapter, lines_before in zip(chapters, before, strict=False)
    ]
    return {"motions": motions}


def letters(chapter: Chapter) -> int:
    """How much there is to set."""
    parts = chapter.motion.parts
    rows = (row for part in parts for paragraph in part.paragraphs for row in paragraph)
    words = sum(len(row.text) for row in rows)
    return words + sum(len(each.text) + len(each.reason) for each in chapter.amendments)


def shown_amendment(amendment: Amendment, author: str) -> ShownAmendment:
    """In the words of a meeting."""
    first, last = amendment.first, amendment.last
    lines = f"Zeile {first}" if first == last else f"Zeilen {first} bis {last}"
    text = {
        AmendmentKind.REPLACE: f"Ersetze {lines} durch: {amendment.text}",
        AmendmentKind.DELETE: f"Streiche {lines}.",
        AmendmentKind.INSERT: f"Füge nach Zeile {last} ein: {amendment.text}",
    }[amendment.kind]
    about = f"{author} · zu Fassung {amendment.base} · {_STATES[amendment.state]}"
    return ShownAmendment(f"Ä{amendment.number}", about, text, amendment.reason)


def _numbered(motion: MotionDocument) -> int:
    """How many lines Typst will count: those that show numbers."""
    if motion.show_numbers == "none":
        return 0
    rows = (row for part in motion.parts for rows in part.paragraphs for row in rows)
    return sum(row.number is not None for row in rows)
