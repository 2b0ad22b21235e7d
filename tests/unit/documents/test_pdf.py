from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from bridges.documents.pdf import render_pdf
from bridges.documents.view import Layout
from tests.unit.documents.conftest import NOW, Make
from wecreate_module.domain.lines import break_lines
from wecreate_module.domain.motions import clean_wording


def poppler(program: str, data: bytes, *options: str) -> str:
    done = subprocess.run(
        [program, *options, "-", "-"], input=data, capture_output=True, check=True
    )
    return done.stdout.decode()


def numbered_lines(data: bytes) -> list[tuple[int, str]]:
    """The lines with a number at the margin, as poppler reads them."""
    text = poppler("pdftotext", data, "-layout").replace("\f", "")
    found = re.findall(r"^ {0,3}(\d{1,4}) {2,}(.*\S)\s*$", text, re.MULTILINE)
    return [(int(number), line) for number, line in found]


def test_the_page_has_the_very_lines_of_the_chat(make: Make) -> None:
    document = make()
    expected = [(row.number, row.text) for rows in document.parts[0].paragraphs for row in rows]
    assert numbered_lines(render_pdf(document, NOW)) == expected
    assert len(expected) == 4


def test_lines_that_would_be_too_wide_stay_one_line(make: Make) -> None:
    """Letters wider than they count, in every line of many."""
    text = "\n".join(letter * 200 for letter in "mWwMtfrnoAÄ—%") + "\n" + "Wm " * 300
    document = make(text)
    lines = break_lines(clean_wording(text))
    found = numbered_lines(render_pdf(document, NOW))
    assert [number for number, _ in found] == list(range(1, len(lines) + 1))


def test_it_is_tagged_has_a_title_and_a_language_and_its_fonts(make: Make) -> None:
    with pikepdf.open(io.BytesIO(render_pdf(make(title="Zwölf <b>Linden</b>"), NOW))) as pdf:
        root: Any = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "de"
        with pdf.open_metadata() as meta:
            assert meta["dc:title"] == "Zwölf <b>Linden</b>"
            assert meta["pdfuaid:part"] == "1"
            assert meta["pdfaid:part"] == "2"
        tags = list(structure(root.StructTreeRoot))
        assert tags.count("/H1") == 1
        assert tags.count("/H2") == 3
        for page in pdf.pages:
            resources: Any = page.Resources
            for font in resources.Font.values():
                described = font.DescendantFonts[0].FontDescriptor
                assert any(name.startswith("/FontFile") for name in described)


def structure(node: Any) -> list[str]:
    found = [str(node.S)] if "/S" in node else []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            found += structure(kid)
    return found


@pytest.mark.parametrize(
    "hostile",
    [
        '#eval("1+1") #read("/etc/passwd") #{let x = 1}',
        "$ sum_(i=1)^n $ *fett* _kursiv_ `code` <label> @ref // weg",
        "{{ 7*7*7 }} {% for x in y %} \\u{41} \\n",
        "<script>alert(1)</script> & &amp; ]]> --",
        '"}], "layout": "letter", "x": ["',
    ],
)
def test_words_are_never_evaluated(make: Make, hostile: str) -> None:
    document = make(hostile, title=hostile, reason=hostile, group=hostile)
    text = poppler("pdftotext", render_pdf(document, NOW), "-layout")
    assert " ".join(text.split()).count(" ".join(hostile.split())) >= 3


def test_what_no_font_can_show_is_spelled_out_and_stops_nothing(make: Make) -> None:
    document = make("Ein Baum \U0001f333 und \U0001fae8, \ue000 \U00013080 e\u0301 ende.")
    text = poppler("pdftotext", render_pdf(document, NOW), "-layout")
    assert "ende." in text
    assert "(U+1FAE8)" in text or "\U0001fae8" in text


def test_words_from_right_to_left_stay_in_their_place(make: Make) -> None:
    document = make("Vor \u202eXYZ\u202c שלום nach.")
    (line,) = numbered_lines(render_pdf(document, NOW))
    assert line[1].startswith("Vor XYZ")


def test_a_text_of_100_000_letters_becomes_a_long_document(make: Make) -> None:
    document = make("Wort und Satz. " * 6700)
    data = render_pdf(document, NOW)
    found = numbered_lines(data)
    assert len(found) == len(document.parts[0].paragraphs[0])


@pytest.mark.parametrize("layout", list(Layout))
def test_nothing_leaves_the_page_in_any_layout(make: Make, layout: Layout) -> None:
    document = make(layout=layout, old="1. Alles bleibt.\n2. Für immer.")
    boxes = poppler("pdftotext", render_pdf(document, NOW), "-bbox")
    words = re.findall(r'xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.]+)" yMax="([\d.]+)"', boxes)
    assert len(words) > 30
    for x1, y1, x2, y2 in (map(float, each) for each in words):
        assert 0 <= x1 < x2 <= 596
        assert 0 <= y1 < y2 <= 842


def test_the_letter_has_its_address_in_the_window(make: Make) -> None:
    """DIN 5008, form B: 20 to 105 mm from the left, 45 to 90 mm from the top."""
    document = make(layout=Layout.LETTER)
    boxes = poppler("pdftotext", render_pdf(document, NOW), "-bbox")
    found = re.search(r'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>Stadtbezirksbeirat<', boxes)
    assert found is not None
    x, y = (float(found[at]) / 72 * 25.4 for at in (1, 2))
    assert 20 <= x <= 105
    assert 45 <= y <= 90


def test_the_synopsis_marks_words_without_colour(make: Make) -> None:
    document = make(
        "Wir pflanzen elf Linden.", layout=Layout.SYNOPSIS, old="Wir pflanzen zwölf Linden."
    )
    comparison = document.comparison
    assert comparison is not None
    ((left, right),) = comparison.rows
    assert [(each.kind, each.text) for each in left][1] == ("deleted", "zwölf")
    assert [(each.kind, each.text) for each in right][1] == ("inserted", "elf")
    assert "Fassung 2" in poppler("pdftotext", render_pdf(document, NOW), "-layout")


def test_the_same_motion_gives_the_same_bytes(make: Make) -> None:
    assert render_pdf(make(), NOW) == render_pdf(make(), NOW)


def test_long_documents_say_which_page_it_is(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "long.pdf"
    file.write_bytes(render_pdf(make("Wort. " * 3000), NOW))
    with pikepdf.open(file) as pdf:
        count = len(pdf.pages)
    text = poppler("pdftotext", file.read_bytes())
    assert f"Seite {count}/{count}" in text
