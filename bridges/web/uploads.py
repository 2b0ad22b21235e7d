"""Files that people without an account send: ciphertext in, by tus, resumable.

The core protocol of tus 1.0.0 with the extensions creation and termination
(https://tus.io/protocols/resumable-upload). Why it is written here: docs/decisions/0022. What is
sent was sealed in the visitor's browser; nothing in here can read it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from bridges.web.texts import texts_for
from bridges.web.visits import (
    GONE,
    HEADERS,
    ID,
    LATER,
    PREFIX,
    NotOpen,
    Pages,
    Tickets,
    access_shown,
    base64_of,
    guarded,
    json_answer,
    shown_in,
)
from wecreate_module.domain.file_requests import MAX_LETTER, Upload, UploadState
from wecreate_module.services import file_requests
from wecreate_module.services.file_requests import Room
from wecreate_module.services.links import Refused
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

log = logging.getLogger(__name__)

T = TypeVar("T")
TUS = {"Tus-Resumable": "1.0.0"}
_TYPE = "application/offset+octet-stream"
_CHUNK = 256 * 1024
_KEPT = (UploadState.OPEN, UploadState.WHOLE)


class Uploads:
    """The pages of requests and the bytes that come by them; until `open` they ask for patience."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._tickets: Tickets | None = None
        self._folder = Path()
        self._room = Room(0)
        self._pages = Pages()
        self._writing: dict[str, asyncio.Task[object]] = {}

    def open(self, store: Store, folder: Path, room: Room) -> None:
        """Keep what comes in `folder`, no more than there is `room` for."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tickets = Tickets(store, "requests")
        self._folder, self._room = folder, room
        self._store = store
        self._tidy()

    def close(self) -> None:
        self._store = None

    def path(self, upload_id: str) -> Path:
        """Where the ciphertext of an upload lies."""
        return self._folder / upload_id

    def routes(self) -> list[web.RouteDef]:
        of_request = f"{PREFIX}/r/{{request_id:{ID}}}"
        files = of_request + "/files"
        one = f"{files}/{{upload_id:{ID}}}"
        return [
            web.get(of_request, guarded(self._page)),
            web.post(of_request + "/open", guarded(self._open)),
            web.options(files, guarded(self._abilities)),
            web.post(files, guarded(self._create)),
            web.head(one, guarded(self._offset)),
            web.patch(one, guarded(self._append)),
            web.post(one, guarded(self._in_other_words)),
            web.delete(one, guarded(self._drop)),
            web.post(one + "/done", guarded(self._done)),
        ]

    async def _page(self, request: web.Request) -> web.StreamResponse:
        texts = texts_for(request.headers.get("Accept-Language", ""))
        request_id = request.match_info["request_id"]
        try:
            await self._ask(lambda uow: file_requests.look_at(uow, request_id))
        except Refused:
            title, why = "gone_title", "request_gone"
            return self._pages.html("no_link.html.j2", GONE, texts=texts, title=title, why=why)
        except NotOpen:
            title, why = "later_title", "later"
            return self._pages.html("no_link.html.j2", LATER, texts=texts, title=title, why=why)
        return self._pages.html("upload.html.j2", texts=texts, request_id=request_id)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        """`{"sealed", "ticket", "files_left", "max_size"}` for who has the whole link."""
        request_id = request.match_info["request_id"]
        access = await access_shown(request)
        found, left = await self._ask(lambda uow: file_requests.let_in(uow, request_id, access))
        if self._tickets is None:
            raise NotOpen
        return json_answer(
            {
                "sealed": base64_of(found.record),
                "ticket": self._tickets.new(request_id),
                "files_left": left,
                "max_size": found.max_size,
            }
        )

    async def _abilities(self, request: web.Request) -> web.StreamResponse:  # noqa: ARG002 - the same for all
        more = {"Tus-Version": "1.0.0", "Tus-Extension": "creation,termination"}
        return web.Response(status=204, headers={**HEADERS, **TUS, **more})

    async def _create(self, request: web.Request) -> web.StreamResponse:
        request_id = self._shown(request)
        size = _number(request, "Upload-Length")
        upload = await self._ask(
            lambda uow: file_requests.begin_upload(uow, request_id, size, self._room),
            write=True,
        )
        try:
            await asyncio.to_thread(self.path(upload.id).touch, 0o600)
        except OSError as error:
            await self._ask(lambda uow: uow.file_requests.drop(upload.id), write=True)
            raise Refused("full") from error
        await asyncio.to_thread(self._tidy)
        where = f"{PREFIX}/r/{request_id}/files/{upload.id}"
        return _answer(201, Location=where, Upload_Offset="0")

    async def _offset(self, request: web.Request) -> web.StreamResponse:
        upload = await self._upload(request)
        offset = await self._size(upload)
        return _answer(200, Upload_Offset=str(offset), Upload_Length=str(upload.size))

    async def _append(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Content-Type") != _TYPE:
            raise web.HTTPUnsupportedMediaType(headers={**HEADERS, **TUS})
        upload = await self._upload(request)
        first = _number(request, "Upload-Offset")
        async with self._only_writer(upload.id):
            if upload.state is not UploadState.OPEN or first != await self._size(upload):
                raise web.HTTPConflict(headers={**HEADERS, **TUS})
            await self._take(request, upload, first)
            offset = await self._size(upload)
        await self._ask(lambda uow: uow.file_requests.touch(upload.id), write=True)
        return _answer(204, Upload_Offset=str(offset))

    async def _in_other_words(self, request: web.Request) -> web.StreamResponse:
        """For those whose proxies let neither PATCH nor DELETE through, as tus wants it."""
        meant = {"PATCH": self._append, "DELETE": self._drop}
        handler = meant.get(request.headers.get("X-HTTP-Method-Override", ""))
        if handler is None:
            raise web.HTTPMethodNotAllowed("POST", sorted(meant), headers={**HEADERS, **TUS})
        return await handler(request)

    async def _take(self, request: web.Request, upload: Upload, at: int) -> None:
        """What was written stays, wherever the line is cut."""
        with await asyncio.to_thread(self.path(upload.id).open, "r+b") as file:
            file.seek(at)
            async for chunk in request.content.iter_chunked(_CHUNK):
                at += len(chunk)
                if at > upload.size:
                    raise Refused("too-large")
                try:
                    await asyncio.to_thread(_write, file.fileno(), chunk)
                except OSError as error:
                    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                        raise
                    log.warning("no room for what is sent", extra={"why": error.strerror})
                    raise Refused("full") from error

    async def _drop(self, request: web.Request) -> web.StreamResponse:
        upload = await self._upload(request)
        async with self._only_writer(upload.id):
            if await self._ask(lambda uow: uow.file_requests.drop(upload.id), write=True):
                await asyncio.to_thread(self.path(upload.id).unlink, missing_ok=True)
        return _answer(204)

    async def _done(self, request: web.Request) -> web.StreamResponse:
        """All bytes are here: `{"letter"}` tells the Box what they are. Can be repeated."""
        letter = await shown_in(request, "letter")
        upload = await self._upload(request)
        if not 0 < len(letter) <= MAX_LETTER:
            raise Refused("wrong")
        if upload.state is UploadState.OPEN and await self._size(upload) != upload.size:
            raise web.HTTPConflict(headers=HEADERS)
        await self._ask(
            lambda uow: file_requests.finish_upload(uow, upload.request_id, upload.id, letter),
            write=True,
        )
        return json_answer({"ok": True})

    def _shown(self, request: web.Request) -> str:
        """The request's id, for who shows its ticket and speaks our tus."""
        if request.headers.get("Tus-Resumable", "1.0.0") != "1.0.0":
            raise web.HTTPPreconditionFailed(headers={**HEADERS, "Tus-Version": "1.0.0"})
        request_id = request.match_info["request_id"]
        if self._tickets is None:
            raise NotOpen
        self._tickets.check(request, request_id)
        return request_id

    async def _upload(self, request: web.Request) -> Upload:
        request_id, upload_id = self._shown(request), request.match_info["upload_id"]
        return await self._ask(lambda uow: file_requests.find_upload(uow, request_id, upload_id))

    async def _size(self, upload: Upload) -> int:
        """Bytes that came."""
        if upload.state is not UploadState.OPEN:
            return upload.size
        try:
            return (await asyncio.to_thread(self.path(upload.id).stat)).st_size
        except FileNotFoundError as error:
            raise Refused("gone") from error

    @contextlib.asynccontextmanager
    async def _only_writer(self, upload_id: str) -> AsyncIterator[None]:
        """After a cut the visitor comes back before we know that the old line is dead: it ends."""
        before = self._writing.get(upload_id)
        if before is not None:
            before.cancel()
            await asyncio.wait([before])
        task = asyncio.current_task()
        if task is None or upload_id in self._writing:
            raise web.HTTPConflict(headers={**HEADERS, **TUS})
        self._writing[upload_id] = task
        try:
            yield
        finally:
            self._writing.pop(upload_id, None)

    async def _ask(self, ask: Callable[[UnitOfWork], T], *, write: bool = False) -> T:
        store = self._store
        if store is None:
            raise NotOpen

        def run() -> T:
            begin = store.begin if write else store.read
            with begin(datetime.now(UTC)) as uow:
                return ask(uow)

        return await asyncio.to_thread(run)

    def _tidy(self) -> None:
        """Remove what nobody waits for any more: entered, refused, abandoned."""
        if self._store is None:
            return
        # With a suffix are what others have in hand for a moment (bots/files/bringing.py).
        there = {path.name for path in self._folder.iterdir() if not path.suffix}
        with self._store.read(datetime.now(UTC)) as uow:
            kept = uow.file_requests.ids(_KEPT)
        for name in there - kept:
            self.path(name).unlink(missing_ok=True)


def _write(file: int, chunk: bytes) -> None:
    while chunk:
        chunk = chunk[os.write(file, chunk) :]


def _number(request: web.Request, name: str) -> int:
    said = request.headers.get(name, "")
    if not said.isdecimal() or len(said) > 15:  # noqa: PLR2004 - a petabyte
        raise web.HTTPBadRequest(headers={**HEADERS, **TUS})
    return int(said)


def _answer(status: int, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, headers={**HEADERS, **TUS, **named})
