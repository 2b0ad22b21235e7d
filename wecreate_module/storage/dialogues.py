"""Questions the bot has asked: one open dialogue per room and person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rooms import RoomRepository
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import dialogues


@dataclass(frozen=True)
class Dialogue:
    room_id: str
    user_id: str
    state: dict[str, Any]
    expires_at: datetime


_OPEN = select(dialogues).where(
    dialogues.c.room_id == bindparam("room"),
    dialogues.c.user_id == bindparam("user"),
    dialogues.c.expires_at > bindparam("now"),
)


class DialogueRepository:
    def __init__(
        self, connection: Connection, keys: KeyStore, now: datetime, rooms: RoomRepository
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self._rooms = rooms

    def get(self, room_id: str, user_id: str) -> Dialogue | None:
        """Find the open dialogue; one that expired is none."""
        given = {"room": room_id, "user": user_id, "now": self._now}
        row = self._connection.execute(_OPEN, given).first()
        if row is None:
            return None
        state = self._keys.unseal_json(row.scope, _place(room_id, user_id), row.sealed)
        return Dialogue(room_id, user_id, state, row.expires_at)

    def save(self, dialogue: Dialogue) -> None:
        """Keep a dialogue in place of an earlier one; those that expired are swept out."""
        self._connection.execute(delete(dialogues).where(dialogues.c.expires_at <= self._now))
        scope = self._rooms.scope_of(dialogue.room_id)
        place = _place(dialogue.room_id, dialogue.user_id)
        values = {
            "room_id": dialogue.room_id,
            "user_id": dialogue.user_id,
            "scope": scope,
            "sealed": self._keys.seal_json(scope, place, dialogue.state),
            "expires_at": dialogue.expires_at,
        }
        upsert(self._connection, dialogues, values)

    def end(self, room_id: str, user_id: str) -> None:
        self._connection.execute(
            delete(dialogues).where(dialogues.c.room_id == room_id, dialogues.c.user_id == user_id)
        )


def _place(room_id: str, user_id: str) -> str:
    return f"dialogues:{room_id}:{user_id}"
