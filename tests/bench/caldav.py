"""10,000 events in one calendar: WeCreate beside plain Radicale, by the same requests.

.venv/bin/python -m tests.bench.caldav [number of events]
"""

from __future__ import annotations

import base64
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

from bridges.caldav.paths import login_of
from tests.dav import ANNA, BEN, NOW, add_box
from tests.interop.caldav.programs import PlainRadicale
from tests.processes import Process, free_port
from wecreate_module.services import app_passwords, calendars, outside
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendars import Sharing
from wecreate_module.storage.store import Store

EVENTS = 10_000
_TRIES = 15
QUERY = (
    '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>"
    '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="20270301T000000Z" end="20270401T000000Z"/>'
    "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)


def rich(number: int) -> str:
    """About 1 kB: alarms, attendees; 15 of 100 recur."""
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
    """A running server with the events in it; `path` is the collection's."""

    name: str
    port: int
    path: str
    headers: dict[str, str]
    cold: float

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body.encode(), self.headers | sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def sync(self, token: str = "") -> tuple[str, int]:
        body = (
            f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token>'
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        status, text = self.ask("REPORT", self.path, body)
        found = re.search(r"sync-token>([^<]+)<", text)
        if status != 207 or found is None:
            raise AssertionError(text[:500])
        return found[1], text.count("getetag>") // 2


def measure(server: Server, events: int) -> dict[str, float]:
    """Milliseconds, medians; the cold start in seconds."""
    found = {"cold start to first answer (s)": server.cold}
    token = ""

    def put_new(number: int) -> None:
        text = rich(events + number)
        status, _ = server.ask(
            "PUT", f"{server.path}new{number}.ics", text, Content_Type="text/calendar"
        )
        if status != 201:
            raise AssertionError(f"PUT: {status}")

    def month(_: int) -> None:
        status, text = server.ask("REPORT", server.path, QUERY, Depth="1")
        if status != 207 or text.count("BEGIN:VEVENT") < events // 50:
            raise AssertionError(f"query: {status}, {text.count('BEGIN:VEVENT')} events")

    def two_changes(number: int) -> None:
        nonlocal token
        token, count = server.sync(token)
        if number and count != 2:
            raise AssertionError(f"sync: {count} changes")

    found["PUT new"] = timed(put_new)
    found["calendar-query, one month"] = timed(month)
    found["first sync of all"] = timed(lambda _: void(server.sync()), 3)
    token, _ = server.sync()
    times = []
    for number in range(_TRIES):
        for twice in range(2):
            put_new(1000 + 2 * number + twice)
        began = time.perf_counter()
        two_changes(1)
        times.append((time.perf_counter() - began) * 1000)
    found["sync with 2 changes"] = statistics.median(times)
    return found


def void(_: object) -> None:
    """Drop a result."""


def timed(work: Callable[[int], None], tries: int = _TRIES) -> float:
    times = []
    for number in range(tries):
        began = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


@contextmanager
def plain(folder: Path, events: int) -> Iterator[Server]:
    """Radicale as it comes; the events lie in its folder, its caches are cold."""
    server = PlainRadicale(folder)
    place = folder / "collections/collection-root/anna/Events"
    place.mkdir(parents=True)
    (place / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
    for number in range(events):
        (place / f"e{number}.ics").write_text(rich(number), newline="")
    began = time.perf_counter()
    with server:
        made = Server("Radicale", server.port, "/anna/Events/", server.authorization, 0.0)
        made.ask("REPORT", made.path, QUERY, Depth="1")
        made.cold = time.perf_counter() - began
        yield made


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
    port = free_port()
    settings: dict[str, Any] = {
        "server": {"name": "w.example", "homeserver": "http://127.0.0.1:1"},
        "database": {"url": f"sqlite:///{folder}/wecreate.db"},
        "storage": {"keys": str(folder / "keys.db"), "key_file": str(folder / "key")},
        "calendars": {"port": port},
    }
    config = folder / "wecreate.yaml"
    config.write_text(yaml.safe_dump(settings))
    login = login_of(ANNA)
    word = f"{login}:{password}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(word).decode()}"}
    command = [sys.executable, "-m", "bots.cli", "dav", "--config", str(config)]
    process = Process("dav", command, folder / "log")
    made = Server("WeCreate", port, f"/{login}/{shared.events_id}/", headers, 0.0)
    began = time.perf_counter()

    def ready() -> bool:
        try:
            return made.ask("GET", "/health")[0] == 200
        except OSError:
            return False

    process.start(ready)
    made.ask("REPORT", made.path, QUERY, Depth="1")
    made.cold = time.perf_counter() - began
    try:
        yield made
    finally:
        process.stop()


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, serve in (("WeCreate", ours), ("Radicale", plain)):
            with serve(Path(folder) / name, events) as server:
                results[name] = measure(server, events)
    print(f"{events} events, ms (medians of {_TRIES})")  # noqa: T201  the result
    for row, mine in results["WeCreate"].items():
        other = results["Radicale"][row]
        print(f"{row:32} {other:9.1f} {mine:9.1f}   1/{other / mine:.1f}")  # noqa: T201


if __name__ == "__main__":
    main()
