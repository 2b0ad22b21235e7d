"""What LibreOffice makes of the files: opened without repair, the same words on its pages."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from pathlib import Path

import pytest

from bridges.documents.export import formats_of, render
from bridges.documents.house import House
from bridges.documents.view import Layout, MotionDocument
from tests.unit.documents.conftest import NOW, PLANS, PNG, TEXT, Make
from tests.unit.documents.office import Office
from tests.unit.documents.test_pdf import poppler

OLD = "1. Alles bleibt.\n3. Über den Stand wird dem Beirat berichtet."
LAYOUTS = [each for each in Layout if each is not Layout.SYNOPSIS]


def words_of(data: bytes) -> str:
    """All letters on the pages, without spaces, line numbers and footers."""
    text = poppler("pdftotext", data, "-nopgbrk")
    kept = (line for line in text.splitlines() if not re.fullmatch(r"\s*\d+\s*", line))
    return unicodedata.normalize("NFKC", re.sub(r"\s", "", "".join(kept)))


def words_in(document: MotionDocument) -> list[str]:
    found = [document.title, *(row.text for part in document.parts for rows in part.paragraphs
                               for row in rows)]  # fmt: skip
    for part in document.parts:
        if part.table is not None:
            found += [cell for row in part.table.rows for cell in row]
            found += [*part.table.head, *part.table.total]
    if document.layout is Layout.LETTER:
        found += [*document.recipient, *document.sender, document.words["greeting"]]
    return [
        unicodedata.normalize("NFKC", re.sub(r"\s", "", each))
        for each in found
        if each and not each.isdecimal()
    ]


@pytest.mark.parametrize("kind", ["docx", "odt"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_libreoffice_shows_the_same_words(
    make: Make, office: Office, layout: Layout, kind: str, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    (tmp_path / "style.yaml").write_text('name: Ortsverein Süd\ncolour: "#e3000f"\n')
    document = make(TEXT + "\nEin <b> & {{ x }} mit  Lücke.", layout=layout)
    data = render(document, kind, 4, NOW, House(tmp_path)).data
    shown = words_of(office.pdf(data, kind))
    for words in (*words_in(document), "OrtsvereinSüd"):
        assert words in shown, words


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_a_letter_has_its_address_in_the_window(make: Make, office: Office, kind: str) -> None:
    """DIN 5008, form B: 20 to 105 mm from the left, 45 to 90 mm from the top."""
    data = render(make(layout=Layout.LETTER), kind, 4, NOW).data
    boxes = poppler("pdftotext", office.pdf(data, kind), "-bbox")
    for word, low, high in (("Stadtbezirksbeirat", 62, 90), ("Antrag:", 97, 110)):
        found = re.search(rf'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>{word}<', boxes)
        assert found is not None, boxes
        x, y = (float(found[at]) / 72 * 25.4 for at in (1, 2))
        assert 20 <= x <= 105
        assert low <= y <= high


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_a_synopsis_is_real_tracked_changes(make: Make, office: Office, kind: str) -> None:
    data = render(make(TEXT, layout=Layout.SYNOPSIS, old=OLD), kind, 4, NOW).data
    assert office.changes(data, kind) == 3


def test_every_layout_comes_in_every_format_that_it_promises(make: Make) -> None:
    for layout in Layout:
        document = make(layout=layout, old=OLD if layout is Layout.SYNOPSIS else None)
        for kind in formats_of(layout):
            assert len(render(document, kind, 4, NOW).data) > 500, (layout, kind)


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_100_000_letters_of_all_sorts_open_and_keep_their_order(
    make: Make, office: Office, kind: str
) -> None:
    line = "Wort e\u0301 🌳 שלום مرحبا Satz <b> & {{ 7*7 }} =1+1. "
    text = "\n".join(f"{n}. " + line * 20 for n in range(100))
    document = make(text, layout=Layout.SUBMISSION)
    assert len(text) > 90_000
    lines = office.text(render(document, kind, 4, NOW).data, kind)
    expected = [row.text for rows in document.parts[0].paragraphs for row in rows]
    assert [each for each in lines if each in set(expected)] == expected


def test_what_looks_like_a_formula_stays_text_in_tables(make: Make, office: Office) -> None:
    plans = {**PLANS, "costs": '=HYPERLINK("http://evil.example";"x") 3600', "finance": "@SUM 3600"}
    document = make(layout=Layout.FUNDING, more_sections=plans)
    data = render(document, "odt", 4, NOW).data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml").decode()
    assert "table:formula" not in content
    assert 'office:value-type="string"' in content
    for kind in ("docx", "odt"):
        shown = words_of(office.pdf(render(document, kind, 4, NOW).data, kind))
        assert '=HYPERLINK("http://evil.example";"x")' in shown
