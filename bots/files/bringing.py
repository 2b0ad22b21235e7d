"""Files from a ZIP or another cloud to the homeserver: encrypted before they touch a disk."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from bots.files.receiving import digests_of, stored
from bots.kit.client import Homeserver, Unreachable
from bots.kit.crypto.attachments import Encryption
from bridges.caldav.external.addresses import Allowed
from bridges.files import archive
from bridges.files.archive import BadArchive
from bridges.files.webdav import Away, Folder, WebDavError
from bridges.web.ciphertexts import Ciphertexts
from bridges.web.kept import CantKeep
from bridges.web.large import LargeFiles
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.effects import BringIn, ListFiles
from wecreate_module.domain.file_imports import Found

Json = dict[str, Any]


class Bringing:
    """Carries out ListFiles and BringIn; `folder` holds ciphertext for moments."""

    def __init__(
        self,
        homeserver: Homeserver,
        ciphertexts: Ciphertexts,
        folder: Path,
        allowed: Allowed,
        large: LargeFiles | None = None,
    ) -> None:
        self._homeserver = homeserver
        self._ciphertexts = ciphertexts
        self._folder = folder
        self._allowed = allowed
        self._large = large
        for rest in folder.glob("*.sealed"):  # of a step that was killed
            rest.unlink(missing_ok=True)

    async def look(self, effect: ListFiles) -> Json:
        """Raises Unreachable; then it is tried again."""
        try:
            found = await self._listed(effect.source)
        except (BadArchive, WebDavError, CantKeep) as error:
            return {"failed": error.why}
        except Away as error:
            return {"failed": "away", "why": str(error)[:200]}
        return {"found": [[each.ref, each.path, each.size] for each in found]}

    async def bring(self, effect: BringIn) -> Json:
        """Raises Unreachable when the homeserver or the other server is away."""
        found = [Found(*each) for each in effect.found]
        if effect.source["kind"] == "zip":
            media = Media(**effect.source["media"])
            path = (await self._ciphertexts.get(media)).path
            return {"results": [await self._one(self._unpacked(path, media, f)) for f in found]}
        async with Folder(effect.source, self._allowed) as folder:
            return {"results": [await self._one(folder.chunks(each)) for each in found]}

    async def _listed(self, source: Json) -> list[Found]:
        if source["kind"] == "zip":
            media = Media(**source["media"])
            path = (await self._ciphertexts.get(media)).path
            return await asyncio.to_thread(archive.listed, path, media)
        async with Folder(source, self._allowed) as folder:
            return await folder.listed()

    async def _one(self, chunks: AsyncIterator[bytes]) -> Json | None:
        """Where a file's ciphertext is now and what opens it; None when it can't be had."""
        sealed = self._folder / f"{secrets.token_hex(8)}.sealed"
        encryption, size = Encryption(), 0
        try:
            with await asyncio.to_thread(sealed.open, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    await asyncio.to_thread(file.write, encryption.update(chunk))
            _, pieces = await asyncio.to_thread(digests_of, sealed)
            name = secrets.token_urlsafe(16)
            url = await stored(self._homeserver, self._large, sealed, pieces, name)
        except (BadArchive, WebDavError):
            return None
        except Away as error:
            raise Unreachable(str(error)) from error
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise Unreachable("there is no room on the disk") from error
        finally:
            await asyncio.to_thread(sealed.unlink, missing_ok=True)
        if url is None:
            return None
        info = encryption.info(url)
        media = Media(url, info["key"]["k"], info["iv"], info["hashes"]["sha256"])
        return {"media": vars(media), "size": size}

    async def _unpacked(self, path: Path, media: Media, found: Found) -> AsyncIterator[bytes]:
        reading: Iterator[bytes] = archive.chunks(path, media, found)
        with contextlib.closing(reading):  # type: ignore[type-var]  # a generator
            while chunk := await asyncio.to_thread(next, reading, b""):
                yield chunk
