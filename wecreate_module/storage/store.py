"""The store as a whole: opening it, and its transactions."""

from __future__ import annotations

import fcntl
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, delete, select, text

from wecreate_module.storage.engine import make_engine, reading
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.planned import Planned, announce, listening
from wecreate_module.storage.schema import bring_up_to_date, version
from wecreate_module.storage.tables import boxes, dialogues, members, rooms
from wecreate_module.storage.trouble import explained, name_of
from wecreate_module.storage.uow import UnitOfWork


class Store:
    """Gives transactions to any thread."""

    def __init__(self, engine: Engine, keys: KeyStore) -> None:
        self._engine = engine
        self.keys = keys
        # SQLite has one writer: threads queue here, for its own waiting sleeps and is unfair.
        self._lock = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._inside = threading.local()

    @classmethod
    def open(cls, url: str, keys_path: Path, key_file: Path) -> Store:
        """Open, make or migrate the store; StoreError says what is wrong and what to do."""
        engine = make_engine(url)
        try:
            keys = KeyStore(keys_path, key_file)
        except BaseException:
            engine.dispose()
            raise
        store = cls(engine, keys)
        try:
            require_database(engine, keys)
            bring_up_to_date(engine)
            store._drop_destroyed()
            store.require_keys()
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def begin(self, now: datetime) -> Iterator[UnitOfWork]:
        """One transaction: committed at the end, rolled back by an exception.

        On SQLite the writers of this process take turns. Never nested in one thread.
        """
        if getattr(self._inside, "busy", False):
            raise RuntimeError("a transaction inside a transaction would wait for itself")
        self._inside.busy = True
        try:
            if self._lock is None:
                with self._transaction(now) as uow:
                    yield uow
            else:
                with self._lock, self._transaction(now) as uow:
                    yield uow
        finally:
            self._inside.busy = False

    @contextmanager
    def read(self, now: datetime) -> Iterator[UnitOfWork]:
        """A view of one moment, for reading only: waits for nobody and keeps nobody waiting."""
        with (
            explained(self._engine),
            reading(self._engine.connect()) as connection,
            connection.begin(),
        ):
            yield UnitOfWork(connection, self.keys, now)

    @contextmanager
    def listening(self) -> Iterator[Planned]:
        """Hear when any process plans work; for one thread."""
        with explained(self._engine), listening(self._engine) as planned:
            yield planned

    @contextmanager
    def claim(self, name: str = "bot") -> Iterator[None]:
        """Be the only process of this name on this database; StoreError if another one is."""
        with self._claim_postgres(name) if self._lock is None else self._claim_file(name):
            yield

    def check(self) -> None:
        """Read the whole database for damage (SQLite); StoreError if there is some."""
        if self._engine.dialect.name != "sqlite":
            return
        with explained(self._engine), reading(self._engine.connect()) as connection:
            found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise StoreError(
                f"The database {self._engine.url.database} is damaged ({found}). "
                "Restore the newest backup: wecreate restore"
            )

    def require_keys(self) -> None:
        """Raise StoreError when a Box has no key: the key store was lost, or is an older one."""
        known = self.keys.scopes()
        with explained(self._engine), reading(self._engine.connect()) as connection:
            found = set(connection.execute(select(boxes.c.id)).scalars())
        if found - known:
            raise StoreError(
                f"The key store {self.keys.path} lacks the keys of {len(found - known)} Boxes in "
                f"the database {name_of(self._engine.url)}. "
                "Put it back from the newest key archive."
            )

    def close(self) -> None:
        self._engine.dispose()
        self.keys.close()

    def _drop_destroyed(self) -> None:
        """Drop what an older data archive brought back of Boxes that were deleted since."""
        gone = self.keys.destroyed()
        if not gone:
            return
        with explained(self._engine), self._engine.begin() as connection:
            found = connection.execute(select(boxes.c.id, boxes.c.room_id)).all()
            for box_id, room_id in found:
                if box_id in gone:
                    connection.execute(delete(boxes).where(boxes.c.id == box_id))
                    for table in (rooms, members, dialogues):
                        connection.execute(delete(table).where(table.c.room_id == room_id))

    @contextmanager
    def _claim_postgres(self, name: str) -> Iterator[None]:
        with explained(self._engine), self._engine.connect() as connection:
            number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
            query = text("SELECT pg_try_advisory_lock(:number)")
            taken = connection.execute(query, {"number": number}).scalar()
            connection.commit()
            connection.detach()  # its end, clean or not, gives the claim back
            if not taken:
                raise StoreError(_taken(name, name_of(self._engine.url)))
            yield

    @contextmanager
    def _claim_file(self, name: str) -> Iterator[None]:
        database = name_of(self._engine.url)
        with Path(f"{database}.{name}.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StoreError(_taken(name, database)) from error
            yield

    @contextmanager
    def _transaction(self, now: datetime) -> Iterator[UnitOfWork]:
        with explained(self._engine), self._engine.begin() as connection:
            uow = UnitOfWork(connection, self.keys, now)
            yield uow
            if uow.schedule.touched:
                announce(connection)


def require_database(engine: Engine, keys: KeyStore) -> None:
    """Raise StoreError when there are keys of Boxes, but no database to which they belong."""
    if not keys.scopes() - {SERVER}:
        return
    with explained(engine), reading(engine.connect()) as connection:
        if version(connection) is None:
            raise StoreError(
                f"The database {name_of(engine.url)} is missing or empty, but {keys.path} holds "
                "keys of Boxes. Put it back with `wecreate restore`; to begin anew, move the key "
                "store away."
            )


def _taken(name: str, database: str) -> str:
    return (
        f"Another `wecreate {name}` is already running on the database {database}. Stop it first."
    )
