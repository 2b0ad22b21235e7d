"""A folder of ciphertext within a bound: what open links need stays, the rest makes room."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridges.web.kept import CantKeep

_MOMENT = 10.0
"""Seconds from a link's making until its row says what it needs; that takes far less."""
_SLACK = 64 * 1024 * 1024
"""Bytes that are freed beyond what is asked for, so that the folder is looked through seldom."""


@dataclass(eq=False)
class Promise:
    """Names that a link needs which is being made, until `until` (monotonic)."""

    names: set[str] = field(default_factory=set)
    until: float = math.inf


class Folder:
    """At most `limit` bytes, what is on its way included; what was not asked for longest goes.

    `pinned` gives the names that stay. Each file lies beside its `.digests`.
    """

    def __init__(self, path: Path, limit: int, pinned: Callable[[], Collection[str]]) -> None:
        self.path = path
        self.limit = limit
        self._pinned = pinned
        self._promises: set[Promise] = set()
        self._lock = asyncio.Lock()
        self._used: int | None = None
        self._coming = 0
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for rest in path.glob("*.part"):  # of a fetch that was killed
            rest.unlink(missing_ok=True)

    def known(self, name: str) -> tuple[Path, Path] | None:
        """A file and its digests; it was asked for now."""
        path, digests = self.path / name, self.path / f"{name}.digests"
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return (path, digests) if digests.exists() else None

    def names(self) -> set[str]:
        return {path.name for path in self.path.iterdir() if not path.suffix}

    @contextlib.contextmanager
    def promised(self) -> Iterator[Promise]:
        """What is put into the promise stays while a link to it is being made."""
        now = time.monotonic()
        self._promises = {each for each in self._promises if each.until > now}
        promise = Promise()
        self._promises.add(promise)
        try:
            yield promise
        except BaseException:
            self._promises.discard(promise)
            raise
        promise.until = time.monotonic() + _MOMENT

    async def check_room(self, names: Collection[str], size: int) -> None:
        """Whether these, of `size` bytes in all, fit beside all that stays. Raises CantKeep."""
        if size > self.limit:
            raise CantKeep("too-large", self.limit)
        if size + await asyncio.to_thread(self._staying, set(names)) > self.limit:
            raise CantKeep("disk-full", self.limit)

    async def reserve(self, size: int) -> None:
        """Room for bytes that come; raises CantKeep when all that is here has to stay."""
        async with self._lock:
            if self._used is None or self._used + size > self.limit:
                self._used = await asyncio.to_thread(self._evict, size)
            self._used += size
            self._coming += size

    async def give_back(self, size: int) -> None:
        """Bytes that were reserved and did not come to stay."""
        async with self._lock:
            self._coming -= size
            if self._used is not None:
                self._used -= size

    async def take(self, name: str, part: Path, size: int, digests: bytes) -> None:
        """Keep what was written into `part`, whose `size` was reserved."""
        async with self._lock:
            await asyncio.to_thread(self._take, name, part, digests)
            self._coming -= size

    def _take(self, name: str, part: Path, digests: bytes) -> None:
        """The digests go first: a file without them is not known."""
        noted = part.with_suffix(".digests.part")
        try:
            noted.write_bytes(digests)
            noted.replace(self.path / f"{name}.digests")
        finally:
            noted.unlink(missing_ok=True)  # what a full disk took of it
        part.replace(self.path / name)

    def _here(self) -> list[tuple[float, int, Path]]:
        """When each was asked for last, its size, its path; the oldest first."""
        found = []
        for name in self.names():
            path = self.path / name
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        return sorted(found)

    def _stay(self) -> set[str]:
        now, pinned = time.monotonic(), set(self._pinned())
        stay = set(pinned)
        for each in list(self._promises):
            if each.until != math.inf:
                # Made: once its row names them, that alone says how long they stay.
                each.names -= pinned
            if each.until > now:
                stay |= each.names
        return stay

    def _staying(self, others: set[str]) -> int:
        stay = self._stay() - others
        return sum(size for _, size, path in self._here() if path.name in stay)

    def _evict(self, size: int) -> int:
        """Bytes used when what may go has made room for `size` more. Raises CantKeep."""
        here = self._here()
        used = sum(each[1] for each in here) + self._coming
        if used + size <= self.limit:
            return used
        stay, wanted = self._stay(), self.limit - size - min(_SLACK, self.limit // 16)
        for _, length, path in here:
            if used <= wanted:
                break
            if path.name in stay:
                continue
            # A download that has it open goes on; the next one fetches it again.
            path.unlink(missing_ok=True)
            path.with_suffix(".digests").unlink(missing_ok=True)
            used -= length
        if used + size > self.limit:
            raise CantKeep("disk-full", self.limit)
        return used
