"""The bot's end of end-to-end encryption."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bots.kit.client import Homeserver
from bots.kit.crypto.results import CryptoStatus, Decrypted, SyncKeys

Json = dict[str, Any]


class CryptoMachine:
    """One device's keys. All of it is called from the event loop's thread."""

    def __init__(self, homeserver: Homeserver) -> None:
        self.homeserver = homeserver

    def receive_sync(self, response: Json, *, initial: bool = False) -> SyncKeys:
        """Store what a sync response brought for the crypto, in one transaction.

        Before the inbox is written. Harmless when the same response comes again. `initial`: the
        request had no `since`. Never raises for what stands in `response`; raises OSError or
        sqlite's errors when nothing could be stored, and then nothing was.
        """
        raise NotImplementedError

    def decrypt(self, room_id: str, event: Json) -> Decrypted:
        """Open an `m.room.encrypted` event; raises MissingKey or Undecryptable."""
        raise NotImplementedError

    async def encrypt(
        self,
        room_id: str,
        members: Collection[str],
        type_: str,
        content: Json,
        settings: Mapping[str, Any] | None = None,
    ) -> Json:
        """Content of an `m.room.encrypted` for the devices of `members` (joined and invited).

        `settings` is the room's `m.room.encryption` content (rotation periods). Raises what
        Homeserver.request raises; a repeat goes on where it broke off.
        """
        raise NotImplementedError

    async def upkeep(self) -> tuple[tuple[str, str], ...]:
        """After each sync: key uploads, device queries, queued to-device messages.

        (room id, session id) pairs that can be decrypted now. Cheap when there is nothing to do.
        """
        raise NotImplementedError

    async def request_key(self, room_id: str, event: Json) -> None:
        """Ask the sender's devices for an event's key, over a new Olm session; once per session."""
        raise NotImplementedError

    def forget_room(self, room_id: str) -> None:
        """Drop all message keys of a room, from disk and memory."""
        raise NotImplementedError

    def status(self) -> CryptoStatus:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
