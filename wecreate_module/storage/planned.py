"""Hearing that another process planned work: calendars plan what the bot tells the room.

SQLite has no word for it between processes, but a counter that is read from shared memory in
microseconds; PostgreSQL says it itself (NOTIFY), to processes on other machines too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, select, text

from wecreate_module.storage.tables import schedule

CHANNEL = "wecreate_planned"
_LOOK_EVERY = 0.02
"""Seconds between two looks at SQLite's counter."""
_NEXT = (
    select(schedule.c.due_at).where(schedule.c.status == "new").order_by(schedule.c.due_at).limit(1)
)


class Planned(Protocol):
    def heard(self, timeout: float) -> bool:
        """Wait until something may be due at another time than before; False after `timeout` s."""


@contextmanager
def listening(engine: Engine) -> Iterator[Planned]:
    """On a connection of its own, for one thread."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            yield _Postgres(connection)
        else:
            yield _Sqlite(connection)


def announce(connection: Connection) -> None:
    """Say it with this transaction's commit; SQLite's counter moves by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


class _Sqlite:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # No transaction of SQLAlchemy: it would see the counter as it was at its begin.
        raw: Any = connection.connection.driver_connection
        self._raw = raw
        self._query = str(_NEXT.compile(connection, compile_kwargs={"literal_binds": True}))
        self._version, self._due = self._counter(), self._next()

    def heard(self, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while True:
            version = self._counter()
            if version != self._version:
                self._version = version
                due = self._next()
                if due != self._due:
                    self._due = due
                    return True
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_EVERY)

    def _counter(self) -> object:
        """Another value after any commit of another connection."""
        return self._raw.execute("PRAGMA data_version").fetchone()[0]

    def _next(self) -> object:
        return self._raw.execute(self._query).fetchone()


class _Postgres:
    def __init__(self, connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        connection.detach()  # it keeps listening, so no transaction may get it
        raw.autocommit = True
        raw.execute(f"LISTEN {CHANNEL}")
        self._raw = raw

    def heard(self, timeout: float) -> bool:
        return any(True for _ in self._raw.notifies(timeout=timeout, stop_after=1))
