"""What was deleted, kept for a while so that it can be brought back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from wecreate_module.storage.calendar_objects import CalendarObject, Kind
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import trash


@dataclass(frozen=True)
class Deleted:
    """A deleted object: its names, its text, and who deleted it."""

    kind: Kind
    number: int
    deleted_at: datetime
    uid: str
    href: str
    title: str
    text: str
    actor: str
    summary: dict[str, Any] = field(default_factory=dict)
    """Empty for what was deleted before summaries were kept."""


class Trash:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def put(self, known: CalendarObject, *, actor: str) -> None:
        summary = known.summary
        kept = {
            "uid": known.uid,
            "href": known.href,
            "title": str(summary.get("title", "")),
            "text": known.text,
            "actor": actor,
            "summary": summary,
        }
        place = _place(known.box_id, known.kind, known.number)
        row = {
            "box_id": known.box_id,
            "kind": known.kind.value,
            "number": known.number,
            "deleted_at": self._now,
            "sealed": self._keys.seal_json(known.box_id, place, kept),
        }
        upsert(self._connection, trash, row)

    def of(self, box_id: str, kind: Kind) -> list[Deleted]:
        """What can be brought back, the latest first."""
        query = select(trash).where(trash.c.box_id == box_id, trash.c.kind == kind.value)
        rows = self._connection.execute(query.order_by(trash.c.deleted_at.desc(), trash.c.number))
        return [
            Deleted(
                kind=kind,
                number=row.number,
                deleted_at=row.deleted_at,
                **self._keys.unseal_json(box_id, _place(box_id, kind, row.number), row.sealed),
            )
            for row in rows
        ]

    def drop(self, box_id: str, kind: Kind, number: int) -> None:
        self._connection.execute(
            delete(trash).where(
                trash.c.box_id == box_id, trash.c.kind == kind.value, trash.c.number == number
            )
        )

    def prune(self, before: datetime) -> None:
        """Drop for good what was deleted before an instant."""
        self._connection.execute(delete(trash).where(trash.c.deleted_at < before))


def _place(box_id: str, kind: Kind, number: int) -> str:
    return f"trash:{box_id}:{kind.value}:{number}"
