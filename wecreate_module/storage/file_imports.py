"""Files on their way in from elsewhere. What logs in there is sealed, and gone at the end."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from wecreate_module.domain.file_imports import FileImport, Found
from wecreate_module.storage.file_tables import file_imports
from wecreate_module.storage.keys import KeyStore

Json = dict[str, Any]


class FileImportRepository:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def save(self, box_id: str, one: FileImport, now: object) -> None:
        """Write it anew, or how far it is."""
        sealed = self._keys.seal_json(box_id, _place(one.id), _to_json(one))
        values: Json = {"sealed": sealed, "done": one.done, "total": len(one.take)}
        changed = self._connection.execute(
            update(file_imports).where(file_imports.c.id == one.id).values(**values)
        )
        if not changed.rowcount:
            row: Json = {"id": one.id, "box_id": box_id, "created_by": one.created_by}
            row |= {"created_at": now, "state": "open", **values}
            self._connection.execute(insert(file_imports), row)

    def advance(self, import_id: str, done: int) -> None:
        """So many of its files are here."""
        self._connection.execute(
            update(file_imports).where(file_imports.c.id == import_id).values(done=done)
        )

    def get(self, import_id: str) -> FileImport | None:
        row = self._connection.execute(
            select(file_imports).where(file_imports.c.id == import_id)
        ).first()
        if row is None:
            return None
        stored = self._keys.unseal_json(row.box_id, _place(row.id), row.sealed)
        take = tuple(Found(*each) for each in stored.pop("take"))
        return FileImport(row.id, row.created_by, take=take, done=row.done, **stored)

    def count(self, box_id: str) -> int:
        """How many are on their way."""
        query = select(func.count()).where(file_imports.c.box_id == box_id)
        return int(self._connection.execute(query).scalar_one())

    def end(self, import_id: str) -> None:
        self._connection.execute(delete(file_imports).where(file_imports.c.id == import_id))

    def end_all(self, box_id: str) -> int:
        """Forget those of a Box; how many there were."""
        ended = self._connection.execute(
            delete(file_imports).where(file_imports.c.box_id == box_id)
        )
        return ended.rowcount


def _to_json(one: FileImport) -> Json:
    take = [[each.ref, each.path, each.size] for each in one.take]
    return {"source": one.source, "folder": one.folder, "take": take, "left": one.left}


def _place(import_id: str) -> str:
    return f"file_imports:{import_id}"
