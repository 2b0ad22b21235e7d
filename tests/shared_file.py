"""A shared file on a real web surface: a store, links, and a make-believe media server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bots.kit.crypto.attachments import Encryption
from bridges.web.app import serve
from bridges.web.ciphertexts import Ciphertexts
from bridges.web.health import Health
from bridges.web.links import Links
from bridges.web.metrics import Metrics
from bridges.web.uploads import Uploads
from wecreate_module.domain.attachments import Attachment, Media, read_media
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import SealLink
from wecreate_module.domain.links import LinkRules, LinkWish
from wecreate_module.services import files, links
from wecreate_module.services.file_requests import Room
from wecreate_module.services.link_sealing import SealedLink, derive
from wecreate_module.services.links import NewLink
from wecreate_module.settings import WebSettings
from wecreate_module.storage.store import Store

ANNA = "@anna:w.example"
RULES = LinkRules("http://127.0.0.1", request_size=100_000_000)
CHUNK = 64 * 1024


@dataclass
class MediaServer:
    """Ciphertext by address; `fetched` are the addresses asked for."""

    media: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def put(self, clear: bytes) -> Media:
        """Encrypt as a client does."""
        encryption = Encryption()
        sealed = encryption.update(clear)
        media = read_media(encryption.info(f"mxc://w.example/{os.urandom(8).hex()}"))
        assert media is not None
        self.media[media.url] = sealed
        return media

    async def fetch(self, url: str, most: int) -> AsyncIterator[bytes]:
        self.fetched.append(url)
        data = self.media[url]
        for first in range(0, min(len(data), most + CHUNK), CHUNK):
            yield data[first : first + CHUNK]


@dataclass
class Surface:
    """Where it listens, and how to share on it."""

    store: Store
    box: Box
    links: Links
    server: MediaServer
    port: int
    folder: Path
    upload_room: int = 10_000_000

    async def share(
        self, clear: bytes, name: str = "Protokoll.pdf", wish: LinkWish | None = None
    ) -> tuple[str, NewLink]:
        """Enter a file and share it, as the bot does; the link's address."""
        number = await asyncio.to_thread(self.enter, clear, name)
        return await self.share_all((number,), wish)

    async def share_all(
        self, numbers: Sequence[int], wish: LinkWish | None = None
    ) -> tuple[str, NewLink]:
        """One link to these files."""
        new, about = await asyncio.to_thread(self._prepare, numbers, wish or LinkWish())
        every = [vars(each.media) for each in new.files]
        media = every[0] if len(every) == 1 else {"several": every}
        effect = SealLink(new.id, new.secret, new.password, media, about)
        result = await self.links.seal(effect)
        await asyncio.to_thread(self._found, new, SealedLink.from_json(result), result["size"])
        return f"http://127.0.0.1:{self.port}/f/{new.id}#{new.secret}", new

    def enter(self, clear: bytes, name: str, folder: str = "") -> int:
        """A file of the Box; its number."""
        now, media = datetime.now(UTC), self.server.put(clear)
        with self.store.begin(now) as uow:
            entered = files.enter_file(
                uow,
                self.box,
                Attachment("m.file", name, media, len(clear), "application/pdf"),
                event_id=f"${media.url}",
                sender=ANNA,
                sent_at=now,
                folder=folder,
            )
            assert entered is not None
            return entered.file.number

    def _prepare(self, numbers: Sequence[int], wish: LinkWish) -> tuple[NewLink, dict[str, Any]]:
        with self.store.begin(datetime.now(UTC)) as uow:
            new, found = links.prepare_link(uow, self.box, numbers, wish, RULES)
            return new, links.about_of(new, found, "Sommerfest")

    def _found(self, new: NewLink, sealed: SealedLink, size: int) -> None:
        with self.store.begin(datetime.now(UTC)) as uow:
            links.found_link(uow, self.box, new, sealed, size, actor=ANNA)

    def access(self, new: NewLink) -> bytes:
        """What a visitor with the secret and the password shows."""
        with self.store.read(datetime.now(UTC)) as uow:
            found = uow.links.get(new.id)
        assert found is not None
        return derive(new.id, new.secret, new.password, found[1].salt, found[1].kdf)[1]


@asynccontextmanager
async def surface(folder: Path, limit: int = 2**31) -> AsyncIterator[Surface]:
    """A web surface with one Box behind it."""
    store = Store.open(f"sqlite:///{folder / 'w.db'}", folder / "keys.db", folder / "key")
    box = Box("box1", "!box", "Sommerfest", "de", "Europe/Berlin", ANNA, datetime.now(UTC))
    with store.begin(box.created_at) as uow:
        uow.boxes.add(box)
    server, pages = MediaServer(), Links()
    pages.open(store, Ciphertexts(folder / "link-files", limit, server.fetch))
    uploads = Uploads()
    uploads.open(store, folder / "sent-files", Room(Surface.upload_room))
    async with serve(WebSettings(port=0), Health(), Metrics(), pages, None, uploads) as port:
        yield Surface(store, box, pages, server, port, folder)
    store.close()
