"""Secret addresses of read-only calendars, one for each person and Box."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, select

from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import feeds


class Feeds:
    """Only a digest of each address is kept."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def make(self, user_id: str, box_id: str) -> str:
        """Make an address' secret part; an earlier one is no longer good."""
        token = secrets.token_urlsafe(24)
        row = {"user_id": user_id, "box_id": box_id, "token": _digest(token)}
        upsert(self._connection, feeds, {**row, "created_at": self._now})
        return token

    def find(self, token: str) -> tuple[str, str] | None:
        """Give (user id, Box id)."""
        query = select(feeds.c.user_id, feeds.c.box_id).where(feeds.c.token == _digest(token))
        row = self._connection.execute(query).first()
        return (row.user_id, row.box_id) if row else None

    def revoke(self, user_id: str) -> int:
        """Take all of a person's addresses away; how many."""
        return self._connection.execute(delete(feeds).where(feeds.c.user_id == user_id)).rowcount


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
