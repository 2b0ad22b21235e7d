from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.tasks import Task
from wecreate_module.storage.engine import make_engine
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.schema import HEAD, MIGRATIONS
from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
BOX = Box("box1", "!r:x", "Fest", "de", "Europe/Berlin", "@anna:x", NOW)
TASK = Task(0, "", "Kuchen backen", "@anna:x", NOW, due=date(2026, 12, 1), assignees=("@ben:x",))


def open_in(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder}/w.db", folder / "keys.db", folder / "key")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_in(tmp_path)
    yield opened
    opened.close()


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(
    store: Store, tmp_path: Path
) -> None:
    store.close()
    code = (
        "import sys, pathlib; from wecreate_module.storage.store import Store; "
        f"d = pathlib.Path({str(tmp_path)!r}); "
        "Store.open(f'sqlite:///{d}/w.db', d / 'keys.db', d / 'key').close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://a@b/c", "oracle+nothing://a/b"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="database"):
        make_engine(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "w.db").write_bytes(b"hello" * 1000)
    with pytest.raises(StoreError, match=r"w\.db is not a database. Restore"):
        open_in(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder"):
        open_in(tmp_path / "missing")


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    store = open_in(tmp_path)
    with store.begin(NOW) as uow:
        uow.boxes.add(BOX)
        for number in range(1, 200):
            uow.tasks.add(BOX.id, replace(TASK, number=number, uid=str(number)))
    store.close()
    database = tmp_path / "w.db"
    content = bytearray(database.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    database.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        damaged(tmp_path)


def damaged(folder: Path) -> None:
    store = open_in(folder)
    try:
        store.check()
    finally:
        store.close()


def test_a_full_disk_is_named_and_loses_nothing(store: Store) -> None:
    with store.begin(NOW) as uow:
        uow.boxes.add(BOX)
        pages = uow._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        uow._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreError, match="disk is full"):
        fill(store)
    with store.begin(NOW) as uow:
        assert uow.boxes.all() == [BOX]
        assert uow.meta.get("0") is None


def fill(store: Store) -> None:
    with store.begin(NOW) as uow:
        for number in range(100):
            uow.meta.set(str(number), "x" * 1000)


def test_a_database_that_may_not_be_written_is_named(store: Store, tmp_path: Path) -> None:
    store.close()
    folder = f"file:{tmp_path}/w.db?mode=ro&uri=true"
    with pytest.raises(StoreError, match="can't be written"):
        write(folder, tmp_path)


def write(name: str, folder: Path) -> None:
    store = Store.open(f"sqlite:///{name}", folder / "keys.db", folder / "key")
    try:
        with store.begin(NOW) as uow:
            uow.meta.set("a", "b")
    finally:
        store.close()


def test_another_program_that_holds_the_database_is_waited_for(
    store: Store, tmp_path: Path
) -> None:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read(); c.rollback()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "w.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        with store.read(NOW) as uow:
            assert uow.boxes.all() == []
        other.stdin.close()
        with store.begin(NOW) as uow:
            uow.boxes.add(BOX)


def test_a_task_is_listed_without_reading_icalendar(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.begin(NOW) as uow:
        uow.boxes.add(BOX)
        task = uow.tasks.add(BOX.id, replace(TASK, number=1, uid="1"))
    monkeypatch.setattr("icalendar.Calendar.from_ical", None)
    with store.begin(NOW) as uow:
        assert uow.tasks.list(BOX.id) == [task]
        assert uow.tasks.get(BOX.id, 1) == task


def test_a_thousand_tasks_are_listed_quickly(store: Store) -> None:
    with store.begin(NOW) as uow:
        uow.boxes.add(BOX)
        for number in range(1, 1001):
            uow.tasks.add(BOX.id, replace(TASK, number=number, uid=str(number)))
    took = []
    for _ in range(5):
        with store.begin(NOW) as uow:
            start = time.process_time()
            assert len(uow.tasks.list(BOX.id)) == 1000
            took.append(time.process_time() - start)
    assert min(took) < 0.1
