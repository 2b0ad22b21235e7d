"""Whose devices there are, and which of them their owners signed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from bots.kit.client import Homeserver
from bots.kit.crypto.shapes import per_user, text
from bots.kit.crypto.store import CryptoStore
from bots.kit.crypto.trust import Identity, identity_of, is_cross_signed, is_signed

Json = dict[str, Any]

log = logging.getLogger("wecreate.crypto")

_FRESH, _OUTDATED, _LEFT = 0, 1, 2
_USERS_PER_QUERY = 250
_QUERY_TIMEOUT_MS = 6_000
_ROUNDS = 3
_PAUSE, _LONGEST_PAUSE = 60.0, 3600.0
"""Seconds until a server that did not answer for its users is asked again."""


@dataclass(frozen=True, slots=True)
class Device:
    user_id: str
    device_id: str
    curve25519: str
    ed25519: str
    signed: bool
    deleted: bool = False


class DeviceLists:
    """Devices of the people in encrypted rooms, kept fresh by the server's change notices."""

    def __init__(self, store: CryptoStore, homeserver: Homeserver) -> None:
        self._store = store
        self._homeserver = homeserver
        self._asking: dict[str, asyncio.Event] = {}
        self._pauses: dict[str, tuple[float, float]] = {}
        self.generation = 0
        """Grows with every change, so that a room can tell at once that nothing has changed."""
        self.reload()

    def reload(self) -> None:
        """Read anew what the disk has: after a transaction that was rolled back."""
        self._state: dict[str, int] = dict(
            self._store.sql("SELECT user_id, outdated FROM we_users")
        )
        self._devices: dict[str, dict[str, Device]] = {}
        self._marks: dict[str, int] = {}
        self.generation += 1

    # -- reading ----------------------------------------------------------------------------

    def of(self, user_id: str) -> dict[str, Device]:
        """Return all devices seen of a user, deleted ones too, by device id."""
        known = self._devices.get(user_id)
        if known is None:
            rows = self._store.sql(
                "SELECT user_id, device_id, curve25519, ed25519, signed, deleted "
                "FROM we_devices WHERE user_id = ?",
                user_id,
            )
            known = {
                device_id: Device(user, device_id, curve25519, ed25519, bool(signed), bool(deleted))
                for user, device_id, curve25519, ed25519, signed, deleted in rows
            }
            self._devices[user_id] = known
        return known

    def active(self, user_id: str) -> Iterable[Device]:
        return (device for device in self.of(user_id).values() if not device.deleted)

    def owner(self, user_id: str, curve25519: str) -> Device | None:
        """Return the user's device with this key: the proof that a key is theirs."""
        for device in self.of(user_id).values():
            if device.curve25519 == curve25519:
                return device
        return None

    def is_fresh(self, user_id: str) -> bool:
        return self._state.get(user_id) == _FRESH

    def tracked(self) -> int:
        return sum(state != _LEFT for state in self._state.values())

    def identity_changes(self) -> tuple[str, ...]:
        rows = self._store.sql("SELECT user_id FROM we_users WHERE changed > 0 ORDER BY user_id")
        return tuple(row[0] for row in rows)

    # -- marks from sync --------------------------------------------------------------------

    def mark_changed(self, users: Iterable[str]) -> None:
        for user_id in users:
            if self._state.get(user_id, _LEFT) != _LEFT:
                self._mark(user_id, _OUTDATED)

    def mark_left(self, users: Iterable[str]) -> None:
        """No encrypted room in common any more: the server tells no more changes of theirs."""
        for user_id in users:
            if user_id in self._state:
                self._mark(user_id, _LEFT)

    def mark_all_changed(self) -> None:
        self.mark_changed(list(self._state))

    def want(self, user_id: str) -> None:
        """Query this user at the next upkeep, known or not."""
        self._mark(user_id, _OUTDATED)

    def _mark(self, user_id: str, state: int) -> None:
        self._store.sql(
            "INSERT INTO we_users (user_id, outdated) VALUES (?, ?) "
            "ON CONFLICT (user_id) DO UPDATE SET outdated = excluded.outdated",
            user_id,
            state,
        )
        self._state[user_id] = state
        self._marks[user_id] = self._marks.get(user_id, 0) + 1
        self._pauses.pop(user_id, None)
        self.generation += 1

    # -- queries ----------------------------------------------------------------------------

    def outdated(self) -> list[str]:
        """Return tracked users whose devices must be asked for, those in a pause left out."""
        return [
            user_id
            for user_id, state in self._state.items()
            if state == _OUTDATED and self._may_ask(user_id)
        ]

    def unknown(self, users: Collection[str]) -> list[str]:
        return [
            user_id
            for user_id in users
            if self._state.get(user_id) != _FRESH and self._may_ask(user_id)
        ]

    def _may_ask(self, user_id: str) -> bool:
        _, until = self._pauses.get(user_id, (0.0, 0.0))
        return until <= time.monotonic()

    def _pause(self, user_id: str) -> None:
        """Leave a user alone whose server is silent, longer each time."""
        last, _ = self._pauses.get(user_id, (_PAUSE / 2, 0.0))
        length = min(last * 2, _LONGEST_PAUSE)
        self._pauses[user_id] = (length, time.monotonic() + length)

    async def query(self, users: Collection[str]) -> None:
        """Ask the server for the devices of those `users` who are not known freshly.

        Who is being asked for already is waited for; others are not held up by them.
        """
        for _ in range(_ROUNDS):
            wanted = self.unknown(users)
            new = [user_id for user_id in wanted if user_id not in self._asking]
            for start in range(0, len(new), _USERS_PER_QUERY):
                await self._ask(new[start : start + _USERS_PER_QUERY])
            if not new:
                for answered in {self._asking[user_id] for user_id in wanted}:
                    await answered.wait()

    async def _ask(self, users: list[str]) -> None:
        answered = asyncio.Event()
        self._asking.update(dict.fromkeys(users, answered))
        try:
            await self._query(users)
        finally:
            for user_id in users:
                del self._asking[user_id]
            answered.set()

    async def _query(self, users: list[str]) -> None:
        marks = {user_id: self._marks.get(user_id, 0) for user_id in users}
        body = {"device_keys": {user_id: [] for user_id in users}, "timeout": _QUERY_TIMEOUT_MS}
        answer = await self._homeserver.request("POST", "/_matrix/client/v3/keys/query", body)
        answered = dict(per_user(answer.get("device_keys")))
        try:
            with self._store.transaction():
                for user_id, listed in answered.items():
                    if user_id in marks:
                        unchanged = marks[user_id] == self._marks.get(user_id, 0)
                        self._take(user_id, listed, answer, fresh=unchanged)
        except BaseException:
            self.reload()  # what was rolled back must not live on in memory
            raise
        for user_id in marks.keys() - answered.keys():
            self._pause(user_id)
        self.generation += 1

    def _take(self, user_id: str, listed: Json, answer: Json, *, fresh: bool) -> None:
        identity = identity_of(user_id, answer)
        known = self.of(user_id)
        current: dict[str, Device] = {}
        for device_id, keys in per_user(listed):
            device = _device(user_id, device_id, keys, identity)
            before = known.get(device_id)
            if device is None or (before and not before.deleted and not _same(before, device)):
                log.warning("ignored a device of %s: unsound keys", user_id)
            elif (user_id, device_id) != (self._store.user_id, self._store.device_id):
                current[device_id] = device
        gone = {
            device_id: _deleted(device)
            for device_id, device in known.items()
            if device_id not in listed
        }
        for device in (*current.values(), *gone.values()):
            if known.get(device.device_id) != device:
                self._save(device)
        self._devices[user_id] = {**known, **gone, **current}
        self._save_user(user_id, identity, _FRESH if fresh else _OUTDATED)

    def _save(self, device: Device) -> None:
        self._store.sql(
            "INSERT OR REPLACE INTO we_devices (user_id, device_id, curve25519, ed25519, signed, "
            "deleted) VALUES (?, ?, ?, ?, ?, ?)",
            device.user_id,
            device.device_id,
            device.curve25519,
            device.ed25519,
            int(device.signed),
            int(device.deleted),
        )

    def _save_user(self, user_id: str, identity: Identity | None, state: int) -> None:
        self._mark(user_id, state)
        if identity is None:
            return
        ((pinned,),) = self._store.sql("SELECT master FROM we_users WHERE user_id = ?", user_id)
        changed = pinned is not None and pinned != identity.master
        if changed:
            log.warning("%s has a new cross-signing identity", user_id)
        self._store.sql(
            "UPDATE we_users SET master = ?, self_signing = ?, changed = changed + ? "
            "WHERE user_id = ?",
            identity.master,
            identity.self_signing,
            int(changed),
            user_id,
        )


def _device(user_id: str, device_id: str, keys: Json, identity: Identity | None) -> Device | None:
    """Return the device, or None unless it is what it says and signed by itself."""
    ed25519 = text(keys, "keys", f"ed25519:{device_id}")
    curve25519 = text(keys, "keys", f"curve25519:{device_id}")
    if (text(keys, "user_id"), text(keys, "device_id")) != (user_id, device_id):
        return None
    if not ed25519 or not curve25519 or not is_signed(keys, user_id, device_id, ed25519):
        return None
    signed = is_cross_signed(keys, user_id, identity)
    return Device(user_id, device_id, curve25519, ed25519, signed)


def _same(before: Device, now: Device) -> bool:
    return (before.curve25519, before.ed25519) == (now.curve25519, now.ed25519)


def _deleted(device: Device) -> Device:
    return Device(
        device.user_id,
        device.device_id,
        device.curve25519,
        device.ed25519,
        device.signed,
        deleted=True,
    )
