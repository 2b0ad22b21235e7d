"""Database errors in words for the operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError

from wecreate_module.storage.errors import StoreError

_CAUSES = (
    ("disk is full", "has no room left: the disk is full. Free some space."),
    ("No space left", "has no room left: the disk is full. Free some space."),
    ("read-only transaction", "was only to be read."),
    ("readonly database", "can't be written: check the owner and mode of the file and its folder."),
    ("unable to open", "can't be opened: check that its folder exists and may be written."),
    ("malformed", "is damaged. Restore the newest backup: wecreate restore"),
    ("not a database", "is not a database. Restore the newest backup: wecreate restore"),
    ("disk I/O error", "can't be read or written: the disk reports an error. Check the disk."),
    ("locked", "is held by another program for too long. Is a second WeCreate running?"),
    ("password authentication", "refuses the password. Check database.url."),
    ("does not exist", "does not exist. Make it with createdb, or check database.url."),
    ("Connection refused", "does not answer. Is PostgreSQL running, and database.url right?"),
    ("connection failed", "can't be reached. Is PostgreSQL running, and database.url right?"),
    ("closed the connection", "closed the connection. Is PostgreSQL still running?"),
    ("terminating connection", "closed the connection. Is PostgreSQL still running?"),
    ("permission denied", "refuses: its user lacks rights there. Make the user its owner."),
)


def name_of(url: URL) -> str:
    """Name a database without its password."""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn database errors that an operator can mend into a StoreError; others pass."""
    try:
        yield
    except DBAPIError as error:
        for sign, words in _CAUSES:
            if sign in str(error.orig):
                raise StoreError(f"The database {name_of(engine.url)} {words}") from error
        raise
