"""Plain servers as the other side of a tied calendar: each with one calendar, and its login."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from caldav.collection import Calendar

from tests.external import calendar_at, client_of
from tests.interop.caldav.programs import PlainRadicale, program
from tests.ports import free_port
from tests.processes import Process


@dataclass(frozen=True)
class Far:
    """`start` is what a person types, `calendar` what they mean by it."""

    start: str
    calendar: str
    username: str = "anna"
    password: str = "secret"

    def open(self) -> Calendar:
        return calendar_at(self.calendar, self.username, self.password)


@contextmanager
def radicale(folder: Path) -> Iterator[Far]:
    with PlainRadicale(folder) as server:
        far = Far(server.url, f"{server.url}anna/verein/", server.username, server.password)
        with client_of(far.open()) as client:
            client.mkcalendar(far.calendar)
        yield far


@contextmanager
def xandikos(folder: Path) -> Iterator[Far]:
    folder.mkdir()
    port = free_port()
    command = [
        *(program("xandikos"), "serve", "--directory", str(folder / "data"), "--defaults"),
        *("--state-dir", str(folder / "state"), "--no-detect-systemd"),
        *("--listen-address", "127.0.0.1", "--port", str(port)),
        *("--current-user-principal", "/anna/"),
    ]
    process = Process("xandikos", command, folder / "log")

    def ready() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                return True
        except OSError:
            return False

    process.start(ready)
    try:
        url = f"http://127.0.0.1:{port}/"
        yield Far(url, f"{url}anna/calendars/calendar/")
    finally:
        process.stop()


SERVERS = {"radicale": radicale, "xandikos": xandikos}
