"""The keys that content is sealed with: one per Box, wrapped by the operator's key file.

They live in a small SQLite file of their own, so that data and keys can be archived apart and
a destroyed key is gone for good. It uses a rollback journal and `secure_delete`: after a
commit no other file and no free page holds what was deleted.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wecreate_module.storage.errors import KeyDestroyed, SealBroken, StoreError

SERVER = "server"
"""The scope of what belongs to no Box."""

_KEY_BYTES = 32
_NONCE_BYTES = 12
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (scope TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS destroyed (scope TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class KeyStore:
    """Seals and unseals. Safe to use from several threads and processes."""

    def __init__(self, path: Path, key_file: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._ciphers: dict[str, AESGCM] = {}
        with _told(path):
            self._database = _connect(path)
        self._wrapping = AESGCM(_operator_key(key_file, path, new=not self._any_scope()))
        self._check_key_file(key_file)

    def key(self, scope: str) -> bytes:
        """Give the key of a scope, made at its first use; raises KeyDestroyed."""
        with self._lock, self._transaction() as database:
            if _row(database, "SELECT 1 FROM destroyed WHERE scope = ?", scope):
                raise KeyDestroyed(f"the key of {scope} was destroyed")
            row = _row(database, "SELECT wrapped FROM keys WHERE scope = ?", scope)
            if row:
                return self._unwrap(scope, row[0])
            key = AESGCM.generate_key(8 * _KEY_BYTES)
            database.execute("INSERT INTO keys VALUES (?, ?)", (scope, self._wrap(scope, key)))
            return key

    def destroy(self, scope: str) -> None:
        """Destroy a key for good; it is never made again. Can be repeated."""
        with self._lock:
            with self._transaction() as database:
                database.execute("DELETE FROM keys WHERE scope = ?", (scope,))
                database.execute("INSERT OR IGNORE INTO destroyed VALUES (?)", (scope,))
            self._ciphers.pop(scope, None)

    def destroyed(self) -> set[str]:
        with self._lock, _told(self.path):
            return {scope for (scope,) in self._database.execute("SELECT scope FROM destroyed")}

    def scopes(self) -> set[str]:
        """Give what there are keys for: Boxes, and the server."""
        with self._lock, _told(self.path):
            return {scope for (scope,) in self._database.execute("SELECT scope FROM keys")}

    def seal(self, scope: str, place: str, plain: bytes) -> bytes:
        """Encrypt for one place (`objects:<box>:<number>`); it opens nowhere else."""
        cipher = self._ciphers.get(scope) or self._load(scope, self.key(scope))
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, place.encode())

    def unseal(self, scope: str, place: str, sealed: bytes) -> bytes:
        """Decrypt; raises KeyDestroyed, or SealBroken for any other bytes, place or key."""
        cipher = self._ciphers.get(scope) or self._load(scope, self._existing(scope))
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{place} can't be read: changed, or of another key") from error

    def seal_json(self, scope: str, place: str, value: object) -> bytes:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.seal(scope, place, text.encode("utf-8", "surrogatepass"))

    def unseal_json(self, scope: str, place: str, sealed: bytes) -> Any:  # noqa: ANN401  JSON
        return json.loads(self.unseal(scope, place, sealed).decode("utf-8", "surrogatepass"))

    def close(self) -> None:
        with self._lock:
            self._database.close()
            self._ciphers.clear()

    def _load(self, scope: str, key: bytes) -> AESGCM:
        cipher = self._ciphers[scope] = AESGCM(key)
        return cipher

    def _existing(self, scope: str) -> bytes:
        with self._lock, _told(self.path):
            row = _row(self._database, "SELECT wrapped FROM keys WHERE scope = ?", scope)
            gone = _row(self._database, "SELECT 1 FROM destroyed WHERE scope = ?", scope)
        if gone:
            raise KeyDestroyed(f"the key of {scope} was destroyed")
        if not row:
            raise SealBroken(
                f"{self.path} has no key for {scope}: it is older than the data. "
                "Restore the newest key archive."
            )
        return self._unwrap(scope, row[0])

    def _wrap(self, scope: str, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, scope.encode())

    def _unwrap(self, scope: str, wrapped: bytes) -> bytes:
        nonce, rest = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return self._wrapping.decrypt(nonce, rest, scope.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the key of {scope} in {self.path} can't be unwrapped") from error

    def _any_scope(self) -> str | None:
        with _told(self.path):
            row = self._database.execute("SELECT scope FROM keys LIMIT 1").fetchone()
        return str(row[0]) if row else None

    def _check_key_file(self, key_file: Path) -> None:
        scope = self._any_scope()
        if scope is None:
            return
        try:
            self._existing(scope)
        except SealBroken as error:
            raise StoreError(
                f"The key file {key_file} does not fit {self.path}. "
                "Put both back from the same key archive."
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _told(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"The key store {path} can't be used: {error}.") from error


def _row(database: sqlite3.Connection, query: str, scope: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = database.execute(query, (scope,)).fetchone()
    return row


def _connect(path: Path) -> sqlite3.Connection:
    fresh = not path.exists()
    database = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        if fresh:
            path.chmod(0o600)
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("PRAGMA synchronous = EXTRA")
        database.execute("PRAGMA secure_delete = ON")
        database.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
    except BaseException:
        database.close()
        raise
    return database


def _operator_key(key_file: Path, keys_path: Path, *, new: bool) -> bytes:
    if new and not key_file.exists():
        _make_key_file(key_file)
    try:
        mode = stat.S_IMODE(key_file.stat().st_mode)
        text = key_file.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(
            f"The key file {key_file} is missing, but {keys_path} holds keys that only it opens. "
            "Put it back from the key archive."
        ) from error
    except OSError as error:
        raise StoreError(f"The key file {key_file} can't be read: {error.strerror}.") from error
    if mode & 0o077:
        raise StoreError(
            f"The key file {key_file} can be read by others (mode {mode:04o}). "
            f"Run: chmod 600 {key_file}"
        )
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise StoreError(
            f"The key file {key_file} is damaged: it must hold {_KEY_BYTES} bytes in base64. "
            "Put it back from the key archive."
        )
    return key


def _make_key_file(key_file: Path) -> None:
    """Make the file whole or not at all; of two first starts at once one wins."""
    draft = key_file.with_name(f".{key_file.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, key_file)
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as error:
        raise StoreError(f"The key file {key_file} can't be made: {error.strerror}.") from error
