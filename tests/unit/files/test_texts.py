from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
import typst

from bridges.files.text_reading import words_of
from tests.unit.files.conftest import BEN
from wecreate_module.domain.effects import ReadText
from wecreate_module.domain.file_texts import MOST_WORDS, text_words
from wecreate_module.services import file_texts

SAID = "Die Vogelhäuschen am Vereinsheim werden im März gestrichen."


def pdf() -> bytes:
    made: bytes = typst.compile(SAID.encode())
    return made


def word() -> bytes:
    document, raw = docx.Document(), io.BytesIO()
    document.add_paragraph(SAID)
    document.add_table(1, 2).cell(0, 1).text = "Leiter"
    document.save(raw)
    return raw.getvalue()


def odt() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(
            "content.xml",
            '<o:document xmlns:o="urn:o" xmlns:t="urn:t"><t:p>'
            f"{SAID.replace('gestrichen', '<t:span>gestrichen</t:span>')}</t:p></o:document>",
        )
    return raw.getvalue()


@pytest.mark.parametrize(
    ("kind", "made"), [("pdf", pdf), ("docx", word), ("odt", odt), ("txt", SAID.encode)]
)
async def test_the_words_of_a_document_are_read(kind: str, made: Callable[[], bytes]) -> None:
    text = await words_of(kind, made())
    assert text is not None
    words = text_words(text).split()
    assert {"vogelhaeuschen", "vereinsheim", "maerz", "gestrichen"} <= set(words)


def bomb() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b" " * 60_000_000 + b"</a>")
    return raw.getvalue()


def laughs() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY x "haha">]><a>&x;&x;</a>')
    return raw.getvalue()


@pytest.mark.parametrize(
    ("kind", "made"),
    [("pdf", b"%PDF-1.7 nonsense"), ("docx", b"PK nonsense"), ("docx", bomb()), ("docx", laughs())],
)
async def test_what_is_broken_or_hostile_is_not_read(kind: str, made: bytes) -> None:
    assert await words_of(kind, made) is None


def test_words_are_kept_once_and_not_without_end() -> None:
    assert text_words("Im Garten, im GARTEN: (Garten)!") == "garten"
    assert len(text_words(" ".join(f"wort{n}" for n in range(100_000)))) <= MOST_WORDS


def test_files_are_read_only_where_the_admins_want_it(chat: Any) -> None:
    chat.send("Protokoll.pdf")
    chat.wait(seconds=1)
    assert not [each for each in chat.done if isinstance(each, ReadText)]
    assert chat.code("!dateien texte an", BEN) == "not-allowed"
    assert chat.data("!dateien texte an") == {"texts": True, "reading": 1}
    chat.send("Foto.jpg")
    chat.send("Notiz.txt", BEN)
    chat.wait(seconds=1)
    assert len([each for each in chat.done if isinstance(each, ReadText)]) == 2


def keep(chat: Any, number: int, version: int, text: str) -> None:
    with chat.store.begin(chat.now) as uow:
        file_texts.keep_text(uow, chat.box, number, version, text)


def test_a_file_is_found_by_what_is_in_it_until_it_changes(chat: Any) -> None:
    chat.data("!dateien texte an")
    chat.send("Protokoll.pdf")
    keep(chat, 1, 1, SAID)
    assert [each["number"] for each in chat.data("!dateien vogelhäuschen märz")["files"]] == [1]
    with chat.store.read(chat.now) as uow:
        rows = uow._connection.exec_driver_sql("SELECT sealed FROM file_text_pages").all()
    assert "vogelh" not in str(rows)
    keep(chat, 1, 7, "veraltet")
    assert chat.data("!dateien veraltet")["files"] == []
    chat.say("!datei 1 löschen")
    assert chat.data("!dateien vogelhäuschen")["files"] == []


def test_switched_off_every_word_is_forgotten(chat: Any) -> None:
    chat.data("!dateien texte an")
    chat.send("Protokoll.pdf")
    keep(chat, 1, 1, SAID)
    assert chat.data("!files texts off")["texts"] is False
    with chat.store.read(chat.now) as uow:
        rows = uow._connection.exec_driver_sql("SELECT * FROM file_text_pages").all()
    assert rows == []
    assert chat.data("!dateien vogelhäuschen")["files"] == []
