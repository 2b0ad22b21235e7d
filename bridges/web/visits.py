"""What the pages for visitors have in common: headers, refusals in JSON, tickets."""

from __future__ import annotations

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

from bridges.web.kept import CantKeep
from wecreate_module.services.links import Refused
from wecreate_module.storage.keys import SERVER
from wecreate_module.storage.store import Store

log = logging.getLogger(__name__)

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PREFIX = "/f"
ID = "[A-Za-z0-9_-]{22}"
TICKET_LASTS = timedelta(hours=24)
_LARGEST_BODY = 8000
_ACCESS_BYTES = 32
_TICKET = re.compile(r"Ticket (\d{10,12})\.([0-9a-f]{64})")
_STATUS = {"wrong": 403, "wait": 429, "too-large": 413, "enough": 409, "full": 507, "later": 503}
GONE, ALTERED, LATER = 410, 422, 503

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types wecreate-saving",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
# Bytes are fetched by the page's script; opened as a page they must be nothing at all.
DATA_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Content-Disposition": "attachment",
    "Content-Type": "application/octet-stream",
}


class NotOpen(Exception):
    """The process has only begun, or the homeserver is away."""


class Pages:
    """The HTML of the pages, all with the same headers."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(("html.j2",)),
            undefined=StrictUndefined,
        )

    def html(self, name: str, status: int = 200, **values: object) -> web.Response:
        return web.Response(
            text=self._templates.get_template(name).render(**values),
            status=status,
            content_type="text/html",
            headers=HEADERS,
        )


class Tickets:
    """Given to who proved that they have a link; good for a day, for that link alone."""

    def __init__(self, store: Store, what: str) -> None:
        key = store.keys.key(SERVER)
        self._key = hmac.digest(key, f"wecreate {what}: tickets".encode(), hashlib.sha256)

    def new(self, link_id: str) -> str:
        ends = int((datetime.now(UTC) + TICKET_LASTS).timestamp())
        return f"{ends}.{self._signature(link_id, ends)}"

    def check(self, request: web.Request, link_id: str) -> None:
        """Raise Refused unless the request shows one."""
        shown = _TICKET.fullmatch(request.headers.get("Authorization", ""))
        if shown is None or not hmac.compare_digest(
            self._signature(link_id, int(shown[1])), shown[2]
        ):
            raise Refused("wrong")
        if int(shown[1]) < datetime.now(UTC).timestamp():
            raise Refused("gone")

    def _signature(self, link_id: str, ends: int) -> str:
        return hmac.digest(self._key, f"{link_id}.{ends}".encode(), hashlib.sha256).hex()


def guarded(handler: Handler) -> Handler:
    """Refusals as JSON that the page's script puts into words."""

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            status = _STATUS.get(refused.why, GONE)
            return json_answer({"why": refused.why, "seconds": refused.seconds}, status)
        except web.HTTPException:
            raise
        except (NotOpen, ConnectionError):  # not ready yet, or the visitor has gone
            return json_answer({"why": "later"}, LATER)
        except CantKeep as error:
            log.warning("a shared file can't be fetched", extra={"why": error.why})
            if error.why == "altered":  # trying again changes nothing
                return json_answer({"why": "altered"}, ALTERED)
            return json_answer({"why": "later"}, LATER)
        except Exception:  # the boundary of a request; the homeserver may be away
            log.exception("a link's request broke")
            return json_answer({"why": "later"}, LATER)

    return run


async def shown_in(request: web.Request, name: str) -> bytes:
    """Bytes in base64 in the request's JSON; none when there is nothing sensible."""
    try:
        said = bytearray()
        async for chunk in request.content.iter_any():
            said += chunk
            if len(said) > _LARGEST_BODY:
                return b""
        body = json.loads(said)
        return base64.b64decode(body[name], validate=True)
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
        return b""


async def access_shown(request: web.Request) -> bytes:
    """The token that the link's secret gives; anything else is a wrong one."""
    access = await shown_in(request, "access")
    return access if len(access) == _ACCESS_BYTES else b""


def json_answer(value: Mapping[str, object], status: int = 200) -> web.Response:
    return web.json_response(value, status=status, headers=HEADERS)


def base64_of(value: bytes) -> str:
    return base64.b64encode(value).decode()
