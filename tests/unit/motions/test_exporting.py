from __future__ import annotations

import hashlib

import pytest

from bots.motions.arguments import read_wish
from tests.unit.motions.conftest import BEN, CEM, Chat
from wecreate_module.domain.amendments import AmendmentKind, Wish

REPLACE, DELETE, INSERT = AmendmentKind.REPLACE, AmendmentKind.DELETE, AmendmentKind.INSERT


@pytest.mark.usefixtures("motion")
def test_files_come_into_the_box_and_then_a_word_about_them(chat: Chat) -> None:
    answer = chat.say("!antrag 1 export antragsbuch pdf docx odt html md txt")
    names = [name for name, _ in chat.files]
    assert names == [
        f"A1-Zwoelf-Linden-book.{kind}" for kind in ("pdf", "docx", "odt", "html", "md", "txt")
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
        "A1-Zwoelf-Linden-letter.pdf",
        "A1-Zwoelf-Linden-synopsis.html",
    ]
    assert b"<del>" in chat.files[1][1]
    assert chat.say("!antrag 1 export brief docx").code == "export-not-in-format"
    assert chat.say("!antrag 1 export exe").code == "export-unclear"


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


def test_an_empty_book_is_not_made(chat: Chat) -> None:
    assert chat.say("!antragsbuch").code == "no-motions"


@pytest.mark.usefixtures("motion")
def test_a_book_that_would_hold_up_the_others_is_refused(chat: Chat) -> None:
    for _ in range(21):
        chat.say("!antrag 1 text anhängen: " + "Ein langer Satz. " * 440)
    assert chat.say("!anträge export").code == "book-too-long"
    assert chat.files == []
