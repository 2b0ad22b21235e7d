"""Olm sessions with devices: claimed when missing, made anew when out of step."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from typing import Any

from bots.kit.client import Homeserver
from bots.kit.crypto.devices import Device
from bots.kit.crypto.olm import OlmChannel
from bots.kit.crypto.shapes import obj, text
from bots.kit.crypto.store import CryptoStore
from bots.kit.crypto.trust import is_signed

Json = dict[str, Any]

log = logging.getLogger("wecreate.crypto")

_CLAIM_TIMEOUT_MS = 8_000
_DEVICES_PER_CLAIM = 500
NO_KEY_PAUSE = 300.0
"""Seconds until a device that had no one-time key to give is asked again."""
NEW_SESSION_PAUSE = 3600.0
"""Seconds between new sessions with one device, so that two ends can't drive each other."""


class OlmSessions:
    def __init__(self, store: CryptoStore, homeserver: Homeserver, channel: OlmChannel) -> None:
        self._store = store
        self._homeserver = homeserver
        self._channel = channel
        self._not_before: dict[str, float] = {}
        self._renewed: dict[str, float] = {}

    async def ensure(self, devices: Collection[Device]) -> None:
        """Make a session with each device that has none; those without keys are left out."""
        now = time.monotonic()
        await self.claim(
            [
                device
                for device in devices
                if not self._channel.has_session(device.curve25519)
                and self._not_before.get(device.curve25519, 0.0) <= now
            ]
        )

    async def renew(self, devices: Collection[Device]) -> list[Device]:
        """Make new sessions in place of broken ones, at most hourly; return where that went."""
        now = time.monotonic()
        due = [
            device
            for device in devices
            if now - self._renewed.get(device.curve25519, -NEW_SESSION_PAUSE) >= NEW_SESSION_PAUSE
        ]
        made = await self.claim(due)
        self._renewed.update((device.curve25519, now) for device in made)
        return made

    async def claim(self, devices: Collection[Device]) -> list[Device]:
        wanted = list(devices)
        made: list[Device] = []
        for start in range(0, len(wanted), _DEVICES_PER_CLAIM):
            made += await self._claim(wanted[start : start + _DEVICES_PER_CLAIM])
        return made

    async def _claim(self, devices: list[Device]) -> list[Device]:
        asked: dict[str, dict[str, str]] = {}
        for device in devices:
            asked.setdefault(device.user_id, {})[device.device_id] = "signed_curve25519"
        body = {"one_time_keys": asked, "timeout": _CLAIM_TIMEOUT_MS}
        answer = await self._homeserver.request("POST", "/_matrix/client/v3/keys/claim", body)
        made: list[Device] = []
        with self._store.transaction():
            for device in devices:
                given = obj(answer, "one_time_keys", device.user_id, device.device_id)
                if self._start(device, given):
                    made.append(device)
                else:
                    self._not_before[device.curve25519] = time.monotonic() + NO_KEY_PAUSE
        return made

    def _start(self, device: Device, given: Json) -> bool:
        for key in given.values():
            if not is_signed(obj(key), device.user_id, device.device_id, device.ed25519):
                continue
            try:
                self._channel.start_session(device.curve25519, text(key, "key"))
            except ValueError:
                continue
            return True
        log.info("no usable one-time key of a device of %s", device.user_id)
        return False
