"""A whole Antragsbuch as Word, OpenDocument and HTML."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bridges.documents.book import Book, Chapter, ShownAmendment
from bridges.documents.book_docx import render_docx_book
from bridges.documents.book_html import render_html_book
from bridges.documents.book_odt import render_odt_book
from bridges.documents.child import run_job
from bridges.documents.export import DocumentFailed
from bridges.documents.making import made
from bridges.documents.recipes import BookRecipe, from_json, to_json
from tests.unit.documents.conftest import NOW, Make, made_motion
from tests.unit.documents.office import Office
from tests.unit.documents.test_book import whole
from tests.unit.documents.test_pdf import numbered_lines, poppler

EVIL = "{{ 7*7 }} {% x %} <b>&amp;</b> #sys ]]> \u0645\u0631\u062d\u0628\u0627 e\u0301 =cmd()"


def office_book(kind: str, book: Book) -> bytes:
    return render_docx_book(book, NOW) if kind == "docx" else render_odt_book(book, NOW)


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_contents_lead_to_motions_and_each_begins_with_line_one(kind: str, office: Office) -> None:
    pdf = office.pdf(office_book(kind, whole(3)), kind)
    pages = poppler("pdftotext", pdf, "-layout").split("\f")
    listed = re.findall(r"^A(\d) Antrag Nummer \d\.+(\d)$", pages[0], re.MULTILINE)
    assert listed == [("1", "2"), ("2", "3"), ("3", "4")]
    assert all(f"A{n} Antrag Nummer {n}" in pages[n] for n in (1, 2, 3))
    found = [number for number, _ in numbered_lines(pdf)]
    assert found == [1, 2, 3, 4, 5] * 3


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_amendments_stand_behind_their_motion(kind: str, office: Office) -> None:
    text = " ".join(office.text(office_book(kind, whole(2)), kind))
    first, second = text.split("A2 Antrag Nummer 2")[-2:]
    assert first.count("Ersetze Zeilen 1 bis 2 durch: Kürzer. #x") == 1
    assert second.count("Klarer.") == 2
    assert second.index("Mitgezeichnet von") < second.index("Änderungsanträge")


def test_html_has_contents_with_links_and_nothing_from_elsewhere() -> None:
    page = render_html_book(whole(2)).decode()
    assert re.findall(r'<a href="#(m\d)">A(\d) Antrag', page) == [("m1", "1"), ("m2", "2")]
    assert page.count("<h2 id=") == 2
    assert page.index("Klarer.") > page.index('id="m1"')
    assert "://" not in page
    assert "<script" not in page


def test_words_are_words_in_every_format(office: Office) -> None:
    amendment = ShownAmendment(f"Ä1 {EVIL}", EVIL, EVIL, EVIL)
    chapter = Chapter(f"A1 {EVIL}", made_motion(f"1. {EVIL}"), (amendment,))
    book = Book(f"Buch {EVIL}", (chapter,), date(2026, 11, 22))
    for kind in ("docx", "odt"):
        text = " ".join(office.text(office_book(kind, book), kind))
        assert text.count(EVIL) == 7, kind
    read: list[str] = []
    parser = HTMLParser()
    parser.handle_data = read.append  # type: ignore[method-assign,assignment]  # all that it is to do
    parser.feed(render_html_book(book).decode())
    assert "".join(read).count(EVIL) == 8


@pytest.mark.parametrize("kind", ["docx", "odt", "html"])
def test_the_same_book_gives_the_same_bytes_here_and_in_a_child(kind: str) -> None:
    recipe = BookRecipe(whole(2), NOW, kind)
    assert from_json(to_json(recipe)) == recipe
    here = made(recipe, None)
    job = {"job": "file", "recipe": to_json(recipe), "folder": None}
    assert here.data == run_job(job) == made(recipe, None).data
    assert here.name == f"Antragsbuch.{kind}"


def test_motions_without_numbers_and_with_tables_have_their_place(
    make: Make, office: Office
) -> None:
    chapters = (
        Chapter("A1 Ohne", make(), ()),
        Chapter("A2 Mit", made_motion("1. Eins.\n2. Zwei."), ()),
    )
    book = Book("Buch", chapters, date(2026, 11, 22))
    for kind in ("docx", "odt"):
        pdf = office.pdf(office_book(kind, book), kind)
        last = poppler("pdftotext", pdf, "-layout").split("\f")[2]
        assert re.search(r"^\s*1\s+1\. Eins\.$", last, re.MULTILINE), last


def test_a_template_of_the_operator_is_used_and_a_broken_one_is_told(tmp_path: Path) -> None:
    recipe = BookRecipe(whole(1), NOW, "docx")
    shipped = Path("bridges/documents/templates/book.docx")
    (tmp_path / "book.docx").write_bytes(shipped.read_bytes())
    assert made(recipe, tmp_path).data == made(recipe, None).data
    another = Path("bridges/documents/templates/motion.docx")
    (tmp_path / "book.docx").write_bytes(another.read_bytes())
    with pytest.raises(DocumentFailed):
        made(recipe, tmp_path)
