"""Large books: parts compiled one after the other, each in a process of its own, then joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridges.documents.book import Book, Chapter, chapters_data, frame_data, letters, render_book
from bridges.documents.book_html import render_html_book
from bridges.documents.book_odt import render_odt_book
from bridges.documents.child import run_job
from bridges.documents.house import BOOK_TEMPLATE, PLAIN, House, Letterhead
from bridges.documents.recipes import BookRecipe
from bridges.documents.typesetting import DocumentFailed, compile_pdf

if TYPE_CHECKING:
    from bridges.documents.joining import Mark

SMALL = 60_000
"""Letters up to which a book is set in one piece, in the bot itself: about 30 pages."""
_PART = 720_000
_ENTRY = 1500  # what a motion takes beside its words, in letters: its head, and half an empty page
_ENTRIES_A_PAGE = 43
_MOST_TRIES = 3


def size_of(book: Book) -> int:
    """Roughly, in letters."""
    return sum(letters(chapter) + _ENTRY for chapter in book.chapters)


def book_of_house(recipe: BookRecipe, folder: Path | str | None) -> bytes:
    """In the operator's look; raises DocumentFailed, ChildFailed or HouseError."""
    house = House(None if folder is None else Path(folder))
    book, made_at, letterhead = recipe.book, recipe.made_at, house.letterhead("")
    if recipe.format == "docx":
        from bridges.documents.book_docx import render_docx_book  # noqa: PLC0415  loads slowly

        return render_docx_book(book, made_at, house.template(BOOK_TEMPLATE, ""), letterhead)
    if recipe.format == "odt":
        return render_odt_book(book, made_at, letterhead)
    if recipe.format == "html":
        return render_html_book(book, letterhead)
    return render_any_book(book, made_at, letterhead)


def render_any_book(book: Book, made_at: datetime, letterhead: Letterhead = PLAIN) -> bytes:
    """In one piece or in parts; raises DocumentFailed or ChildFailed."""
    if size_of(book) <= SMALL:
        return render_book(book, made_at, letterhead)
    from bridges.documents.joining import joined, marks_of  # noqa: PLC0415  large, and seldom needed

    parts = [_part(book, chapters, made_at) for chapters in _in_parts(book.chapters)]
    found = [marks_of(data) for data in parts]
    pages = sum(count for count, _ in found)
    front = -(-len(book.chapters) // _ENTRIES_A_PAGE)
    for _ in range(_MOST_TRIES):
        marks = list(_shifted(found, front))
        frame = _frame(book, marks, pages, made_at, letterhead)
        before, front = front, marks_of(frame)[0] - pages
        if front == before:
            return joined(frame, parts, marks)
    raise DocumentFailed("the contents never fit their own page numbers")


def _in_parts(chapters: Sequence[Chapter]) -> Iterator[list[Chapter]]:
    part: list[Chapter] = []
    used = 0
    for chapter in chapters:
        needed = letters(chapter) + _ENTRY
        if part and used + needed > _PART:
            yield part
            part, used = [], 0
        part.append(chapter)
        used += needed
    yield part


def _part(book: Book, chapters: Sequence[Chapter], made_at: datetime) -> bytes:
    data = {**frame_data(book, PLAIN), **chapters_data(chapters)}
    del data["title"]  # which the template makes the whole of a book from
    return run_job(
        {"job": "compile", "template": "book.typ", "data": data, "made_at": made_at.isoformat()}
    )


def _shifted(found: Sequence[tuple[int, list[Mark]]], front: int) -> Iterator[Mark]:
    """Bookmarks by their pages in the whole book."""
    before = front
    for count, marks in found:
        yield from (replace(mark, page=mark.page + before) for mark in marks)
        before += count


def _frame(
    book: Book, marks: Sequence[Mark], pages: int, made_at: datetime, letterhead: Letterhead
) -> bytes:
    data: dict[str, Any] = {
        **frame_data(book, letterhead),
        "contents": [(mark.title, mark.page + 1) for mark in marks],
        "pages": pages,
    }
    return compile_pdf("frame.typ", data, made_at)
