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
import os
import secrets
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridges.web.large import LargeFiles
from wecreate_module.domain.attachments import Media

if TYPE_CHECKING:
    from bridges.web.s3 import KeptInS3

PIECE = 1024 * 1024
"""Bytes of a piece, but for the last."""

Fetch = Callable[[str, int], AsyncIterator[bytes]]
"""The ciphertext behind an mxc:// address in chunks, at most so many bytes; CantKeep if it is gone.
"""


class CantKeep(Exception):
    """`why`: "altered", "gone" (from the homeserver), "too-large" (for the bound), "disk-full"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


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
        self._folder = folder
        self._limit = limit
        self._fetch = fetch
        self._pinned = pinned or tuple
        self._kept = kept
        self._large = large
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._keeping = asyncio.Lock()
        self._used: int | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for rest in folder.glob("*.part"):  # of a fetch that was killed
            rest.unlink(missing_ok=True)

    async def get(self, media: Media) -> Ciphertext:
        """Give the checked ciphertext; raises CantKeep, and whatever the fetch raises."""
        if (ours := await asyncio.to_thread(self._ours, media)) is not None:
            return ours
        name = name_of(media)
        async with self._locks[name]:
            found = await asyncio.to_thread(self._known, name)
            if found is None:
                await self._fetch_checked(name, media)
                found = await asyncio.to_thread(self._known, name)
        if found is None:
            raise CantKeep("disk-full")
        return found

    async def keep(self, media: Media) -> Ciphertext:
        """The same, for a new link: from now on it does not need the homeserver any more."""
        found = await self.get(media)
        if self._kept is not None and media.kept is None:
            await self._kept.put(name_of(media), found.path)
        return found

    async def forget_unneeded(self) -> None:
        """Let the store go of what no open link needs; the folder sees to itself."""
        if self._kept is not None:
            await self._kept.keep_only(self._pinned)
        if self._large is not None:
            await self._large.forget_unneeded()

    def _ours(self, media: Media) -> Ciphertext | None:
        """What lies on our disk for good; its digests were checked when it came."""
        kept = self._large.here(media.kept) if self._large is not None and media.kept else None
        return _described(*kept) if kept is not None else None

    def _known(self, name: str) -> Ciphertext | None:
        path, digests = self._folder / name, self._folder / f"{name}.digests"
        try:
            os.utime(path)
            return _described(path, digests)
        except FileNotFoundError:
            return None

    async def _fetch_checked(self, name: str, media: Media) -> None:
        part = self._folder / f"{name}.{secrets.token_hex(4)}.part"
        try:
            whole, pieces = await self._write(part, await self._source(name, media))
            if not hmac.compare_digest(whole, _decoded(media.sha256)):
                raise CantKeep("altered")
            async with self._keeping:
                await asyncio.to_thread(self._keep, name, part, pieces)
        except OSError as error:
            raise CantKeep("disk-full") from error
        finally:
            part.unlink(missing_ok=True)

    async def _source(self, name: str, media: Media) -> AsyncIterator[bytes]:
        kept = None
        if self._kept is not None and media.kept is None:
            kept = await self._kept.get(name)
        return kept if kept is not None else self._fetch(media.url, self._limit)

    async def _write(self, part: Path, source: AsyncIterator[bytes]) -> tuple[bytes, bytes]:
        """The whole's SHA-256, and that of each piece."""
        whole, pieces, waiting = hashlib.sha256(), [], bytearray()
        written = 0
        with await asyncio.to_thread(part.open, "wb") as file:
            async with contextlib.aclosing(_chunks(source)) as chunks:
                async for chunk in chunks:
                    waiting += chunk
                    written += len(chunk)
                    if written > self._limit:
                        raise CantKeep("too-large")
                    while len(waiting) >= PIECE:
                        piece = bytes(waiting[:PIECE])
                        del waiting[:PIECE]
                        pieces.append(await asyncio.to_thread(_take, file.write, whole, piece))
            if waiting or not pieces:
                pieces.append(await asyncio.to_thread(_take, file.write, whole, bytes(waiting)))
        return whole.digest(), b"".join(pieces)

    def _keep(self, name: str, part: Path, pieces: bytes) -> None:
        """The digests go first: a file without them is not known."""
        self._make_room(part.stat().st_size)
        digests = part.with_suffix(".digests.part")
        digests.write_bytes(pieces)
        digests.replace(self._folder / f"{name}.digests")
        part.replace(self._folder / name)

    def _make_room(self, size: int) -> None:
        """Looks through the folder only when it may be full: a drive has thousands of files."""
        if self._used is not None and self._used + size <= self._limit:
            self._used += size
            return
        self._used = None
        kept = [
            (path.stat().st_mtime, path.stat().st_size, path)
            for path in self._folder.iterdir()
            if not path.suffix
        ]
        self._used = self._evicted(kept, size)

    def _evicted(self, kept: list[tuple[float, int, Path]], size: int) -> int:
        """Bytes used with `size` more, when what may go has gone. Raises CantKeep."""
        used = sum(each[1] for each in kept) + size
        if used <= self._limit:
            return used
        pinned = set(self._pinned()) if self._kept is None else set()
        for _, length, path in sorted(kept):
            if used <= self._limit:
                break
            if path.name in pinned:
                continue
            # A download that has it open goes on; the next one fetches it again.
            path.unlink(missing_ok=True)
            path.with_suffix(".digests").unlink(missing_ok=True)
            used -= length
        if used > self._limit:
            raise CantKeep("too-large" if size > self._limit else "disk-full")
        return used


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
