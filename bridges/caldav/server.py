"""The CalDAV server: Radicale's protocol layer behind the gate, served by waitress.

Waitress: it is well kept, reads whole requests before a thread is taken (a slow client holds
none), bounds headers and bodies, and needs nothing else.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from bridges.caldav import xml_check
from bridges.caldav.feeds import FeedPage
from bridges.caldav.gate import Gate
from bridges.caldav.quiet import keep_content_out
from bridges.caldav.refusals import Application, Environ, StartResponse
from bridges.caldav.welcome import welcome_page
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.dav")

# More than may work at once (plain_reports), so that short requests find one free.
_THREADS = 16
_WARM_UP_AFTER = 1.0
"""Seconds."""


@dataclass(frozen=True)
class Address:
    """Where it listens; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0


class Later:
    """The protocol layer, which is imported and made when it is first asked or warmed up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Application | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self.warm()(environ, start_response)

    def warm(self) -> Application:
        with self._lock:
            if self._made is None:
                from bridges.caldav.protocol import make_radicale  # noqa: PLC0415  as said

                self._made = make_radicale()
            return self._made

    def warm_up(self) -> None:
        try:
            self.warm()
        except Exception:  # a thread's end: the next request that needs it says the same
            log.exception("the protocol layer can't be loaded")


@dataclass(frozen=True)
class App:
    """The gate with all behind it. `warm_up` loads what is slow to load."""

    gate: Gate
    warm_up: Callable[[], None]


def make_app(store: Store, proxies: tuple[str, ...] = ("127.0.0.1", "::1")) -> App:
    keep_content_out()
    later = Later()
    gate = Gate(
        store, later, pages=(_Health(store), FeedPage(store), welcome_page), proxies=proxies
    )
    return App(gate, later.warm_up)


class _Health:
    """`/health`: whether the store answers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, environ: Environ) -> tuple[HTTPStatus, dict[str, str], bytes] | None:
        if environ.get("PATH_INFO") != "/health":
            return None
        try:
            with self._store.read(datetime.now(UTC)) as uow:
                uow.meta.get("next_batch")
        except StoreError:
            status, ok = HTTPStatus.SERVICE_UNAVAILABLE, False
        else:
            status, ok = HTTPStatus.OK, True
        return status, {"Content-Type": "application/json"}, json.dumps({"ok": ok}).encode()


@contextmanager
def serving(app: App, address: Address) -> Iterator[int]:
    """Serve in a thread of its own while the context is open; gives the port.

    Raises OSError when the port is taken.
    """
    listening = socket.create_server((address.host, address.port), backlog=128)
    channels: dict[int, Any] = {}
    server = create_server(
        app.gate,
        sockets=[listening],
        map=channels,
        threads=_THREADS,
        ident="WeCreate",
        max_request_body_size=xml_check.MAX_BYTES + 1,
        max_request_header_size=32_768,
        channel_timeout=60,
        clear_untrusted_proxy_headers=False,  # the gate decides which are believed
    )
    stop = threading.Event()

    def run() -> None:
        # One turn at a time, so that the thread which uses the sockets is the one to close them.
        while not stop.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=channels, count=1)
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=5)
        wasyncore.close_all(channels, ignore_all=True)

    thread = threading.Thread(target=run, name="dav", daemon=True)
    thread.start()
    # Who waits for the start is answered first; what only others need is loaded after that.
    warming = threading.Timer(_WARM_UP_AFTER, app.warm_up)
    warming.daemon = True
    warming.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        warming.cancel()
        stop.set()
        with suppress(OSError):  # it has stopped by itself in this moment
            server.pull_trigger()  # type: ignore[union-attr]  # one socket makes no MultiSocketServer
        thread.join(timeout=10)
