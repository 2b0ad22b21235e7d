"""Share links on the web: a page, and ciphertext. Nothing in here can read a file.

The secret stands behind the # of the address and is never sent. A visitor shows a token derived
from it (wecreate_module/services/link_sealing.py) and gets a ticket, which fetches ranges of the
ciphertext until the link ends: one visit, however many ranges and cuts.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bridges.web.ciphertexts import PIECE, CantKeep, Ciphertext, Ciphertexts
from bridges.web.texts import texts_for
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.effects import SealLink
from wecreate_module.domain.links import Link
from wecreate_module.services import links
from wecreate_module.services.link_sealing import ITERATIONS, seal_link
from wecreate_module.services.links import Refused
from wecreate_module.storage.keys import SERVER
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

log = logging.getLogger(__name__)

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PREFIX = "/f"
TICKET_LASTS = timedelta(hours=24)
_HERE = Path(__file__).parent
_LINK_ID = "{link_id:[A-Za-z0-9_-]{22}}"
_STATIC = {"link.js": "text/javascript", "link.css": "text/css"}
_LARGEST_BODY = 500
_ACCESS_BYTES = 32
_TICKET = re.compile(r"Ticket (\d{10,12})\.([0-9a-f]{64})")
_GONE, _WRONG, _SLOW_DOWN, _LATER = 410, 403, 429, 503

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
# Bytes are fetched by the page's script; opened as a page they must be nothing at all.
_DATA_HEADERS = {
    **_HEADERS,
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Content-Disposition": "attachment",
    "Content-Type": "application/octet-stream",
}


class Links:
    """The pages; until `open` they ask for patience."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._ciphertexts: Ciphertexts | None = None
        self._ticket_key = b""
        self._pages = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(("html.j2",)),
            undefined=StrictUndefined,
        )

    def open(self, store: Store, ciphertexts: Ciphertexts) -> None:
        key = store.keys.key(SERVER)
        self._ticket_key = hmac.digest(key, b"wecreate links: tickets", hashlib.sha256)
        self._store, self._ciphertexts = store, ciphertexts

    def close(self) -> None:
        self._store = self._ciphertexts = None

    def routes(self) -> list[web.RouteDef]:
        of_link = f"{PREFIX}/{_LINK_ID}"
        return [
            web.get(PREFIX + "/static/{name}", self._static),
            web.get(of_link, _guarded(self._page)),
            web.post(of_link + "/open", _guarded(self._open)),
            web.post(of_link + "/visit", _guarded(self._visit)),
            web.get(of_link + "/data", _guarded(self._data)),
            web.get(of_link + "/digests", _guarded(self._digests)),
        ]

    async def seal(self, effect: SealLink) -> Json:
        """Carry out a SealLink; raises what the fetch raises."""
        if self._ciphertexts is None:
            raise RuntimeError("links are asked for before they are open")
        media = Media(**effect.media)
        try:
            found = await self._ciphertexts.get(media)
        except CantKeep as error:
            return {"failed": error.why}
        about = {
            **effect.about,
            "size": found.size,
            "tree": found.tree,
            "key": media.key,
            "iv": media.iv,
        }
        made = await asyncio.to_thread(
            seal_link, effect.link_id, effect.secret, effect.password, about
        )
        return {**made.to_json(), "size": found.size}

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in _STATIC:
            raise web.HTTPNotFound(headers=_HEADERS)
        headers = {**_HEADERS, "Content-Type": f"{_STATIC[name]}; charset=utf-8"}
        return web.FileResponse(_HERE / "static" / name, headers=headers)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        texts = texts_for(request.headers.get("Accept-Language", ""))
        link_id = request.match_info["link_id"]
        try:
            link = await self._reading(lambda uow: links.look_at(uow, link_id))
        except Refused as refused:
            why = refused.why
            return self._html("no_link.html.j2", _GONE, texts=texts, title="gone_title", why=why)
        except _NotOpen:
            title, why = "later_title", "later"
            return self._html("no_link.html.j2", _LATER, texts=texts, title=title, why=why)
        return self._html(
            "link.html.j2",
            texts=texts,
            link_id=link_id,
            piece=PIECE,
            iterations=ITERATIONS,
            salt=_base64(link.salt) if link.salt else "",
        )

    def _html(self, name: str, status: int = 200, **values: object) -> web.Response:
        return web.Response(
            text=self._pages.get_template(name).render(**values),
            status=status,
            content_type="text/html",
            headers=_HEADERS,
        )

    async def _open(self, request: web.Request) -> web.StreamResponse:
        """`{"sealed"}`: what only the secret (and the password) opens."""
        link = await self._let_in(request, links.let_in)
        return _json({"sealed": _base64(link.sealed)})

    async def _visit(self, request: web.Request) -> web.StreamResponse:
        """`{"ticket"}`: counts one visit."""
        link = await self._let_in(request, links.visit)
        ends = int((datetime.now(UTC) + TICKET_LASTS).timestamp())
        return _json({"ticket": f"{ends}.{self._signature(link.id, ends)}"})

    async def _data(self, request: web.Request) -> web.StreamResponse:
        found = await self._with_ticket(request)
        return web.FileResponse(found.path, headers=_DATA_HEADERS)

    async def _digests(self, request: web.Request) -> web.StreamResponse:
        found = await self._with_ticket(request)
        return web.FileResponse(found.digests, headers=_DATA_HEADERS)

    async def _with_ticket(self, request: web.Request) -> Ciphertext:
        link_id = request.match_info["link_id"]
        shown = _TICKET.fullmatch(request.headers.get("Authorization", ""))
        if shown is None or not hmac.compare_digest(
            self._signature(link_id, int(shown[1])), shown[2]
        ):
            raise Refused("wrong")
        if int(shown[1]) < datetime.now(UTC).timestamp():
            raise Refused("gone")
        link = await self._reading(lambda uow: links.still_open(uow, link_id))
        if self._ciphertexts is None:
            raise _NotOpen
        return await self._ciphertexts.get(link.media)

    async def _reading(self, look: Callable[[UnitOfWork], Link]) -> Link:
        store = self._store
        if store is None:
            raise _NotOpen

        def read() -> Link:
            with store.read(datetime.now(UTC)) as uow:
                return look(uow)

        return await asyncio.to_thread(read)

    async def _let_in(
        self, request: web.Request, check: Callable[[UnitOfWork, str, bytes], Link]
    ) -> Link:
        access = await _access_shown(request)
        store = self._store
        if store is None:
            raise _NotOpen

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

    def _signature(self, link_id: str, ends: int) -> str:
        return hmac.digest(self._ticket_key, f"{link_id}.{ends}".encode(), hashlib.sha256).hex()


class _NotOpen(Exception):
    """The process has only begun, or the homeserver is away."""


def _guarded(handler: Handler) -> Handler:
    """Refusals as JSON that the page's script puts into words."""

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            status = {"wrong": _WRONG, "wait": _SLOW_DOWN}.get(refused.why, _GONE)
            return _json({"why": refused.why, "seconds": refused.seconds}, status)
        except web.HTTPException:
            raise
        except _NotOpen:
            return _json({"why": "later"}, _LATER)
        except CantKeep as error:
            log.warning("a shared file can't be fetched", extra={"why": error.why})
            return _json({"why": "later"}, _LATER)
        except Exception:  # the boundary of a request; the homeserver may be away
            log.exception("a link's request broke")
            return _json({"why": "later"}, _LATER)

    return run


async def _access_shown(request: web.Request) -> bytes:
    """The token in the request's JSON; anything else is a wrong one."""
    try:
        body = json.loads(await request.content.read(_LARGEST_BODY))
        access = base64.b64decode(body["access"], validate=True)
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
        access = b""
    return access if len(access) == _ACCESS_BYTES else b""


def _json(value: Mapping[str, object], status: int = 200) -> web.Response:
    return web.json_response(value, status=status, headers=_HEADERS)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
