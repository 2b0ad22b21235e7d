"""The crypto store: nio's SQLite store in WAL mode, with tables of our own beside nio's.

nio's tables (account, Olm sessions, Megolm sessions) keep nio's format, so that plain nio can open
the file. Ours hold what nio lacks: devices with their cross-signing, withheld codes, message
indices against replay, to-device messages already taken.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nio.crypto import InboundGroupSession, OlmAccount, Session
from nio.store import SqliteStore
from peewee import DatabaseError, SqliteDatabase  # type: ignore[import-untyped] # it has no types

from bots.kit.crypto.errors import StoreError

# Both tell what they do at DEBUG, keys and rows included.
logging.getLogger("nio").setLevel(logging.WARNING)
logging.getLogger("peewee").setLevel(logging.WARNING)

STORE_FILE = "crypto.db"
LOCK_FILE = "lock"
SESSIONS_PER_DEVICE = 8
"""Olm sessions kept per device; the newest ones. Whoever makes more loses their oldest."""

_KEPT = {"we_received": 5_000, "we_withheld": 5_000, "we_requested": 5_000}
"""Rows of each list that only ever grows; the oldest go when the store is opened."""
_NIO_TIME = "%Y-%m-%d %H:%M:%S.%f"
_OUR_TABLES = """
CREATE TABLE IF NOT EXISTS we_devices (
  user_id TEXT, device_id TEXT, curve25519 TEXT, ed25519 TEXT,
  signed INTEGER, deleted INTEGER, PRIMARY KEY (user_id, device_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS we_users (
  user_id TEXT PRIMARY KEY, outdated INTEGER, master TEXT, self_signing TEXT,
  changed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS we_withheld (
  number INTEGER PRIMARY KEY, room_id TEXT, session_id TEXT, sender TEXT, code TEXT,
  UNIQUE (room_id, session_id, sender));
CREATE TABLE IF NOT EXISTS we_indices (
  session BLOB, message_index INTEGER, event BLOB,
  PRIMARY KEY (session, message_index)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS we_received (
  number INTEGER PRIMARY KEY, digest BLOB UNIQUE, room_id TEXT, session_id TEXT);
CREATE TABLE IF NOT EXISTS we_requested (
  number INTEGER PRIMARY KEY, room_id TEXT, session_id TEXT, user_id TEXT,
  UNIQUE (room_id, session_id, user_id));
CREATE TABLE IF NOT EXISTS we_facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS we_olm_by_key ON olmsessions (sender_key, last_usage_date);
CREATE INDEX IF NOT EXISTS we_megolm_by_room ON megolminboundsessions (room_id);
"""


class CryptoStore(SqliteStore):  # type: ignore[misc] # nio is not typed strictly
    """All of it is called from one thread; sessions are read when they are needed."""

    _held: int

    @classmethod
    def open(cls, folder: Path, user_id: str, device_id: str, pickle_key: str) -> CryptoStore:
        """Open (or make) the store below `folder`; raises StoreError."""
        file = folder / STORE_FILE
        held = _lock(folder)
        try:
            file.touch(mode=0o600)
            file.chmod(0o600)
            store = cls(user_id, device_id, str(folder), pickle_key, STORE_FILE)
            store._held = held
            for statement in _OUR_TABLES.split(";\n"):
                if statement.strip():
                    store.sql(statement)
            store._prune()
            store.load_account()
        except (sqlite3.DatabaseError, DatabaseError, OSError, ValueError) as error:
            os.close(held)
            raise StoreError(
                f"The encryption store {file} can't be opened ({error}). If it is damaged, or does "
                "not belong to store.key beside it, restore both with `wecreate restore`."
            ) from error
        return store

    def _create_database(self) -> SqliteDatabase:
        pragmas = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "secure_delete": 1}
        return SqliteDatabase(self.database_path, pragmas=pragmas, timeout=10)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.database.execute_sql(statement, values).fetchall()  # type: ignore[no-any-return] # peewee is untyped

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """All or nothing. `durable` survives a power cut, not only a killed process."""
        outermost = durable and not self.database.in_transaction()
        if outermost:
            self.sql("PRAGMA synchronous = FULL")
        try:
            with self.database.atomic():
                yield
        finally:
            if outermost:
                self.sql("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        if not self.database.is_closed():
            self.database.close()
        os.close(self._held)

    def _prune(self) -> None:
        for table, kept in _KEPT.items():
            newest = f"SELECT max(number) FROM {table}"  # noqa: S608 - our own names
            self.sql(f"DELETE FROM {table} WHERE number <= ({newest}) - ?", kept)  # noqa: S608 - likewise

    # -- facts ------------------------------------------------------------------------------

    def fact(self, name: str) -> str | None:
        rows = self.sql("SELECT value FROM we_facts WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def set_fact(self, name: str, value: str) -> None:
        self.sql("INSERT OR REPLACE INTO we_facts VALUES (?, ?)", name, value)

    # -- account and Olm sessions -----------------------------------------------------------

    def save_account(self, account: OlmAccount) -> None:
        pickle = account.pickle(self.pickle_key)
        self.sql(
            "INSERT INTO accounts (user_id, device_id, shared, account) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (user_id, device_id) DO UPDATE SET shared = excluded.shared, "
            "account = excluded.account",
            self.user_id,
            self.device_id,
            int(account.shared),
            pickle,
        )

    def account_id(self) -> int:
        rows = self.sql(
            "SELECT id FROM accounts WHERE user_id = ? AND device_id = ?",
            self.user_id,
            self.device_id,
        )
        return int(rows[0][0])

    def olm_sessions(self, curve25519: str) -> list[Session]:
        """Return the sessions with one device, last used first."""
        rows = self.sql(
            "SELECT session FROM olmsessions WHERE sender_key = ? "
            "ORDER BY last_usage_date DESC LIMIT ?",
            curve25519,
            SESSIONS_PER_DEVICE,
        )
        return [Session.from_pickle(bytes(row[0]), None, self.pickle_key) for row in rows]

    def save_olm_session(self, curve25519: str, session: Session, now: float) -> None:
        """`now` (seconds) orders the sessions: the last used is the one to answer with."""
        stamp = datetime.fromtimestamp(now, UTC).strftime(_NIO_TIME)
        self.sql(
            "INSERT INTO olmsessions (creation_time, last_usage_date, sender_key, account_id, "
            "session, session_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (session_id) DO UPDATE "
            "SET last_usage_date = excluded.last_usage_date, session = excluded.session",
            stamp,
            stamp,
            curve25519,
            self.account_id(),
            session.pickle(self.pickle_key),
            session.id,
        )
        self.sql(
            "DELETE FROM olmsessions WHERE sender_key = ? AND session_id NOT IN (SELECT session_id "
            "FROM olmsessions WHERE sender_key = ? ORDER BY last_usage_date DESC LIMIT ?)",
            curve25519,
            curve25519,
            SESSIONS_PER_DEVICE,
        )

    # -- Megolm sessions --------------------------------------------------------------------

    def inbound(self, session_id: str) -> InboundGroupSession | None:
        """Return a session by its id alone: newer clients name no sender key in their events."""
        rows = self.sql(
            "SELECT session, fp_key, sender_key, room_id FROM megolminboundsessions "
            "WHERE session_id = ?",
            session_id,
        )
        if not rows:
            return None
        pickle, ed25519, curve25519, room_id = rows[0]
        return InboundGroupSession.from_pickle(
            bytes(pickle), ed25519, curve25519, room_id, self.pickle_key
        )

    def save_inbound(self, session: InboundGroupSession) -> None:
        self.sql(
            "INSERT OR REPLACE INTO megolminboundsessions "
            "(sender_key, account_id, fp_key, room_id, session, session_id) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            session.sender_key,
            self.account_id(),
            session.ed25519,
            session.room_id,
            session.pickle(self.pickle_key),
            session.id,
        )

    def inbound_ids(self, room_id: str) -> list[str]:
        rows = self.sql("SELECT session_id FROM megolminboundsessions WHERE room_id = ?", room_id)
        return [row[0] for row in rows]

    def count_inbound(self) -> int:
        ((count,),) = self.sql("SELECT count(*) FROM megolminboundsessions")
        return int(count)

    def forget_room(self, room_id: str) -> None:
        with self.transaction(durable=True):
            for session_id in self.inbound_ids(room_id):
                self.sql("DELETE FROM we_indices WHERE session = ?", short(session_id))
            self.sql("DELETE FROM megolminboundsessions WHERE room_id = ?", room_id)
            self.sql("DELETE FROM we_withheld WHERE room_id = ?", room_id)
            self.sql("DELETE FROM we_received WHERE room_id = ?", room_id)
            self.sql("DELETE FROM we_requested WHERE room_id = ?", room_id)
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def first_use(self, session_id: str, index: int, event_id: str) -> bool:
        """Whether this message index belongs to this event; the first event to come owns it."""
        session, event = short(session_id), short(event_id)
        rows = self.sql(
            "INSERT INTO we_indices VALUES (?, ?, ?) ON CONFLICT (session, message_index) "
            "DO UPDATE SET event = event RETURNING event",
            session,
            index,
            event,
        )
        return bytes(rows[0][0]) == event

    def was_used(self, session_id: str) -> bool:
        found = self.sql("SELECT 1 FROM we_indices WHERE session = ? LIMIT 1", short(session_id))
        return bool(found)

    # -- what was said and what has come ----------------------------------------------------

    def withhold(self, room_id: str, session_id: str, sender: str, code: str) -> None:
        self.sql(
            "INSERT OR REPLACE INTO we_withheld (room_id, session_id, sender, code) "
            "VALUES (?, ?, ?, ?)",
            room_id,
            session_id,
            sender,
            code,
        )

    def withheld_code(self, room_id: str, session_id: str, sender: str) -> str | None:
        """Return the code for this session, else the sender's last word on all (`m.no_olm`)."""
        rows = self.sql(
            "SELECT code FROM we_withheld WHERE sender = ? AND ((room_id = ? AND session_id = ?) "
            "OR session_id = '') ORDER BY session_id = '', number DESC LIMIT 1",
            sender,
            room_id,
            session_id,
        )
        return str(rows[0][0]) if rows else None

    def withheld_counts(self) -> dict[str, int]:
        return dict(self.sql("SELECT code, count(*) FROM we_withheld GROUP BY code"))

    def note_requested(self, room_id: str, session_id: str, user_id: str) -> bool:
        """Whether this is the first request of this key from this person."""
        return bool(
            self.sql(
                "INSERT OR IGNORE INTO we_requested (room_id, session_id, user_id) "
                "VALUES (?, ?, ?) RETURNING number",
                room_id,
                session_id,
                user_id,
            )
        )

    def forget_request(self, room_id: str, session_id: str, user_id: str) -> None:
        self.sql(
            "DELETE FROM we_requested WHERE room_id = ? AND session_id = ? AND user_id = ?",
            room_id,
            session_id,
            user_id,
        )

    def was_requested(self, room_id: str, session_id: str, user_id: str) -> bool:
        return bool(
            self.sql(
                "SELECT 1 FROM we_requested WHERE room_id = ? AND session_id = ? AND user_id = ?",
                room_id,
                session_id,
                user_id,
            )
        )

    def received(self, digest: bytes) -> tuple[str, str] | None:
        """Return (room id, session id) that this to-device message brought ("" for none)."""
        rows = self.sql("SELECT room_id, session_id FROM we_received WHERE digest = ?", digest)
        return (rows[0][0], rows[0][1]) if rows else None

    def note_received(self, digest: bytes, room_id: str, session_id: str) -> None:
        self.sql(
            "INSERT OR IGNORE INTO we_received (digest, room_id, session_id) VALUES (?, ?, ?)",
            digest,
            room_id,
            session_id,
        )


def after_restore(file: Path) -> None:
    """Fit a store out of a backup: its Olm sessions are behind those of the other devices.

    A message sent over an old session can't be read at the other end; without one a new session
    is made, and all goes on.
    """
    with closing(sqlite3.connect(file)) as database, database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        if "olmsessions" in names:  # it is missing when the bot never signed in
            database.execute("DELETE FROM olmsessions")


def _lock(folder: Path) -> int:
    """Hold the folder for this process: two bots on one device would break both's ratchets."""
    held = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise StoreError(f"Another bot is running on {folder}. Stop it first.") from error
    return held


def short(name: str) -> bytes:
    """Eight bytes that stand for an id in a long table."""
    return hashlib.blake2b(name.encode(), digest_size=8).digest()
