"""The rooms the bot knows, as the last sync left them. Names are sealed with the Box's key."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import boxes, dialogues, members, rooms

Json = dict[str, Any]


@dataclass(frozen=True)
class Member:
    user_id: str
    membership: str = "join"
    display_name: str | None = None


@dataclass(frozen=True)
class Room:
    """State that WeCreate needs of a room.

    `create` is the content of m.room.create, `creator` its sender; `power_levels` None means
    that the room has none (an empty object is something else); `membership` is the bot's;
    `joined_at` in ms since 1970; `marker` the valid or invalid de.wecreate.box as it stands;
    `encryption` the content of m.room.encryption, where the room's own rules for new keys stand.
    """

    room_id: str
    create: Json = field(default_factory=dict)
    creator: str = ""
    power_levels: Json | None = None
    encrypted: bool = False
    encryption: Json = field(default_factory=dict)
    name: str | None = None
    join_rule: str | None = None
    settings: Json = field(default_factory=dict)
    marker: Json | None = None
    membership: str = "join"
    direct: bool = False
    inviter: str | None = None
    joined_at: int = 0
    pinned: list[str] = field(default_factory=list)


_COLUMNS = {"room_id", "membership", "direct"}
_SEALED = {field.name for field in fields(Room)} - _COLUMNS


_ROOM = select(rooms).where(rooms.c.room_id == bindparam("known"))
_SCOPE = select(boxes.c.id).where(boxes.c.room_id == bindparam("known"))
_MEMBER = select(members).where(
    members.c.room_id == bindparam("room"), members.c.user_id == bindparam("user")
)
_MEMBERS = (
    select(members)
    .where(members.c.room_id == bindparam("room"))
    .where(members.c.membership.in_(bindparam("memberships", expanding=True)))
    .order_by(members.c.user_id)
)


class RoomRepository:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def get(self, room_id: str) -> Room | None:
        row = self._connection.execute(_ROOM, {"known": room_id}).first()
        if row is None:
            return None
        stored = self._keys.unseal_json(row.scope, f"rooms:{room_id}", row.sealed)
        known = {name: value for name, value in stored.items() if name in _SEALED}
        return Room(room_id=room_id, membership=row.membership, direct=row.direct, **known)

    def save(self, room: Room) -> None:
        self._write(room, self.scope_of(room.room_id))

    def members(self, room_id: str, memberships: Collection[str] = ("join",)) -> list[Member]:
        """List members by user id."""
        given = {"room": room_id, "memberships": list(memberships)}
        return [
            Member(row.user_id, row.membership, self._name(room_id, row.user_id, row))
            for row in self._connection.execute(_MEMBERS, given)
        ]

    def member(self, room_id: str, user_id: str) -> Member | None:
        row = self._connection.execute(_MEMBER, {"room": room_id, "user": user_id}).first()
        return (
            None
            if row is None
            else Member(user_id, row.membership, self._name(room_id, user_id, row))
        )

    def set_member(
        self, room_id: str, user_id: str, membership: str, display_name: str | None
    ) -> None:
        self.set_members(room_id, [Member(user_id, membership, display_name)])

    def set_members(self, room_id: str, changed: Iterable[Member]) -> None:
        """Write several members at once: much cheaper than one by one."""
        self._write_members(room_id, changed, self.scope_of(room_id))

    def joined(self) -> list[str]:
        """Ids of the rooms that the bot is in."""
        query = select(rooms.c.room_id).where(rooms.c.membership == "join")
        return list(self._connection.execute(query.order_by(rooms.c.room_id)).scalars())

    def direct_with(self, user_id: str) -> str | None:
        """Find the direct chat of the bot and a person; one that the person has joined first."""
        query = (
            select(rooms.c.room_id)
            .join(members, members.c.room_id == rooms.c.room_id)
            .where(members.c.user_id == user_id, members.c.membership.in_(("join", "invite")))
            .where(rooms.c.direct, rooms.c.membership == "join")
            .order_by((members.c.membership == "join").desc(), rooms.c.room_id)
        )
        return self._connection.execute(query.limit(1)).scalar()

    def forget(self, room_id: str) -> None:
        """Drop the room, its members and its dialogues."""
        for table in (rooms, members, dialogues):
            self._connection.execute(delete(table).where(table.c.room_id == room_id))

    def scope_of(self, room_id: str) -> str:
        """Name the key for what belongs to a room: its Box's, or the server's."""
        return self._connection.execute(_SCOPE, {"known": room_id}).scalar() or SERVER

    def move_to(self, room_id: str, scope: str, *, nameless: bool = False) -> None:
        """Seal what is kept of a room with another key; a Box was made of it, or deleted."""
        room, everybody = self.get(room_id), self.members(room_id, ("join", "invite", "knock"))
        if room is not None:
            self._write(Room(**{**asdict(room), "name": None}) if nameless else room, scope)
        if nameless:
            everybody = [Member(one.user_id, one.membership) for one in everybody]
        self._connection.execute(
            update(members).where(members.c.room_id == room_id).values(scope=None, sealed=None)
        )
        self._write_members(room_id, everybody, scope)

    def _write(self, room: Room, scope: str) -> None:
        stored = asdict(room)
        values = {name: stored.pop(name) for name in _COLUMNS}
        sealed = self._keys.seal_json(scope, f"rooms:{room.room_id}", stored)
        upsert(self._connection, rooms, {**values, "scope": scope, "sealed": sealed})

    def _write_members(self, room_id: str, changed: Iterable[Member], scope: str) -> None:
        rows = [
            {
                "room_id": room_id,
                "user_id": one.user_id,
                "membership": one.membership,
                "scope": scope if one.display_name is not None else None,
                "sealed": self._sealed_name(room_id, one, scope),
            }
            for one in changed
        ]
        upsert(self._connection, members, rows)

    def _sealed_name(self, room_id: str, member: Member, scope: str) -> bytes | None:
        if member.display_name is None:
            return None
        return self._keys.seal_json(
            scope, f"members:{room_id}:{member.user_id}", member.display_name
        )

    def _name(self, room_id: str, user_id: str, row: Any) -> str | None:  # noqa: ANN401  a Row
        if row.sealed is None:
            return None
        name: str = self._keys.unseal_json(row.scope, f"members:{room_id}:{user_id}", row.sealed)
        return name
