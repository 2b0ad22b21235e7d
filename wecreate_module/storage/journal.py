"""What happened in a Box, in order: domain events, for exports and for those who follow changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.tables import journal, to_microseconds


@dataclass(frozen=True)
class JournalEntry:
    """`kind` like "task.added", `subject` like "3", `actor` a user id (None: WeCreate itself)."""

    id: int
    box_id: str
    at: datetime
    kind: str
    subject: str
    actor: str | None
    data: dict[str, Any]


_ADD = insert(journal)


class Journal:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def add(
        self, box_id: str, kind: str, subject: str, actor: str | None, data: dict[str, Any]
    ) -> None:
        sealed = self._keys.seal_json(
            box_id, _place(box_id, self._now, kind, subject), {"actor": actor, "data": data}
        )
        row = {"box_id": box_id, "at": self._now, "kind": kind, "subject": subject}
        self._connection.execute(_ADD, {**row, "sealed": sealed})

    def of_box(self, box_id: str) -> list[JournalEntry]:
        """All entries of a Box, the oldest first."""
        found = self._connection.execute(
            select(journal).where(journal.c.box_id == box_id).order_by(journal.c.id)
        )
        return [self._entry(row) for row in found]

    def last(self, box_id: str, kind: str) -> JournalEntry | None:
        """The newest entry of a kind."""
        found = self._connection.execute(
            select(journal)
            .where(journal.c.box_id == box_id, journal.c.kind == kind)
            .order_by(journal.c.id.desc())
            .limit(1)
        ).first()
        return None if found is None else self._entry(found)

    def _entry(self, row: Row[Any]) -> JournalEntry:
        place = _place(row.box_id, row.at, row.kind, row.subject)
        return JournalEntry(
            id=row.id,
            box_id=row.box_id,
            at=row.at,
            kind=row.kind,
            subject=row.subject,
            **self._keys.unseal_json(row.box_id, place, row.sealed),
        )


def _place(box_id: str, at: datetime, kind: str, subject: str) -> str:
    return f"journal:{box_id}:{to_microseconds(at)}:{kind}:{subject}"
