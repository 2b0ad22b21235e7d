"""An Antragsbuch as OpenDocument text: contents, amendments behind each motion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bridges.documents.book import AMENDMENTS, CONTENTS, Book, Chapter, day_of, how_many
from bridges.documents.house import PLAIN, Letterhead
from bridges.documents.odt import (
    About,
    Logo,
    content_xml,
    heading_xml,
    is_numbered,
    odt_head,
    packed_odt,
    paragraph_xml,
    part_xml,
    signers_xml,
    words_xml,
)
from bridges.documents.tables import odt_table
from bridges.documents.view import WORDS, Table


def render_odt_book(book: Book, made_at: datetime, letterhead: Letterhead = PLAIN) -> bytes:
    """Real headings; lines are counted from one again in each motion."""
    logo = Logo.read(letterhead)
    shown = {chapter.motion.show_numbers for chapter in book.chapters}
    numbers = next((each for each in ("every", "fifth") if each in shown), "none")
    about = About(book.title, "de", book.sha256, how_many(book), day_of(book), WORDS, numbers)
    tables: list[Table] = []
    body = [*odt_head(letterhead, logo), *_front(book)]
    for number, chapter in enumerate(book.chapters, 1):
        body += _chapter(number, chapter, tables)
    return packed_odt(about, content_xml(tables, "", body), made_at, letterhead, logo)


def _front(book: Book) -> Iterator[str]:
    yield heading_xml(1, book.title)
    yield heading_xml(2, CONTENTS)
    for number, chapter in enumerate(book.chapters, 1):
        yield (
            f'<text:p text:style-name="Verzeichnis"><text:a xlink:type="simple" '
            f'xlink:href="#m{number}">{words_xml(chapter.label)}</text:a><text:tab/>'
            f'<text:bookmark-ref text:reference-format="page" text:ref-name="m{number}">'
            "</text:bookmark-ref></text:p>"
        )


def _chapter(number: int, chapter: Chapter, tables: list[Table]) -> Iterator[str]:
    motion = chapter.motion
    yield (
        f'<text:h text:style-name="Antrag" text:outline-level="1"><text:bookmark-start '
        f'text:name="m{number}"/>{words_xml(chapter.label)}<text:bookmark-end '
        f'text:name="m{number}"/></text:h>'
    )
    for name, value in motion.facts:
        yield paragraph_xml(f"{name}: {value}")
    begun = motion.show_numbers == "none"
    for part in motion.parts:
        numbered = "Standard" if motion.show_numbers == "none" else "Antragstext"
        yield from part_xml(part, numbered, "" if begun else "Antragsbeginn")
        begun = begun or is_numbered(part)
        if part.table is not None:
            tables.append(part.table)
            yield odt_table(len(tables) - 1, part.table)
    yield from signers_xml(motion)
    yield from _amendments(chapter)


def _amendments(chapter: Chapter) -> Iterator[str]:
    if chapter.amendments:
        yield heading_xml(2, AMENDMENTS)
    for each in chapter.amendments:
        yield (
            f'<text:p text:style-name="Entwurfskopf"><text:span text:style-name="Fett">'
            f"{words_xml(each.label)}</text:span> {words_xml(each.about)}</text:p>"
        )
        yield paragraph_xml(each.text, "Entwurf")
        if each.reason:
            yield (
                f'<text:p text:style-name="Entwurf"><text:span text:style-name="Schraeg">'
                f"{words_xml(each.reason)}</text:span></text:p>"
            )
