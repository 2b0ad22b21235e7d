from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.contract.conftest import BOX, NOW, Place
from tests.postgres import PostgresServer
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.tasks import Task
from wecreate_module.storage.archive import copy_database, copy_keys, restore_database
from wecreate_module.storage.engine import make_engine
from wecreate_module.storage.errors import KeyDestroyed, StoreError
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import objects

TASK = Task(1, "uid", "Kuchen backen", "@anna:x.org", NOW)


@dataclass(frozen=True)
class Elsewhere:
    """An empty machine of the same kind."""

    place: Place
    archive: Path

    def restore(self) -> Place:
        restore_database(self.archive / "data", self.place.url)
        shutil.copytree(self.archive / "keys", self.place.keys_path.parent, dirs_exist_ok=True)
        return self.place


@pytest.fixture
def elsewhere(place: Place, request: pytest.FixtureRequest, tmp_path: Path) -> Elsewhere:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    url = f"sqlite:///{folder}/wecreate.db"
    if not place.url.startswith("sqlite"):
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database().url
    (tmp_path / "archive").mkdir()
    names = (folder / place.keys_path.name, folder / place.key_file.name)
    return Elsewhere(Place(url, *names), tmp_path / "archive")


def back_up(place: Place, archive: Path) -> None:
    copy_database(place.url, archive / "data")
    copy_keys(place.keys_path, place.key_file, archive / "keys")


class TestArchive:
    def test_a_copy_made_in_use_is_read_on_an_empty_machine(
        self, store: Store, place: Place, box: Box, elsewhere: Elsewhere
    ) -> None:
        with store.begin(NOW) as uow:
            task = uow.tasks.add(box.id, replace(TASK, number=uow.tasks.next_number(box.id)))
        with store.begin(NOW) as uow:
            uow.tasks.update(box.id, replace(task, title="noch nicht festgeschrieben"))
            back_up(place, elsewhere.archive)
        again = elsewhere.restore().open()
        with again.begin(NOW) as uow:
            assert uow.tasks.list(box.id) == [task]
            assert uow.tasks.next_number(box.id) == 2
            uow.journal.add(box.id, "restored", "", None, {})
        again.close()

    def test_a_box_deleted_since_can_not_be_read_from_an_older_copy_with_the_newest_keys(
        self, store: Store, place: Place, box: Box, elsewhere: Elsewhere
    ) -> None:
        with store.begin(NOW) as uow:
            uow.tasks.add(box.id, TASK)
        copy_database(place.url, elsewhere.archive / "data")
        with store.begin(NOW) as uow:
            uow.boxes.delete(box.id)
        store.keys.destroy(box.id)
        copy_keys(place.keys_path, place.key_file, elsewhere.archive / "keys")
        restored = elsewhere.restore()

        engine = make_engine(restored.url)
        with engine.connect() as connection:
            sealed = connection.execute(select(objects.c.summary)).scalar_one()
        engine.dispose()
        keys = KeyStore(restored.keys_path, restored.key_file)
        with pytest.raises(KeyDestroyed):
            keys.unseal(box.id, f"objects:{box.id}:task:1:summary", sealed)
        keys.close()

        again = restored.open()
        with again.begin(NOW) as uow:
            assert uow.boxes.all() == []
        again.close()

    def test_data_newer_than_the_keys_is_named(
        self, store: Store, place: Place, elsewhere: Elsewhere
    ) -> None:
        with store.begin(NOW) as uow:
            uow.outbox.counts()
        store.keys.key("server")
        copy_keys(place.keys_path, place.key_file, elsewhere.archive / "keys")
        with store.begin(NOW) as uow:
            uow.boxes.add(BOX)
        copy_database(place.url, elsewhere.archive / "data")
        restored = elsewhere.restore()
        with pytest.raises(StoreError, match="newest key archive"):
            restored.open()

    def test_nothing_is_restored_over_a_store_in_use(
        self, store: Store, place: Place, elsewhere: Elsewhere
    ) -> None:
        del store
        back_up(place, elsewhere.archive)
        with pytest.raises(StoreError, match="already"):
            restore_database(elsewhere.archive / "data", place.url)

    def test_copies_are_their_owners_alone(
        self, store: Store, place: Place, elsewhere: Elsewhere
    ) -> None:
        del store
        back_up(place, elsewhere.archive)
        copies = [path for path in elsewhere.archive.rglob("*") if path.is_file()]
        assert len(copies) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in copies} == {0o600}

    def test_a_database_that_is_not_there_is_named(self, place: Place, tmp_path: Path) -> None:
        url = place.url.replace("wecreate", "nowhere")
        with pytest.raises(StoreError, match="nowhere"):
            copy_database(url, tmp_path / "copy")


class TestWithoutContent:
    def test_a_key_copy_holds_no_destroyed_key(self, store: Store, place: Place) -> None:
        store.keys.key(BOX.id)
        with closing(sqlite3.connect(place.keys_path)) as database:
            query = "SELECT wrapped FROM keys WHERE scope = ?"
            [wrapped] = database.execute(query, (BOX.id,)).fetchone()
        assert wrapped in place.keys_path.read_bytes()
        store.keys.destroy(BOX.id)
        folder = place.keys_path.parent
        assert not any(wrapped in file.read_bytes() for file in folder.iterdir() if file.is_file())
        copy_keys(place.keys_path, place.key_file, folder / "copy")
        assert wrapped not in (folder / "copy" / place.keys_path.name).read_bytes()
