import threading
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from tests.contract.conftest import BOX, NOW, Place, interrupted
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Send
from wecreate_module.domain.tasks import Task
from wecreate_module.storage.dialogues import Dialogue
from wecreate_module.storage.engine import make_engine
from wecreate_module.storage.errors import SealBroken, StoreError
from wecreate_module.storage.people import Person
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import metadata

CANARY = "KanarienvogelÜber"


class TestTransactions:
    def test_an_exception_undoes_everything(self, store: Store) -> None:
        with interrupted(store.begin(NOW)) as uow:
            uow.boxes.add(BOX)
            uow.meta.set("a", "b")
        with store.begin(NOW) as uow:
            assert uow.boxes.all() == []
            assert uow.meta.get("a") is None

    def test_a_savepoint_undoes_only_what_was_inside(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.meta.set("before", "1")
            with interrupted(uow.savepoint()):
                uow.meta.set("inside", "1")
            with uow.savepoint():
                uow.meta.set("after", "1")
        with store.begin(NOW) as uow:
            found = [uow.meta.get(key) for key in ("before", "inside", "after")]
            assert found == ["1", None, "1"]

    def test_threads_lose_nothing(self, store: Store, box: Box) -> None:
        def work(name: int) -> None:
            for turn in range(10):
                with store.begin(NOW) as uow:
                    number = uow.tasks.next_number(box.id)
                    uow.tasks.add(box.id, Task(number, f"{name}-{turn}", "x", "@a:x", NOW))

        threads = [threading.Thread(target=work, args=(name,)) for name in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.begin(NOW) as uow:
            assert [task.number for task in uow.tasks.list(box.id)] == list(range(1, 51))
            found = uow.boxes.get(box.id)
            assert found is not None
            assert found.revision == 50

    def test_a_transaction_inside_a_transaction_is_refused(self, store: Store) -> None:
        with store.begin(NOW), pytest.raises(RuntimeError), store.begin(NOW):
            pass
        with store.begin(NOW) as uow:
            uow.meta.set("a", "b")

    def test_a_reader_neither_waits_for_a_writer_nor_writes(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.meta.set("a", "old")
        with store.begin(NOW) as uow:
            uow.meta.set("a", "new")
            with store.read(NOW) as reader:
                assert reader.meta.get("a") == "old"
        with pytest.raises(StoreError), store.read(NOW) as reader:
            reader.meta.set("a", "written")
        with store.begin(NOW) as uow:
            assert uow.meta.get("a") == "new"
            uow.meta.set("a", "newer")

    def test_only_one_process_is_the_bot(self, store: Store, place: Place) -> None:
        other = place.open()
        with store.claim(), pytest.raises(StoreError, match="already running"), other.claim():
            pass
        with other.claim():
            pass
        other.close()


class TestSchema:
    def test_the_migrations_make_what_the_tables_say(self, store: Store, place: Place) -> None:
        del store
        engine = make_engine(place.url)
        with engine.begin() as connection:
            options = {"compare_type": True, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []
        engine.dispose()

    def test_a_store_is_found_again(self, store: Store, place: Place, box: Box) -> None:
        store.close()
        again = place.open()
        with again.begin(NOW) as uow:
            assert uow.boxes.all() == [box]
        again.check()
        again.close()

    def test_two_first_starts_at_once_make_one_store(self, place: Place) -> None:
        problems: list[BaseException] = []

        def start() -> None:
            try:
                place.open().close()
            except BaseException as error:  # noqa: BLE001  the thread's boundary
                problems.append(error)

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []

    def test_a_newer_schema_is_named(self, store: Store, place: Place) -> None:
        store.close()
        engine = make_engine(place.url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()
        with pytest.raises(StoreError, match="newer WeCreate"):
            place.open()


class TestRest:
    def test_no_content_lies_in_plain(self, place: Place) -> None:
        store = place.open()
        box = replace(BOX, name=CANARY)
        task = Task(1, "uid", CANARY, "@anna:x.org", NOW, CANARY, labels=(CANARY,))
        with store.begin(NOW) as uow:
            uow.rooms.save(Room("!r:x", name=CANARY))
            uow.rooms.set_member("!r:x", "@anna:x.org", "join", CANARY)
            uow.boxes.add(box)
            uow.people.save(Person("@anna:x.org", display_name=CANARY))
            uow.tasks.add(box.id, task)
            uow.journal.add(box.id, "note", "", None, {"text": CANARY})
            uow.inbox.put("$1", "!r:x", "m", {"body": CANARY})
            uow.outbox.put(Send("!r:x", {"body": CANARY}), key="a", extra={"x": CANARY})
            uow.schedule.put(NOW, "a", key="a", payload={"x": CANARY})
            uow.dialogues.save(
                Dialogue("!r:x", "@anna:x.org", {"x": CANARY}, NOW.max.replace(tzinfo=NOW.tzinfo))
            )
        assert CANARY.encode() not in raw(place, store)
        store.close()

    def test_sealed_rows_can_not_be_swapped(self, store: Store, place: Place, box: Box) -> None:
        with store.begin(NOW) as uow:
            for number in (1, 2):
                uow.tasks.add(box.id, Task(number, f"u{number}", "x", "@a:x", NOW))
        engine = make_engine(place.url)
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE objects SET summary = (SELECT summary FROM objects WHERE number = 2)")
            )
        engine.dispose()
        with pytest.raises(SealBroken), store.begin(NOW) as uow:
            uow.tasks.get(box.id, 1)

    def test_boxes_deleted_since_are_dropped_from_an_older_copy(
        self, store: Store, place: Place, box: Box
    ) -> None:
        kept = replace(box, id="kept", room_id="!kept:x")
        with store.begin(NOW) as uow:
            uow.boxes.add(kept)
            uow.rooms.save(Room(box.room_id, name="Fest"))
            uow.tasks.add(box.id, Task(1, "u", "x", "@a:x", NOW))
        store.keys.destroy(box.id)
        store.close()
        again = place.open()
        with again.begin(NOW) as uow:
            assert uow.boxes.all() == [kept]
            assert uow.rooms.get(box.room_id) is None
        again.close()


def raw(place: Place, store: Store) -> bytes:
    """All bytes of the database: its files, or every column of every row."""
    engine = make_engine(place.url)
    if engine.dialect.name == "sqlite":
        folder = Path(engine.url.database or "").parent
        return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    found = []
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            found += [str(tuple(row)) for row in connection.execute(table.select())]
    engine.dispose()
    assert store is not None
    return "\n".join(found).encode()
