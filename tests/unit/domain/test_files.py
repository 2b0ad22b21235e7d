from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.attachments import message, read_attachment
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import (
    MAX_NAME,
    clean_description,
    clean_file_name,
    clean_folder,
    folded,
    new_file,
    new_name,
    search_line,
    search_words,
    shortened,
    unique_paths,
)

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def b64(length: int) -> str:
    return base64.b64encode(bytes(range(length))).rstrip(b"=").decode()


def encrypted_file(**changes: Any) -> dict[str, Any]:
    key = base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
    return {
        "v": "v2",
        "url": "mxc://x.example/abc_DEF-1",
        "key": {"kty": "oct", "alg": "A256CTR", "ext": True, "k": key, "key_ops": ["decrypt"]},
        "iv": b64(16),
        "hashes": {"sha256": b64(32)},
        **changes,
    }


def content(**changes: Any) -> dict[str, Any]:
    return {
        "msgtype": "m.file",
        "body": "Protokoll.pdf",
        "info": {"size": 1234, "mimetype": "application/pdf"},
        "file": encrypted_file(),
        **changes,
    }


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Protokoll.pdf", "Protokoll.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\Bericht.docx", "Bericht.docx"),
        ("..", ""),
        (".htaccess", "htaccess"),
        ("a\x00b\nc.txt", "a_b_c.txt"),
        ("Rechnung\u202efdp.exe", "Rechnungfdp.exe"),
        ('was? "nie": <hier>|*.md', "was_ _nie__ _hier___.md"),
        ("  viel   Luft .txt ", "viel Luft .txt"),
        ("Familie 👨‍👩‍👧.jpg", "Familie 👨‍👩‍👧.jpg"),
    ],
)
def test_names_become_such_that_every_system_takes_them(sent: str, kept: str) -> None:
    assert clean_file_name(sent) == kept


def test_no_two_paths_of_an_export_are_alike_whatever_files_are_called() -> None:
    found = read_attachment(content())
    assert found is not None
    names = {1: "Mai.pdf", 2: "Mai (4).pdf", 3: "MAI.pdf", 4: "Mai.pdf", 5: "Mai (4) (4).pdf"}
    files = [replace(new_file(n, found, "@a:x", NOW), name=name) for n, name in names.items()]
    paths = unique_paths(files)
    assert len({path.casefold() for path in paths}) == len(files)
    assert paths[:2] == ["Mai.pdf", "Mai (4).pdf"]


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_file_name("x" * 500 + ".pdf")
    assert len(name) == MAX_NAME
    assert name.endswith("x.pdf")


@given(st.text(max_size=400))
def test_no_name_or_folder_ever_leads_out_of_its_folder(text: str) -> None:
    name = clean_file_name(text)
    assert "/" not in name
    assert "\\" not in name
    assert name not in {".", ".."}
    assert not any(ord(c) < 32 for c in name)
    try:
        folder = clean_folder(text)
    except UserError:
        return
    assert ".." not in folder.split("/")
    assert not folder.startswith("/")


def test_a_new_name_keeps_the_extension_and_refuses_paths() -> None:
    assert new_name("Protokoll Mai", "scan001.pdf") == "Protokoll Mai.pdf"
    assert new_name("Bericht.docx", "alt.pdf") == "Bericht.docx"
    for typed in ("a/b", "\u200b", "..\\x"):
        with pytest.raises(UserError):
            new_name(typed, "alt.pdf")


def test_folders_lie_inside_each_other_up_to_a_depth() -> None:
    assert clean_folder(" Protokolle // 2026/ ") == "Protokolle/2026"
    assert clean_folder("/") == ""
    with pytest.raises(UserError):
        clean_folder("/".join("abcdefg"))
    with pytest.raises(UserError):
        clean_folder("x" * 121)


def test_descriptions_keep_their_lines() -> None:
    assert clean_description("eins\r\n  zwei\x07 ") == "eins\nzwei"
    assert shortened("y" * 3000, 1000).endswith("y…")
    with pytest.raises(UserError):
        clean_description("x" * 1001)


def test_a_file_is_read_from_a_message_and_written_again() -> None:
    sent = content(
        msgtype="m.image",
        filename="Fest.jpg",
        body="Unser Stand",
        info={
            "size": 7,
            "mimetype": "IMAGE/JPEG",
            "w": 640,
            "h": 480,
            "evil": "x" * 10_000,
            "thumbnail_file": encrypted_file(),
            "thumbnail_info": {"w": 32, "mimetype": "image/png", "x": 1},
        },
    )
    found = read_attachment(sent)
    assert found is not None
    assert (found.name, found.caption, found.mimetype, found.size) == (
        "Fest.jpg",
        "Unser Stand",
        "image/jpeg",
        7,
    )
    again = message(found)
    assert again["file"]["hashes"] == sent["file"]["hashes"]
    assert again["info"]["thumbnail_info"] == {"w": 32, "mimetype": "image/png"}
    assert "evil" not in again["info"]
    read_again = read_attachment(again)
    assert read_again is not None
    assert read_again.media == found.media


@pytest.mark.parametrize(
    "changes",
    [
        {"msgtype": "m.text"},
        {"msgtype": ["m.file"]},
        {"file": None},
        {"file": encrypted_file(v="v1")},
        {"file": encrypted_file(url="https://evil.example/x")},
        {"file": encrypted_file(url="mxc://x.example/../../etc")},
        {"file": encrypted_file(iv=b64(8))},
        {"file": encrypted_file(iv=7)},
        {"file": encrypted_file(key={"k": "!" * 43})},
        {"file": encrypted_file(hashes={})},
        {"file": encrypted_file(hashes={"sha256": "ü" * 43})},
    ],
)
def test_what_could_not_be_opened_is_no_file(changes: dict[str, Any]) -> None:
    assert read_attachment(content(**changes)) is None


@pytest.mark.parametrize("size", [-1, True, "12", 1.5, 2**60, None])
def test_a_senseless_size_is_unknown(size: object) -> None:
    found = read_attachment(content(info={"size": size, "mimetype": {"a": 1}}))
    assert found is not None
    assert (found.size, found.mimetype) == (0, "")


def test_a_file_without_a_type_or_a_name_gets_one() -> None:
    unnamed = read_attachment(content(body="\u200b/", info={"mimetype": "image/png"}))
    untyped = read_attachment(content(info={}))
    assert unnamed is not None
    assert untyped is not None
    assert new_file(1, unnamed, "@a:x", NOW).name == "file.png"
    assert new_file(1, untyped, "@a:x", NOW).version.mimetype == "application/pdf"


def test_a_file_is_found_by_name_person_type_and_the_day_of_its_box() -> None:
    found = read_attachment(content(filename="Übersicht.pdf", body="für Jörg"))
    assert found is not None
    line = search_line(new_file(1, found, "@anna:x.example", NOW), "Anna Alt", BERLIN)
    for word in ("übersicht", "UEBER", "jörg", "@anna", "alt", "pdf", "dokument"):
        assert folded(word) in line, word
    for typed in ("23.11.2026", "23.11.", "11.2026", "11/2026", "2026-11"):
        assert search_words(typed)[0] in line, typed
    assert search_words("22.11.2026")[0] not in line


def test_the_rarest_word_is_looked_for_first() -> None:
    assert search_words("PDF  Größe pdf") == ("groesse", "pdf")
