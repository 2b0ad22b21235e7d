"""Texts that people attach, harmless and hostile."""

from __future__ import annotations

import io
import shutil
import subprocess
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from docx import Document

from bridges.documents.docx import render_docx
from bridges.documents.reading import MOST_BYTES, read_text
from bridges.documents.view import Layout
from tests.unit.documents.conftest import NOW, TEXT, Make
from wecreate_module.domain.errors import UserError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for name, long in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
    )
)


def archive(parts: dict[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


def docx(body: str, more: dict[str, bytes | str] | None = None) -> bytes:
    return archive(
        {
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **(more or {}),
        }
    )


def odt(body: str) -> bytes:
    return archive(
        {
            "content.xml": f"<office:document-content {ODF}><office:body><office:text>{body}"
            "</office:text></office:body></office:document-content>"
        }
    )


def word_file() -> bytes:
    word = Document()
    word.add_heading("Unser Antrag", 0)
    word.add_heading("Warum", 1)
    word.add_paragraph("Weil Schatten fehlt.")
    word.add_paragraph("Bäume", style="List Bullet")
    word.add_paragraph("erstens", style="List Number")
    word.add_paragraph("zweitens", style="List Number")
    table = word.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Posten", "800 €"
    made = io.BytesIO()
    word.save(made)
    return made.getvalue()


MARKDOWN = (
    "# Unser Antrag\n# Warum\nWeil Schatten fehlt.\n- Bäume\n1. erstens\n2. zweitens\n"
    "| Posten | 800 € |"
)


def code_of(name: str, data: bytes) -> str:
    with pytest.raises(UserError) as refused:
        read_text(name, data)
    return refused.value.code


def test_headings_lists_and_tables_of_word_become_markdown() -> None:
    assert read_text("Antrag.DOCX", word_file()) == MARKDOWN


def test_what_libreoffice_makes_of_it_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / "text.docx").write_bytes(word_file())
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed: make system"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "odt", "--outdir", str(tmp_path)]
    subprocess.run(
        [*command, str(tmp_path / "text.docx")], check=True, capture_output=True, timeout=300
    )
    read = read_text("text.odt", (tmp_path / "text.odt").read_bytes())
    # LibreOffice makes Word's title a paragraph, as its own titles are.
    assert read.removeprefix("# ") == MARKDOWN.removeprefix("# ")


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_our_own_documents_read_back(make: Make, kind: str) -> None:
    from bridges.documents.export import render  # noqa: PLC0415 - what is tested reads them all

    document = make(TEXT, layout=Layout.SUBMISSION)
    text = read_text(f"a.{kind}", render(document, kind, 4, NOW).data)
    assert f"# {document.title}" in text
    assert all(line in text for line in TEXT.split("\n"))


def test_tracked_changes_count_as_accepted(make: Make) -> None:
    old, new = "Eins bleibt.\nZwei geht weg.\nDrei.", "Eins bleibt so.\nDrei.\nVier ist neu."
    document = make(new, layout=Layout.SYNOPSIS, old=old, reason="", signers=())
    text = read_text("a.docx", render_docx(document, NOW))
    assert new in text
    assert "Zwei" not in text


def test_an_open_document_with_tracked_changes_counts_as_accepted() -> None:
    deleted = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion>'
        "<text:p>weg damit</text:p></text:deletion></text:changed-region></text:tracked-changes>"
    )
    body = f'{deleted}<text:p>Das <text:change text:change-id="c1"/>bleibt.</text:p>'
    assert read_text("a.odt", odt(body)) == "Das bleibt."


def test_notes_of_word_are_counted_and_stand_at_the_end() -> None:
    def note(kind: str, at: int, words: str, more: str = "") -> str:
        run = f"<w:r><w:{kind}Ref/></w:r><w:r><w:t>{words}</w:t></w:r>"
        return f'<w:{kind} {more} w:id="{at}"><w:p>{run}</w:p></w:{kind}>'

    def mark(kind: str, at: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{at}"/></w:r>'

    say = "<w:r><w:t>{}</w:t></w:r>".format
    body = (
        f"<w:p>{say('Linden')}{mark('endnote', 7)}{say(' und Bänke')}{mark('footnote', 2)}</w:p>"
        f"<w:p>{say('Wieder')}{mark('endnote', 7)}{say('!')}{mark('footnote', 99)}</w:p>"
        f"<w:tbl><w:tr><w:tc><w:p>{say('800 €')}{mark('footnote', 3)}</w:p></w:tc></w:tr></w:tbl>"
        f"<w:del><w:r><w:footnoteReference w:id='4'/></w:r></w:del>"
    )
    separator = note("footnote", -1, "---", 'w:type="separator"')
    footnotes = "".join(note("footnote", at, f"Fußnote {at}.") for at in (2, 3, 4))
    data = docx(
        body,
        {
            "word/footnotes.xml": f"<w:footnotes {W}>{separator}{footnotes}</w:footnotes>",
            "word/endnotes.xml": f"<w:endnotes {W}>{note('endnote', 7, 'Art: Winterlinde.')}"
            "</w:endnotes>",
        },
    )
    assert read_text("a.docx", data).split("\n") == [
        "Linden[1] und Bänke[2]",
        "Wieder[1]!",
        "| 800 €[3] |",
        "[1] Art: Winterlinde.",
        "[2] Fußnote 2.",
        "[3] Fußnote 3.",
    ]


def test_notes_of_an_open_document_are_counted_and_stand_at_the_end() -> None:
    def note(words: str) -> str:
        return (
            '<text:note text:note-class="footnote"><text:note-citation>9</text:note-citation>'
            f"<text:note-body>{words}</text:note-body></text:note>"
        )

    inner = note("<text:p>tief</text:p>")
    body = (
        f"<text:p>Linden{note('<text:p>Winter</text:p><text:p>linden.</text:p>')} hier</text:p>"
        f"<text:list><text:list-item><text:p>Bank{note(f'<text:p>Holz{inner}.</text:p>')}"
        "</text:p></text:list-item></text:list>"
        f"<text:p>Leer{note('')}</text:p>"
    )
    assert read_text("a.odt", odt(body)).split("\n") == [
        "Linden[1] hier",
        "- Bank[2]",
        "Leer",
        "[1] Winter linden.",
        "[2] Holz.",
    ]


def test_words_in_text_boxes_are_kept_once() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>".format
    box = f"<w:txbxContent><w:p>{run('im Kasten')}</w:p></w:txbxContent>"
    both = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    data = docx(f"<w:p>{run('Davor')}<w:r>{both}</w:r>{run('danach')}<w:r><w:drawing/></w:r></w:p>")
    assert read_text("a.docx", data).split() == ["Davor", "im", "Kasten", "danach"]
    frame = "<draw:frame><draw:text-box><text:p>im Kasten</text:p></draw:text-box></draw:frame>"
    picture = "<draw:frame><draw:image/></draw:frame>"
    both = f"<text:p>Davor{frame}danach{picture}</text:p>{frame}"
    assert read_text("a.odt", odt(both)).split() == [
        "Davor", "im", "Kasten", "danach", "im", "Kasten",
    ]  # fmt: skip


def test_a_table_in_a_text_box_is_read_once_where_the_box_hangs() -> None:
    par = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>".format

    def table(*rows: tuple[str, ...]) -> str:
        cells = ("".join(f"<w:tc>{each}</w:tc>" for each in row) for row in rows)
        return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"

    def twice(words: str) -> str:
        box = f"<w:txbxContent>{words}</w:txbxContent>"
        return (
            "<w:r><mc:AlternateContent"
            ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )

    costs = table(
        (par("Linden"), par("800 €")), (par("Bänke"), par("90 €") + table((par("tief"),)))
    )
    box = twice(par("Kosten") + costs + par("netto"))
    body = f"<w:p><w:r><w:t>Davor</w:t></w:r>{box}<w:r><w:t>danach</w:t></w:r></w:p>"
    lines = ["Davor Kosten", "| Linden | 800 € |", "| Bänke | 90 € |", "| tief |", "netto danach"]
    said = [" ".join(each.split()) for each in read_text("a.docx", docx(body)).split("\n")]
    assert said == lines
    # And in a cell, whose row stays one line.
    inner = f"<w:p>{twice(table((par('eins'), par('zwei'))))}</w:p>"
    assert read_text("a.docx", docx(table((par("außen"), inner)))) == "| außen | | eins | zwei | |"
    deep = "<w:p><w:r><w:pict><w:txbxContent><w:tbl><w:tr><w:tc>" * 300
    ends = "</w:tc></w:tr></w:tbl></w:txbxContent></w:pict></w:r></w:p>" * 300
    assert code_of("a.docx", docx(deep + ends)) == "file-unreadable"


def test_every_text_box_of_a_group_is_kept() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>".format
    word = f"<w:p><w:r><w:drawing><w:g>{box('eins')}{box('zwei')}</w:g></w:drawing></w:r></w:p>"
    assert read_text("a.docx", docx(word)).split() == ["eins", "zwei"]
    frame = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>".format
    odf = f"<text:p><draw:g>{frame('eins')}{frame('zwei')}</draw:g></text:p>"
    assert read_text("a.odt", odt(odf)).split() == ["eins", "zwei"]


def test_tables_in_tables_are_read_once_however_deep() -> None:
    row = "<table:table-row><table:table-cell>{}</table:table-cell></table:table-row>".format
    words = "<text:p>innen</text:p>"
    for _ in range(18):
        words = f"<table:table>{row(words)}</table:table>"
    header = f"<table:table-header-rows>{row('<text:p>Kopf</text:p>')}</table:table-header-rows>"
    said = read_text("a.odt", odt(f"<table:table>{header}{row(words)}</table:table>"))
    assert (said.count("Kopf"), said.count("innen")) == (1, 1)
    deep = "<table:table><table:table-row><table:table-cell>" * 500
    ends = "</table:table-cell></table:table-row></table:table>" * 500
    assert code_of("a.odt", odt(deep + ends)) == "file-unreadable"


def test_text_boxes_in_text_boxes_end_somewhere() -> None:
    word = "<w:p><w:r><w:pict><w:txbxContent>" * 500 + "</w:txbxContent></w:pict></w:r></w:p>" * 500
    assert code_of("a.docx", docx(word)) == "file-unreadable"
    odf = "<draw:frame><draw:text-box>" * 500 + "</draw:text-box></draw:frame>" * 500
    assert code_of("a.odt", odt(odf)) == "file-unreadable"


def test_links_macros_fields_comments_and_hidden_words_stay_behind() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        '<w:p><w:hyperlink xmlns:r="r" r:id="rId9">' + run.format("Seite") + "</w:hyperlink>"
        '<w:r><w:instrText>INCLUDETEXT "http://evil.example/x"</w:instrText></w:r>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>versteckt</w:t></w:r>"
        "<w:del><w:r><w:delText>weg</w:delText></w:r></w:del></w:p>"
    )
    data = docx(
        body,
        {
            "word/vbaProject.bin": b"macro",
            "word/_rels/document.xml.rels": "<Relationships/>",
            "word/comments.xml": "<c/>",
        },
    )
    assert read_text("a.docx", data) == "Seite"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Größe".encode(), "Größe"),
        ("\ufeffGröße".encode(), "Größe"),
        ("Größe".encode("utf-16"), "Größe"),
        ("Größe „x“ 5 €".encode("cp1252"), "Größe „x“ 5 €"),
        (b"eins\r\nzwei\rdrei", "eins\nzwei\ndrei"),
        ("e\u0301 \u202eabc\u202c".encode(), "é abc"),
    ],
)
def test_plain_texts_are_read_in_whatever_code_they_come(data: bytes, text: str) -> None:
    assert read_text("a.txt", data) == text
    assert read_text("a.md", data) == text


BOMB = b"<a>" + b" " * 50_000_000
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
DEEP = "<w:sdt>" * 5000 + "<w:p/>" + "</w:sdt>" * 5000


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.docx", b"no archive", "file-unreadable"),
        ("a.odt", b"PK\x03\x04 broken", "file-unreadable"),
        ("a.docx", archive({"other.xml": "<x/>"}), "file-unreadable"),
        ("a.docx", archive({"word/document.xml": "<x><y></x>"}), "file-unreadable"),
        ("a.docx", archive({"word/document.xml": ENTITIES}), "file-unreadable"),
        ("a.odt", archive({"content.xml": ENTITIES}), "file-unreadable"),
        ("a.docx", docx(DEEP), "file-unreadable"),
        ("a.odt", odt("<text:section>" * 5000 + "</text:section>" * 5000), "file-unreadable"),
        ("a.odt", odt("<text:list>" * 5000 + "</text:list>" * 5000), "file-unreadable"),
        ("a.docx", archive({"word/document.xml": BOMB}), "file-too-large"),
        ("a.odt", archive({"content.xml": b"<a>" * 700_000}), "file-too-large"),
        ("a.docx", archive({f"{at}": "" for at in range(2001)}), "file-too-large"),
        ("a.txt", b"x" * (MOST_BYTES + 1), "file-too-large"),
        ("a.txt", b"x" * 200_000, "motion-text-too-long"),
        ("a.txt", b"MZ\0\0", "file-not-text"),
        ("a.txt", b" \n ", "file-empty"),
        ("a.docx", docx(""), "file-empty"),
        ("a.doc", b"x", "file-kind-unknown"),
        ("docx", b"x", "file-unreadable"),
        ("", b"x", "file-kind-unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_can_not_be_read_is_refused_in_words(name: str, data: bytes, code: str) -> None:
    assert code_of(name, data) == code


def test_a_bomb_takes_neither_memory_nor_time() -> None:
    bomb = archive({"word/document.xml": b"<a>" + b" " * 400_000_000})
    tracemalloc.start()
    assert code_of("a.docx", bomb) == "file-too-large"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_size_that_lies_is_noticed() -> None:
    data = bytearray(docx("<w:p/>" * 100_000))
    at = data.rindex(b"PK\x01\x02")  # the central directory's size field: 24 bytes in
    data[at + 24 : at + 28] = (50).to_bytes(4, "little")
    assert code_of("a.docx", bytes(data)) == "file-unreadable"
