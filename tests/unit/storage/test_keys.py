from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wecreate_module.storage.errors import KeyDestroyed, SealBroken, StoreError
from wecreate_module.storage.keys import KeyStore


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "keys.db", tmp_path / "wecreate.key"


@pytest.fixture
def keys(paths: tuple[Path, Path]) -> Iterator[KeyStore]:
    opened = KeyStore(*paths)
    yield opened
    opened.close()


def test_what_is_sealed_is_unsealed(keys: KeyStore) -> None:
    sealed = keys.seal("box", "tasks:1", b"Kuchen")
    assert b"Kuchen" not in sealed
    assert keys.unseal("box", "tasks:1", sealed) == b"Kuchen"
    assert keys.seal("box", "tasks:1", b"Kuchen") != sealed


# One store for all examples: sealing leaves nothing behind in it.
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(plain=st.binary(max_size=200), place=st.text(max_size=20))
def test_any_bytes_survive_at_any_place(keys: KeyStore, plain: bytes, place: str) -> None:
    assert keys.unseal("box", place, keys.seal("box", place, plain)) == plain


def test_sealed_bytes_open_at_no_other_place_and_with_no_other_key(keys: KeyStore) -> None:
    sealed = keys.seal("box", "tasks:1", b"x")
    keys.key("other")
    for scope, place in (("box", "tasks:2"), ("other", "tasks:1")):
        with pytest.raises(SealBroken):
            keys.unseal(scope, place, sealed)


@pytest.mark.parametrize("cut", [0, 5, 12, 20])
def test_changed_or_shortened_bytes_are_noticed(keys: KeyStore, cut: int) -> None:
    sealed = keys.seal("box", "tasks:1", b"x" * 10)
    changed = bytearray(sealed)
    changed[cut] ^= 1
    for bad in (bytes(changed), sealed[:cut]):
        with pytest.raises(SealBroken):
            keys.unseal("box", "tasks:1", bad)


def test_keys_are_found_again_and_differ(paths: tuple[Path, Path]) -> None:
    first = KeyStore(*paths)
    made = {scope: first.key(scope) for scope in ("box1", "box2", "server")}
    first.close()
    again = KeyStore(*paths)
    assert {scope: again.key(scope) for scope in made} == made
    assert len(set(made.values())) == 3
    again.close()


def test_a_destroyed_key_is_gone_for_good(paths: tuple[Path, Path]) -> None:
    keys = KeyStore(*paths)
    sealed = keys.seal("box", "tasks:1", b"x")
    keys.destroy("box")
    keys.destroy("box")
    assert keys.destroyed() == {"box"}
    for _ in range(2):
        with pytest.raises(KeyDestroyed):
            keys.unseal("box", "tasks:1", sealed)
        with pytest.raises(KeyDestroyed):
            keys.seal("box", "tasks:1", b"x")
        keys.close()
        keys = KeyStore(*paths)
    keys.close()


def test_the_bytes_of_a_destroyed_key_are_in_no_file(paths: tuple[Path, Path]) -> None:
    keys = KeyStore(*paths)
    for scope in ("before", "box", "after"):
        keys.key(scope)
    with closing(sqlite3.connect(paths[0])) as database:
        [wrapped] = database.execute("SELECT wrapped FROM keys WHERE scope = 'box'").fetchone()
    assert wrapped in paths[0].read_bytes()
    keys.destroy("box")
    for file in paths[0].parent.iterdir():
        assert wrapped not in file.read_bytes()
    keys.close()


def test_no_key_lies_in_plain(keys: KeyStore, paths: tuple[Path, Path]) -> None:
    key = keys.key("box")
    for file in paths[0].parent.iterdir():
        assert key not in file.read_bytes()


def test_both_files_are_their_owners_alone(keys: KeyStore, paths: tuple[Path, Path]) -> None:
    keys.key("box")
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600, 0o600]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == ["keys.db", "wecreate.key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(
    keys: KeyStore, paths: tuple[Path, Path], mode: int
) -> None:
    del keys
    paths[1].chmod(mode)
    with pytest.raises(StoreError, match="chmod 600"):
        KeyStore(*paths)


def test_without_its_key_file_a_store_of_keys_is_not_opened(paths: tuple[Path, Path]) -> None:
    keys = KeyStore(*paths)
    keys.key("box")
    keys.close()
    paths[1].unlink()
    with pytest.raises(StoreError, match="missing"):
        KeyStore(*paths)
    assert not paths[1].exists()


def test_another_key_file_is_noticed_at_the_start(paths: tuple[Path, Path], tmp_path: Path) -> None:
    keys = KeyStore(*paths)
    keys.key("box")
    keys.close()
    KeyStore(tmp_path / "other.db", tmp_path / "other.key").close()
    with pytest.raises(StoreError, match="does not fit"):
        KeyStore(paths[0], tmp_path / "other.key")


@pytest.mark.parametrize("text", ["", "short", "ä" * 40, "AAAA"])
def test_a_damaged_key_file_is_named(paths: tuple[Path, Path], text: str) -> None:
    paths[1].write_text(text)
    paths[1].chmod(0o600)
    with pytest.raises(StoreError, match="damaged"):
        KeyStore(*paths)


def test_a_damaged_store_of_keys_is_named(paths: tuple[Path, Path]) -> None:
    paths[0].write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="can't be used"):
        KeyStore(*paths)


def test_a_missing_key_says_which_archive_to_take(keys: KeyStore) -> None:
    with pytest.raises(SealBroken, match="newest key archive"):
        keys.unseal("unknown", "tasks:1", b"x" * 40)


def test_threads_and_processes_agree_on_a_key(keys: KeyStore, paths: tuple[Path, Path]) -> None:
    other = KeyStore(*paths)
    found: set[bytes] = set()
    threads = [
        threading.Thread(target=lambda store=store: found.add(store.key("box")))
        for store in (keys, other) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    other.close()


def test_any_json_is_sealed(keys: KeyStore) -> None:
    value = {"text": "Ü\ud800\x00", "n": [1, None, 2.5, True]}
    sealed = keys.seal_json("box", "a", value)
    assert keys.unseal_json("box", "a", sealed) == value
