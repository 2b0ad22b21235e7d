"""The bot's web surface: /health, /metrics, links to files under /f/, the marketplace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bridges.web.health import Health
from bridges.web.links import Links
from bridges.web.market import Market
from bridges.web.metrics import Metrics
from bridges.web.uploads import Uploads
from wecreate_module.settings import WebSettings

HEALTH = web.AppKey("health", Health)
METRICS = web.AppKey("metrics", Metrics)
# What every answer has that says nothing else, those for addresses and methods unknown too.
_LEAST = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def show_health(request: web.Request) -> web.Response:
    report = await asyncio.to_thread(request.app[HEALTH].report)
    return web.json_response(report, status=200 if report["ok"] else 503)


async def show_metrics(request: web.Request) -> web.Response:
    text = await asyncio.to_thread(request.app[METRICS].text)
    # The exposition format's version is part of the type that Prometheus expects.
    return web.Response(
        body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    )


def make_app(
    health: Health,
    metrics: Metrics,
    links: Links | None = None,
    market: Market | None = None,
    uploads: Uploads | None = None,
) -> web.Application:
    app = web.Application()
    app.on_response_prepare.append(_guard)
    app[HEALTH] = health
    app[METRICS] = metrics
    app.add_routes([web.get("/health", show_health), web.get("/metrics", show_metrics)])
    app.add_routes(links.routes() if links is not None else [])
    app.add_routes(market.routes() if market is not None else [])
    app.add_routes(uploads.routes() if uploads is not None else [])
    return app


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    del request
    for name, value in _LEAST.items():
        response.headers.setdefault(name, value)


@asynccontextmanager
async def serve(
    settings: WebSettings,
    health: Health,
    metrics: Metrics,
    links: Links | None = None,
    market: Market | None = None,
    uploads: Uploads | None = None,
) -> AsyncIterator[int]:
    """Listen while the context is open; gives the port (of use when the settings say 0).

    Raises OSError when the port is taken.
    """
    # No access log: who opened which link is nobody's business.
    runner = web.AppRunner(
        make_app(health, metrics, links, market, uploads), access_log=None, shutdown_timeout=2
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
