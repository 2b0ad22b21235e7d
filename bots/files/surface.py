"""What files need beside chat: pages for visitors, and what the outbox carries out for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from bots.files.bringing import Bringing
from bots.files.reading import Reading
from bots.files.receiving import Receiving
from bots.kit.client import Homeserver, MatrixError, Unreachable
from bridges.caldav.external.addresses import Allowed
from bridges.web.ciphertexts import Ciphertexts, name_of
from bridges.web.kept import LARGE, LINKS, CantKeep, StoreAway
from bridges.web.large import LargeFiles
from bridges.web.links import Links
from bridges.web.uploads import Uploads
from wecreate_module.domain.attachments import Media, kept_name
from wecreate_module.domain.effects import BringIn, ListFiles, ReadText, ReceiveUpload, SealLink
from wecreate_module.domain.quotas import Quotas
from wecreate_module.services.file_requests import Room
from wecreate_module.services.large_files import LARGEST_MEDIA
from wecreate_module.settings import FilesSettings
from wecreate_module.settings.kinds import NONE
from wecreate_module.storage.store import Store

if TYPE_CHECKING:
    from bridges.web.s3 import KeptInS3

log = logging.getLogger("wecreate.files")

MB = 1_000_000
TIDY_EVERY = 3600.0
How = Mapping[type[Any], Callable[[Any], Awaitable[dict[str, Any]]]]


class FileSurface:
    """The pages ask for patience until `open`."""

    def __init__(self) -> None:
        self.links = Links()
        self.uploads = Uploads()
        self._tidying: asyncio.Task[None] | None = None

    async def open(self, settings: FilesSettings, store: Store, homeserver: Homeserver) -> How:
        """How the effects of files are carried out from now on."""
        try:
            largest = await homeserver.largest_upload()
            await asyncio.to_thread(_note_largest, store, largest)
        except (MatrixError, Unreachable) as error:  # what it said at the last start still holds
            log.warning("the homeserver does not say its limits", extra={"why": str(error)})
        kept = kept_in(settings, LARGE)
        large = LargeFiles(settings.large, lambda: _kept_for_files(store), kept)
        fetch, room = partial(_fetched, homeserver, large), settings.cache_mb * MB
        ciphertexts = Ciphertexts(
            settings.cache,
            room,
            fetch,
            lambda: {name_of(media) for media in _needed(store)},
            kept_in(settings, LINKS),
            large,
        )
        self.links.open(store, ciphertexts)
        self._tidying = asyncio.create_task(_tidy(store, ciphertexts), name="links' store")
        await asyncio.to_thread(
            self.uploads.open,
            store,
            settings.requests,
            Room(
                settings.requests_mb * MB, settings.large_mb * MB, Quotas(box=settings.box_mb * MB)
            ),
        )
        keeping = large if settings.large_mb else None
        receiving = Receiving(homeserver, self.uploads.path, keeping)
        allowed = Allowed(own=tuple(settings.imports.names))
        bringing = Bringing(homeserver, ciphertexts, settings.requests, allowed, keeping)
        return {
            SealLink: self.links.seal,
            ReceiveUpload: receiving.receive,
            ListFiles: bringing.look,
            BringIn: bringing.bring,
            ReadText: Reading(fetch).read,
        }

    def close(self) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
        self.links.close()
        self.uploads.close()


def _note_largest(store: Store, largest: int | None) -> None:
    with store.begin(datetime.now(UTC)) as uow:
        uow.meta.set(LARGEST_MEDIA, str(largest) if largest else None)


def kept_in(settings: FilesSettings, folder: str) -> KeptInS3 | None:
    if settings.s3_url == NONE:
        return None
    from bridges.web.s3 import KeptInS3  # noqa: PLC0415  its library is large, and most have none

    keys = settings.s3_access_key or "", settings.s3_secret_key or ""
    return KeptInS3(settings.s3_url, settings.s3_bucket, *keys, folder)


async def _fetched(
    homeserver: Homeserver, large: LargeFiles, url: str, most: int
) -> AsyncIterator[bytes]:
    """Ciphertext from where it lies; raises CantKeep when it is there no more."""
    name = kept_name(url)
    try:
        async for chunk in large.chunks(name) if name else homeserver.download_stream(url, most):
            yield chunk
    except FileNotFoundError as error:
        raise CantKeep("gone") from error
    except MatrixError as error:
        why = {404: "gone", 413: "too-large"}.get(error.status)
        if why is None:
            raise
        raise CantKeep(why) from error


def _needed(store: Store) -> list[Media]:
    with store.read(datetime.now(UTC)) as uow:
        return uow.links.needed()


def _kept_for_files(store: Store) -> set[str]:
    with store.read(datetime.now(UTC)) as uow:
        return set(uow.files.kept())


async def _tidy(store: Store, ciphertexts: Ciphertexts) -> None:
    """Now and then, what ended links left goes, and what open ones miss is fetched again."""
    while True:
        try:
            await ciphertexts.forget_unneeded()
            await ciphertexts.keep_again(await asyncio.to_thread(_needed, store))
        except (StoreAway, MatrixError, Unreachable, OSError) as error:
            log.warning("what links need can't be seen to", extra={"why": str(error)})
        await asyncio.sleep(TIDY_EVERY)
