"""`wecreate verify-document` on files as people have them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bots.cli import main
from bridges.documents.export import render
from bridges.documents.view import Layout, document
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.motions import Motion, Version
from wecreate_module.services.bodies import shipped_bodies
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WORDS = Version(1, "Zwölf Linden", {"text": "1. Die Stadt pflanzt zwölf Linden."}, "@a:x", NOW)
MOTION = Motion(4, "allgemein", WORDS, "@a:x", NOW)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    body = shipped_bodies().find("allgemein")
    shown = document(
        MOTION, body, Layout.SUBMISSION, group="G", signers=(), today=date(2026, 11, 22)
    )
    found = {}
    for kind in ("pdf", "docx", "odt", "html", "md", "txt"):
        found[kind] = tmp_path / f"a.{kind}"
        found[kind].write_bytes(render(shown, kind, 4, NOW).data)
    return found


@pytest.mark.parametrize("kind", ["pdf", "docx", "odt", "html", "md"])
def test_a_whole_file_is_fine(
    files: dict[str, Path], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify-document", str(files[kind]), "--sha256", WORDS.sha256]) == 0
    assert WORDS.sha256 in capsys.readouterr().out
    assert main(["verify-document", str(files[kind]), "--sha256", "0" * 64]) == 1


def test_plain_text_needs_another_file(files: dict[str, Path]) -> None:
    assert main(["verify-document", str(files["txt"])]) == 1
    assert main(["verify-document", str(files["txt"]), "--with", str(files["pdf"])]) == 0


def test_a_changed_file_is_not(files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    page = files["html"].read_text()
    files["html"].write_text(re.sub(r"zwölf(?=[^\"]*</p>)", "elf", page))
    assert main(["verify-document", "--json", str(files["html"])]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["agreed"], said["outcome"], said["why"]) == (False, "changed", "the text differs")


def test_what_can_not_be_read_is_said(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    files["pdf"].write_bytes(b"nothing")
    assert main(["verify-document", str(files["pdf"])]) == 1
    assert "can't open that file" in capsys.readouterr().err
    assert main(["verify-document", "nowhere.pdf"]) == 1
    assert main(["verify-document", str(files["docx"]), "--sha256", "zz"]) == 1


def test_an_installation_says_whose_version_it_is(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, keys, key = f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "keys.db", tmp_path / "w.key"
    settings = tmp_path / "wecreate.yaml"
    settings.write_text(
        f"server: {{name: w.example, homeserver: 'http://localhost:1'}}\n"
        f"database: {{url: '{url}'}}\nstorage: {{keys: '{keys}', key_file: '{key}'}}\n"
    )
    store = Store.open(url, keys, key)
    with store.begin(NOW) as uow:
        uow.rooms.save(Room("!box", encrypted=True))
        uow.boxes.add(Box("box1", "!box", "Grüne Straße", "de", "Europe/Berlin", "@a:x", NOW))
    store.close()
    named = ["--config", str(settings)]
    assert main(["verify-document", str(files["txt"]), *named]) == 1
    store = Store.open(url, keys, key)
    with store.begin(NOW) as uow:
        uow.motions.add("box1", MOTION)
    store.close()
    capsys.readouterr()
    assert main(["verify-document", str(files["txt"]), *named, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["known"] == {"box": "Grüne Straße", "motion": 4, "version": 1, "state": "draft"}
