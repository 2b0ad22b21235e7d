"""What stands between the bot and its homeserver on a bad day: 429s, cut lines, lost replies.

A lost reply is the worst of them: the homeserver has done what was asked, and the bot does not
know. Faults come from a seeded generator, so a run repeats as far as timing allows.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Faults:
    """Shares of requests, each between 0 and 1; `retry_after` in seconds."""

    limited: float = 0.0
    cut: float = 0.0
    reply_lost: float = 0.0
    retry_after: tuple[float, float] = (0.05, 0.5)


CALM = Faults()


class FaultyProxy:
    """HTTP in front of `upstream`; set `faults` at any time. `seen` counts what was done.

    `synced` is set whenever a sync was answered: whoever stands behind the proxy lives.
    """

    def __init__(self, upstream: str, seed: int) -> None:
        self.upstream = upstream
        self.faults = CALM
        self.seen: Counter[str] = Counter()
        self.synced = asyncio.Event()
        self.url = ""
        self._random = random.Random(seed)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            auto_decompress=False, timeout=aiohttp.ClientTimeout(total=120)
        )
        app = web.Application(client_max_size=2**27)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        fault = self._draw()
        self.seen[fault] += 1
        if fault == "limited":
            return self._limited()
        if fault == "cut":
            return _hang_up(request)
        try:
            answer = await self._forward(request)
        except (aiohttp.ClientError, TimeoutError):
            self.seen["upstream gone"] += 1
            return _hang_up(request)
        if fault == "reply_lost":
            return _hang_up(request)
        if request.path.endswith("/sync"):
            self.synced.set()
        return answer

    def _draw(self) -> str:
        """Exactly one draw for each request: what happens to it."""
        left = self._random.random()
        for name in ("limited", "cut", "reply_lost"):
            left -= getattr(self.faults, name)
            if left < 0:
                return name
        return "passed"

    def _limited(self) -> web.Response:
        seconds = self._random.uniform(*self.faults.retry_after)
        body = {
            "errcode": "M_LIMIT_EXCEEDED",
            "error": "Too Many Requests",
            "retry_after_ms": int(seconds * 1000),
        }
        return web.json_response(body, status=429)

    async def _forward(self, request: web.Request) -> web.Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP}
        body = await request.read()
        url = URL(self.upstream + request.raw_path, encoded=True)
        async with self._session.request(request.method, url, headers=headers, data=body) as answer:
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)
