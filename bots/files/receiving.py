"""A file that a visitor sent, from our disk to the homeserver: its ciphertext as it is."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bots.kit.client import Homeserver, MatrixError
from wecreate_module.domain.attachments import Media, read_media
from wecreate_module.domain.effects import ReceiveUpload
from wecreate_module.services.upload_sealing import BrokenLetter, open_letter

Json = dict[str, Any]
PIECE = 1024 * 1024
"""Bytes that each digest of the browser's is of."""
_TOO_LARGE = 413


class Receiving:
    """Carries out ReceiveUpload. `path` says where an upload's bytes lie."""

    def __init__(self, homeserver: Homeserver, path: Callable[[str], Path]) -> None:
        self._homeserver = homeserver
        self._path = path

    async def receive(self, effect: ReceiveUpload) -> Json:
        """Raises what an upload raises; then it is tried again."""
        path = self._path(effect.upload_id)
        try:
            letter = base64.b64decode(effect.letter)
            said = open_letter(effect.private_key, effect.request_id, effect.upload_id, letter)
            whole, tree = await asyncio.to_thread(_digests, path)
            if not hmac.compare_digest(tree, base64.b64decode(str(said.get("tree")))):
                return {"failed": "altered"}
        except (BrokenLetter, binascii.Error):
            return {"failed": "unreadable"}
        except FileNotFoundError:
            return {"failed": "altered"}
        try:
            url = await self._homeserver.upload(path)
        except MatrixError as error:
            if error.status != _TOO_LARGE:
                raise
            return {"failed": "too-large"}
        media = Media(url, str(said.get("key")), str(said.get("iv")), _unpadded(whole))
        if read_media(media.to_file()) is None:
            return {"failed": "unreadable"}
        words = {name: str(said.get(name) or "") for name in ("name", "mimetype", "sender")}
        return {"media": vars(media), "size": effect.size, **words}


def _digests(path: Path) -> tuple[bytes, bytes]:
    """The SHA-256 of the whole, and that of the list of its pieces' SHA-256."""
    whole, pieces = hashlib.sha256(), hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            whole.update(piece)
            pieces.update(hashlib.sha256(piece).digest())
    if path.stat().st_size == 0:
        pieces.update(hashlib.sha256(b"").digest())
    return whole.digest(), pieces.digest()


def _unpadded(value: bytes) -> str:
    return base64.b64encode(value).rstrip(b"=").decode()
