"""An encrypted file as something to read and seek in, though nothing lies open on any disk."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wecreate_module.domain.attachments import Media

_BLOCK = 16


class OpenedFile(io.RawIOBase):
    """AES-CTR: any place is found by adding to the counter. Verify the ciphertext first."""

    def __init__(self, path: Path, media: Media) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._key, self._iv = _decoded(media.key), _decoded(media.iv)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # as io calls it
        skip = self._at % _BLOCK
        self._file.seek(self._at - skip)
        sealed = self._file.read(len(buffer) + skip)
        upper, counter = self._iv[:8], int.from_bytes(self._iv[8:], "big")
        counter = (counter + (self._at - skip) // _BLOCK) % 2**64
        cipher = Cipher(algorithms.AES(self._key), modes.CTR(upper + counter.to_bytes(8, "big")))
        clear = cipher.decryptor().update(sealed)[skip:]
        buffer[: len(clear)] = clear
        self._at += len(clear)
        return len(clear)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _decoded(text: str) -> bytes:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4))
