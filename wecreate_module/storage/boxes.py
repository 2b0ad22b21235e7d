"""Boxes, their revision, and the messages in them that are kept up to date."""

from __future__ import annotations

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.rooms import RoomRepository
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import (
    boxes,
    dialogues,
    live_messages,
    members,
    message_subjects,
)

_BY_ID = select(boxes).where(boxes.c.id == bindparam("known"))
_BY_ROOM = select(boxes).where(boxes.c.room_id == bindparam("known"))
_BUMP = (
    update(boxes)
    .where(boxes.c.id == bindparam("known"))
    .values(revision=boxes.c.revision + 1)
    .returning(boxes.c.revision)
)
_LIVE = select(live_messages.c.event_id).where(
    live_messages.c.box_id == bindparam("box"), live_messages.c.kind == bindparam("which")
)
_SUBJECT = select(message_subjects.c.subject).where(
    message_subjects.c.box_id == bindparam("box"), message_subjects.c.event_id == bindparam("which")
)


class BoxRepository:
    def __init__(self, connection: Connection, keys: KeyStore, rooms: RoomRepository) -> None:
        self._connection = connection
        self._keys = keys
        self._rooms = rooms

    def add(self, box: Box) -> None:
        """Keep a new Box; what is known of its room is sealed with the Box's key from now on."""
        self._connection.execute(insert(boxes), {**self._values(box), "revision": box.revision})
        self._rooms.move_to(box.room_id, box.id)

    def get(self, box_id: str) -> Box | None:
        return self._one(_BY_ID, box_id)

    def by_room(self, room_id: str) -> Box | None:
        return self._one(_BY_ROOM, room_id)

    def all(self) -> list[Box]:
        """All Boxes, the oldest first."""
        return self._many(select(boxes))

    def of_member(self, user_id: str) -> list[Box]:
        """Boxes that somebody has joined."""
        return self._many(
            select(boxes)
            .join(members, members.c.room_id == boxes.c.room_id)
            .where(members.c.user_id == user_id, members.c.membership == "join")
        )

    def update(self, box: Box) -> None:
        """Write everything but the revision: that only counts up (`bump`)."""
        self._connection.execute(
            update(boxes).where(boxes.c.id == box.id).values(**self._values(box))
        )

    def delete(self, box_id: str) -> None:
        """Delete the Box and all its rows; the effect `DestroyKey` makes it final.

        The room's state stays, nameless, so that a last word can be said in it.
        """
        box = self.get(box_id)
        if box is None:
            return
        self._rooms.move_to(box.room_id, SERVER, nameless=True)
        self._connection.execute(delete(dialogues).where(dialogues.c.room_id == box.room_id))
        self._connection.execute(delete(boxes).where(boxes.c.id == box_id))

    def bump(self, box_id: str) -> int:
        """Count the Box's revision up by one; the new one. KeyError for an unknown Box."""
        found: int | None = self._connection.execute(_BUMP, {"known": box_id}).scalar()
        if found is None:
            raise KeyError(box_id)
        return found

    def live_message(self, box_id: str, kind: str) -> str | None:
        """Event id of the pinned message that the bot keeps edited."""
        return self._connection.execute(_LIVE, {"box": box_id, "which": kind}).scalar()

    def set_live_message(self, box_id: str, kind: str, event_id: str | None) -> None:
        if event_id is not None:
            values = {"box_id": box_id, "kind": kind, "event_id": event_id}
            upsert(self._connection, live_messages, values)
            return
        self._connection.execute(
            delete(live_messages).where(
                live_messages.c.box_id == box_id, live_messages.c.kind == kind
            )
        )

    def subject_of(self, box_id: str, event_id: str) -> str | None:
        """What a message is about, like "task:3"."""
        return self._connection.execute(_SUBJECT, {"box": box_id, "which": event_id}).scalar()

    def set_subject(self, box_id: str, event_id: str, subject: str) -> None:
        values = {"box_id": box_id, "event_id": event_id, "subject": subject}
        upsert(self._connection, message_subjects, values)

    def forget_live_messages(self, box_id: str) -> None:
        """They stay behind in another room."""
        self._connection.execute(delete(live_messages).where(live_messages.c.box_id == box_id))

    def _values(self, box: Box) -> dict[str, object]:
        return {
            "id": box.id,
            "room_id": box.room_id,
            "language": box.language,
            "timezone": box.timezone,
            "created_by": box.created_by,
            "created_at": box.created_at,
            "state": box.state.value,
            "adopted": box.adopted,
            "sealed": self._keys.seal_json(box.id, f"boxes:{box.id}", {"name": box.name}),
        }

    def _one(self, query: Select[tuple[object, ...]], known: str) -> Box | None:
        row = self._connection.execute(query, {"known": known}).first()
        return self._box(row) if row else None

    def _many(self, query: Select[tuple[object, ...]]) -> list[Box]:
        rows = self._connection.execute(query.order_by(boxes.c.created_at, boxes.c.id))
        return [self._box(row) for row in rows]

    def _box(self, row: Row[tuple[object, ...]]) -> Box:
        return Box(
            id=row.id,
            room_id=row.room_id,
            name=self._keys.unseal_json(row.id, f"boxes:{row.id}", row.sealed)["name"],
            language=row.language,
            timezone=row.timezone,
            created_by=row.created_by,
            created_at=row.created_at,
            state=BoxState(row.state),
            adopted=row.adopted,
            revision=row.revision,
        )
