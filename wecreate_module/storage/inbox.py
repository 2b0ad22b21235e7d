"""Matrix events that came in and are to be worked on, each once.

The row of an event stays after its end (emptied), so that the same event is known when it comes
again; `prune` drops what is too old to be redelivered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from wecreate_module.storage.errors import SealBroken
from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.rows import insert_returning
from wecreate_module.storage.tables import inbox


@dataclass(frozen=True)
class InboxRow:
    """`status` is new, waiting (for the key `session_id`, until `retry_at`), done or failed."""

    seq: int
    event_id: str
    room_id: str
    kind: str
    payload: dict[str, Any]
    status: str
    attempts: int
    session_id: str | None
    received_at: datetime
    retry_at: datetime | None
    told: bool


_BY_EVENT = select(inbox).where(inbox.c.event_id == bindparam("event"))
_NEXT = (
    select(inbox)
    .where(inbox.c.status == "new", inbox.c.room_id == bindparam("room"))
    .order_by(inbox.c.seq)
    .limit(1)
)
_ROOMS_WITH_WORK = (
    select(inbox.c.room_id)
    .where(inbox.c.status == "new")
    .group_by(inbox.c.room_id)
    .order_by(func.min(inbox.c.seq))
)
_CHANGE = update(inbox).where(inbox.c.event_id == bindparam("event"))
_FINISH = _CHANGE.values(
    status=bindparam("end"), sealed=None, retry_at=None, finished_at=bindparam("now")
)
_WAIT = _CHANGE.values(
    status="waiting",
    session_id=bindparam("session"),
    retry_at=bindparam("until"),
    attempts=inbox.c.attempts + 1,
)
_WAKE = _CHANGE.where(inbox.c.status == "waiting").values(status="new", retry_at=None)
_TELL = _CHANGE.values(told=True)


class Inbox:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def put(
        self,
        event_id: str,
        room_id: str,
        kind: str,
        payload: dict[str, Any],
        received_at: datetime | None = None,
    ) -> bool:
        """Keep an event to be worked on; False if it is known already."""
        row = {
            "event_id": event_id,
            "room_id": room_id,
            "kind": kind,
            "sealed": self._keys.seal_json(SERVER, f"inbox:{event_id}", payload),
            "status": "new",
            "attempts": 0,
            "received_at": received_at or self._now,
            "told": False,
        }
        return insert_returning(self._connection, inbox, row, inbox.c.seq) is not None

    def get(self, event_id: str) -> InboxRow | None:
        row = self._connection.execute(_BY_EVENT, {"event": event_id}).first()
        return self._row(row) if row else None

    def next_new(self, room_id: str) -> InboxRow | None:
        """Find the oldest event of a room that is neither waiting nor at its end.

        One whose payload can't be unsealed is failed on the way: it never stops the others.
        """
        while row := self._connection.execute(_NEXT, {"room": room_id}).first():
            try:
                return self._row(row)
            except SealBroken:
                self.finish(row.event_id, "failed")
        return None

    def rooms_with_work(self) -> list[str]:
        """Rooms with new events, the one that has waited longest first."""
        return list(self._connection.execute(_ROOMS_WITH_WORK).scalars())

    def finish(self, event_id: str, status: str = "done") -> None:
        """End an event's work ("done" or "failed"); its content is dropped."""
        ended = {"event": event_id, "end": status, "now": self._now}
        self._connection.execute(_FINISH, ended)

    def wait(self, event_id: str, session_id: str | None, until: datetime) -> None:
        """Set an event aside until its key comes; the room's next one is not held up."""
        waiting = {"event": event_id, "session": session_id, "until": until}
        self._connection.execute(_WAIT, waiting)

    def waiting(self, session_ids: Collection[str] | None = None) -> list[InboxRow]:
        """Events that wait for a key (for one of these keys), the oldest first."""
        query = select(inbox).where(inbox.c.status == "waiting").order_by(inbox.c.seq)
        if session_ids is not None:
            query = query.where(inbox.c.session_id.in_(session_ids))
        return [self._row(row) for row in self._connection.execute(query)]

    def wake(self, event_id: str) -> None:
        """Make a waiting event new again."""
        self._connection.execute(_WAKE, {"event": event_id})

    def mark_told(self, event_id: str) -> None:
        """Note that the room knows that this event can't be read yet."""
        self._connection.execute(_TELL, {"event": event_id})

    def counts(self) -> dict[str, int]:
        """Rows by status, for doctor and metrics."""
        query = select(inbox.c.status, func.count()).group_by(inbox.c.status)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def prune(self, before: datetime) -> int:
        """Drop what ended before an instant; how many rows."""
        return self._connection.execute(delete(inbox).where(inbox.c.finished_at < before)).rowcount

    def _row(self, row: Row[tuple[object, ...]]) -> InboxRow:
        payload = {}
        if row.sealed is not None:
            payload = self._keys.unseal_json(SERVER, f"inbox:{row.event_id}", row.sealed)
        return InboxRow(
            seq=row.seq,
            event_id=row.event_id,
            room_id=row.room_id,
            kind=row.kind,
            payload=payload,
            status=row.status,
            attempts=row.attempts,
            session_id=row.session_id,
            received_at=row.received_at,
            retry_at=row.retry_at,
            told=row.told,
        )
