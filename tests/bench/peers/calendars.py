"""The three CalDAV servers of the bench, each with the same events in one calendar."""

from __future__ import annotations

import base64
import random
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

from bridges.caldav.paths import login_of
from tests.bench.calendar_load import QUERY
from tests.dav import ANNA, BEN, NOW, add_box
from tests.dav_process import dav_process
from tests.interop.caldav.programs import PlainRadicale, program
from tests.ports import free_port
from tests.processes import Process
from wecreate_module.services import app_passwords, calendars, outside
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendars import Sharing
from wecreate_module.storage.store import Store

AS_XML = {"Depth": "1", "Content_Type": "application/xml; charset=utf-8"}


def rich(number: int) -> str:
    """About 1 kB: alarms, attendees; 15 of 100 recur. Over two years, from 2026 on."""
    seed = random.Random(number)
    start = datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(hours=seed.randrange(24 * 730))
    rule = "RRULE:FREQ=WEEKLY\r\n" if number % 100 < 15 else ""
    guests = "".join(
        f"ATTENDEE;CN=Person {n};PARTSTAT=NEEDS-ACTION:mailto:person{n}@example.org\r\n"
        for n in range(6)
    )
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bench//Bench//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:bench-{number}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\n{rule}SUMMARY:Event {number}\r\n"
        f"DESCRIPTION:{'Lorem ipsum dolor sit amet. ' * 10}\r\n{guests}"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:soon\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@dataclass
class Server:
    """A running server with the events in it; `path` is the collection's.

    `cold`: seconds from the start of its process to its first answer of a month.
    """

    name: str
    process: Process
    port: int
    path: str
    authorization: str
    events: int
    cold: float = 0.0

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if self.authorization:
                sent["Authorization"] = self.authorization
            connection.request(method, path, body.encode(), sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def put(self, number: int) -> None:
        path = f"{self.path}new{number}.ics"
        status, text = self.ask("PUT", path, rich(number), Content_Type="text/calendar")
        if status not in {201, 204}:
            raise AssertionError(f"{self.name}: PUT: {status} {text[:200]}")

    def month(self) -> None:
        status, text = self.ask("REPORT", self.path, QUERY, **AS_XML)
        if status != 207 or text.count("BEGIN:VEVENT") < self.events // 50:
            raise AssertionError(f"{self.name}: month: {status} {text[:200]}")

    def sync(self, token: str = "") -> tuple[str, int]:
        """The next token, and how many objects were told."""
        body = (
            f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token>'
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        status, text = self.ask("REPORT", self.path, body, **AS_XML)
        found = re.search(r"sync-token>([^<]+)<", text)
        if status != 207 or found is None:
            raise AssertionError(f"{self.name}: sync: {status} {text[:200]}")
        return found[1], len(re.findall(r"<[^/>]*getetag>", text))

    def cpu(self) -> float:
        """Milliseconds of processor time so far, of threads that have ended too."""
        clock = (~self.process.pid << 3) | 2  # Linux: clock_getcpuclockid(3)
        return time.clock_gettime(clock) * 1000


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def _started(server: Server) -> Server:
    """Start it, and wait for its first answer of a month."""

    began = time.perf_counter()
    server.process.start(lambda: _listens(server.port), 120)
    server.month()
    server.cold = time.perf_counter() - began
    return server


@contextmanager
def radicale(folder: Path, events: int) -> Iterator[Server]:
    """As it comes; the events lie in its folder, its caches are cold."""
    plain = PlainRadicale(folder)
    place = folder / "collections/collection-root/anna/Events"
    place.mkdir(parents=True)
    (place / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
    _fill(place, events)
    authorization = plain.authorization["Authorization"]
    server = Server("Radicale", plain.process, plain.port, "/anna/Events/", authorization, events)
    try:
        yield _started(server)
    finally:
        plain.process.stop()


@contextmanager
def xandikos(folder: Path, events: int) -> Iterator[Server]:
    """As it comes, without a login; the events lie in its git repository."""
    port = free_port()
    place = folder / "user/calendars/calendar"
    command = [program("xandikos"), "serve", "-d", str(folder), "--defaults", "--no-detect-systemd"]
    command += ["--current-user-principal", "/user/", "-l", "127.0.0.1", "-p", str(port)]
    folder.mkdir()
    process = Process("xandikos", command, folder.with_suffix(".log"))
    process.start(lambda: _listens(port))
    process.stop()
    _fill(place, events)
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for words in (("add", "."), (*who, "commit", "-qm", "events")):
        subprocess.run(["/usr/bin/git", "-C", str(place), *words], check=True)
    server = Server("Xandikos", process, port, "/user/calendars/calendar/", "", events)
    try:
        yield _started(server)
    finally:
        process.stop()


@contextmanager
def ours(folder: Path, events: int) -> Iterator[Server]:
    """`wecreate dav` as a process of its own."""
    folder.mkdir()
    store = Store.open(f"sqlite:///{folder}/wecreate.db", folder / "keys.db", folder / "key")
    box = add_box(store, "bench", {ANNA: "join", BEN: "join"})
    with store.begin(NOW) as uow:
        shared = calendars.share(uow, box, Sharing.WRITE, actor=ANNA)
        password = app_passwords.add(uow, ANNA, "bench")
    for first in range(0, events, 1000):
        with store.begin(NOW) as uow:
            for number in range(first, min(first + 1000, events)):
                written = Written(f"bench-{number}", rich(number))
                outside.put(uow, box, Kind.EVENT, f"e{number}.ics", written, actor=ANNA)
            uow.outside_changes.take(box.id)
    store.close()
    login = login_of(ANNA)
    authorization = f"Basic {base64.b64encode(f'{login}:{password}'.encode()).decode()}"
    process, port = dav_process(folder)
    path = f"/{login}/{shared.events_id}/"
    server = Server("WeCreate", process, port, path, authorization, events)
    try:
        yield _started(server)
    finally:
        process.stop()


def _fill(place: Path, events: int) -> None:
    for number in range(events):
        (place / f"e{number}.ics").write_text(rich(number), newline="")
