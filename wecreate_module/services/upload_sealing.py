"""What a visitor's browser seals about a file it sends: only the Box opens it.

    ours     a P-256 key pair for each request; the public half is in the sealed record of the
             link, the private half is kept sealed with the Box's key
    letter   the browser's own public key for this file (65 bytes) | nonce (12) | AES-256-GCM
    key      HKDF-SHA256(ECDH, salt = the request's id, info = "wecreate upload letter")

The letter holds the file's name, type and AES key, and the root of its pieces' digests. Who
sends a file can't read what others sent. The page (bridges/web/static/upload.js) does the same
with WebCrypto. docs/decisions/0022-file-requests.md says why so.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_CURVE = ec.SECP256R1()
_POINT_BYTES, _NONCE_BYTES, _KEY_BYTES = 65, 12, 32
_PURPOSE = b"wecreate upload letter"


class BrokenLetter(Exception):
    """Not sealed for this request and this file."""


def new_key_pair() -> tuple[str, str]:
    """The private and the public key in base64."""
    private = ec.generate_private_key(_CURVE)
    number = private.private_numbers().private_value.to_bytes(_KEY_BYTES, "big")
    return base64.b64encode(number).decode(), base64.b64encode(_point(private)).decode()


def open_letter(private_key: str, request_id: str, upload_id: str, letter: bytes) -> dict[str, Any]:
    """Give what the browser wrote; raises BrokenLetter."""
    number = int.from_bytes(base64.b64decode(private_key), "big")
    point, rest = letter[:_POINT_BYTES], letter[_POINT_BYTES:]
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        shared = ec.derive_private_key(number, _CURVE).exchange(ec.ECDH(), theirs)
        cipher = AESGCM(_expand(shared, request_id))
        text = cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], upload_id.encode())
        said = json.loads(text)
    except (ValueError, InvalidTag, RecursionError) as error:
        raise BrokenLetter("the letter can't be opened") from error
    if not isinstance(said, dict):
        raise BrokenLetter("the letter says nothing")
    return said


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _expand(shared: bytes, request_id: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, request_id.encode(), _PURPOSE).derive(shared)
