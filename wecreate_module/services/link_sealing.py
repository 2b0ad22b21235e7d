"""What opens a shared file, sealed so that only the link itself opens it.

    secret   32 random bytes, behind the # of the address: a browser never sends them
    slow     scrypt of the password (nothing without one); links made before schema 0009 have
             PBKDF2-HMAC-SHA256
    meta     HKDF-SHA256(secret | slow, salt = the link's id): AES-256-GCM key of the metadata
    access   HKDF-SHA256 likewise: shown to the server, which keeps its SHA-256

The page's script (bridges/web/static/sealing.js) does the same in the browser.
docs/decisions/0021-share-links.md says why so.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

ITERATIONS = 600_000
"""Of PBKDF2-HMAC-SHA256, as OWASP advised in 2023."""
SCRYPT = "scrypt-16-8-2"
"""N = 2^16, r = 8, p = 2: 64 MiB, one of OWASP's equal choices, which old phones have room for."""
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**16, 8, 2
_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12


@dataclass(frozen=True)
class SealedLink:
    """What the server keeps of it."""

    sealed: bytes
    access_hash: bytes
    salt: bytes | None
    kdf: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """Base64, for what passes it on."""
        return {
            "sealed": _base64(self.sealed),
            "access_hash": _base64(self.access_hash),
            "salt": _base64(self.salt) if self.salt else None,
            "kdf": self.kdf,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SealedLink:
        """Take its three fields out of a larger result."""
        salt = value["salt"]
        return cls(
            base64.b64decode(value["sealed"]),
            base64.b64decode(value["access_hash"]),
            base64.b64decode(salt) if salt else None,
            value.get("kdf"),
        )


def new_secret() -> str:
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).rstrip(b"=").decode()


def seal_link(
    link_id: str, secret: str, password: str | None, about: Mapping[str, Any]
) -> SealedLink:
    """Seal `about` (JSON). Takes a noticeable while with a password."""
    salt = os.urandom(_SALT_BYTES) if password else None
    kdf = SCRYPT if password else None
    key, access = derive(link_id, secret, password, salt, kdf)
    nonce = os.urandom(_NONCE_BYTES)
    text = json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = nonce + AESGCM(key).encrypt(nonce, text, link_id.encode())
    return SealedLink(sealed, hashlib.sha256(access).digest(), salt, kdf)


def derive(
    link_id: str,
    secret: str,
    password: str | None,
    salt: bytes | None,
    kdf: str | None = None,
) -> tuple[bytes, bytes]:
    """Give the metadata's key and the access token. `kdf` None is that of old links."""
    material = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    if password and salt:
        material += _slow(unicodedata.normalize("NFC", password).encode(), salt, kdf)
    return _expand(material, link_id, b"wecreate link meta"), _expand(
        material, link_id, b"wecreate link access"
    )


def _slow(typed: bytes, salt: bytes, kdf: str | None) -> bytes:
    if kdf is None:
        return hashlib.pbkdf2_hmac("sha256", typed, salt, ITERATIONS, _KEY_BYTES)
    if kdf != SCRYPT:
        raise ValueError(f"no way to slow passwords is called {kdf}")
    scrypt = Scrypt(salt, _KEY_BYTES, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P)
    return scrypt.derive(typed)


def _expand(material: bytes, link_id: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, link_id.encode(), purpose).derive(material)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
