"""Ed25519 signatures on Matrix JSON, and what a chain of them says about a device."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bots.kit.crypto.shapes import obj, text, texts

Json = dict[str, Any]


def canonical(value: Json) -> bytes:
    """Canonical JSON of what is signed: without `signatures` and `unsigned`."""
    signed = {name: part for name, part in value.items() if name not in {"signatures", "unsigned"}}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unpadded(raw: bytes) -> str:
    """Base64 as Matrix wants it; padded keys are accepted by Synapse and then don't work."""
    return base64.b64encode(raw).rstrip(b"=").decode()


def from_unpadded(encoded: str) -> bytes:
    """Raise ValueError for what is no base64."""
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)


def sign(value: Json, key: Ed25519PrivateKey, user_id: str, key_id: str) -> None:
    """Add a signature to `value`, in place."""
    signature = unpadded(key.sign(canonical(value)))
    value.setdefault("signatures", {}).setdefault(user_id, {})[f"ed25519:{key_id}"] = signature


def is_signed(value: Json, user_id: str, key_id: str, public_key: str) -> bool:
    """Whether `public_key` (unpadded base64) of `user_id` signed `value`. Never raises."""
    signature = text(value, "signatures", user_id, f"ed25519:{key_id}")
    if not signature:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(from_unpadded(public_key))
        key.verify(from_unpadded(signature), canonical(value))
    except (InvalidSignature, ValueError, TypeError, RecursionError):
        return False
    return True


@dataclass(frozen=True)
class Identity:
    """A person's cross-signing keys: unpadded base64, self_signing signed by master."""

    master: str
    self_signing: str


def public_key(key: Json, user_id: str, usage: str) -> str:
    """Return a cross-signing key's public part, or "" when it is not a sound one."""
    if text(key, "user_id") != user_id or usage not in texts(key.get("usage")):
        return ""
    keys = obj(key, "keys")
    if len(keys) != 1:
        return ""
    ((name, value),) = keys.items()
    return text(value) if name == f"ed25519:{text(value)}" else ""


def identity_of(user_id: str, answer: Json) -> Identity | None:
    """Read a user's identity out of a /keys/query answer; None without a sound chain."""
    master = public_key(obj(answer, "master_keys", user_id), user_id, "master")
    signing_key = obj(answer, "self_signing_keys", user_id)
    self_signing = public_key(signing_key, user_id, "self_signing")
    if not master or not self_signing or not is_signed(signing_key, user_id, master, master):
        return None
    return Identity(master, self_signing)


def is_cross_signed(device_keys: Json, user_id: str, identity: Identity | None) -> bool:
    if identity is None:
        return False
    return is_signed(device_keys, user_id, identity.self_signing, identity.self_signing)
