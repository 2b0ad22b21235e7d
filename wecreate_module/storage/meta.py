"""Single values, such as the sync token. Nothing personal, nothing secret: they are not sealed."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, select

from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import meta

_GET = select(meta.c.value).where(meta.c.key == bindparam("known"))


class Meta:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> str | None:
        return self._connection.execute(_GET, {"known": key}).scalar()

    def set(self, key: str, value: str | None) -> None:
        """Keep a value; None removes it."""
        if value is None:
            self._connection.execute(delete(meta).where(meta.c.key == key))
        else:
            upsert(self._connection, meta, {"key": key, "value": value})

    def forget(self, start: str, end: str) -> None:
        """Remove every value whose key begins and ends so."""
        these = meta.c.key.startswith(start, autoescape=True) & meta.c.key.endswith(
            end, autoescape=True
        )
        self._connection.execute(delete(meta).where(these))
