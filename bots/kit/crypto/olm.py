"""Olm: messages from one device to one other. Keys of rooms travel in them.

Nothing is kept in memory: account and sessions are read, used and written back, so that a
rolled-back transaction leaves no ratchet ahead of the disk.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from nio.crypto import OlmAccount, Session
from vodozemac import AnyOlmMessage, PreKeyMessage

from bots.kit.crypto.devices import Device
from bots.kit.crypto.shapes import number, obj, text
from bots.kit.crypto.store import CryptoStore
from bots.kit.crypto.trust import canonical, from_unpadded, unpadded

Json = dict[str, Any]
OLM = "m.olm.v1.curve25519-aes-sha2"
MEGOLM = "m.megolm.v1.aes-sha2"
_PRE_KEY, _NORMAL = 0, 1

log = logging.getLogger("wecreate.crypto")


class OlmFailure(Exception):
    """Not readable. `wedged`: the sessions with this device are out of step, a new one helps."""

    def __init__(self, reason: str, *, wedged: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wedged = wedged


@dataclass(frozen=True)
class Payload:
    """What an Olm message held, sender and recipient verified."""

    sender: str
    curve25519: str
    ed25519: str
    type: str
    content: Json


class OlmChannel:
    def __init__(self, store: CryptoStore) -> None:
        self._store = store
        self.user_id: str = store.user_id
        self.device_id: str = store.device_id
        with store.transaction(durable=True):
            account = store.load_account()
            if account is None:
                account = OlmAccount()
                store.save_account(account)
        self.curve25519: str = account.identity_keys["curve25519"]
        self.ed25519: str = account.identity_keys["ed25519"]

    def account(self) -> OlmAccount:
        account = self._store.load_account()
        if account is None:
            raise RuntimeError("the account has vanished from the encryption store")
        return account

    def signed(self, value: Json, account: OlmAccount) -> Json:
        """Return `value` with this device's signature."""
        signature = unpadded(from_unpadded(account.sign(canonical(value).decode())))
        signatures = {self.user_id: {f"ed25519:{self.device_id}": signature}}
        return {**value, "signatures": signatures}

    def device_keys(self, account: OlmAccount) -> Json:
        """Return this device's public record, as it is uploaded and as others must see it."""
        return self.signed(
            {
                "algorithms": [OLM, MEGOLM],
                "device_id": self.device_id,
                "keys": {
                    f"curve25519:{self.device_id}": self.curve25519,
                    f"ed25519:{self.device_id}": self.ed25519,
                },
                "user_id": self.user_id,
            },
            account,
        )

    # -- out --------------------------------------------------------------------------------

    def has_session(self, curve25519: str) -> bool:
        return bool(
            self._store.sql("SELECT 1 FROM olmsessions WHERE sender_key = ? LIMIT 1", curve25519)
        )

    def start_session(self, curve25519: str, one_time_key: str) -> None:
        """Raise ValueError for keys that are none."""
        session = Session(self.account().create_outbound_session(curve25519, one_time_key))
        self._store.save_olm_session(curve25519, session, time.time())

    def encrypt(self, device: Device, type_: str, content: Json) -> Json:
        """Content of an `m.room.encrypted` to-device message; there must be a session."""
        session = self._store.olm_sessions(device.curve25519)[0]
        payload = {
            "type": type_,
            "content": content,
            "sender": self.user_id,
            "sender_device": self.device_id,
            "keys": {"ed25519": self.ed25519},
            "recipient": device.user_id,
            "recipient_keys": {"ed25519": device.ed25519},
        }
        kind, ciphertext = session.encrypt(json.dumps(payload)).to_parts()
        self._store.save_olm_session(device.curve25519, session, time.time())
        sealed = {"type": kind, "body": unpadded(ciphertext)}
        return {
            "algorithm": OLM,
            "sender_key": self.curve25519,
            "ciphertext": {device.curve25519: sealed},
        }

    # -- in ---------------------------------------------------------------------------------

    def decrypt(self, sender: str, content: Json) -> Payload:
        """Open a to-device message from `sender` (as the server says). Raises OlmFailure."""
        curve25519 = text(content, "sender_key")
        sealed = obj(content, "ciphertext", self.curve25519)
        body = text(sealed, "body")
        if content.get("algorithm") != OLM or not curve25519 or not body:
            raise OlmFailure("not for this device")
        try:
            opened = json.loads(self._open(curve25519, number(sealed.get("type")), body))
        except (ValueError, RecursionError) as error:
            raise OlmFailure("no JSON inside") from error
        return self._verified(sender, curve25519, opened)

    def _open(self, curve25519: str, kind: int | None, body: str) -> str:
        try:
            if kind == _PRE_KEY:
                return self._open_first(curve25519, PreKeyMessage.from_base64(body))
            if kind == _NORMAL:
                return self._open_next(curve25519, AnyOlmMessage.normal(from_unpadded(body)))
        except ValueError as error:
            raise OlmFailure(type(error).__name__, wedged=True) from error
        raise OlmFailure("unknown kind of message")

    def _open_first(self, curve25519: str, message: PreKeyMessage) -> str:
        for session in self._store.olm_sessions(curve25519):
            if session.matches(message):
                plain: str = session.decrypt(message)
                self._store.save_olm_session(curve25519, session, time.time())
                return plain
        account = self.account()
        made, opened = account.create_inbound_session(curve25519, message)
        self._store.save_account(account)  # its one-time key is used up
        self._store.save_olm_session(curve25519, Session(made), time.time())
        first: str = opened.decode(errors="replace")
        return first

    def _open_next(self, curve25519: str, message: AnyOlmMessage) -> str:
        for session in self._store.olm_sessions(curve25519):
            try:
                plain: str = session.decrypt(message)
            except ValueError:
                continue
            self._store.save_olm_session(curve25519, session, time.time())
            return plain
        raise OlmFailure("no session opens it", wedged=True)

    def _verified(self, sender: str, curve25519: str, payload: object) -> Payload:
        recipient = (text(payload, "recipient"), text(payload, "recipient_keys", "ed25519"))
        ed25519 = text(payload, "keys", "ed25519")
        if not sender or text(payload, "sender") != sender:
            raise OlmFailure("another sender inside")
        if recipient != (self.user_id, self.ed25519):
            raise OlmFailure("meant for somebody else")
        if not ed25519:
            raise OlmFailure("unsigned")
        return Payload(sender, curve25519, ed25519, text(payload, "type"), obj(payload, "content"))
