"""Encrypted files for links: fetched once from the homeserver, checked once, kept within a bound.

What lies here is ciphertext. Beside each file lie the SHA-256 of its pieces, so that a browser
can check every piece before it decrypts it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from bridges.web.folder import Folder, Promise
from bridges.web.kept import CantKeep
from bridges.web.large import LargeFiles
from wecreate_module.domain.attachments import Media

if TYPE_CHECKING:
    from bridges.web.s3 import KeptInS3

log = logging.getLogger(__name__)

PIECE = 1024 * 1024
"""Bytes of a piece, but for the last."""

_SPARED = timedelta(hours=1)
"""What came into the store so lately is kept: its link may be about to be written down."""

Fetch = Callable[[str, int], AsyncIterator[bytes]]
"""The ciphertext behind an mxc:// address in chunks, at most so many bytes; CantKeep if it is gone.
"""


@dataclass(frozen=True)
class Ciphertext:
    """`digests` holds 32 bytes for each piece; `tree` is the SHA-256 of that file."""

    path: Path
    digests: Path
    size: int
    tree: str


class Ciphertexts:
    """A folder of at most `limit` bytes; what was not asked for longest goes first.

    What open links need (`pinned`, names) stays, for the homeserver may purge its media. With an
    S3 store it is kept there instead, and the folder is a cache alone. What `large` keeps comes
    from there.
    """

    def __init__(
        self,
        folder: Path,
        limit: int,
        fetch: Fetch,
        pinned: Callable[[], Collection[str]] | None = None,
        kept: KeptInS3 | None = None,
        large: LargeFiles | None = None,
    ) -> None:
        self._folder = Folder(folder, limit, (pinned if kept is None else None) or tuple)
        self._fetch = fetch
        self._pinned = pinned or tuple
        self._kept = kept
        self._large = large
        # Only those that somebody holds or waits for: a drive has thousands of files.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def get(self, media: Media) -> Ciphertext:
        """Give the checked ciphertext; raises CantKeep, and whatever the fetch raises."""
        if (ours := await asyncio.to_thread(self._ours, media)) is not None:
            return ours
        name = name_of(media)
        async with self._locks.setdefault(name, asyncio.Lock()):
            found = await asyncio.to_thread(self._folder.known, name)
            if found is None:
                await self._fetch_checked(name, media)
                found = await asyncio.to_thread(self._folder.known, name)
        if found is None:
            raise CantKeep("disk-full")
        return await asyncio.to_thread(_described, *found)

    def making(self) -> contextlib.AbstractContextManager[Promise]:
        """While a link is made; what was kept for it is let go when that fails."""
        return self._folder.promised()

    async def check_room(self, every: Sequence[tuple[Media, int]]) -> None:
        """Whether these fit, each of about so many bytes; raises CantKeep before one is fetched."""
        if self._kept is None:
            coming = [
                each for each in every if await asyncio.to_thread(self._ours, each[0]) is None
            ]
            names = {name_of(media) for media, _ in coming}
            await self._folder.check_room(names, sum(size for _, size in coming))

    async def keep(self, media: Media, promise: Promise) -> Ciphertext:
        """The same as `get`, for a new link: from now on it needs the homeserver no more."""
        name = name_of(media)
        promise.names.add(name)
        found = await self.get(media)
        if self._kept is not None and media.kept is None:
            await self._kept.put(name, found.path)
        return found

    async def keep_again(self, needed: Iterable[Media]) -> None:
        """Fetch what open links need and what is not here: the folder was emptied, say.

        What can't be had is told in the log; the others are seen to all the same. Raises in the end
        what a fetch raised last, as when another server is away.
        """
        ours = self._kept.names if self._kept is not None else self._folder.names
        here = await asyncio.to_thread(ours)
        broken: Exception | None = None
        for media in needed:
            if media.kept is None and name_of(media) not in here:
                try:
                    with self.making() as promise:
                        await self.keep(media, promise)
                except CantKeep as error:
                    log.warning("what a link needs can't be kept", extra={"why": error.why})
                except Exception as error:  # noqa: BLE001  one file's boundary: it is raised below
                    broken = error
        if broken is not None:
            raise broken

    async def forget_unneeded(self, spared: timedelta = _SPARED) -> None:
        """Let the store go of what no open link needs; the folder sees to itself."""
        if self._kept is not None:
            await self._kept.keep_only(self._pinned, spared)
        if self._large is not None:
            await self._large.forget_unneeded()

    def _ours(self, media: Media) -> Ciphertext | None:
        """What lies on our disk for good; its digests were checked when it came."""
        kept = self._large.here(media.kept) if self._large is not None and media.kept else None
        return _described(*kept) if kept is not None else None

    async def _fetch_checked(self, name: str, media: Media) -> None:
        part = self._folder.path / f"{name}.{secrets.token_hex(4)}.part"
        coming = _Coming(self._folder)
        try:
            pieces = await self._write(part, await self._source(name, media), coming)
            if not hmac.compare_digest(coming.whole.digest(), _decoded(media.sha256)):
                raise CantKeep("altered")
            await self._folder.take(name, part, coming.size, pieces)
            coming.size = 0
        except OSError as error:
            raise CantKeep("disk-full") from error
        finally:
            part.unlink(missing_ok=True)
            await self._folder.give_back(coming.size)

    async def _source(self, name: str, media: Media) -> AsyncIterator[bytes]:
        kept = None
        if self._kept is not None and media.kept is None:
            kept = await self._kept.get(name)
        return kept if kept is not None else self._fetch(media.url, self._folder.limit)

    async def _write(self, part: Path, source: AsyncIterator[bytes], coming: _Coming) -> bytes:
        """The SHA-256 of each piece."""
        pieces, waiting = [], bytearray()
        with await asyncio.to_thread(part.open, "wb") as file:
            async with contextlib.aclosing(_chunks(source)) as chunks:
                async for chunk in chunks:
                    waiting += chunk
                    while len(waiting) >= PIECE:
                        piece = bytes(waiting[:PIECE])
                        del waiting[:PIECE]
                        pieces.append(await coming.take(file.write, piece))
            if waiting or not pieces:
                pieces.append(await coming.take(file.write, bytes(waiting)))
        return b"".join(pieces)


class _Coming:
    """A file on its way: how much room it has taken, and the SHA-256 of what came."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.whole = hashlib.sha256()
        self.size = 0

    async def take(self, write: Callable[[bytes], int], piece: bytes) -> bytes:
        """The piece's SHA-256. Raises CantKeep when there is no room."""
        if self.size + len(piece) > self._folder.limit:
            raise CantKeep("too-large", self._folder.limit)
        await self._folder.reserve(len(piece))
        self.size += len(piece)
        return await asyncio.to_thread(_take, write, self.whole, piece)


def _described(path: Path, digests: Path) -> Ciphertext:
    tree = hashlib.sha256(digests.read_bytes()).digest()
    return Ciphertext(path, digests, path.stat().st_size, base64.b64encode(tree).decode())


def name_of(media: Media) -> str:
    """What its file is called: it tells nothing."""
    return hashlib.sha256(f"{media.url} {media.sha256}".encode()).hexdigest()


def _take(write: Callable[[bytes], int], whole: hashlib._Hash, piece: bytes) -> bytes:
    write(piece)
    whole.update(piece)
    return hashlib.sha256(piece).digest()


async def _chunks(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    async for chunk in chunks:
        yield chunk


def _decoded(text: str) -> bytes:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4))
