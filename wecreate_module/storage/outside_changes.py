"""What calendar programs changed and the room has not been told of yet."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.tables import boxes, outside_changes

Json = dict[str, Any]


class OutsideChanges:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def add(self, box_id: str, change: Json) -> bool:
        """Keep one change; True if it is the first that waits to be told."""
        self._lock(box_id)
        query = select(outside_changes.c.id).where(outside_changes.c.box_id == box_id)
        first = self._connection.execute(query.limit(1)).first() is None
        # The row's id is not known yet, so the seal is bound to a name of its own.
        name = secrets.token_hex(8)
        sealed = self._keys.seal_json(box_id, _place(box_id, name), change)
        row = {"box_id": box_id, "sealed": name.encode() + sealed}
        self._connection.execute(insert(outside_changes).values(**row))
        return first

    def take(self, box_id: str) -> list[Json]:
        """All that waits, the oldest first; it waits no more."""
        self._lock(box_id)
        query = select(outside_changes.c.sealed).where(outside_changes.c.box_id == box_id)
        rows = self._connection.execute(query.order_by(outside_changes.c.id)).scalars().all()
        self._connection.execute(delete(outside_changes).where(outside_changes.c.box_id == box_id))
        return [self._opened(box_id, row) for row in rows]

    def _opened(self, box_id: str, row: bytes) -> Json:
        length = 16
        name, sealed = row[:length].decode(), row[length:]
        change: Json = self._keys.unseal_json(box_id, _place(box_id, name), sealed)
        return change

    def _lock(self, box_id: str) -> None:
        """Keep adding and taking apart on PostgreSQL; SQLite has one writer anyway."""
        query = select(boxes.c.id).where(boxes.c.id == box_id).with_for_update()
        self._connection.execute(query)


def _place(box_id: str, name: str) -> str:
    return f"outside_changes:{box_id}:{name}"
