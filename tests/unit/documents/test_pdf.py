from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from bridges.documents.house import Letterhead
from bridges.documents.pdf import breakable, render_pdf
from bridges.documents.view import Layout
from tests.unit.documents.conftest import NOW, PLANS, PNG, TEXT, Make
from wecreate_module.domain.errors import UserError
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
            assert meta["pdfaid:part"] == "3"
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


def test_a_funding_application_has_both_plans_with_equal_sums(make: Make) -> None:
    text = poppler("pdftotext", render_pdf(make(layout=Layout.FUNDING), NOW), "-layout")
    assert re.search(r"Honorarkosten +Honorare Baumpflege +300,50", text)
    assert re.search(r"Personalkosten +0,00", text)
    assert len(re.findall(r"Summe +3\.600,00", text)) == 2


def test_an_unbalanced_funding_application_is_not_made(make: Make) -> None:
    with pytest.raises(UserError, match="must be equal"):
        make(layout=Layout.FUNDING, more_sections={**PLANS, "costs": "Sachkosten 1"})


@pytest.mark.parametrize("count", [1, 10, 40, 200])
def test_a_list_of_signatures_has_the_full_wording_and_room_to_sign(make: Make, count: int) -> None:
    text = "\n".join(f"{n}. Die Stadt pflanzt Linde {n}." for n in range(1, count + 1))
    document = make(text, layout=Layout.SIGNATURES, body="leipzig-einwohnerantrag")
    data = render_pdf(document, NOW)
    shown = poppler("pdftotext", data, "-layout")
    assert f"{count}. Die Stadt pflanzt Linde {count}." in shown
    assert "Geburtsdatum" in shown
    assert "Anna, Ben" not in shown
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert count > 10 or len(pdf.pages) == 1


def test_logo_name_and_colour_stand_at_the_head_and_are_spoken(make: Make, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(PNG)
    letterhead = Letterhead("Ortsverein Süd", "#e3000f", logo)
    for layout in (Layout.BOOK, Layout.LETTER):
        data = render_pdf(make(layout=layout), NOW, letterhead)
        assert "Ortsverein Süd" in poppler("pdftotext", data)
        with pikepdf.open(io.BytesIO(data)) as pdf:
            root: Any = pdf.Root
            assert "Ortsverein Süd" in alternatives(root.StructTreeRoot)
            assert "0.8901961 0 0.05882353" in pdf.pages[0].Contents.read_bytes().decode("latin-1")


def alternatives(node: Any) -> list[str]:
    found = [str(node.Alt)] if "/Alt" in node else []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            found += alternatives(kid)
    return found


def test_a_broken_logo_is_left_out(make: Make, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(PNG[:30])
    assert render_pdf(make(), NOW, Letterhead("Ortsverein", "#e3000f", logo)).startswith(b"%PDF")


def test_emoji_arabic_and_hebrew_are_shown_as_themselves(make: Make) -> None:
    text = poppler("pdftotext", render_pdf(make("Ein 🌳, مرحبا, שלום, 👍 und Ћ."), NOW))
    for sign in "🌳👍Ћ":
        assert sign in text
    assert "(deciduous tree)" not in text


def test_a_long_table_breaks_between_rows_and_repeats_its_head(make: Make) -> None:
    costs = "\n".join(f"Sachkosten Posten {n} 10" for n in range(1, 121))
    plans = {**PLANS, "costs": costs, "finance": "Beantragte Summe 1.200"}
    data = render_pdf(make(layout=Layout.FUNDING, more_sections=plans), NOW)
    pages = poppler("pdftotext", data, "-layout").split("\f")
    with_rows = [page for page in pages if "Posten 1" in page or "Posten 9" in page]
    assert len(with_rows) > 2
    assert all(re.search(r"Art +Posten +EUR", page) for page in with_rows)
    shown = re.findall(r"Sachkosten +Sachkosten Posten (\d+) +10,00", "".join(pages))
    assert [int(n) for n in shown] == list(range(1, 121))
    alone = [page for page in pages if re.search(r"Summe +1\.200,00", page)]
    assert all("Posten 120" in page or "Beantragte" in page for page in alone)


@pytest.mark.parametrize("lines", range(36, 48))
def test_no_heading_is_left_alone_at_the_foot_of_a_page(make: Make, lines: int) -> None:
    text = "\n".join(f"{n}. Satz." for n in range(lines // 2))
    data = render_pdf(make(text, reason="Weil es nötig ist.\nUnd gut."), NOW)
    for page in poppler("pdftotext", data, "-layout").split("\f"):
        shown = [line.strip() for line in page.splitlines() if line.strip()]
        body = [line for line in shown if not line.startswith(("Fassung", "Prüfsumme"))]
        assert not body or body[-1] not in {"Begründung", "Mitgezeichnet von", "Beschlussvorschlag"}


def test_tables_have_heads_that_are_told_as_such(make: Make) -> None:
    with pikepdf.open(io.BytesIO(render_pdf(make(layout=Layout.FUNDING), NOW))) as pdf:
        root: Any = pdf.Root
        tags = list(structure(root.StructTreeRoot))
    assert tags.count("/Table") == 2
    assert tags.count("/TH") == 6
    assert tags.count("/TR") == 2 * 2 + 5 + 5


def test_no_two_words_of_a_page_lie_upon_each_other(make: Make) -> None:
    for layout in Layout:
        document = make(
            TEXT + "\nEin 🌳, שלום und é. " * 9,
            layout=layout,
            old="1. Alles bleibt." if layout is Layout.SYNOPSIS else None,
        )
        data = render_pdf(document, NOW, Letterhead("Ortsverein", "#e3000f"))
        for page in poppler("pdftotext", data, "-bbox").split("<page ")[1:]:
            found = re.findall(
                r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)<', page
            )
            boxes = [(*map(float, each[:4]), each[4]) for each in found]
            for at, (x1, y1, x2, y2, word) in enumerate(boxes):
                for a1, b1, a2, b2, other in boxes[at + 1 :]:
                    wide = min(x2, a2) - max(x1, a1)
                    high = min(y2, b2) - max(y1, b1)
                    assert wide < 1 or high < 4, (layout, word, other)


@pytest.mark.parametrize("layout", [Layout.SUBMISSION, Layout.LETTER, Layout.SYNOPSIS])
def test_no_word_runs_off_the_page_however_long(make: Make, layout: Layout) -> None:
    address = "https://stadt.example/" + "sehrlang" * 30
    old = "1. Linden." if layout is Layout.SYNOPSIS else None
    made = make(f"1. Linden: {address}", reason=f"Siehe {address}.", layout=layout, old=old)
    data = render_pdf(made, NOW)
    boxes = poppler("pdftotext", data, "-bbox")
    rights = [float(each) for each in re.findall(r'xMax="([\d.]+)"', boxes)]
    assert max(rights) < 539  # 190 mm in points, and a little
    shown = "".join(poppler("pdftotext", data).split()).replace("\u200b", "")
    assert address in shown


def test_places_to_break_at_part_no_sign_from_its_accents() -> None:
    accents = "e\u0301" * 40
    assert "\u200b\u0301" not in breakable(accents)
    assert breakable("kurz und gut") == "kurz und gut"
    assert breakable("x" * 80).replace("\u200b", "") == "x" * 80
