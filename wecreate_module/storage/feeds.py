"""Secret addresses of read-only calendars, one for each person and Box."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from sqlalchemy import Connection, delete, select

from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.rows import insert_returning
from wecreate_module.storage.tables import feeds, to_microseconds


class Feeds:
    """An address follows from the server's key; the database alone gives none away."""

    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def address(self, user_id: str, box_id: str) -> str:
        """Give an address' secret part, made at its first use."""
        since = feeds.c.created_at
        query = select(since).where(feeds.c.user_id == user_id, feeds.c.box_id == box_id)
        made = self._connection.execute(query).scalar()
        if made is not None:
            return self._token(user_id, box_id, made)
        token = self._token(user_id, box_id, self._now)
        row = {"user_id": user_id, "box_id": box_id, "token": _digest(token)}
        insert_returning(self._connection, feeds, {**row, "created_at": self._now}, feeds.c.token)
        return token

    def find(self, token: str) -> tuple[str, str] | None:
        """Give (user id, Box id)."""
        query = select(feeds.c.user_id, feeds.c.box_id).where(feeds.c.token == _digest(token))
        row = self._connection.execute(query).first()
        return (row.user_id, row.box_id) if row else None

    def revoke(self, user_id: str) -> int:
        """Take all of a person's addresses away; how many."""
        return self._connection.execute(delete(feeds).where(feeds.c.user_id == user_id)).rowcount

    def _token(self, user_id: str, box_id: str, since: datetime) -> str:
        text = f"feed\0{user_id}\0{box_id}\0{to_microseconds(since)}"
        made = hmac.digest(self._keys.key(SERVER), text.encode(), "sha256")
        return base64.urlsafe_b64encode(made[:24]).decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
