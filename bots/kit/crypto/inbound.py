"""Megolm, the receiving side: room keys that come in, and the events they open."""

from __future__ import annotations

import json
import logging
from typing import Any

from nio.crypto import InboundGroupSession
from vodozemac import MegolmDecryptionException

from bots.kit.crypto.devices import Device, DeviceLists
from bots.kit.crypto.olm import MEGOLM, OlmChannel, Payload
from bots.kit.crypto.results import UNKNOWN_DEVICE, Decrypted, MissingKey, Undecryptable
from bots.kit.crypto.shapes import obj, text
from bots.kit.crypto.store import CryptoStore

Json = dict[str, Any]
SessionRef = tuple[str, str]
"""(room id, session id)"""

log = logging.getLogger("wecreate.crypto")


class InboundKeys:
    def __init__(self, store: CryptoStore, devices: DeviceLists, channel: OlmChannel) -> None:
        self._store = store
        self._devices = devices
        self._channel = channel
        self._ownerless: dict[str, set[SessionRef]] = {}

    def looked_up(self) -> tuple[SessionRef, ...]:
        """Return, once, sessions whose owner was unknown when they were tried and was asked for."""
        done = [user_id for user_id in self._ownerless if self._devices.is_fresh(user_id)]
        return tuple(ref for user_id in done for ref in self._ownerless.pop(user_id))

    def lacks_only_owner(self, session_id: str, sender: str) -> bool:
        """Whether the key is there, and only whose it is must still be looked up."""
        session = self._store.inbound(session_id)
        return session is not None and self._devices.owner(sender, session.sender_key) is None

    # -- keys -------------------------------------------------------------------------------

    def accept(self, payload: Payload) -> SessionRef | None:
        """Take an `m.room_key` out of a verified Olm payload."""
        content = payload.content
        room_id, session_id = text(content, "room_id"), text(content, "session_id")
        if content.get("algorithm") != MEGOLM or not room_id:
            return None
        try:
            session = InboundGroupSession(
                text(content, "session_key"), payload.ed25519, payload.curve25519, room_id
            )
        except ValueError:
            log.warning("unusable room key from %s", payload.sender)
            return None
        return self._keep(session, session_id, payload)

    def accept_forwarded(self, payload: Payload) -> SessionRef | None:
        """Take an `m.forwarded_room_key`, if it was asked for and comes from its own owner."""
        content = payload.content
        room_id, session_id = text(content, "room_id"), text(content, "session_id")
        owner = (text(content, "sender_key"), text(content, "sender_claimed_ed25519_key"))
        asked = self._store.was_requested(room_id, session_id, payload.sender)
        if content.get("algorithm") != MEGOLM or not asked:
            return None
        if owner != (payload.curve25519, payload.ed25519):
            return None
        try:
            session = InboundGroupSession.import_session(
                text(content, "session_key"), payload.ed25519, payload.curve25519, room_id
            )
        except ValueError:
            log.warning("unusable forwarded room key from %s", payload.sender)
            return None
        return self._keep(session, session_id, payload)

    def keep_own(self, session_key: str, room_id: str) -> None:
        """Keep our own sending session's key: the bot reads its own messages' buttons later."""
        own = self._channel
        self._store.save_inbound(
            InboundGroupSession(session_key, own.ed25519, own.curve25519, room_id)
        )

    def _keep(
        self, session: InboundGroupSession, session_id: str, payload: Payload
    ) -> SessionRef | None:
        if session.id != session_id or payload.curve25519 == self._channel.curve25519:
            return None
        known = self._store.inbound(session_id)
        if known is None or self._is_better(session, known):
            self._store.save_inbound(session)
        if self._devices.owner(payload.sender, payload.curve25519) is None:
            self._devices.want(payload.sender)
        return session.room_id, session_id

    def _is_better(self, new: InboundGroupSession, old: InboundGroupSession) -> bool:
        if _origin(new) != _origin(old):
            # Somebody passed on another's key as their own, in either order: whoever's key has
            # opened a message is the owner, until then the later one is tried.
            return old.sender_key != self._channel.curve25519 and not self._store.was_used(old.id)
        start = old.first_known_index
        if new.first_known_index >= start:
            return False
        return bool(new.export_session(start) == old.export_session(start))

    # -- events -----------------------------------------------------------------------------

    def decrypt(self, room_id: str, event: Json) -> Decrypted:
        content = obj(event, "content")
        sender, event_id = text(event, "sender"), text(event, "event_id")
        session_id, ciphertext = text(content, "session_id"), text(content, "ciphertext")
        if content.get("algorithm") != MEGOLM or not session_id or not ciphertext:
            raise Undecryptable("unknown-algorithm")
        session = self._store.inbound(session_id)
        if session is None:
            raise self._missing(room_id, session_id, sender)
        if session.room_id != room_id:
            raise Undecryptable("wrong-room")
        try:
            plain, index = session.decrypt(ciphertext)
        except MegolmDecryptionException as error:
            if "unknown message index" in str(error):
                raise self._missing(room_id, session_id, sender) from error
            raise Undecryptable("damaged") from error
        except ValueError as error:
            raise Undecryptable("damaged") from error
        device_id, trusted = self._sending_device(sender, session)
        opened = _payload(plain, room_id)
        if not self._store.first_use(session_id, index, event_id):
            raise Undecryptable("replay")
        relation = obj(content, "m.relates_to")
        inner = obj(opened, "content")
        if relation and "m.relates_to" not in inner:
            inner = {**inner, "m.relates_to": relation}
        return Decrypted(text(opened, "type"), inner, device_id, trusted)

    def _missing(self, room_id: str, session_id: str, sender: str) -> MissingKey:
        code = self._store.withheld_code(room_id, session_id, sender)
        return MissingKey(session_id, sender, code)

    def _sending_device(self, sender: str, session: InboundGroupSession) -> tuple[str, bool]:
        """Return (device id, trusted) of the `sender`'s device that made the session."""
        if session.sender_key == self._channel.curve25519:
            if sender != self._channel.user_id:
                raise Undecryptable("wrong-sender")
            return self._channel.device_id, True
        device: Device | None = self._devices.owner(sender, session.sender_key)
        if device is None:
            if self._devices.is_fresh(sender):
                raise Undecryptable(UNKNOWN_DEVICE)
            self._devices.want(sender)
            self._ownerless.setdefault(sender, set()).add((session.room_id, session.id))
            raise MissingKey(session.id, sender, reason=UNKNOWN_DEVICE)
        if device.ed25519 != session.ed25519:
            raise Undecryptable("wrong-key")
        return device.device_id, device.signed


def _origin(session: InboundGroupSession) -> tuple[str, str, str]:
    return session.sender_key, session.ed25519, session.room_id


def _payload(plain: str, room_id: str) -> Json:
    try:
        opened = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise Undecryptable("no-json") from error
    if text(opened, "room_id") != room_id:
        raise Undecryptable("wrong-room")
    if not text(opened, "type"):
        raise Undecryptable("no-type")
    return opened  # type: ignore[no-any-return] # an object, or it would have no type
