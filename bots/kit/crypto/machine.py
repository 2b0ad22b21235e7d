"""The bot's end of end-to-end encryption."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from sqlite3 import DatabaseError
from typing import Any

import peewee  # type: ignore[import-untyped] # it has no types

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.devices import Device, DeviceLists
from bots.kit.crypto.inbound import InboundKeys, SessionRef
from bots.kit.crypto.olm import MEGOLM, OlmChannel, OlmFailure, Payload
from bots.kit.crypto.outbound import OutboundKeys, Trust, send_to_device
from bots.kit.crypto.results import CryptoStatus, Decrypted, SyncKeys, Withheld
from bots.kit.crypto.sessions import OlmSessions
from bots.kit.crypto.shapes import obj, objects, text, texts
from bots.kit.crypto.store import CryptoStore
from bots.kit.crypto.uploads import KeyUploads

Json = dict[str, Any]

log = logging.getLogger("wecreate.crypto")

_STORAGE_FAULTS = (DatabaseError, peewee.DatabaseError, OSError, MemoryError)
_WEDGED_KEPT = 1000
_DEVICES_ASKED = 20
"""Devices of a sender that one key request goes to at most."""


class CryptoMachine:
    """One device's keys. All of it is called from the event loop's thread."""

    def __init__(self, homeserver: Homeserver, store: CryptoStore, trust: Trust = "all") -> None:
        self.homeserver = homeserver
        self.store = store
        self.channel = OlmChannel(store)
        self.devices = DeviceLists(store, homeserver)
        self.uploads = KeyUploads(store, homeserver, self.channel)
        self._sessions = OlmSessions(store, homeserver, self.channel)
        self._inbound = InboundKeys(store, self.devices, self.channel)
        self._outbound = OutboundKeys(
            store,
            homeserver,
            self.devices,
            self.channel,
            self._inbound,
            self._sessions,
            trust,
        )
        self._wedged: set[tuple[str, str]] = set()
        self._not_before = 0.0

    # -- in ---------------------------------------------------------------------------------

    def receive_sync(self, response: Json, *, initial: bool = False) -> SyncKeys:
        """Store what a sync response brought for the crypto, in one transaction.

        Before the inbox is written. Harmless when the same response comes again. `initial`: the
        request had no `since`. Never raises for what stands in `response`; raises OSError or
        the database's errors when nothing could be stored, and then nothing was.
        """
        response = obj(response)
        events = list(objects(obj(response, "to_device").get("events")))
        lists = obj(response, "device_lists")
        changed, left = list(texts(lists.get("changed"))), list(texts(lists.get("left")))
        sessions: dict[SessionRef, None] = {}
        withheld: list[Withheld] = []
        if events or changed or left or initial:
            try:
                with self.store.transaction(durable=bool(events)):
                    if initial:
                        self.devices.mark_all_changed()
                    self.devices.mark_left(left)
                    self.devices.mark_changed(changed)
                    for event in events:
                        self._receive(event, sessions, withheld)
            except BaseException:
                self.devices.reload()
                raise
        self.uploads.receive(response)
        return SyncKeys(tuple(sessions), tuple(withheld))

    def _receive(
        self, event: Json, sessions: dict[SessionRef, None], withheld: list[Withheld]
    ) -> None:
        try:
            with self.store.transaction():
                kind = event.get("type")
                if kind == "m.room.encrypted":
                    if found := self._receive_olm(event):
                        sessions[found] = None
                elif kind == "m.room_key.withheld":
                    withheld.extend(self._receive_withheld(event))
                elif kind == "m.room_key_request":
                    self._receive_request(event)
        except _STORAGE_FAULTS:
            raise
        except Exception:  # the boundary to foreign data: one message must not stop the rest
            log.exception("a to-device message could not be taken")

    def _receive_olm(self, event: Json) -> SessionRef | None:
        content = obj(event, "content")
        digest = _digest(obj(content, "ciphertext", self.channel.curve25519))
        if (known := self.store.received(digest)) is not None:
            return known if known[0] else None  # a redelivery: nothing new, but tell it again
        sender = text(event, "sender")
        try:
            payload = self.channel.decrypt(sender, content)
        except OlmFailure as failure:
            log.warning("unreadable to-device message from %s: %s", sender, failure.reason)
            if failure.wedged:
                self._mend(sender, text(content, "sender_key"))
            return None
        found = self._receive_payload(payload)
        self.store.note_received(digest, *(found or ("", "")))
        return found

    def _receive_payload(self, payload: Payload) -> SessionRef | None:
        known = self.devices.owner(payload.sender, payload.curve25519)
        if known is not None and known.ed25519 != payload.ed25519:
            log.warning("a to-device message of %s claims another's key", payload.sender)
            return None
        if payload.type == "m.room_key":
            return self._inbound.accept(payload)
        if payload.type == "m.forwarded_room_key":
            return self._inbound.accept_forwarded(payload)
        if payload.type == "m.dummy" and known is not None:
            self._outbound.share_again(known)  # it lost a session, perhaps with keys in it
        return None

    def _receive_request(self, event: Json) -> None:
        """A device misses a key of ours: it gets the next message's, if it may have it at all."""
        content = obj(event, "content")
        device_id = text(content, "requesting_device_id")
        device = self.devices.of(text(event, "sender")).get(device_id)
        if content.get("action") == "request" and device is not None:
            self._outbound.share_again(device, text(content, "body", "room_id"))

    def _mend(self, user_id: str, curve25519: str) -> None:
        if len(self._wedged) < _WEDGED_KEPT:
            self._wedged.add((user_id, curve25519))

    def _receive_withheld(self, event: Json) -> Iterator[Withheld]:
        content, sender = obj(event, "content"), text(event, "sender")
        code = text(content, "code")[:100]
        room_id, session_id = text(content, "room_id"), text(content, "session_id")
        if content.get("algorithm") != MEGOLM or not code or not sender:
            return
        if code == "m.no_olm":
            room_id = session_id = ""
            self._mend(sender, text(content, "sender_key"))
        elif not room_id or not session_id:
            return
        log.info("%s withholds a key: %s", sender, code)
        self.store.withhold(room_id, session_id, sender, code)
        yield Withheld(room_id, session_id, sender, code)

    def decrypt(self, room_id: str, event: Json) -> Decrypted:
        """Open an `m.room.encrypted` event; raises MissingKey or Undecryptable."""
        return self._inbound.decrypt(room_id, event)

    # -- out --------------------------------------------------------------------------------

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
        return await self._outbound.encrypt(room_id, members, type_, content, settings or {})

    # -- what is due now and then -----------------------------------------------------------

    async def upkeep(self) -> tuple[SessionRef, ...]:
        """After each sync: key uploads, device queries, new sessions for broken ones.

        Sessions (room id, session id) whose sender's devices have become known since: try what
        waits for them. Costs nothing when nothing is due. A homeserver that does not answer is
        logged, and asked again the next time.
        """
        if time.monotonic() < self._not_before:
            return ()
        await self._try(self.uploads.refill)
        outdated = self.devices.outdated()
        if outdated:
            await self._try(lambda: self.devices.query(outdated))
        if self._wedged:
            await self._try(self._unwedge)
        return self._inbound.looked_up()

    async def _try(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except MatrixError as error:
            log.warning("upkeep of the keys: %s", error)
            self._not_before = time.monotonic() + (error.retry_after_ms or 1000) / 1000
        except Unreachable as error:
            log.warning("upkeep of the keys: %s", error)
            self._not_before = time.monotonic() + 1

    async def _unwedge(self) -> None:
        wedged, self._wedged = self._wedged, set()
        devices: list[Device] = []
        for user_id, curve25519 in wedged:
            device = self.devices.owner(user_id, curve25519)
            if device is not None and not device.deleted:
                devices.append(device)
            elif device is None and not self.devices.is_fresh(user_id):
                self.devices.want(user_id)
                self._wedged.add((user_id, curve25519))
        try:
            await self._renew(devices)
        except (MatrixError, Unreachable):
            self._wedged |= wedged
            raise

    async def _renew(self, devices: list[Device]) -> None:
        """Start new Olm sessions, and say so with an empty message that makes them known."""
        made = await self._sessions.renew(devices)
        if not made:
            return
        messages: dict[str, Json] = {}
        with self.store.transaction():
            for device in made:
                sealed = self.channel.encrypt(device, "m.dummy", {})
                messages.setdefault(device.user_id, {})[device.device_id] = sealed
        await send_to_device(self.homeserver, "m.room.encrypted", messages)

    async def request_key(self, room_id: str, event: Json) -> None:
        """Ask the sender's devices for an event's key, over a new Olm session; once per session.

        Raises what Homeserver.request raises, and then it may be tried again.
        """
        content, sender = obj(event, "content"), text(event, "sender")
        session_id = text(content, "session_id")
        if not session_id or sender in {"", self.channel.user_id}:
            return
        if self._inbound.lacks_only_owner(session_id, sender):
            await self.devices.query([sender])
            return
        if not self.store.note_requested(room_id, session_id, sender):
            return
        try:
            await self.devices.query([sender])
            devices = self._makers(sender, content)
            await self._renew(devices)
            await self._ask(devices, room_id, session_id, text(content, "sender_key"))
        except BaseException:
            self.store.forget_request(room_id, session_id, sender)
            raise

    def _makers(self, sender: str, content: Json) -> list[Device]:
        """Return the device that sent the event, or all that may have."""
        devices = list(self.devices.active(sender))
        named = [
            device
            for device in devices
            if device.curve25519 == content.get("sender_key")
            or device.device_id == content.get("device_id")
        ]
        return (named or devices)[:_DEVICES_ASKED]

    async def _ask(
        self, devices: list[Device], room_id: str, session_id: str, sender_key: str
    ) -> None:
        body = {"algorithm": MEGOLM, "room_id": room_id, "session_id": session_id}
        if sender_key:
            body["sender_key"] = sender_key
        request = {
            "action": "request",
            "body": body,
            "request_id": uuid.uuid4().hex,
            "requesting_device_id": self.channel.device_id,
        }
        messages: dict[str, Json] = {}
        for device in devices:
            messages.setdefault(device.user_id, {})[device.device_id] = request
        if messages:
            await send_to_device(self.homeserver, "m.room_key_request", messages)

    # -- the end of a room, and the whole in figures ------------------------------------------

    def forget_room(self, room_id: str) -> None:
        """Drop all message keys of a room, from disk and memory."""
        self._outbound.forget(room_id)
        self.store.forget_room(room_id)

    def status(self) -> CryptoStatus:
        return CryptoStatus(
            user_id=self.channel.user_id,
            device_id=self.channel.device_id,
            ed25519=self.channel.ed25519,
            curve25519=self.channel.curve25519,
            master_key=self.store.fact("master"),
            cross_signed=self.store.fact("cross_signed") == "yes",
            one_time_keys=self.uploads.on_server,
            fallback_key=self.uploads.has_fallback,
            withheld=self.store.withheld_counts(),
            identity_changes=self.devices.identity_changes(),
            tracked_users=self.devices.tracked(),
            outbound_sessions=len(self._outbound),
            inbound_sessions=self.store.count_inbound(),
        )

    def close(self) -> None:
        self.store.close()


def _digest(sealed: Json) -> bytes:
    return hashlib.blake2b(text(sealed, "body").encode(), digest_size=16).digest()
