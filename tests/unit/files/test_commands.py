from __future__ import annotations

from typing import Any

import pytest

from tests.unit.files.conftest import ANNA, BEN
from wecreate_module.domain.effects import Redact


def test_words_people_types_and_days_find_files(chat: Any) -> None:
    chat.send("Protokoll Mai.pdf")
    chat.send("Fest.jpg", BEN, msgtype="m.image", info={"mimetype": "image/jpeg"})

    def found(text: str) -> list[int]:
        return [file["number"] for file in chat.data(f"!dateien {text}")["files"]]

    assert found("protokoll MAI") == [1]
    assert found("@ben") == [2]
    assert found("meier bild") == [2]
    assert found("25.11.2026") == [2, 1]
    assert found("protokoll bild") == []


def test_folders_are_shown_and_searched(chat: Any) -> None:
    chat.send("a.pdf")
    assert chat.data("!datei 1 ordner Protokolle / 2026")["file"]["folder"] == "Protokolle/2026"
    chat.send("b.pdf")
    # A folder that is there keeps its spelling.
    assert chat.data("!file 2 folder protokolle/2026")["file"]["folder"] == "Protokolle/2026"
    data = chat.data("!dateien")
    assert data["folders"] == [{"name": "Protokolle/2026", "files": 2}]
    assert chat.data("!dateien protokolle")["total"] == 2
    assert chat.data("!datei 2 ordner raus")["file"]["folder"] == ""


def test_a_file_posted_again_has_the_same_bytes_and_keys(chat: Any) -> None:
    chat.send("geheim", filename="Plan.pdf")
    assert chat.data("!datei 1 holen", BEN)["file"]["number"] == 1
    (message,) = chat.posted
    assert message["msgtype"] == "m.file"
    assert message["filename"] == "Plan.pdf"
    assert message["file"]["url"] == "mxc://x.example/abc_DEF-1"
    assert message["file"]["hashes"]
    assert message["m.relates_to"]["m.in_reply_to"]["event_id"] == "$in2"
    # A reply to that message is about the file too.
    assert chat.data("!datei ordner Pläne", replied_to=f"$out{chat.count}")["file"]["number"] == 1


def test_names_and_descriptions_change(chat: Any) -> None:
    chat.send("scan001.pdf")
    assert chat.data("!datei 1 umbenennen Beitrag Mai")["file"]["name"] == "Beitrag Mai.pdf"
    assert chat.data("!datei 1 beschreibung Stand heute")["file"]["description"] == "Stand heute"
    assert chat.data("!dateien stand beitrag")["total"] == 1
    assert chat.data("!dateien scan001")["total"] == 0
    assert chat.data("!datei 1 beschreibung weg")["file"]["description"] == ""
    assert chat.code("!datei 1 umbenennen a/b") == "file-name-path"


def test_old_versions_are_listed_and_come_back(chat: Any) -> None:
    chat.send("Satzung.odt")
    newer = {"size": 99, "mimetype": "text/plain"}
    chat.send("x.odt", BEN, replied_to="$in1", info=newer)
    data = chat.data("!datei 1 versionen")
    assert [(each["version"], each["size"]) for each in data["versions"]] == [(1, 1234), (2, 99)]
    assert chat.data("!datei 1 version 1")["file"]["version"] == 3
    (message,) = chat.posted
    assert message["info"]["size"] == 1234
    assert chat.data("!datei 1 version 3")["file"]["version"] == 3
    assert chat.code("!datei 1 version 9") == "version-not-found"


def test_a_deleted_file_goes_from_the_chat_and_can_be_brought_back(chat: Any) -> None:
    chat.send("weg.pdf")
    chat.say("!datei 1 holen")
    assert chat.data("!datei 1 löschen")["file"]["number"] == 1
    redacted = [effect.event_id for effect in chat.done if isinstance(effect, Redact)]
    assert len(redacted) == 2
    assert "$in1" in redacted
    assert chat.code("!datei 1") == "file-not-found"
    assert chat.data("!dateien weg")["total"] == 0
    chat.wait(days=29)
    chat.say("!datei 1 zurück")
    assert chat.posted[0]["file"]["url"]
    chat.wait(days=5)
    assert chat.data("!datei 1")["file"]["name"] == "weg.pdf"
    assert chat.code("!datei 1 zurück") == "file-not-deleted"


def test_after_thirty_days_a_deleted_file_and_its_keys_are_gone(chat: Any) -> None:
    chat.send("weg.pdf")
    chat.say("!datei 1 löschen")
    chat.wait(days=30, minutes=1)
    assert chat.code("!datei 1 zurück") == "file-not-found"
    with chat.store.read(chat.now) as uow:
        assert uow.files.versions("box1", 1) == []


def test_only_who_sent_a_file_or_a_moderator_deletes_it(chat: Any) -> None:
    chat.send("annas.pdf", ANNA)
    chat.send("bens.pdf", BEN)
    assert chat.code("!datei 1 löschen", BEN) == "file-not-yours"
    assert chat.data("!datei 2 löschen", BEN)
    chat.send("bens.pdf", BEN)
    assert chat.data("!datei 3 löschen", ANNA)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!datei 9", "file-not-found"),
        ("!datei 9 holen", "file-not-found"),
        ("!datei ordner X", "file-which"),
        ("!datei 1 version von 1", "version-of-itself"),
        ("!datei 1 version von 7", "file-not-found"),
    ],
)
def test_mistakes_are_told(chat: Any, text: str, code: str) -> None:
    chat.send()
    assert chat.code(text) == code


def test_a_hostile_name_is_shown_as_text(chat: Any) -> None:
    chat.send("<img src=x onerror=alert(1)>.svg")
    html = chat.say("!dateien")["formatted_body"]
    assert "<img" not in html


def test_a_huge_drive_still_fits_a_message(chat: Any) -> None:
    for number in range(60):
        chat.send(f"{'sehr langer Name ' * 12}{number}.pdf", msgtype="m.image")
    data = chat.data("!dateien langer")
    assert data["total"] == 60
    assert 10 < len(data["files"]) <= 60
