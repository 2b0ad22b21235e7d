"""Searching 10,000 and 100,000 listings over HTTP, against Synapse's own list of public rooms.

One server serves both from the same listings; questions alternate. The peer finds one unbroken
piece of text; ours stems, mends slips, filters and counts facets, and a question's first time
counts too. The rooms are written into Synapse's tables by hand: making 100,000 takes a day.
"""

from __future__ import annotations

import http.client
import json
import random
import sqlite3
import statistics
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.table import Row, at_most, print_table, within
from tests.people import register
from tests.servers import SynapseServer
from wecreate_module.domain.listings import Listing
from wecreate_module.services.listing_import import read_lines
from wecreate_module.services.listings import Directory, import_listings
from wecreate_module.storage.store import Store

FIXTURE = Path(__file__).parents[1] / "data" / "listings.jsonl"
PATH = "/_synapse/client/wecreate/v1/marketplace"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SIZES = ((10_000, 0.2), (100_000, 0.1))
BUILD_LIMIT = 60.0
# While it reads: an answer of what it has read so far.
FIRST_LIMIT = 2.0
LOADED_WITHIN = 120.0
ROUNDS = 6
WORDS = (
    "spielplatz", "radweg", "lastenrad", "wohnen", "küche", "kuchen", "garten", "baum",
    "bibliothek", "bücherschrank", "reparatur", "kita", "schule", "straßenbahn", "tempo 30",
    "hitze", "solar", "müll", "katze", "bienen", "chor", "theater", "geflüchtete", "fußball",
    "turnhalle", "wlan", "bürgerrat", "leerstand", "lebensmittel", "toiletten", "hochwasser",
    "stolpersteine", "köln", "lastenräder leihen", "wohnen leipzig", "spielpatz", "biblothek",
)  # fmt: skip
FILTERS = ("", "", "&kind=idea", "&district=S%C3%BCd", "&tag=kinder&sort=newest")


def run() -> list[Row]:
    return [row for size, target in SIZES for row in _measure(size, target)]


def _measure(size: int, target: float) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        directory = Path(name)
        url = f"sqlite:///{directory / 'wecreate.db'}"
        module = {"bot": "@wecreate:localhost", "database": url}
        server = SynapseServer(directory / "synapse", module=module)
        with closing(Store.open(url, directory / "keys.db", directory / "key")) as store:
            listings = list(many_listings(size))
            seconds = _build(store, listings)
            with server:
                token = register(server, "anna").token
            _write_rooms(directory / "synapse" / "homeserver.db", listings)
            with server:
                first = first_answer(server.ports.client, size)
                ours, peer = _alternate(server.ports.client, token)
    rows = [
        at_most(f"marketplace search, {size} listings, p50", *_at(ours, peer, 50), target, "ms"),
        at_most(f"marketplace search, {size} listings, p95", *_at(ours, peer, 95), target, "ms"),
    ]
    if size == max(each for each, _ in SIZES):
        rows.append(within(f"marketplace index of {size} from empty", seconds, BUILD_LIMIT, "s"))
        rows.append(within(f"first search at once after a start, {size}", first, FIRST_LIMIT, "s"))
    return rows


def many_listings(size: int) -> Iterator[Listing]:
    """The fixture's listings again and again, each with words and names of its own."""
    lines = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
    records = [{key: line[key] for key in line if key != "topic"} for line in lines]
    base = list(read_lines(map(json.dumps, records), server="localhost", now=NOW))
    chance = random.Random(1)
    syllables = [a + b for a in "bdfghklmnprstw" for b in ("a", "au", "ei", "e", "i", "o", "u")]
    names = ["".join(chance.choices(syllables, k=4)).capitalize() for _ in range(20_000)]
    for number in range(size):
        pattern = base[number % len(base)]
        first, second = chance.choices(names, k=2)
        yield replace(
            pattern,
            room_id=f"!{number}:localhost",
            title=f"{pattern.title} {first}",
            summary=f"{pattern.summary} {second}straße {number % 90 + 1}",
            support=int(chance.paretovariate(1)),
            published_at=NOW - timedelta(minutes=chance.randrange(500_000)),
        )


def _build(store: Store, listings: list[Listing]) -> float:
    """Seconds until all is in the store and in a searcher's memory."""
    started = time.perf_counter()
    for start in range(0, len(listings), 1000):
        import_listings(store, listings[start : start + 1000], NOW)
    Directory.of_store(store).refresh()
    return time.perf_counter() - started


def _write_rooms(database: Path, listings: list[Listing]) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO rooms VALUES (?, 1, '@anna:localhost', '11', 1)",
            ((each.room_id,) for each in listings),
        )
        connection.executemany(
            "INSERT INTO room_stats_state VALUES "
            "(?, ?, NULL, 'public', 'world_readable', NULL, NULL, 'forbidden', 1, ?, NULL)",
            ((each.room_id, each.title, each.summary) for each in listings),
        )
        connection.executemany(
            "INSERT INTO room_stats_current VALUES (?, 11, ?, 0, 0, 0, 1, 1, 0)",
            ((each.room_id, 1 + each.support) for each in listings),
        )


def first_answer(port: int, size: int) -> float:
    """Seconds for a server's first search; returns when it has read all of them."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    started = time.perf_counter()
    total = _ask(connection, "GET", PATH, None, {})["total"]
    first = time.perf_counter() - started
    while total < size and time.perf_counter() - started < LOADED_WITHIN:
        time.sleep(0.5)
        total = _ask(connection, "GET", PATH, None, {})["total"]
    connection.close()
    return first


def _alternate(port: int, token: str) -> tuple[list[float], list[float]]:
    """Milliseconds of each question, ours and the peer's."""
    chance = random.Random(2)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ours(words: str) -> None:
        query = urllib.parse.urlencode({"q": words}) + chance.choice(FILTERS)
        _ask(connection, "GET", f"{PATH}?{query}", None, {})

    def peer(words: str) -> None:
        body = json.dumps({"limit": 20, "filter": {"generic_search_term": words}})
        _ask(connection, "POST", "/_matrix/client/v3/publicRooms", body, headers)

    times: dict[Callable[[str], None], list[float]] = {ours: [], peer: []}
    for _ in range(ROUNDS):
        for words in chance.sample(WORDS, len(WORDS)):
            for side in chance.sample([ours, peer], 2):
                started = time.perf_counter()
                side(words)
                times[side].append((time.perf_counter() - started) * 1000)
    connection.close()
    return times[ours], times[peer]


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None,
    headers: dict[str, str],
) -> dict[str, Any]:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    raw = answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{method} {path}: {answer.status} {raw[:200]!r}")
    found: dict[str, Any] = json.loads(raw)
    return found


def _at(ours: list[float], peer: list[float], percent: int) -> tuple[float, float]:
    def cut(times: list[float]) -> float:
        return statistics.quantiles(times, n=100)[percent - 1]

    return cut(ours), cut(peer)


if __name__ == "__main__":
    print_table(run())
