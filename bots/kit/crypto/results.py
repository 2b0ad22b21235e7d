"""What the crypto machine answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

UNKNOWN_DEVICE = "unknown-device"


@dataclass(frozen=True)
class Decrypted:
    """A Matrix event's real type and content. `trusted`: its device is cross-signed."""

    type: str
    content: dict[str, Any]
    sender_device: str
    trusted: bool


@dataclass(frozen=True)
class Withheld:
    """Somebody's word that the bot won't get a key, and why (`m.unverified`, `m.no_olm` …)."""

    room_id: str
    session_id: str
    sender: str
    code: str


@dataclass(frozen=True)
class SyncKeys:
    """What a sync response brought. `sessions` are (room id, session id) that now decrypt."""

    sessions: tuple[tuple[str, str], ...] = ()
    withheld: tuple[Withheld, ...] = ()


class MissingKey(Exception):
    """Not readable yet: wait, `request_key`, and try again.

    `withheld_code` is what the sender said about it, if anything. `reason` is "missing-key", or
    "unknown-device" when the key is there and only its owner must still be looked up (upkeep).
    """

    def __init__(
        self,
        session_id: str,
        sender: str,
        withheld_code: str | None = None,
        reason: str = "missing-key",
    ) -> None:
        super().__init__(f"{reason}: session {session_id} of {sender}")
        self.session_id = session_id
        self.sender = sender
        self.withheld_code = withheld_code
        self.reason = reason


class Undecryptable(Exception):
    """Never readable; `reason` is a short word for the log (`replay`, `wrong-room`, …)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class CryptoStatus:
    """For doctor and metrics. `one_time_keys` is None until the first sync told."""

    user_id: str
    device_id: str
    ed25519: str
    curve25519: str
    master_key: str | None
    cross_signed: bool
    one_time_keys: int | None
    fallback_key: bool
    withheld: dict[str, int] = field(default_factory=dict)
    identity_changes: tuple[str, ...] = ()
    tracked_users: int = 0
    outbound_sessions: int = 0
    inbound_sessions: int = 0
