"""What is to be done on Matrix, in order within a room, each once.

Sealed with the Box's key where it carries a Box's content. A row of a room holds up the later
ones of that room until it is done or failed; rows without a room hold up nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select, update

from wecreate_module.domain.effects import (
    CreateRoom,
    DestroyKey,
    Effect,
    Leave,
    from_json,
    to_json,
)
from wecreate_module.storage.errors import KeyDestroyed, SealBroken
from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.rows import insert_returning
from wecreate_module.storage.tables import outbox

Json = dict[str, Any]


@dataclass(frozen=True)
class OutboxRow:
    """`then` names the continuation; `origin` and `extra` are what it was put with."""

    id: int
    key: str
    room_id: str
    effect: Effect
    then: str | None
    origin: Json | None
    extra: Json | None
    attempts: int
    status: str
    box_id: str | None
    batch: str

    @property
    def txn_id(self) -> str:
        """Matrix' transaction id: the same for every attempt."""
        return hashlib.sha256(self.key.encode()).hexdigest()


_KNOWN = select(outbox.c.id).where(outbox.c.key == bindparam("known"))
_EARLIER = outbox.alias("earlier")
_DUE = (
    select(outbox)
    .where(outbox.c.status == "new")
    .where(or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now")))
    .where(
        or_(
            outbox.c.room_id == "",
            ~select(_EARLIER.c.id)
            .where(_EARLIER.c.status == "new", _EARLIER.c.room_id == outbox.c.room_id)
            .where(_EARLIER.c.id < outbox.c.id)
            .exists(),
        )
    )
    .order_by(outbox.c.id)
    .limit(bindparam("count"))
)
_NEXT_DUE = (
    select(outbox.c.not_before)
    .where(outbox.c.status == "new", outbox.c.not_before.is_not(None))
    .order_by(outbox.c.not_before)
    .limit(1)
)
_NEXT_IN = (
    select(outbox)
    .where(outbox.c.status == "new", outbox.c.room_id == bindparam("room"))
    .order_by(outbox.c.id)
    .limit(1)
)
_OF_ID = outbox.c.id == bindparam("row")
_GET = select(outbox).where(_OF_ID, outbox.c.status == "new")
_CHANGE = update(outbox).where(_OF_ID, outbox.c.status == "new")
_END = _CHANGE.values(
    status=bindparam("end"),
    event_id=bindparam("event"),
    error=bindparam("why"),
    sealed=None,
    finished_at=bindparam("now"),
)
_RETRY = _CHANGE.values(
    not_before=bindparam("until"), error=bindparam("why"), attempts=outbox.c.attempts + 1
)
_BEFORE = (
    select(outbox.c.event_id)
    .where(outbox.c.batch == bindparam("of"), outbox.c.room_id == bindparam("room"))
    .where(outbox.c.id < bindparam("row"), outbox.c.kind.in_(("Send", "SendFile", "MakeFile")))
    .order_by(outbox.c.id.desc())
    .limit(1)
)


class Outbox:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime, batch: str) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self._batch = batch
        self.touched: set[str] = set()
        """Rooms that this unit of work put rows for ("" for rooms yet to be made)."""

    def put(
        self,
        effect: Effect,
        *,
        key: str,
        box_id: str | None = None,
        then: str | None = None,
        origin: Json | None = None,
        extra: Json | None = None,
        not_before: datetime | None = None,
    ) -> int:
        """Queue an effect; the id of its row. A key that is known queues nothing again."""
        scope = SERVER if box_id is None or isinstance(effect, (DestroyKey, Leave)) else box_id
        payload = {"effect": to_json(effect), "then": then, "origin": origin, "extra": extra}
        room_id = "" if isinstance(effect, CreateRoom) else effect.room_id
        self.touched.add(room_id)
        row = {
            "key": key,
            "batch": self._batch,
            "box_id": box_id,
            "room_id": room_id,
            "kind": type(effect).__name__,
            "scope": scope,
            "sealed": self._keys.seal_json(scope, f"outbox:{key}", payload),
            "status": "new",
            "attempts": 0,
            "not_before": not_before,
            "created_at": self._now,
        }
        fresh = insert_returning(self._connection, outbox, row, outbox.c.id)
        if fresh is not None:
            return int(fresh)
        known: int = self._connection.execute(_KNOWN, {"known": key}).scalar_one()
        return known

    def due(self, limit: int, now: datetime, busy: Collection[int] = ()) -> list[OutboxRow]:
        """Give the first unfinished row of each room, where its time has come; oldest first.

        `busy` are ids that are being worked on already: they are left out.
        Rows that can't be read, such as those of a deleted Box, are failed on the way: one
        broken row never stops the others.
        """
        given = {"now": now, "count": limit + len(busy)}
        while True:
            rows = [row for row in self._connection.execute(_DUE, given) if row.id not in busy]
            found = [one for row in rows[:limit] if (one := self._readable(row))]
            if found or not rows:
                return found

    def next_in(self, room_id: str, now: datetime) -> OutboxRow | None:
        """Give the first unfinished row of a room; None also when its time has not come."""
        row = self._connection.execute(_NEXT_IN, {"room": room_id}).first()
        if row is None or (row.not_before is not None and row.not_before > now):
            return None
        return self._readable(row)

    def next_due(self) -> datetime | None:
        """When the earliest row that was put off may be tried (again)."""
        return self._connection.execute(_NEXT_DUE).scalar()

    def get(self, row_id: int) -> OutboxRow | None:
        """Find an unfinished row."""
        row = self._connection.execute(_GET, {"row": row_id}).first()
        return self._readable(row) if row else None

    def done(self, row_id: int, event_id: str | None, result: Json | None = None) -> bool:
        """End a row well; its content is dropped. False if it had ended already.

        `result` is not kept: the continuation that needs it runs in the same transaction.
        """
        del result
        return self._end(row_id, "done", event_id=event_id)

    def retry(self, row_id: int, not_before: datetime, error: str) -> None:
        """Try again later; `error` is for the operator and holds no content."""
        given = {"row": row_id, "until": not_before, "why": error}
        self._connection.execute(_RETRY, given)

    def fail(self, row_id: int, error: str) -> bool:
        """Give a row up; the room's next one is not held up any more."""
        return self._end(row_id, "failed", error=error)

    def event_id_before(self, row: OutboxRow) -> str | None:
        """Event id of the last message put before `row` in its room and transaction."""
        given = {"of": row.batch, "room": row.room_id, "row": row.id}
        return self._connection.execute(_BEFORE, given).scalar()

    def counts(self) -> dict[str, int]:
        """Rows by status, for doctor and metrics."""
        query = select(outbox.c.status, func.count()).group_by(outbox.c.status)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def prune(self, before: datetime) -> int:
        """Drop what ended before an instant; how many rows."""
        return self._connection.execute(
            delete(outbox).where(outbox.c.finished_at < before)
        ).rowcount

    def _end(
        self, row_id: int, end: str, *, event_id: str | None = None, error: str | None = None
    ) -> bool:
        given = {"row": row_id, "end": end, "event": event_id, "why": error, "now": self._now}
        return self._connection.execute(_END, given).rowcount > 0

    def _readable(self, row: Row[tuple[object, ...]]) -> OutboxRow | None:
        try:
            return self._row(row)
        except KeyDestroyed:
            self.fail(row.id, "its Box was deleted")
        except SealBroken as error:
            self.fail(row.id, str(error))
        except (KeyError, TypeError) as error:
            self.fail(row.id, f"an effect that this version does not know: {error}")
        return None

    def _row(self, row: Row[tuple[object, ...]]) -> OutboxRow:
        payload = self._keys.unseal_json(row.scope, f"outbox:{row.key}", row.sealed)
        return OutboxRow(
            id=row.id,
            key=row.key,
            room_id=row.room_id,
            effect=from_json(payload["effect"]),
            then=payload["then"],
            origin=payload["origin"],
            extra=payload["extra"],
            attempts=row.attempts,
            status=row.status,
            box_id=row.box_id,
            batch=row.batch,
        )
