from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pikepdf
import pytest

from bridges.documents.book import Book, Chapter, render_book, shown_amendment
from bridges.documents.large import render_any_book
from tests.unit.documents.conftest import NOW, Make, made_motion
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


@pytest.fixture(scope="module")
def large() -> bytes:
    """Nine motions in parts of three."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bridges.documents.large.SMALL", 0)
        patch.setattr("bridges.documents.large._PART", 6000)
        return render_any_book(whole(9), NOW)


def whole(count: int) -> Book:
    chapters = tuple(
        Chapter(
            f"A{number} Antrag Nummer {number}",
            made_motion(f"1. Linde {number}.\n" + "2. Noch ein Satz mit einigen Worten. " * 9),
            (shown_amendment(AMENDMENT, "Ben"),) * (number % 3),
        )
        for number in range(1, count + 1)
    )
    return Book("Antragsbuch · Garten", chapters, date(2026, 11, 22))


def test_a_book_in_parts_says_the_same_as_one_in_one_piece(large: bytes) -> None:
    one = poppler("pdftotext", render_book(whole(9), NOW), "-layout")
    other = poppler("pdftotext", large, "-layout")

    def said(text: str) -> list[str]:
        """Without the contents' dots."""
        return [re.sub(r"[\s.\u2060]+", "", line) for line in text.splitlines() if line.strip()]

    assert sorted(said(one)) == sorted(said(other))


def test_a_book_in_parts_counts_its_pages_through(large: bytes) -> None:
    pages = poppler("pdftotext", large, "-layout").split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert re.findall(r"Seite (\d+)/(\d+)", page) == [(str(number), str(len(pages)))]
    listed = re.findall(r"^A(\d) Antrag.*?(\d+)$", pages[0], re.MULTILINE)
    assert len(listed) == 9
    for motion, page in listed:
        assert pages[int(page) - 1].lstrip().startswith(f"A{motion} Antrag Nummer {motion}")
        assert re.search(r"^ *1 +1\. Linde", pages[int(page) - 1], re.MULTILINE)


def test_a_book_in_parts_is_tagged_as_a_whole(large: bytes) -> None:
    with pikepdf.open(io.BytesIO(large)) as pdf:
        root: Any = pdf.Root
        pages = {page.obj.objgen: page.obj for page in pdf.pages}
        (document,) = root.StructTreeRoot.K
        assert [str(kid.S) for kid in document.K].count("/Part") == 3
        tags = [str(each.S) for each in elements(document)]
        assert tags.count("/H1") == 10
        assert all(each.Pg.objgen in pages for each in elements(document) if "/Pg" in each)
        numbers = list(root.StructTreeRoot.ParentTree.Nums)
        held = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
        for page in pages.values():
            parents = [each for each in held[int(page.StructParents)] if "/S" in each]
            assert all(each.Pg.objgen == page.objgen for each in parents if "/Pg" in each)
            for link in page.get("/Annots", []):
                assert str(held[int(link.StructParent)].S) == "/Link"
        with pdf.open_metadata() as meta:
            assert (meta["pdfuaid:part"], meta["pdfaid:part"]) == ("1", "3")
        assert str(root.Lang) == "de"


def test_links_and_bookmarks_of_a_book_in_parts_lead_to_its_motions(large: bytes) -> None:
    texts = poppler("pdftotext", large).split("\f")
    with pikepdf.open(io.BytesIO(large)) as pdf:
        places = {page.obj.objgen: at for at, page in enumerate(pdf.pages)}
        first: Any = pdf.pages[0].obj
        linked = [places[(each.get("/Dest") or each.A.D)[0].objgen] for each in first.Annots]
        with pdf.open_outline() as outline:
            marked: list[Any] = [each.destination for each in outline.root]
        assert linked == [places[each[0].objgen] for each in marked]
    assert all(texts[at].startswith(f"A{n} Antrag") for n, at in enumerate(linked, start=1))


def test_a_book_in_parts_is_the_same_each_time(large: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bridges.documents.large.SMALL", 0)
        patch.setattr("bridges.documents.large._PART", 6000)
        assert render_any_book(whole(9), NOW) == large


def elements(node: Any) -> Iterator[Any]:
    """All elements of a structure tree below this one."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)
