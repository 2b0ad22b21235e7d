from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.cli import main
from bots.operation.embedded import prepare_settings
from bots.operation.homeserver import write_homeserver
from bots.operation.layout import Layout, Ports
from wecreate_module.settings import load_settings
from wecreate_module.storage.errors import KeyDestroyed
from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Capture = pytest.CaptureFixture[str]


def opened(layout: Layout) -> Store:
    settings = load_settings(layout.settings, {})
    return Store.open(settings.database.url, settings.storage.keys, settings.storage.key_file)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An installation that has run: all its files, with one sealed secret per Box."""
    layout = Layout(tmp_path / "old")
    layout.make()
    write_homeserver(layout, Ports(9000), prepare_settings(layout, Ports(9000), None))
    for path in (layout.synapse / "homeserver.db", layout.root / "bot/crypto.db"):
        path.parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE things (name TEXT)")
            database.execute("INSERT INTO things VALUES ('kept')")
    (layout.root / "bot/identity.json").write_text('{"device_id": "BOT"}')
    (layout.synapse / "media/a").mkdir(parents=True)
    (layout.synapse / "media/a/b").write_bytes(b"picture")
    (layout.root / "large-files").mkdir()
    (layout.root / "large-files/film").write_bytes(b"ciphertext")
    store = opened(layout)
    with store.begin(NOW) as uow:
        for box in ("old-box", "young-box"):
            sealed = store.keys.seal(box, "place", f"geheim in {box}".encode())
            uow.meta.set(box, sealed.hex())
    store.close()
    return layout


def backup(layout: Layout, to: Path, capsys: Capture) -> tuple[str, str]:
    assert main(["backup", "--dir", str(layout.root), "--to", str(to), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    return made["data"], made["keys"]


def restore(target: Path, data: str, keys: str) -> int:
    return main(["restore", "--dir", str(target), "--data", data, "--keys", keys])


def unsealed(layout: Layout, box: str) -> str:
    store = opened(layout)
    try:
        with store.read(NOW) as uow:
            sealed = bytes.fromhex(uow.meta.get(box) or "")
        return store.keys.unseal(box, "place", sealed).decode()
    finally:
        store.close()


def test_what_is_restored_is_what_was(layout: Layout, tmp_path: Path, capsys: Capture) -> None:
    data, keys = backup(layout, tmp_path / "to", capsys)
    target = Layout(tmp_path / "new")
    assert restore(target.root, data, keys) == 0
    assert unsealed(target, "old-box") == "geheim in old-box"
    assert (target.root / "bot/identity.json").read_text() == '{"device_id": "BOT"}'
    assert (target.synapse / "media/a/b").read_bytes() == b"picture"
    assert (load_settings(target.settings, {}).files.large / "film").read_bytes() == b"ciphertext"
    for path in (target.synapse / "homeserver.db", target.root / "bot/crypto.db"):
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT name FROM things").fetchall() == [("kept",)]
    for name in ("synapse/signing.key", "secrets/macaroon_secret_key", "wecreate.key"):
        assert (target.root / name).read_bytes() == (layout.root / name).read_bytes()
    assert load_settings(target.settings, {}).storage.keys == target.root / "keys.db"
    for path in target.root.rglob("*"):
        assert path.is_dir() or not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_a_deleted_box_stays_closed_in_old_data(
    layout: Layout, tmp_path: Path, capsys: Capture
) -> None:
    data, _ = backup(layout, tmp_path / "first", capsys)
    store = opened(layout)
    store.keys.destroy("old-box")
    store.close()
    _, keys = backup(layout, tmp_path / "second", capsys)
    target = Layout(tmp_path / "new")
    assert restore(target.root, data, keys) == 0
    assert unsealed(target, "young-box") == "geheim in young-box"
    with pytest.raises(KeyDestroyed):
        unsealed(target, "old-box")


def test_only_the_newest_key_archive_is_kept(
    layout: Layout, tmp_path: Path, capsys: Capture
) -> None:
    to = tmp_path / "to"
    to.mkdir()
    for time in ("20250101T000000Z", "20250102T000000Z"):
        (to / f"wecreate-keys-{time}.tar.gz").touch()
        (to / f"wecreate-data-{time}.tar.gz").touch()
    _, keys = backup(layout, to, capsys)
    assert [str(path) for path in to.glob("wecreate-keys-*")] == [keys]
    assert len(list(to.glob("wecreate-data-*"))) == 3
    assert all(not path.name.startswith(".") for path in to.iterdir())


def test_the_data_archive_holds_no_box_keys(
    layout: Layout, tmp_path: Path, capsys: Capture
) -> None:
    data, _ = backup(layout, tmp_path / "to", capsys)
    target = tmp_path / "new"
    assert restore(target, data, data) == 1
    assert "may be interchanged" in capsys.readouterr().err
    assert not target.exists()


def test_a_backup_while_others_write_is_whole(
    layout: Layout, tmp_path: Path, capsys: Capture
) -> None:
    with closing(sqlite3.connect(layout.synapse / "homeserver.db")) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO things VALUES ('not yet')")
        data, keys = backup(layout, tmp_path / "to", capsys)
        writer.rollback()
    target = Layout(tmp_path / "new")
    assert restore(target.root, data, keys) == 0
    with closing(sqlite3.connect(target.synapse / "homeserver.db")) as database:
        assert database.execute("SELECT name FROM things").fetchall() == [("kept",)]


def test_a_folder_that_is_not_empty_is_left_alone(
    layout: Layout, tmp_path: Path, capsys: Capture
) -> None:
    data, keys = backup(layout, tmp_path / "to", capsys)
    target = tmp_path / "new"
    target.mkdir()
    (target / "mine").touch()
    assert restore(target, data, keys) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in target.iterdir()] == ["mine"]


def test_a_damaged_archive_restores_nothing(
    layout: Layout, tmp_path: Path, capsys: Capture
) -> None:
    data, keys = backup(layout, tmp_path / "to", capsys)
    raw = bytearray(Path(data).read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    Path(data).write_bytes(raw)
    before = sorted(tmp_path.iterdir())
    assert restore(tmp_path / "new", data, keys) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_keys_older_than_the_data_are_told(layout: Layout, tmp_path: Path, capsys: Capture) -> None:
    _, keys = backup(layout, tmp_path / "first", capsys)
    data, _ = backup(layout, tmp_path / "second", capsys)
    assert restore(tmp_path / "new", data, keys) == 0
    assert "Boxes made in between can't be read" in capsys.readouterr().err


def test_a_missing_database_is_told_and_leaves_nothing(tmp_path: Path, capsys: Capture) -> None:
    layout = Layout(tmp_path / "old")
    layout.make()
    prepare_settings(layout, Ports(9000), None)
    to = tmp_path / "to"
    assert main(["backup", "--dir", str(layout.root), "--to", str(to)]) == 1
    assert "There is no database" in capsys.readouterr().err
    assert not list(to.iterdir())
