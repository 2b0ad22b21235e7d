from __future__ import annotations

import io
import re
from datetime import date

import pikepdf

from bridges.documents.book import Book, Chapter, render_book, shown_amendment
from tests.unit.documents.conftest import NOW, Make
from tests.unit.documents.test_pdf import numbered_lines, poppler
from wecreate_module.domain.amendments import Amendment, AmendmentKind

AMENDMENT = Amendment(1, 3, AmendmentKind.REPLACE, 1, 2, "Kürzer. #x", "@b:x", NOW, "Klarer.")


def book(make: Make, count: int) -> bytes:
    chapters = [
        Chapter(f"A{number} Antrag Nummer {number}", make(), (shown_amendment(AMENDMENT, "Ben"),))
        for number in range(1, count + 1)
    ]
    return render_book(Book("Antragsbuch · Garten", tuple(chapters), date(2026, 11, 22)), NOW)


def test_each_motion_begins_with_line_one(make: Make) -> None:
    found = numbered_lines(book(make, 3))
    assert [number for number, _ in found if number <= 4] == [1, 2, 3, 4] * 3


def test_contents_and_bookmarks_lead_to_the_motions(make: Make) -> None:
    data = book(make, 3)
    first = poppler("pdftotext", data, "-layout").split("\f")[0]
    pages = [int(page) for page in re.findall(r"Antrag Nummer \d .*?(\d+)$", first, re.MULTILINE)]
    assert pages == [2, 3, 4]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 4
        with pdf.open_outline() as outline:
            titles = [each.title for top in outline.root for each in (top, *top.children)]
        with pdf.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
    assert any("Antrag Nummer 2" in title for title in titles)


def test_amendments_stand_behind_their_motion(make: Make) -> None:
    text = " ".join(poppler("pdftotext", book(make, 1), "-layout").split())
    assert "Ä1 Ben · zu Fassung 3 · offen Ersetze Zeilen 1 bis 2 durch: Kürzer. #x Klarer." in text
