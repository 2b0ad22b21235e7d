"""What the pump keeps in memory of each room it sends to; the database stays the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bots.kit.client import Homeserver
from bots.kit.pump import intake
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store


@dataclass(frozen=True)
class RoomView:
    """Who gets the keys of a room's messages; people invited can read what they come to."""

    room_id: str
    encrypted: bool
    readers: frozenset[str]
    encryption: Mapping[str, Any] = field(default_factory=dict)
    """The room's own rules for new keys: content of `m.room.encryption`."""


class RoomViews:
    def __init__(self, store: Store, homeserver: Homeserver, bot: str) -> None:
        self._store = store
        self._homeserver = homeserver
        self._bot = bot
        self._views: dict[str, RoomView] = {}
        self._changes = 0

    def forget(self, room_ids: set[str]) -> None:
        """A sync changed these rooms: who left must not get the next key."""
        self._changes += 1
        for room_id in room_ids:
            self._views.pop(room_id, None)

    async def get(self, room_id: str) -> RoomView:
        """The room as known; asks the homeserver when no sync has told of it yet.

        Raises MatrixError or Unreachable.
        """
        view = self._views.get(room_id)
        if view is not None:
            return view
        changes = self._changes
        view = await asyncio.to_thread(self._read, room_id, half=False)
        if view is None:
            state = await self._homeserver.get_state(room_id)
            await asyncio.to_thread(self._learn, room_id, state)
            view = await asyncio.to_thread(self._read, room_id, half=True)
        if view is None:
            raise RuntimeError("a room that was just learned is not there")
        if changes == self._changes:
            self._views[room_id] = view
        return view

    async def invited(self, room_id: str, users: Collection[str]) -> None:
        """These have just been invited: the next message is for them too, sync or no sync."""
        await asyncio.to_thread(self._note_invited, room_id, users)
        self.forget({room_id})

    def _note_invited(self, room_id: str, users: Collection[str]) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            there = {member.user_id for member in uow.rooms.members(room_id)}
            for user_id in users:
                if user_id not in there:
                    uow.rooms.set_member(room_id, user_id, "invite", None)

    def _learn(self, room_id: str, state: list[intake.Json]) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            # Else a sync was faster, and knows better.
            if not _is_known(room := uow.rooms.get(room_id)) or _is_half_made(room):
                intake.learn(uow, room_id, state, bot=self._bot)

    def _read(self, room_id: str, *, half: bool) -> RoomView | None:
        with self._store.read(datetime.now(UTC)) as uow:
            room = uow.rooms.get(room_id)
            if room is None or not _is_known(room) or (_is_half_made(room) and not half):
                return None
            members = uow.rooms.members(room_id, ("join", "invite"))
        readers = frozenset(member.user_id for member in members)
        return RoomView(room_id, room.encrypted, readers, room.encryption)


def _is_known(room: Room | None) -> bool:
    """Whether we are in it and know what it is."""
    return room is not None and bool(room.create) and room.membership == "join"


def _is_half_made(room: Room | None) -> bool:
    """A sync may tell of a new room before its rules are there, its encryption among them.

    Synapse writes the create event first and the rest at once.
    """
    return room is not None and room.power_levels is None and not room.encrypted
