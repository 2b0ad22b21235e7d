"""The CalDAV server: Radicale's protocol layer behind the gate, served by waitress.

Waitress: it is well kept, reads whole requests before a thread is taken (a slow client holds
none), bounds headers and bodies, and needs nothing else.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any

from radicale import config, pathutils
from radicale.app import Application as Radicale
from waitress import wasyncore
from waitress.server import create_server

from bridges.caldav import xml_check
from bridges.caldav.feeds import FeedPage
from bridges.caldav.gate import Gate
from bridges.caldav.plugins import Auth, Rights, Storage
from bridges.caldav.refusals import Environ
from bridges.caldav.zones import register_zones
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.store import Store

_MAX_OCCURRENCES = 10_000
_THREADS = 8


@dataclass(frozen=True)
class Address:
    """Where it listens; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0


@cache
def _remember_paths() -> None:
    """Radicale checks a path some ten times for each object in an answer; it is a pure function."""
    pathutils.sanitize_path = lru_cache(maxsize=20_000)(pathutils.sanitize_path)


def make_radicale() -> Radicale:
    """Radicale with WeCreate's plugins, and every guard that is a setting of its own."""
    _remember_paths()
    # Its log speaks of every request, with paths and agents.
    logging.getLogger("radicale").setLevel(logging.ERROR)
    settings: dict[str, dict[str, Any]] = {
        "auth": {"type": Auth, "delay": "0", "cache_logins": "False"},
        "rights": {
            "type": Rights,
            "permit_delete_collection": "False",
            "permit_overwrite_collection": "False",
        },
        "storage": {"type": Storage, "strict_preconditions": "True"},
        "web": {"type": "none"},
        "sharing": {"type": "none"},
        "server": {
            "validate_user_value": "none",
            "validate_path_value": "none",
            "delay_on_error": "0",
        },
        "reporting": {
            "max_expand_occurrence": str(_MAX_OCCURRENCES),
            "max_freebusy_occurrence": str(_MAX_OCCURRENCES),
        },
        "logging": {"level": "error", "bad_put_request_content": "False"},
    }
    configuration = config.load()
    configuration.update(settings, "WeCreate", privileged=True)
    return Radicale(configuration)


def make_app(store: Store, proxies: tuple[str, ...] = ("127.0.0.1", "::1")) -> Gate:
    register_zones()
    return Gate(store, make_radicale(), pages=(_Health(store), FeedPage(store)), proxies=proxies)


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
def serving(app: Gate, address: Address) -> Iterator[int]:
    """Serve in a thread of its own while the context is open; gives the port.

    Raises OSError when the port is taken.
    """
    listening = socket.create_server((address.host, address.port), backlog=128)
    channels: dict[int, Any] = {}
    server = create_server(
        app,
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
    try:
        yield int(listening.getsockname()[1])
    finally:
        stop.set()
        with suppress(OSError):  # it has stopped by itself in this moment
            server.pull_trigger()  # type: ignore[union-attr]  # one socket makes no MultiSocketServer
        thread.join(timeout=10)
