"""A partner's server, played by the test: HTTPS as Synapse meets it, answers as bad as wanted."""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from tests.certificates import Authority
from tests.ports import free_port

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PATH = "/_synapse/client/wecreate/v1/marketplace"


class PlayedPartner:
    """Serves `listings` as the directory would; `play` lets it misbehave. `asked` is the log."""

    def __init__(self, folder: Path, authority: Authority, host: str = "127.0.0.2") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(*authority.issue(host, folder))
        self._host = host
        self._port = free_port(host)
        self.listings: list[Json] = []
        self.play: Handler | None = None
        self.asked: list[web.Request] = []

    @property
    def name(self) -> str:
        return f"{self._host}:{self._port}"

    async def __aenter__(self) -> Self:
        await self.appear()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.vanish()

    async def appear(self) -> None:
        """Listen, on the same port as before."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(
            self._runner, self._host, self._port, ssl_context=self._tls, reuse_address=True
        ).start()

    async def vanish(self) -> None:
        """Hang up: a goodbye of TLS would wait for an answer, longer than the test's loop lives."""
        server = self._runner.server
        assert server is not None
        for connection in server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self._runner.cleanup()

    def offer(self, number: int, title: str = "Bücherschrank", **fields: Any) -> Json:
        """One more listing, right in every way but for `fields`."""
        listing = {
            "room_id": f"!l{number}:{self.name}",
            "alias": f"#l{number}:{self.name}",
            "server": self.name,
            "kind": "idea",
            "title": title,
            "summary": "Für alle in der Straße.",
            "district": "Nord",
            "tags": ["kultur"],
            "status": "idee",
            "support": 3,
            "publisher": {"type": "party", "name": "Die Bunten", "verified": True},
            "published_at": "2026-11-01T12:00:00Z",
            "starts_at": None,
            "place": "Lindenmarkt",
            **fields,
        }
        self.listings.insert(0, listing)
        return listing

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if request.path != PATH:
            return web.Response(status=404)
        if self.play is not None:
            return await self.play(request)
        return self.honest(request)

    def honest(self, request: web.Request) -> web.Response:
        """As a real one: pages by cursor, an ETag, 304."""
        etag = f'"{hashlib.sha256(json.dumps(self.listings).encode()).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        start, limit = int(request.query.get("cursor", 0)), int(request.query["limit"])
        end = start + limit
        answer = {
            "results": self.listings[start:end],
            "facets": {},
            "total": len(self.listings),
            "next": str(end) if end < len(self.listings) else None,
        }
        return web.json_response(answer, headers={"ETag": etag})
