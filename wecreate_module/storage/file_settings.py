"""What the admins of a Box chose for its files."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from wecreate_module.storage.file_tables import file_settings
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import upsert

Json = dict[str, Any]


class FileSettingsRepository:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def get(self, box_id: str) -> Json:
        """All that was chosen; nothing for a Box that chose nothing."""
        query = select(file_settings.c.sealed).where(file_settings.c.box_id == box_id)
        sealed: bytes | None = self._connection.execute(query).scalar()
        chosen: Json = self._keys.unseal_json(box_id, _place(box_id), sealed) if sealed else {}
        return chosen

    def change(self, box_id: str, **values: object) -> None:
        """Choose these; the others stay."""
        sealed = self._keys.seal_json(box_id, _place(box_id), {**self.get(box_id), **values})
        upsert(self._connection, file_settings, {"box_id": box_id, "sealed": sealed})


def _place(box_id: str) -> str:
    return f"file_settings:{box_id}"
