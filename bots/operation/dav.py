"""`wecreate dav`: calendars and tasks for calendar programs, as one process."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bots.operation import logs
from bots.operation.chosen import ask_settings_file, read_settings
from bots.operation.terminal import FAILED, FINE
from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.runner import Runner
from bridges.caldav.server import Address, make_app, serving
from wecreate_module.settings import Settings
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.dav")

_TURN = 0.001
"""Seconds that a long answer may keep a short one waiting; Python's default is five times that."""

_LAST_STEP_S = 5.0


def configure(parser: argparse.ArgumentParser) -> None:
    ask_settings_file(parser)


def run(args: argparse.Namespace) -> int:
    """0 when it was asked to stop, 1 when it could not start or broke."""
    settings = read_settings(args.config)
    logs.configure(settings.logging, logs.secrets_of(settings))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        _serve(settings, stop)
    except Exception as error:  # the process' boundary: whatever ends it is said once, safely
        said = logs.words_of(error)
        log.critical("the calendars end: %s", said, exc_info=None if logs.speaks(error) else error)
        return FAILED
    log.info("the calendars have stopped")
    return FINE


def _serve(settings: Settings, stop: threading.Event) -> None:
    sys.setswitchinterval(_TURN)
    store = Store.open(settings.database.url, settings.storage.keys, settings.storage.key_file)
    try:
        app = make_app(store, _proxies(settings))
        address = Address(settings.calendars.host, settings.calendars.port)
        with serving(app, address) as port, _external(settings, store, stop):
            log.info("calendars are served", extra={"port": port})
            stop.wait()
    finally:
        store.close()


@contextmanager
def _external(settings: Settings, store: Store, stop: threading.Event) -> Iterator[None]:
    """Calendars on other servers are kept in step meanwhile, unless the operator wants none."""
    chosen = settings.calendars.external
    if chosen.word == "none":
        yield
        return
    runner = Runner(store, Allowed(tuple(chosen.names), settings.calendars.trusted))
    thread = threading.Thread(target=runner.run, args=(stop,), name="external")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=_LAST_STEP_S)


def _proxies(settings: Settings) -> tuple[str, ...]:
    chosen = settings.calendars.proxies
    return ("127.0.0.1", "::1") if chosen.word == "local" else tuple(chosen.names)
