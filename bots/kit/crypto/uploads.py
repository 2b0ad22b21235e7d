"""This device's own keys on the server: its record, one-time keys, the fallback key."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from nio.crypto import OlmAccount

from bots.kit.client import Homeserver, MatrixError
from bots.kit.crypto.olm import OlmChannel
from bots.kit.crypto.shapes import number, obj, text, texts
from bots.kit.crypto.store import CryptoStore

Json = dict[str, Any]
_TYPE = "signed_curve25519"
_ATTEMPTS = 12

log = logging.getLogger("wecreate.crypto")


class KeyUploads:
    """Private halves are on disk before their public ones are on the server."""

    def __init__(self, store: CryptoStore, homeserver: Homeserver, channel: OlmChannel) -> None:
        self._store = store
        self._homeserver = homeserver
        self._channel = channel
        self._uploading = asyncio.Lock()
        account = channel.account()
        self._published = bool(account.shared)
        self._wanted: int = account.max_one_time_keys
        self.on_server: int | None = None
        """One-time keys left there, None until a sync or an upload told."""
        self.fallback_used = False

    @property
    def due(self) -> bool:
        low = self.on_server is not None and self.on_server < self._wanted // 2
        return not self._published or low or self.fallback_used

    @property
    def has_fallback(self) -> bool:
        return self._store.fact("fallback") == "published" and not self.fallback_used

    def receive(self, response: Json) -> None:
        """Take the counts of a sync response. No count among others means none left: trap 3."""
        counts = response.get("device_one_time_keys_count")
        if isinstance(counts, dict):
            self.on_server = max(number(counts.get(_TYPE)) or 0, 0)
        unused = response.get("device_unused_fallback_key_types")
        if isinstance(unused, list):
            self.fallback_used = _TYPE not in texts(unused)

    async def refill(self) -> None:
        """Upload what is missing; raises what Homeserver.request raises."""
        if not self.due:
            return
        async with self._uploading:
            if self.due:
                await self._upload()

    async def _upload(self) -> None:
        for attempt in range(_ATTEMPTS):
            account = self._prepare()
            try:
                answer = await self._homeserver.request(
                    "POST", "/_matrix/client/v3/keys/upload", self._body(account)
                )
            except MatrixError as error:
                if "already exists" not in error.error:
                    raise
                self._skip(2**attempt * 10)
                continue
            self._note(account, answer)
            return
        raise RuntimeError("the homeserver knows one-time keys of this device that it lost")

    def _prepare(self) -> OlmAccount:
        with self._store.transaction(durable=True):
            account = self._channel.account()
            waiting = len(account.one_time_keys["curve25519"])
            wanted = self._wanted - (self.on_server or 0) - waiting
            if wanted > 0:
                account.generate_one_time_keys(wanted)
            if self.fallback_used or not self._published:
                self._make_fallback(account)
            self._store.save_account(account)
        return account

    def _make_fallback(self, account: OlmAccount) -> None:
        if not _fallback(account):
            account._account.generate_fallback_key()  # noqa: SLF001 - nio's wrapper has no fallback keys

    def _body(self, account: OlmAccount) -> Json:
        body: Json = {}
        if not self._published:
            body["device_keys"] = self._channel.device_keys(account)
        one_time = account.one_time_keys["curve25519"]
        if one_time:
            body["one_time_keys"] = {
                f"{_TYPE}:{key_id}": self._channel.signed({"key": key}, account)
                for key_id, key in one_time.items()
            }
        if fallback := _fallback(account):
            body["fallback_keys"] = {
                f"{_TYPE}:{key_id}": self._channel.signed({"key": key, "fallback": True}, account)
                for key_id, key in fallback.items()
            }
        return body

    def _note(self, account: OlmAccount, answer: Json) -> None:
        with self._store.transaction(durable=True):
            fresh = self._channel.account()  # an incoming message may have used a key meanwhile
            if _fallback(account):
                self._store.set_fact("fallback", "published")
                self.fallback_used = False
            fresh.mark_keys_as_published()
            fresh.shared = True
            self._store.save_account(fresh)
        self._published = True
        self.on_server = number(obj(answer, "one_time_key_counts").get(_TYPE)) or 0

    def _skip(self, count: int) -> None:
        """Leave out key ids that the server already knows: the store is from an older backup."""
        log.warning("the server has newer one-time keys than the store; skipping %d ids", count)
        with self._store.transaction(durable=True):
            account = self._channel.account()
            account.mark_keys_as_published()
            account.generate_one_time_keys(count)
            account.mark_keys_as_published()
            self._store.save_account(account)


def _fallback(account: OlmAccount) -> dict[str, str]:
    """Return the fallback key that is not published yet."""
    made = account._account.fallback_key  # noqa: SLF001 - nio's wrapper has no fallback keys
    return {key_id: key.to_base64() for key_id, key in made.items() if text(key_id)}
