"""What a file is made of, as JSON.

It is kept with the work to be done, so that making it again after a crash gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from bridges.documents.book import Book, Chapter, ShownAmendment
from bridges.documents.view import Comparison, Layout, MotionDocument, Part, Row, Stretch, Table

Json = dict[str, Any]


@dataclass(frozen=True)
class MotionRecipe:
    """One motion in one format. `number` is the motion's, for the file's name."""

    document: MotionDocument
    format: str
    number: int
    made_at: datetime


@dataclass(frozen=True)
class BookRecipe:
    book: Book
    made_at: datetime
    format: str = "pdf"


Recipe = MotionRecipe | BookRecipe


def to_json(recipe: Recipe) -> Json:
    about = asdict(recipe)
    about["made_at"] = recipe.made_at.isoformat()
    if isinstance(recipe, BookRecipe):
        about["book"]["day"] = recipe.book.day.isoformat()
    return about


def from_json(stored: Mapping[str, Any]) -> Recipe:
    """Raises KeyError or TypeError for what this release does not know."""
    made_at = datetime.fromisoformat(stored["made_at"])
    if "book" in stored:
        return BookRecipe(_book(stored["book"]), made_at, stored.get("format", "pdf"))
    return MotionRecipe(_document(stored["document"]), stored["format"], stored["number"], made_at)


def _book(stored: Mapping[str, Any]) -> Book:
    chapters = tuple(
        Chapter(
            each["label"],
            _document(each["motion"]),
            tuple(ShownAmendment(**one) for one in each["amendments"]),
        )
        for each in stored["chapters"]
    )
    return Book(stored["title"], chapters, date.fromisoformat(stored["day"]))


def _document(stored: Mapping[str, Any]) -> MotionDocument:
    comparison = stored["comparison"]
    changed = {
        "layout": Layout(stored["layout"]),
        "facts": tuple((name, value) for name, value in stored["facts"]),
        "parts": tuple(_part(each) for each in stored["parts"]),
        "comparison": None if comparison is None else _comparison(comparison),
        **{name: tuple(stored[name]) for name in ("signers", "recipient", "sender", "compared")},
    }
    return MotionDocument(**{**stored, **changed})


def _part(stored: Mapping[str, Any]) -> Part:
    table = stored["table"]
    paragraphs = tuple(tuple(Row(**row) for row in rows) for rows in stored["paragraphs"])
    return Part(
        stored["title"], stored["prefix"], paragraphs, None if table is None else _table(table)
    )


def _table(stored: Mapping[str, Any]) -> Table:
    lists = {name: tuple(stored[name]) for name in ("head", "widths", "total")}
    return Table(**{**stored, **lists, "rows": tuple(tuple(row) for row in stored["rows"])})


def _comparison(stored: Mapping[str, Any]) -> Comparison:
    rows = tuple((_stretches(left), _stretches(right)) for left, right in stored["rows"])
    return Comparison(**{**stored, "rows": rows, "changes": _stretches(stored["changes"])})


def _stretches(stored: Sequence[Mapping[str, str]]) -> tuple[Stretch, ...]:
    return tuple(Stretch(**each) for each in stored)
