"""A file that a visitor sent: its ciphertext, as it is, to the homeserver or to our own store."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bridges.web.kept import StoreAway
from bridges.web.large import LargeFiles
from wecreate_module.domain.attachments import Media, kept_url, opens
from wecreate_module.domain.effects import ReceiveUpload
from wecreate_module.services.upload_sealing import BrokenLetter, open_letter

Json = dict[str, Any]
PIECE = 1024 * 1024
"""Bytes that each digest of the browser's is of."""
_TOO_LARGE = 413


class Receiving:
    """Carries out ReceiveUpload. `path` says where an upload's bytes lie.

    What the homeserver does not take goes to `large`, where there is such a store.
    """

    def __init__(
        self, homeserver: Homeserver, path: Callable[[str], Path], large: LargeFiles | None = None
    ) -> None:
        self._homeserver = homeserver
        self._path = path
        self._large = large

    async def receive(self, effect: ReceiveUpload) -> Json:
        """Raises what an upload raises; then it is tried again."""
        path = self._path(effect.upload_id)
        try:
            letter = base64.b64decode(effect.letter)
            said = open_letter(effect.private_key, effect.request_id, effect.upload_id, letter)
            whole, pieces = await asyncio.to_thread(digests_of, path)
            tree = hashlib.sha256(pieces).digest()
            if not hmac.compare_digest(tree, base64.b64decode(str(said.get("tree")))):
                return {"failed": "altered"}
        except (BrokenLetter, binascii.Error):
            return {"failed": "unreadable"}
        except FileNotFoundError:
            return {"failed": "altered"}
        key, iv, digest = str(said.get("key")), str(said.get("iv")), _unpadded(whole)
        if not opens(key, iv, digest):
            return {"failed": "unreadable"}
        url = await stored(self._homeserver, self._large, path, pieces, effect.upload_id)
        if url is None:
            return {"failed": "too-large"}
        media = Media(url, key, iv, digest)
        words = {name: str(said.get(name) or "") for name in ("name", "mimetype", "sender")}
        return {"media": vars(media), "size": effect.size, **words}


async def stored(
    homeserver: Homeserver, large: LargeFiles | None, path: Path, pieces: bytes, name: str
) -> str | None:
    """Where ciphertext lies from now on; None when nobody takes it. A repeat does no harm.

    `pieces` are the digests of its pieces, `name` what our own store would call it. Raises what
    an upload raises, and Unreachable when our store is full or away.
    """
    # Asked beforehand: Synapse hangs up on what is too large, which looks like a cut.
    largest = await homeserver.largest_upload()
    if largest is None or (await asyncio.to_thread(path.stat)).st_size <= largest:
        try:
            return await homeserver.upload(path)
        except MatrixError as error:
            if error.status != _TOO_LARGE:
                raise
    if large is None:
        return None
    try:
        await large.take(name, path, pieces)
    except StoreAway as error:
        raise Unreachable(str(error)) from error
    return kept_url(name)


def digests_of(path: Path) -> tuple[bytes, bytes]:
    """The SHA-256 of the whole, and that of each piece."""
    whole, pieces = hashlib.sha256(), []
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            whole.update(piece)
            pieces.append(hashlib.sha256(piece).digest())
    return whole.digest(), b"".join(pieces) or hashlib.sha256(b"").digest()


def _unpadded(value: bytes) -> str:
    return base64.b64encode(value).rstrip(b"=").decode()
