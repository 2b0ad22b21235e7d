"""An Antragsbuch as one HTML page: contents with links, amendments behind each motion."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bridges.documents.book import AMENDMENTS, CONTENTS, Book, Chapter, print_line
from bridges.documents.house import PLAIN, Letterhead
from bridges.documents.plain import html_head, html_motion, html_page


def render_html_book(book: Book, letterhead: Letterhead = PLAIN) -> bytes:
    """No scripts, and nothing from elsewhere."""
    return html_page(book.title, "de", (*html_head(letterhead), *_body(book)))


def _body(book: Book) -> Iterator[str]:
    yield f"<h1>{escape(book.title)}</h1><nav><h2>{CONTENTS}</h2><ul>"
    for number, chapter in enumerate(book.chapters, 1):
        yield f'<li><a href="#m{number}">{escape(chapter.label)}</a></li>'
    yield "</ul></nav>"
    for number, chapter in enumerate(book.chapters, 1):
        yield f'<section><h2 id="m{number}">{escape(chapter.label)}</h2>'
        yield from html_motion(chapter.motion, level=3)
        yield from _amendments(chapter)
        yield "</section>"
    yield f"<footer>{escape(print_line(book))}</footer>"


def _amendments(chapter: Chapter) -> Iterator[str]:
    if chapter.amendments:
        yield f"<h3>{AMENDMENTS}</h3>"
    for each in chapter.amendments:
        yield f"<p><strong>{escape(each.label)}</strong> <small>{escape(each.about)}</small></p>"
        yield f"<blockquote><p>{escape(each.text)}</p>"
        yield f"<p><em>{escape(each.reason)}</em></p>" if each.reason else ""
        yield "</blockquote>"
