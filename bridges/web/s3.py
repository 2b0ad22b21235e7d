"""The ciphertext of links in an S3 store, for operators whose disk is small or who run several.

What lies there is what Matrix clients encrypted; the store's operator sees sizes and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from bridges.web.kept import CHUNK, LINKS, StoreAway

if TYPE_CHECKING:  # a shape that the library only has in its stubs
    from obstore import GetResult

_AT_ONCE = timedelta(0)
_PART = 8 * 1024 * 1024
_AT_A_TIME = 2
"""Parts of a large file in memory; S3 takes 10,000 of them."""


class KeptInS3:
    """One folder of a bucket; objects are called as Ciphertexts and LargeFiles call their files."""

    def __init__(
        self, url: str, bucket: str, access_key: str, secret_key: str, folder: str = LINKS
    ) -> None:
        self._folder = folder
        plain = url.startswith("http://")
        self._store = S3Store(
            bucket,
            endpoint=url,
            access_key_id=access_key,
            secret_access_key=secret_key,
            region="us-east-1",  # S3's own default; other stores ignore it
            virtual_hosted_style_request=False,
            client_options={"allow_http": plain, "timeout": "300s", "connect_timeout": "10s"},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
        )

    async def put(self, name: str, path: Path) -> None:
        """Keep a file; raises StoreAway."""
        try:
            await obstore.put_async(
                self._store, self._folder + name, path, chunk_size=_PART, max_concurrency=_AT_A_TIME
            )
        except (BaseError, OSError) as error:
            raise StoreAway(type(error).__name__) from error

    async def get(self, name: str) -> AsyncIterator[bytes] | None:
        """Its bytes in chunks; None when it is not there. Raises StoreAway."""
        try:
            found = await obstore.get_async(self._store, self._folder + name)
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise StoreAway(type(error).__name__) from error
        return _chunks(found)

    def names(self) -> set[str]:
        """What is there. Raises StoreAway."""
        try:
            every = [each for page in obstore.list(self._store, self._folder) for each in page]
        except (BaseError, OSError) as error:
            raise StoreAway(type(error).__name__) from error
        return {each["path"].removeprefix(self._folder) for each in every}

    async def keep_only(
        self, needed: Callable[[], Collection[str]], spared: timedelta = _AT_ONCE
    ) -> int:
        """Forget what is not needed any more and is older than `spared`; how many objects."""
        try:
            gone = await asyncio.to_thread(self._unneeded, needed, datetime.now(UTC) - spared)
            for path in gone:
                await obstore.delete_async(self._store, path)
        except (BaseError, OSError) as error:
            raise StoreAway(type(error).__name__) from error
        return len(gone)

    def _unneeded(self, needed: Callable[[], Collection[str]], before: datetime) -> list[str]:
        every = [each for page in obstore.list(self._store, self._folder) for each in page]
        old = [each["path"] for each in every if each["last_modified"] <= before]
        kept = {self._folder + name for name in needed()} if old else set()  # after the listing
        return [path for path in old if path not in kept]


async def _chunks(found: GetResult) -> AsyncIterator[bytes]:
    try:
        async for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)
    except (BaseError, OSError) as error:
        raise StoreAway(type(error).__name__) from error
