"""`GET /_synapse/client/wecreate/v1/partner`: a partner's directory, for our bot alone.

The bot decides when to ask and judges what comes; this only carries it, signed and over the
homeserver's own federation, as raw bytes. docs/decisions/0028-partners.md
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from synapse.api.errors import Codes, SynapseError
from synapse.http.site import SynapseRequest
from synapse.module_api import DirectServeJsonResource, ModuleApi

from wecreate_module.domain.partner_listings import MAX_BYTES, MAX_CURSOR
from wecreate_module.synapse.config import ModuleConfig
from wecreate_module.synapse.federation import Federation, NoPartner
from wecreate_module.synapse.resources import MARKETPLACE

logger = logging.getLogger(__name__)

RELAY = "/_synapse/client/wecreate/v1/partner"
PAGE = "100"


class RelayResource(DirectServeJsonResource):
    """200 with the partner's own bytes, 304, 429, or 502 with what went wrong."""

    def __init__(self, api: ModuleApi, config: ModuleConfig, federation: Federation) -> None:
        super().__init__()
        self._api = api
        self._config = config
        self._federation = federation

    async def _async_render_GET(  # noqa: N802  # Synapse's name
        self, request: SynapseRequest
    ) -> None:
        requester = await self._api.get_user_by_req(request)
        if requester.user.to_string() != self._config.bot:
            raise SynapseError(403, "This is for the bot alone.", Codes.FORBIDDEN)
        server, cursor = _one(request, b"server"), _one(request, b"cursor")
        if not server.isascii() or server not in (self._config.partners or ()):
            raise SynapseError(404, "That is no partner.", Codes.NOT_FOUND)
        known = str(request.getHeader("If-None-Match") or "")[:200]
        try:
            answer = await self._federation.get(server, _path(server, cursor), known, MAX_BYTES)
        except NoPartner as error:
            raise SynapseError(502, str(error), Codes.UNKNOWN) from error
        status = answer.status
        if status not in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.TOO_MANY_REQUESTS}:
            raise SynapseError(502, f"it answers with {status}", Codes.UNKNOWN)
        request.setResponseCode(status)
        for name, value in (("ETag", answer.etag), ("Retry-After", answer.retry_after)):
            if value:
                _header(request, name, value)
        if status == HTTPStatus.OK:
            _header(request, "Content-Type", "application/octet-stream")
            _header(request, "Content-Length", str(len(answer.body)))
            request.write(answer.body)  # type: ignore[no-untyped-call]  # Twisted's
        request.finish()


def _path(server: str, cursor: str) -> str:
    asked = {"server": server, "sort": "changed", "detail": "1", "limit": PAGE}
    if cursor:
        asked["cursor"] = cursor
    return f"{MARKETPLACE}?{urlencode(asked)}"


def _one(request: SynapseRequest, name: bytes) -> str:
    values: list[bytes] = (request.args or {}).get(name) or [b""]
    return values[0].decode("utf-8", "replace")[:MAX_CURSOR]


def _header(request: SynapseRequest, name: str, value: str) -> None:
    request.setHeader(name, value)  # type: ignore[no-untyped-call]  # Twisted's
