"""Is a file the agreed version, and does a changed one get noticed?"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest

from bridges.documents.export import FORMATS, formats_of, render
from bridges.documents.verifying import Outcome, verify
from bridges.documents.view import Layout
from tests.unit.documents.conftest import NOW, TEXT, Make
from tests.unit.documents.office import Office
from wecreate_module.domain.errors import UserError

LONG = (
    TEXT + "\nEin Baum 🌳, *Sterne*, 1. Punkt, `Code`, <b>, שלום und مرحبا, e\u0301 & 中.\n- Punkt"
)
CARRYING = [kind for kind in FORMATS if kind != "txt"]


@pytest.mark.parametrize("kind", CARRYING)
@pytest.mark.parametrize("layout", list(Layout))
def test_every_document_of_ours_is_the_agreed_version(
    make: Make, layout: Layout, kind: str
) -> None:
    if kind not in formats_of(layout):
        return
    old = "1. Alles bleibt." if layout is Layout.SYNOPSIS else None
    document = make(LONG, layout=layout, old=old)
    verdict = verify(f"a.{kind}", render(document, kind, 4, NOW).data)
    assert verdict.outcome is Outcome.AGREED, verdict
    assert (verdict.sha256, verdict.title) == (document.sha256, document.title)


def test_plain_text_is_checked_with_the_words_of_another_file(make: Make) -> None:
    document = make(LONG)
    data = render(document, "txt", 4, NOW).data
    assert verify("a.txt", data).outcome is Outcome.UNKNOWN
    assert verify("a.txt", data, document.agreed).outcome is Outcome.AGREED
    changed = data.replace("zwölf".encode(), b"zwanzig")
    assert verify("a.txt", changed, document.agreed).outcome is Outcome.CHANGED


def inside(change: Callable[[str], str], name: str) -> Callable[[bytes], bytes]:
    """Change one part of an archive."""

    def changed(data: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
            for each in old.namelist():
                part = old.read(each)
                new.writestr(each, change(part.decode()) if each == name else part)
        return made.getvalue()

    return changed


def whole(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda data: change(data.decode()).encode()


MORE = "Und sie zahlt eine Million Euro."
IN = {"docx": "word/document.xml", "odt": "content.xml"}


@pytest.mark.parametrize("kind", ["docx", "odt", "html", "md"])
@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a word", lambda text: text.replace("zwölf Linden und", "elf Linden und")),
        ("a number", lambda text: text.replace("2027", "2072")),
        ("the title", lambda text: text.replace("Zwölf Linden<", "Elf Linden<")),
        ("a reason", lambda text: text.replace("Schatten fehlt den", "Schatten reicht den")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_changed_file_is_noticed(
    make: Make, kind: str, what: str, change: Callable[[str], str]
) -> None:
    reason = "Schatten fehlt den Anwohnerinnen und Anwohnern an heißen Tagen im Sommer sehr."
    data = render(make(TEXT, reason=reason, layout=Layout.SUBMISSION), kind, 4, NOW).data

    def shown_only(text: str) -> str:
        """The words that are carried along stay; all that is seen changes."""
        head, end, body = text.partition("</head>") if kind == "html" else ("", "", text)
        return head + end + change(body)

    if kind == "md" and what == "the title":
        return  # there it stands before a line break
    forge = inside(shown_only, IN[kind]) if kind in IN else whole(shown_only)
    forged = forge(data)
    assert forged != data
    assert verify(f"a.{kind}", data).outcome is Outcome.AGREED
    assert verify(f"a.{kind}", forged).outcome is Outcome.CHANGED, what


def test_words_added_behind_the_agreed_ones_are_noticed(make: Make) -> None:
    data = render(make(TEXT, layout=Layout.SUBMISSION), "odt", 4, NOW).data
    forged = inside(
        lambda text: text.replace(
            "halbjährlich berichtet.</text:p>",
            f"halbjährlich berichtet.</text:p><text:p>{MORE}</text:p>",
        ),
        "content.xml",
    )(data)
    verdict = verify("a.odt", forged)
    assert (verdict.outcome, "more behind" in verdict.why) == (Outcome.CHANGED, True)


def test_a_pdf_with_other_words_on_its_pages_is_noticed(make: Make) -> None:
    right, other = make(TEXT), make(TEXT.replace("zwölf", "elf"))
    forged = replace(other, agreed=right.agreed, sha256=right.sha256)
    assert verify("a.pdf", render(forged, "pdf", 4, NOW).data).outcome is Outcome.CHANGED
    forged = replace(other, sha256=right.sha256)
    verdict = verify("a.pdf", render(forged, "pdf", 4, NOW).data)
    assert (verdict.outcome, verdict.sha256) == (Outcome.CHANGED, right.sha256)


def test_changed_sums_of_a_plan_are_noticed(make: Make) -> None:
    data = render(make(layout=Layout.FUNDING), "html", 4, NOW).data
    assert verify("a.html", data.replace(b">800,00", b">900,00")).outcome is Outcome.CHANGED


def test_what_libreoffice_saved_again_is_still_the_agreed_version(
    make: Make, office: Office
) -> None:
    document = make(TEXT, layout=Layout.SUBMISSION)
    data = office.saved(render(document, "odt", 4, NOW).data, "odt")
    assert verify("a.odt", data).outcome is Outcome.AGREED


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", b"%PDF-1.7 broken", "file-unreadable"),
        ("a.docx", b"x", "file-unreadable"),
        ("a.exe", b"x", "file-kind-unknown"),
    ],
)
def test_what_can_not_be_read_is_refused(name: str, data: bytes, code: str) -> None:
    with pytest.raises(UserError) as refused:
        verify(name, data)
    assert refused.value.code == code


def test_a_file_from_elsewhere_is_told_apart() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    made = io.BytesIO()
    pdf.save(made)
    assert verify("a.pdf", made.getvalue()).outcome is Outcome.NOT_OURS
    assert verify("a.txt", b"Hallo").outcome is Outcome.NOT_OURS
