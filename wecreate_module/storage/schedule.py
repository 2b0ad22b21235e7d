"""Work with a due time: reminders, digests, deadlines. What is late is done late, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from wecreate_module.storage.errors import KeyDestroyed, SealBroken
from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.tables import schedule


@dataclass(frozen=True)
class Scheduled:
    """`kind` like "tasks.remind", `subject` like "task:3"; `due_at` is an instant in UTC."""

    id: int
    due_at: datetime
    kind: str
    key: str
    box_id: str | None
    subject: str
    payload: dict[str, Any]


_DUE = (
    select(schedule)
    .where(schedule.c.status == "new", schedule.c.due_at <= bindparam("now"))
    .order_by(schedule.c.due_at, schedule.c.id)
    .limit(bindparam("count"))
)
_NEXT_DUE = (
    select(schedule.c.due_at).where(schedule.c.status == "new").order_by(schedule.c.due_at).limit(1)
)


class Schedule:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self.touched = False
        """Whether this unit of work planned something."""

    def put(
        self,
        due_at: datetime,
        kind: str,
        *,
        key: str,
        box_id: str | None = None,
        subject: str = "",
        payload: dict[str, Any] | None = None,
    ) -> None:
        """Plan work. A known key moves what is still ahead; what was done stays done."""
        self.touched = True
        scope = box_id or SERVER
        row = {
            "box_id": box_id,
            "kind": kind,
            "subject": subject,
            "due_at": due_at,
            "scope": scope,
            "sealed": self._keys.seal_json(scope, f"schedule:{key}", payload or {}),
        }
        query = select(schedule.c.id, schedule.c.status).where(schedule.c.key == key)
        known = self._connection.execute(query).first()
        if known is None:
            self._connection.execute(insert(schedule), {**row, "key": key, "status": "new"})
        elif known.status == "new":
            self._connection.execute(
                update(schedule).where(schedule.c.id == known.id).values(**row)
            )

    def cancel(self, box_id: str | None, subject: str, kind: str | None = None) -> None:
        """Forget what is ahead for a subject (of one kind)."""
        statement = delete(schedule).where(
            schedule.c.box_id.is_(None) if box_id is None else schedule.c.box_id == box_id,
            schedule.c.subject == subject,
            schedule.c.status == "new",
        )
        if kind is not None:
            statement = statement.where(schedule.c.kind == kind)
        self._connection.execute(statement)

    def due(self, now: datetime, limit: int) -> list[Scheduled]:
        """Work whose time has come, the earliest first; what can't be read is dropped."""
        return self._read(self._connection.execute(_DUE, {"now": now, "count": limit}).all())

    def ahead(self, box_id: str | None, kind: str, subject: str) -> list[Scheduled]:
        """What is planned of a kind for a subject, the earliest first."""
        return self._ahead(box_id, kind, schedule.c.subject == subject)

    def ahead_of_all(self, box_id: str | None, kind: str, beginning: str) -> list[Scheduled]:
        """The same for all subjects that begin so; it looks at each row of the Box."""
        return self._ahead(box_id, kind, schedule.c.subject.startswith(beginning, autoescape=True))

    def subjects_ahead(self, kind: str) -> set[str]:
        """All subjects of a kind that have something planned; nothing is unsealed."""
        query = select(schedule.c.subject).where(
            schedule.c.kind == kind, schedule.c.status == "new"
        )
        return set(self._connection.execute(query).scalars())

    def _ahead(
        self, box_id: str | None, kind: str, subject: ColumnElement[bool]
    ) -> list[Scheduled]:
        query = select(schedule).where(
            schedule.c.box_id.is_(None) if box_id is None else schedule.c.box_id == box_id,
            schedule.c.kind == kind,
            subject,
            schedule.c.status == "new",
        )
        # Sorted here: SQLite would else go through all there is by its time, to spare the sorting.
        found = self._read(self._connection.execute(query).all())
        return sorted(found, key=lambda one: one.due_at)

    def _read(self, rows: Iterable[Row[Any]]) -> list[Scheduled]:
        found = []
        for row in rows:
            try:
                payload = self._keys.unseal_json(row.scope, f"schedule:{row.key}", row.sealed)
            except (KeyDestroyed, SealBroken):
                self.done(row.id)
                continue
            about = (row.kind, row.key, row.box_id, row.subject)
            found.append(Scheduled(row.id, row.due_at, *about, payload))
        return found

    def done(self, row_id: int) -> bool:
        """End a piece of work; its content is dropped. False if it had ended already."""
        ended = self._connection.execute(
            update(schedule)
            .where(schedule.c.id == row_id, schedule.c.status == "new")
            .values(status="done", sealed=None, finished_at=self._now)
        )
        return ended.rowcount > 0

    def count_done(self, box_id: str, subject: str, since: datetime) -> int:
        """How often work for a subject was done since an instant."""
        query = select(func.count()).where(
            schedule.c.box_id == box_id,
            schedule.c.subject == subject,
            schedule.c.status == "done",
            schedule.c.finished_at >= since,
        )
        return int(self._connection.execute(query).scalar_one())

    def next_due(self) -> datetime | None:
        """When the next work is due."""
        return self._connection.execute(_NEXT_DUE).scalar()

    def prune(self, before: datetime) -> int:
        """Drop what ended before an instant; how many rows."""
        return self._connection.execute(
            delete(schedule).where(schedule.c.finished_at < before)
        ).rowcount
