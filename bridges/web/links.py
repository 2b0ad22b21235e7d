"""Share links on the web: a page, and ciphertext. Nothing in here can read a file.

The secret stands behind the # of the address and is never sent. A visitor shows a token derived
from it (wecreate_module/services/link_sealing.py) and gets a ticket, which fetches ranges of the
ciphertext until the link ends: one visit, however many ranges and cuts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bridges.web.ciphertexts import Ciphertext, Ciphertexts
from bridges.web.folder import Promise
from bridges.web.kept import CantKeep, StoreAway
from bridges.web.texts import texts_for
from bridges.web.visits import (
    DATA_HEADERS,
    GONE,
    HEADERS,
    ID,
    LATER,
    PREFIX,
    Json,
    NotOpen,
    Pages,
    Tickets,
    access_shown,
    base64_of,
    guarded,
    json_answer,
)
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.effects import SealLink
from wecreate_module.domain.links import Link
from wecreate_module.services import links
from wecreate_module.services.link_sealing import ITERATIONS, seal_link
from wecreate_module.services.links import Refused
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

log = logging.getLogger(__name__)

_FETCHED_AT_ONCE = 4
_STATIC_FILES = Path(__file__).parent / "static"
_SCRIPTS = ("sealing", "saving", "zip", "link", "upload", "begun", "saver")
_VENDORED = ("scrypt", "pbkdf2", "hmac", "sha2", "_md", "_u64", "utils")
_STATIC = {
    "link.css": "text/css",
    **{f"{name}.js": "text/javascript" for name in _SCRIPTS},
    **{f"noble/{name}.js": "text/javascript" for name in _VENDORED},
    "tus/tus.min.js": "text/javascript",
}
# The service worker that streams to disk sees these addresses alone.
_SAVING = f"{PREFIX}/save/"


class Links:
    """The pages; until `open` they ask for patience."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._ciphertexts: Ciphertexts | None = None
        self._tickets: Tickets | None = None
        self._pages = Pages()

    def open(self, store: Store, ciphertexts: Ciphertexts) -> None:
        self._tickets = Tickets(store, "links")
        self._store, self._ciphertexts = store, ciphertexts

    def close(self) -> None:
        self._store = self._ciphertexts = None

    def routes(self) -> list[web.RouteDef]:
        of_link = f"{PREFIX}/{{link_id:{ID}}}"
        return [
            web.get(PREFIX + "/static/{name:.+}", self._static),
            web.get(of_link, guarded(self._page)),
            web.post(of_link + "/open", guarded(self._open)),
            web.post(of_link + "/visit", guarded(self._visit)),
            web.get(of_link + "/{which:[0-9]{1,4}}/data", guarded(self._data)),
            web.get(of_link + "/{which:[0-9]{1,4}}/digests", guarded(self._digests)),
        ]

    async def seal(self, effect: SealLink) -> Json:
        """Carry out a SealLink; raises what the fetch raises."""
        if self._ciphertexts is None:
            raise RuntimeError("links are asked for before they are open")
        try:
            with self._ciphertexts.making() as promise:
                about, size, gone = await self._kept_for(effect, promise)
        except CantKeep as error:
            return {"failed": error.why, "room": error.room}
        except StoreAway as error:
            log.warning("the store for links is away", extra={"why": str(error)})
            return {"failed": "disk-full"}
        made = await asyncio.to_thread(
            seal_link, effect.link_id, effect.secret, effect.password, about
        )
        return {**made.to_json(), "size": size, "gone": gone}

    async def _kept_for(self, effect: SealLink, promise: Promise) -> tuple[Json, int, list[int]]:
        """What is sealed, how many bytes are behind it, and the places of files that are gone."""
        about = effect.about
        if "several" not in effect.media:
            media = Media(**effect.media)
            found = await self._open_ciphertexts().keep(media, promise)
            more = {"size": found.size, "tree": found.tree, "key": media.key, "iv": media.iv}
            return {**about, **more}, found.size, []
        every = [Media(**each) for each in effect.media["several"]]
        said = [int(each["size"]) for each in about["files"]]
        await self._open_ciphertexts().check_room(list(zip(every, said, strict=True)))
        sizes = await self._keep_all(every, promise)
        gone = [place for place, size in enumerate(sizes) if size is None]
        if gone and len(gone) == len(sizes):
            raise CantKeep("gone")
        left = [each for place, each in enumerate(about["files"]) if place not in gone]
        return {**about, "files": left}, sum(size or 0 for size in sizes), gone

    async def _keep_all(self, every: Sequence[Media], promise: Promise) -> list[int | None]:
        """Their sizes in bytes; None for what the homeserver has no more, or has altered."""
        sizes: list[int | None] = []
        for first in range(0, len(every), _FETCHED_AT_ONCE):
            some = every[first : first + _FETCHED_AT_ONCE]
            coming = (self._keep(media, promise) for media in some)
            # All have come to their end before one's trouble is told: then nothing takes room.
            for ended in await asyncio.gather(*coming, return_exceptions=True):
                if isinstance(ended, BaseException):
                    raise ended
                sizes.append(ended)
        return sizes

    async def _keep(self, media: Media, promise: Promise) -> int | None:
        try:
            return (await self._open_ciphertexts().keep(media, promise)).size
        except CantKeep as error:
            if error.why not in {"gone", "altered"}:
                raise
            return None

    def _open_ciphertexts(self) -> Ciphertexts:
        if self._ciphertexts is None:
            raise NotOpen
        return self._ciphertexts

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in _STATIC:
            raise web.HTTPNotFound(headers=HEADERS)
        headers = {
            **HEADERS,
            "Content-Type": f"{_STATIC[name]}; charset=utf-8",
            "Service-Worker-Allowed": _SAVING,
        }
        return web.FileResponse(_STATIC_FILES / name, headers=headers)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        texts = texts_for(request.headers.get("Accept-Language", ""))
        link_id = request.match_info["link_id"]
        try:
            link = await self._reading(lambda uow: links.look_at(uow, link_id))
        except Refused as refused:
            why = refused.why
            return self._pages.html(
                "no_link.html.j2", GONE, texts=texts, title="gone_title", why=why
            )
        except NotOpen:
            title, why = "later_title", "later"
            return self._pages.html("no_link.html.j2", LATER, texts=texts, title=title, why=why)
        return self._pages.html(
            "link.html.j2",
            texts=texts,
            link_id=link_id,
            iterations=ITERATIONS,
            salt=base64_of(link.salt) if link.salt else "",
            kdf=link.kdf or "",
        )

    async def _open(self, request: web.Request) -> web.StreamResponse:
        """`{"sealed"}`: what only the secret (and the password) opens."""
        link = await self._let_in(request, links.let_in)
        return json_answer({"sealed": base64_of(link.sealed)})

    async def _visit(self, request: web.Request) -> web.StreamResponse:
        """`{"ticket"}`: counts one visit."""
        link = await self._let_in(request, links.visit)
        if self._tickets is None:
            raise NotOpen
        return json_answer({"ticket": self._tickets.new(link.id)})

    async def _data(self, request: web.Request) -> web.StreamResponse:
        found = await self._with_ticket(request)
        return web.FileResponse(found.path, headers=DATA_HEADERS)

    async def _digests(self, request: web.Request) -> web.StreamResponse:
        """32 bytes for each piece; how large the file is stands in a header."""
        found = await self._with_ticket(request)
        headers = {**DATA_HEADERS, "Wecreate-Size": str(found.size)}
        return web.FileResponse(found.digests, headers=headers)

    async def _with_ticket(self, request: web.Request) -> Ciphertext:
        link_id = request.match_info["link_id"]
        if self._tickets is None:
            raise NotOpen
        self._tickets.check(request, link_id)
        link = await self._reading(lambda uow: links.still_open(uow, link_id))
        which = int(request.match_info["which"])
        if which >= len(link.files):
            raise Refused("gone")
        return await self._open_ciphertexts().get(link.files[which].media)

    async def _reading(self, look: Callable[[UnitOfWork], Link]) -> Link:
        store = self._store
        if store is None:
            raise NotOpen

        def read() -> Link:
            with store.read(datetime.now(UTC)) as uow:
                return look(uow)

        return await asyncio.to_thread(read)

    async def _let_in(
        self, request: web.Request, check: Callable[[UnitOfWork, str, bytes], Link]
    ) -> Link:
        access = await access_shown(request)
        store = self._store
        if store is None:
            raise NotOpen

        def ask() -> Link | Refused:
            with store.begin(datetime.now(UTC)) as uow:
                try:
                    return check(uow, request.match_info["link_id"], access)
                except Refused as refused:  # what was noted of a wrong try stays
                    return refused

        found = await asyncio.to_thread(ask)
        if isinstance(found, Refused):
            raise found
        return found
