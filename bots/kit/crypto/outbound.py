"""Megolm, the sending side: who gets a room's key, and when a new one is due."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nio.crypto import OutboundGroupSession

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.devices import Device, DeviceLists
from bots.kit.crypto.inbound import InboundKeys
from bots.kit.crypto.olm import MEGOLM, OlmChannel
from bots.kit.crypto.sessions import NO_KEY_PAUSE, OlmSessions
from bots.kit.crypto.shapes import number, obj
from bots.kit.crypto.store import CryptoStore

Json = dict[str, Any]
Trust = Literal["all", "cross-signed"]
Share = tuple[str, str, str]
"""(user id, device id, curve25519)"""

log = logging.getLogger("wecreate.crypto")

DEVICES_PER_REQUEST = 30
"""A room key for one device weighs 1.6 kB; a federated to-device request must stay below 64 kB."""
MAX_MESSAGES = 100
MAX_AGE_MS = 7 * 24 * 3600 * 1000
_HOUR_MS = 3600 * 1000


@dataclass
class RoomSession:
    """One outbound session, alive only in this process."""

    session: OutboundGroupSession
    born: float
    limits: tuple[int, float]
    """After how many messages, and how many seconds, a new one is due."""
    members: frozenset[str] = frozenset()
    generation: int = -1
    trust: Trust = "all"
    messages: int = 0
    again: float = float("inf")
    """When to try once more the devices that no key could be sent to."""
    shared: set[Share] = field(default_factory=set)
    lost: set[Share] = field(default_factory=set)
    told: set[Share] = field(default_factory=set)

    def worn_out(self, now: float) -> bool:
        messages, age = self.limits
        return self.messages >= messages or now - self.born >= age


class OutboundKeys:
    """Encrypts for rooms. Nothing but the first message after a change costs a request."""

    def __init__(
        self,
        store: CryptoStore,
        homeserver: Homeserver,
        devices: DeviceLists,
        channel: OlmChannel,
        inbound: InboundKeys,
        sessions: OlmSessions,
        trust: Trust,
    ) -> None:
        self._store = store
        self._homeserver = homeserver
        self._devices = devices
        self._channel = channel
        self._inbound = inbound
        self._sessions = sessions
        self._rooms: dict[str, RoomSession] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.trust = trust

    def __len__(self) -> int:
        return len(self._rooms)

    def forget(self, room_id: str) -> None:
        self._rooms.pop(room_id, None)
        self._locks.pop(room_id, None)

    def share_again(self, device: Device, room_id: str | None = None) -> None:
        """Let a device have the key anew with the next message (in all rooms where it had it)."""
        for known_id, room in self._rooms.items():
            if room_id in {None, known_id} and _share(device) in room.shared:
                room.lost.add(_share(device))
                room.generation = -1

    async def encrypt(
        self,
        room_id: str,
        members: Collection[str],
        type_: str,
        content: Json,
        settings: Mapping[str, Any],
    ) -> Json:
        wanted = frozenset(members)
        room = self._ready(room_id, wanted, settings)
        if room is None:
            async with self._locks.setdefault(room_id, asyncio.Lock()):
                room = self._ready(room_id, wanted, settings) or await self._prepare(
                    room_id, wanted, settings
                )
                return self._seal(room_id, room, type_, content)
        return self._seal(room_id, room, type_, content)

    def _ready(
        self, room_id: str, members: frozenset[str], settings: Mapping[str, Any]
    ) -> RoomSession | None:
        room = self._rooms.get(room_id)
        if (
            room is None
            or room.limits != _limits(settings)
            or room.generation != self._devices.generation
            or room.members != members
            or room.trust != self.trust
            or room.worn_out(time.monotonic())
            or time.monotonic() >= room.again
        ):
            return None
        return room

    def _seal(self, room_id: str, room: RoomSession, type_: str, content: Json) -> Json:
        room.messages += 1
        payload = {"room_id": room_id, "type": type_, "content": content}
        plain = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
        sealed = {
            "algorithm": MEGOLM,
            "ciphertext": room.session._session.encrypt(plain.encode()).to_base64(),  # noqa: SLF001 - nio's wrapper counts by its own rotation rules
            "device_id": self._channel.device_id,
            "sender_key": self._channel.curve25519,
            "session_id": room.session.id,
        }
        if relation := obj(content, "m.relates_to"):
            sealed["m.relates_to"] = relation
        return sealed

    # -- sharing ----------------------------------------------------------------------------

    async def _prepare(
        self, room_id: str, members: frozenset[str], settings: Mapping[str, Any]
    ) -> RoomSession:
        """Return a session which every device that should have it has, and no other."""
        await self._devices.query(members)
        generation = self._devices.generation
        trust = self.trust
        allowed, left_out = self._recipients(members)
        room = self._rooms.get(room_id)
        if (
            room is None
            or room.limits != _limits(settings)
            or room.worn_out(time.monotonic())
            or not room.shared <= {_share(device) for device in allowed}
        ):
            room = self._rooms[room_id] = self._new(room_id, settings)
        has_it = room.shared - room.lost
        missing = [device for device in allowed if _share(device) not in has_it]
        room.again = float("inf")
        if missing:
            await self._share(room_id, room, missing)
        await self._withhold(room_id, room, left_out, "m.unverified")
        room.members, room.generation, room.trust = members, generation, trust
        return room

    def _recipients(self, members: frozenset[str]) -> tuple[list[Device], list[Device]]:
        allowed: list[Device] = []
        left_out: list[Device] = []
        for user_id in members:
            for device in self._devices.active(user_id):
                fine = self.trust == "all" or device.signed
                (allowed if fine else left_out).append(device)
        return allowed, left_out

    def _new(self, room_id: str, settings: Mapping[str, Any]) -> RoomSession:
        session = OutboundGroupSession()
        self._inbound.keep_own(session.session_key, room_id)
        return RoomSession(session, time.monotonic(), _limits(settings))

    async def _share(self, room_id: str, room: RoomSession, missing: list[Device]) -> None:
        await self._sessions.ensure(missing)
        reachable = [device for device in missing if self._channel.has_session(device.curve25519)]
        content = {
            "algorithm": MEGOLM,
            "room_id": room_id,
            "session_id": room.session.id,
            "session_key": room.session.session_key,
        }
        for start in range(0, len(reachable), DEVICES_PER_REQUEST):
            part = reachable[start : start + DEVICES_PER_REQUEST]
            messages: dict[str, Json] = {}
            with self._store.transaction():
                for device in part:
                    sealed = self._channel.encrypt(device, "m.room_key", content)
                    messages.setdefault(device.user_id, {})[device.device_id] = sealed
            await send_to_device(self._homeserver, "m.room.encrypted", messages)
            room.shared.update(_share(device) for device in part)
            room.lost.difference_update(_share(device) for device in part)
        unreachable = [device for device in missing if device not in reachable]
        if unreachable:
            room.again = time.monotonic() + NO_KEY_PAUSE
            await self._withhold(room_id, room, unreachable, "m.no_olm")

    async def _withhold(
        self, room_id: str, room: RoomSession, devices: list[Device], code: str
    ) -> None:
        """Tell devices once why they get no key; nobody waits for it."""
        new = [device for device in devices if _share(device) not in room.told]
        if not new:
            return
        content: Json = {
            "algorithm": MEGOLM,
            "code": code,
            "reason": _REASONS[code],
            "sender_key": self._channel.curve25519,
        }
        if code != "m.no_olm":
            content |= {"room_id": room_id, "session_id": room.session.id}
        messages: dict[str, Json] = {}
        for device in new:
            messages.setdefault(device.user_id, {})[device.device_id] = content
        room.told.update(_share(device) for device in new)
        try:
            await send_to_device(self._homeserver, "m.room_key.withheld", messages)
        except (MatrixError, Unreachable) as error:
            log.info("could not say why a key was withheld: %s", error)


_REASONS = {
    "m.unverified": "The operator lets keys go to cross-signed devices only.",
    "m.no_olm": "No secure channel to this device could be made.",
}


def _limits(settings: Mapping[str, Any]) -> tuple[int, float]:
    messages = number(settings.get("rotation_period_msgs")) or MAX_MESSAGES
    age_ms = number(settings.get("rotation_period_ms")) or MAX_AGE_MS
    return min(max(messages, 1), 10_000), min(max(age_ms, _HOUR_MS), MAX_AGE_MS) / 1000


def _share(device: Device) -> Share:
    return device.user_id, device.device_id, device.curve25519


async def send_to_device(homeserver: Homeserver, type_: str, messages: dict[str, Json]) -> None:
    path = f"/_matrix/client/v3/sendToDevice/{type_}/{uuid.uuid4().hex}"
    await homeserver.request("PUT", path, {"messages": messages})
