from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docxtpl import DocxTemplate  # type: ignore[import-untyped]  # ships no types

from bridges.documents.docx import TEMPLATES, render_docx
from bridges.documents.export import FORMATS, formats_of, render
from bridges.documents.odt import render_odt
from bridges.documents.plain import render_html, render_markdown, render_text
from bridges.documents.view import Layout
from tests.unit.documents.conftest import NOW, Make
from tests.unit.documents.test_pdf import numbered_lines

HOSTILE = "{{ 7*7*7 }} {% if x %} <w:br/> & <script>alert(1)</script> *x* #read(x) ]]>"


def as_pdf(data: bytes, kind: str, folder: Path) -> bytes:
    """What LibreOffice makes of it."""
    (folder / f"motion.{kind}").write_bytes(data)
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed: make system"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(
        [*command, str(folder / f"motion.{kind}")], check=True, capture_output=True, timeout=300
    )
    return (folder / "motion.pdf").read_bytes()


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_libreoffice_numbers_the_very_same_lines(make: Make, kind: str, tmp_path: Path) -> None:
    document = make()
    file = render(document, kind, 4, NOW)
    expected = [(row.number, row.text) for rows in document.parts[0].paragraphs for row in rows]
    assert numbered_lines(as_pdf(file.data, kind, tmp_path)) == expected


def test_words_in_word_are_never_evaluated(make: Make) -> None:
    data = render_docx(make(HOSTILE, title=HOSTILE, reason=HOSTILE, group=HOSTILE), NOW)
    word = Document(io.BytesIO(data))
    words = [paragraph.text.replace("\n", " ") for paragraph in word.paragraphs]
    assert words.count(HOSTILE) == 3
    assert word.core_properties.title == HOSTILE
    assert word.tables[0].cell(2, 1).text == HOSTILE


def test_word_has_real_headings_and_line_numbers_only_where_they_belong(make: Make) -> None:
    word = Document(io.BytesIO(render_docx(make(), NOW)))
    styles = [paragraph.style.name for paragraph in word.paragraphs if paragraph.style]
    assert styles.count("Heading 1") == 1
    assert styles.count("Antragstext") == 3
    assert b"lnNumType" in part(render_docx(make(), NOW), "word/document.xml")
    plain = render_docx(make(layout=Layout.SUBMISSION), NOW)
    assert b"lnNumType" not in part(plain, "word/document.xml")
    fifth = render_docx(make(show_numbers="fifth"), NOW)
    assert b'w:countBy="5"' in part(fifth, "word/document.xml")


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def test_a_template_of_ones_own_is_used_and_kept_in_its_box(make: Make, tmp_path: Path) -> None:
    word = Document()
    word.add_paragraph("Unser Verein: {{ title }}")
    own = tmp_path / "own.docx"
    word.save(str(own))
    text = Document(io.BytesIO(render_docx(make(), NOW, own))).paragraphs[0].text
    assert text == "Unser Verein: Zwölf Linden"
    word.paragraphs[0].text = "{{ title.__class__.__mro__ }}"
    word.save(str(own))
    with pytest.raises(Exception, match="unsafe"):
        render_docx(make(), NOW, own)


def test_the_shipped_templates_use_only_what_they_are_given() -> None:
    for name in ("motion.docx", "letter.docx"):
        word = DocxTemplate(TEMPLATES / name)
        assert word.get_undeclared_template_variables() <= {
            "date", "facts", "heading", "logo", "name", "parts", "recipient", "reference", "sender",
            "sender_line", "sha256", "signature", "signers", "title", "version", "words",
        }  # fmt: skip


def test_opendocument_escapes_words_and_is_the_same_each_time(make: Make) -> None:
    data = render_odt(make(HOSTILE, title=HOSTILE), NOW)
    assert data == render_odt(make(HOSTILE, title=HOSTILE), NOW)
    assert b"<script>" not in part(data, "content.xml")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_html_runs_nothing_and_hides_numbers_from_readers(make: Make) -> None:
    page = render_html(make(HOSTILE, title=HOSTILE)).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert "aria-hidden" in page


def test_markdown_shows_signs_as_signs(make: Make) -> None:
    page = render_markdown(make("*x* [y](z)\n1. eins\n- zwei <b>")).decode()
    assert "\\*x\\* \\[y\\]\\(z\\)" in page
    assert "1\\. eins" in page
    assert "\\- zwei \\<b\\>" in page


def test_plain_text_has_numbers_in_front(make: Make) -> None:
    page = render_text(make("Eins.\nZwei.")).decode()
    assert re.findall(r"^ +(\d+)  (.*)$", page, re.MULTILINE) == [("1", "Eins."), ("2", "Zwei.")]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_says_which_words_it_holds(make: Make, kind: str) -> None:
    document = make()
    file = render(document, kind, 4, NOW)
    assert file.name == f"A4-Zwoelf-Linden-Antragsbuch.{kind}"
    if kind in {"html", "md", "txt"}:
        assert document.sha256 in file.data.decode()
    assert len(file.sha256) == 64


def test_file_names_are_safe_whatever_the_title(make: Make) -> None:
    document = make(title="../../etc/passwd\u202e.exe 🌳 ÄÖÜ" + "x" * 200)
    name = render(document, "txt", 4, NOW).name
    assert re.fullmatch(r"[A-Za-z0-9.-]+", name)
    assert ".." not in name
    assert len(name) < 100
    assert render(make(title="🌳"), "txt", 4, NOW).name == "A4-Antrag-Antragsbuch.txt"


def test_layouts_come_in_the_formats_that_can_show_them() -> None:
    assert formats_of(Layout.LETTER) == ("pdf", "docx", "odt")
    assert formats_of(Layout.BOOK) == FORMATS
