"""Encrypted files (Matrix spec, "Sending encrypted attachments", version v2).

AES-CTR with a 64-bit counter, in chunks: a file never lies in memory whole unless it comes so.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bots.kit.client import Homeserver
from bots.kit.crypto.shapes import text
from bots.kit.crypto.trust import from_unpadded, unpadded

Json = dict[str, Any]
_CHUNK = 64 * 1024
_HASHED_AT_ONCE = 1024 * 1024
_KEY_BYTES, _IV_BYTES = 32, 16


class BrokenAttachment(Exception):
    """Not what its sender encrypted, or no encrypted file at all."""


class Encryption:
    """Encrypts one file piece by piece; `info` afterwards holds what opens it."""

    def __init__(self) -> None:
        self._key = os.urandom(_KEY_BYTES)
        self._iv = os.urandom(8) + bytes(8)  # the lower half counts blocks from zero
        self._cipher = Cipher(algorithms.AES(self._key), modes.CTR(self._iv)).encryptor()
        self._digest = hashlib.sha256()

    def update(self, piece: bytes) -> bytes:
        sealed = self._cipher.update(piece)
        self._digest.update(sealed)
        return sealed

    def info(self, url: str) -> Json:
        """Return the `EncryptedFile` for a message's `file`."""
        key = base64.urlsafe_b64encode(self._key).rstrip(b"=").decode()
        return {
            "v": "v2",
            "url": url,
            "key": {
                "kty": "oct",
                "alg": "A256CTR",
                "ext": True,
                "k": key,
                "key_ops": ["encrypt", "decrypt"],
            },
            "iv": unpadded(self._iv),
            "hashes": {"sha256": unpadded(self._digest.digest())},
        }


async def upload_encrypted(homeserver: Homeserver, data: bytes | Path) -> Json:
    """Encrypt, upload, and return the `EncryptedFile` (its `url` set)."""
    encryption = Encryption()
    if isinstance(data, bytes):
        return encryption.info(await homeserver.upload(encryption.update(data)))
    size = data.stat().st_size  # noqa: ASYNC240 - one quick look at a local file
    url = await homeserver.upload(_encrypted(data, encryption), size=size)
    return encryption.info(url)


async def _encrypted(file: Path, encryption: Encryption) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(_CHUNK):
            yield encryption.update(piece)


async def decrypted(pieces: AsyncIterator[bytes], file: Json) -> AsyncIterator[bytes]:
    """Open a stream piece by piece; raises BrokenAttachment at the end if the hash is wrong.

    So whoever writes the pieces somewhere must throw them away then. The hash takes four times as
    long as the cipher: it goes on in a thread meanwhile.
    """
    key, iv, expected = _opener(file)
    cipher = Cipher(algorithms.AES(key), modes.CTR(iv)).decryptor()
    digest = hashlib.sha256()
    batch: list[bytes] = []
    size = 0
    hashing: asyncio.Future[None] | None = None
    async for piece in pieces:
        batch.append(piece)
        size += len(piece)
        yield cipher.update(piece)
        if size >= _HASHED_AT_ONCE:
            if hashing is not None:
                await hashing
            hashing = _in_thread(digest, batch)
            batch, size = [], 0
    if hashing is not None:
        await hashing
    await _in_thread(digest, batch)
    if not hmac.compare_digest(digest.digest(), expected):
        raise BrokenAttachment("the file is not the one that was sent")


def _in_thread(digest: hashlib._Hash, batch: list[bytes]) -> asyncio.Future[None]:
    def update() -> None:
        for piece in batch:
            digest.update(piece)

    return asyncio.get_running_loop().run_in_executor(None, update)


def _opener(file: Json) -> tuple[bytes, bytes, bytes]:
    try:
        key = base64.urlsafe_b64decode(text(file, "key", "k") + "==")
        iv = from_unpadded(text(file, "iv"))
        digest = from_unpadded(text(file, "hashes", "sha256"))
    except ValueError as error:
        raise BrokenAttachment("its key is unreadable") from error
    if file.get("v") != "v2" or len(key) != _KEY_BYTES or len(iv) != _IV_BYTES:
        raise BrokenAttachment("it is encrypted in an unknown way")
    return key, iv, digest
