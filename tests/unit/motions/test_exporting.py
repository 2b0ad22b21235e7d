from __future__ import annotations

import hashlib
import io
import json
import re

import pikepdf
import pytest

from bots.kit import dispatch
from bots.kit.incoming import Incoming
from bots.motions.arguments import read_wish
from bridges.documents.child import run_job
from bridges.documents.export import DocumentFailed
from bridges.documents.making import made
from bridges.documents.recipes import from_json
from tests.unit.motions.conftest import ANNA, BEN, CEM, ROOM, Chat
from wecreate_module.domain.amendments import AmendmentKind, Wish
from wecreate_module.domain.effects import MakeFile

REPLACE, DELETE, INSERT = AmendmentKind.REPLACE, AmendmentKind.DELETE, AmendmentKind.INSERT


@pytest.mark.usefixtures("motion")
def test_files_come_into_the_box_and_then_a_word_about_them(chat: Chat) -> None:
    answer = chat.say("!antrag 1 export antragsbuch pdf docx odt html md txt")
    names = [name for name, _ in chat.files]
    assert names == [
        f"A1-Zwoelf-Linden-Antragsbuch.{kind}"
        for kind in ("pdf", "docx", "odt", "html", "md", "txt")
    ]
    files = answer.data["files"]
    assert [each["format"] for each in files] == ["pdf", "docx", "odt", "html", "md", "txt"]
    assert all(each["mxc"].startswith("mxc://") for each in files)
    assert [each["sha256"] for each in files] == [
        hashlib.sha256(data).hexdigest() for _, data in chat.files
    ]
    assert chat.files[0][1].startswith(b"%PDF")
    assert "1. Die Stadt pflanzt zwölf Linden." in chat.files[-1][1].decode()
    assert "6 Dateien" in answer.text


@pytest.mark.usefixtures("motion")
def test_without_a_word_the_bodys_own_formats_come(chat: Chat) -> None:
    chat.say("!antrag 1 export")
    assert [name.rpartition(".")[2] for name, _ in chat.files] == ["docx", "pdf"]


@pytest.mark.usefixtures("motion")
def test_letter_and_synopsis(chat: Chat) -> None:
    chat.say("!antrag 1 export brief")
    chat.say("!antrag 1 text Zeile 1: 1. Neu.")
    chat.say("!antrag 1 export synopse html")
    assert [name for name, _ in chat.files] == [
        "A1-Zwoelf-Linden-Brief.docx",
        "A1-Zwoelf-Linden-Brief.pdf",
        "A1-Zwoelf-Linden-Synopse.html",
    ]
    assert b"<del>" in chat.files[2][1]
    assert chat.say("!antrag 1 export brief html").code == "export-not-in-format"
    assert chat.say("!antrag 1 export exe").code == "export-unclear"


@pytest.mark.usefixtures("motion")
def test_words_that_break_typesetting_are_told_and_the_next_file_comes(chat: Chat) -> None:
    hostile = "Weil " + "\U0001f469\u200d" * 20_000 + "\U0001f469."
    chat.sends("grund.txt", hostile.encode(), caption="!antrag 1 begründung")
    assert chat.say("!antrag 1").motion["version"] == 3
    assert chat.say("!antrag 1 export antragsbuch pdf").code == "export-failed"
    chat.say("!antrag 1 export antragsbuch txt")
    chat.say("!antrag 1 begründung Schatten.")
    chat.say("!antrag 1 export antragsbuch pdf")
    assert [name.rpartition(".")[2] for name, _ in chat.files] == ["txt", "pdf"]


@pytest.mark.usefixtures("motion")
def test_signatures_stand_in_the_files(chat: Chat) -> None:
    chat.say("!antrag 1 mitzeichnen", CEM)
    chat.say("!antrag 1 mitzeichnen", BEN)
    chat.say("!antrag 1 export txt")
    assert "Mitgezeichnet von: Cem, Ben Meier" in chat.files[0][1].decode()


@pytest.mark.usefixtures("motion")
def test_a_server_that_refuses_the_file_is_told(chat: Chat) -> None:
    chat.refuse_files = True
    answer = chat.say("!antrag 1 export pdf docx")
    assert answer.code == "refused-by-server"
    assert chat.files == []


def test_a_synopsis_needs_something_to_compare(chat: Chat) -> None:
    chat.say("!antrag neu allgemein Linden")
    assert chat.say("!antrag 1 export synopse").code == "synopsis-needs-two"


def test_a_statute_stands_beside_the_new_one(chat: Chat) -> None:
    chat.say("!antrag neu Satzungsänderung Beitrag")
    for words in (
        "Anna",
        "§ 5 Der Beitrag ist 20 Euro.",
        "§ 5 Der Beitrag ist 25 Euro.",
        "Teurer.",
    ):
        chat.say(words)
    chat.say("!antrag 1 export synopse html")
    page = chat.files[0][1].decode()
    assert "Bisheriger Wortlaut" in page
    assert "<del>20</del>" in page
    assert "<ins>25</ins>" in page


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("Zeile 4: neu", Wish(REPLACE, 4, 4, "neu")),
        ("zeilen 4-6: neu\nund mehr", Wish(REPLACE, 4, 6, "neu\nund mehr")),
        ("Zeilen 4 bis 6 durch: neu", Wish(REPLACE, 4, 6, "neu")),
        ("ersetze Zeile 4\u20136: neu", Wish(REPLACE, 4, 6, "neu")),
        ("line 4: new", Wish(REPLACE, 4, 4, "new")),
        ("Z. 4: neu", Wish(REPLACE, 4, 4, "neu")),
        ("streiche Zeile 7-9", Wish(DELETE, 7, 9)),
        ("Zeile 7 streichen.", Wish(DELETE, 7, 7)),
        ("delete lines 7 to 9", Wish(DELETE, 7, 9)),
        ("Zeile 6-4: neu", Wish(REPLACE, 4, 6, "neu")),
        ("einfügen nach Zeile 12: mehr", Wish(INSERT, 12, 12, "mehr")),
        ("after line 0: more", Wish(INSERT, 0, 0, "more")),
        ("Zeile um Zeile wird es besser: ja", None),
        ("Wir streichen die Wand.", None),
        ("", None),
    ],
)
def test_changes_to_lines_are_understood_as_people_write_them(said: str, wish: Wish | None) -> None:
    assert read_wish(said) == wish


@pytest.mark.usefixtures("motion")
def test_all_motions_come_as_one_book(chat: Chat) -> None:
    chat.say("!antrag 1 änderung streichen Zeile 2", CEM)
    chat.say("!antrag neu allgemein Bänke")
    chat.say("Mehr Bänke.")
    chat.say("später")
    answer = chat.say("!anträge export")
    ((name, data),) = chat.files
    assert name == "Antragsbuch.pdf"
    assert data.startswith(b"%PDF")
    assert answer.data["files"][0]["layout"] == "book"


@pytest.mark.usefixtures("motion")
def test_the_book_comes_in_the_formats_that_were_asked_for(chat: Chat) -> None:
    answer = chat.say("!anträge export docx, odt und html")
    assert [name for name, _ in chat.files] == [
        "Antragsbuch.docx",
        "Antragsbuch.odt",
        "Antragsbuch.html",
    ]
    assert [each["format"] for each in answer.data["files"]] == ["docx", "odt", "html"]
    assert chat.say("!anträge export txt").code == "export-not-in-format"


def test_an_empty_book_is_not_made(chat: Chat) -> None:
    assert chat.say("!antragsbuch").code == "no-motions"


@pytest.mark.usefixtures("motion")
def test_a_large_book_is_made_in_parts(chat: Chat) -> None:
    for number in range(2, 8):
        chat.say(f"!antrag neu allgemein Bänke {number}")
        chat.say("Ein langer Satz. " * 900)
        chat.say("später")
    answer = chat.say("!antragsbuch")
    ((_, data),) = chat.files
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
        titles = [each.title for each in outline.root]
    assert titles == ["A1 Zwölf Linden", *(f"A{n} Bänke {n}" for n in range(2, 8))]
    assert answer.data["files"][0]["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.usefixtures("motion")
def test_the_command_makes_nothing_itself_and_a_repeated_delivery_gives_the_same_bytes(
    chat: Chat,
) -> None:
    content = {"msgtype": "m.text", "body": "!antrag 1 export pdf docx odt"}
    message = Incoming(ROOM, "$export", ANNA, content=content)
    with chat.store.begin(chat.now) as uow:
        dispatch.handle(chat.app, uow, message, chat.now)
        (row,) = uow.outbox.due(10, chat.now)
    assert isinstance(row.effect, MakeFile)
    for waiting in [row.effect.recipe, *(each["recipe"] for each in (row.extra or {})["waiting"])]:
        stored = json.loads(json.dumps(waiting))
        elsewhere = run_job({"job": "file", "recipe": stored, "folder": None})
        assert elsewhere == made(from_json(waiting), None).data


@pytest.mark.usefixtures("motion")
def test_a_file_that_can_not_be_made_is_told(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise DocumentFailed("no")

    monkeypatch.setattr("bridges.documents.export.render_pdf", broken)
    assert chat.say("!antrag 1 export pdf").code == "export-failed"


def test_a_funding_application_needs_balanced_plans(chat: Chat) -> None:
    chat.say("!antrag neu Stadtbezirksbudget Bänke")
    chat.say("später")
    assert chat.say("!antrag 1 export förderantrag").code == "plan-missing"
    chat.say("!antrag 1 abschnitt Kostenplan: Holz 800")
    chat.say("!antrag 1 abschnitt Finanzierungsplan: Eigenmittel 700")
    assert chat.say("!antrag 1 export förderantrag").code == "plan-unbalanced"
    chat.say("!antrag 1 abschnitt Finanzierungsplan: Eigenmittel 800")
    chat.say("!antrag 1 export förderantrag pdf txt")
    assert re.search(r"Eigenmittel +\| Eigenmittel +\| +800,00", chat.files[-1][1].decode())


@pytest.mark.usefixtures("motion")
def test_a_list_of_signatures_comes_in_every_format(chat: Chat) -> None:
    answer = chat.say("!antrag 1 export unterschriftenliste pdf docx odt html md txt")
    assert [each["layout"] for each in answer.data["files"]] == ["signatures"] * 6
    assert "Name, Vorname" in chat.files[-1][1].decode()
