"""Ciphertext that the homeserver does not take: here alone, until no file needs it any more.

On disk each lies beside the SHA-256 of its pieces, ready to be served; in an S3 store it lies
under a name that tells nothing, and comes through the cache of links when it is asked for.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bridges.web.kept import CHUNK, StoreAway

if TYPE_CHECKING:
    from bridges.web.s3 import KeptInS3

Needed = Callable[[], Collection[str]]
SPARED = timedelta(days=1)
"""What came so lately is kept, needed or not: it may be about to be entered."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class LargeFiles:
    """`needed` gives the names that some file's version still has."""

    def __init__(self, folder: Path, needed: Needed, kept: KeptInS3 | None = None) -> None:
        self._folder = folder
        self._needed = needed
        self._kept = kept
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for rest in folder.glob("*.part"):  # of a step that was killed
            rest.unlink(missing_ok=True)

    async def take(self, name: str, source: Path, digests: bytes) -> None:
        """Keep a copy of `source`, whose pieces have these digests; a repeat does no harm.

        Raises StoreAway when there is no room, or the S3 store does not take it.
        """
        if self._kept is not None:
            await self._kept.put(name, source)
            return
        try:
            await asyncio.to_thread(self._take, name, source, digests)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise StoreAway("no room for large files") from error

    def here(self, name: str) -> tuple[Path, Path] | None:
        """Its ciphertext and the digests of its pieces on our disk."""
        path, digests = self._folder / name, self._folder / f"{name}.digests"
        return (path, digests) if path.exists() and digests.exists() else None

    async def chunks(self, name: str) -> AsyncIterator[bytes]:
        """Its bytes, wherever they lie. Raises StoreAway, FileNotFoundError."""
        here = await asyncio.to_thread(self.here, name)
        stored = await self._kept.get(name) if self._kept is not None and here is None else None
        if stored is not None:
            async for chunk in stored:
                yield chunk
        elif here is None:
            raise FileNotFoundError(name)
        else:
            with await asyncio.to_thread(here[0].open, "rb") as file:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    yield chunk

    async def forget_unneeded(self, spared: timedelta = SPARED) -> None:
        """Let go of what no file has any more. Raises StoreAway."""
        await asyncio.to_thread(self._forget, spared)
        if self._kept is not None:
            await self._kept.keep_only(self._needed, spared)

    def _take(self, name: str, source: Path, digests: bytes) -> None:
        """The digests go first: a file without them is not known."""
        noted = self._folder / f"{name}.digests.part"
        part = self._folder / f"{name}.part"
        part.unlink(missing_ok=True)
        try:
            noted.write_bytes(digests)
            noted.replace(self._folder / f"{name}.digests")
            try:
                os.link(source, part)  # one file, two names: no room is taken twice
            except OSError:  # another disk, or one that has no such links
                shutil.copyfile(source, part)
            os.utime(part)
            part.replace(self._folder / name)
        finally:
            noted.unlink(missing_ok=True)  # what a full disk took of either
            part.unlink(missing_ok=True)  # and of two names of one file, replace leaves both

    def _forget(self, spared: timedelta) -> None:
        before = time.time() - spared.total_seconds()
        there = [path for path in self._folder.iterdir() if not path.suffix]
        old = [path for path in there if path.stat().st_mtime <= before]
        needed = set(self._needed()) if old else set()  # looked up after the folder
        for path in old:
            if path.name not in needed:
                path.unlink(missing_ok=True)
                path.with_suffix(".digests").unlink(missing_ok=True)
