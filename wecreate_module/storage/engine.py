"""Connections: SQLite in WAL mode by default, PostgreSQL for more."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from wecreate_module.storage.errors import StoreError

_BUSY_MS = 15_000
"""How long to wait for another process that writes; threads of one process never wait so."""


def make_engine(url: str) -> Engine:
    """Make an engine for `sqlite:///path` or `postgresql://…`; it connects when first used."""
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind == "sqlite":
            return _sqlite(url)
        if kind == "postgresql":
            return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"The database URL can't be understood: {error}") from error
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL needs its driver. Run: pip install 'wecreate[postgres]'"
        ) from error
    raise StoreError(f"The database must be sqlite:///… or postgresql://…, not {kind}.")


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"isolation_level": None, "check_same_thread": False})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    del entry
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # The driver's own BEGIN comes too late for savepoints and takes the write lock too late.
    only_reads = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(only_reads)}")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def reading(connection: Connection) -> Connection:
    """Mark a connection as one that only reads: it never waits for writers, nor they for it."""
    options: dict[str, Any] = {"reading": True}
    if connection.dialect.name == "postgresql":
        options |= {"postgresql_readonly": True}
    return connection.execution_options(**options)
