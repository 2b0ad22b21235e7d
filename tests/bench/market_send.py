"""A send in an ordinary room beside a directory of 100,000 listings, against none.

Two servers side by side with the module; one serves the directory and has read it. They take
turns of a few dozen sends, in changing order, so that each works as a server does that has its
machine to itself: with every single send in turn, both find the processor's caches full of the
other's things, and the larger process pays more for that. Two servers of one kind differ for as
long as they run, so several pairs are started, and their medians are averaged.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from tests.bench.market_search import NOW, first_answer, many_listings
from tests.bench.table import Row, at_most, print_table
from tests.people import Person, register
from tests.servers import SynapseServer
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.store import Store

LISTINGS = 100_000
PAIRS = 4
WARM_UP = 50
TURNS, IN_A_TURN = 16, 25
TARGET = 1.05


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'wecreate.db'}"
        with closing(Store.open(url, folder / "keys.db", folder / "key")) as store:
            listings = list(many_listings(LISTINGS))
            for start in range(0, LISTINGS, 1000):
                import_listings(store, listings[start : start + 1000], NOW)
        del listings
        pairs = [_pair(folder / f"{number}", url) for number in range(PAIRS)]
    ours, peer = (statistics.mean(medians) for medians in zip(*pairs, strict=True))
    return [at_most(f"send beside {LISTINGS} listings", ours, peer, TARGET, "ms")]


def _pair(folder: Path, url: str) -> tuple[float, float]:
    """Median milliseconds of a send beside the directory, and without one."""
    bot = {"bot": "@wecreate:localhost"}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(SynapseServer(folder / "with", module={**bot, "database": url})),
            stack.enter_context(SynapseServer(folder / "without", module=bot)),
        ]
        first_answer(servers[0].ports.client, LISTINGS)
        return _alternate([register(server, "anna") for server in servers])


def _alternate(people: list[Person]) -> tuple[float, float]:
    """Median milliseconds of a send, for the first and the second."""
    order = random.Random(1)
    rooms = [person.create_room() for person in people]
    times: list[list[float]] = [[] for _ in people]
    for person, room in zip(people, rooms, strict=True):
        for number in range(WARM_UP):
            person.say(room, f"{number}")
    for turn in range(TURNS):
        for which in order.sample(range(len(people)), len(people)):
            for number in range(IN_A_TURN):
                started = time.perf_counter()
                people[which].say(rooms[which], f"{turn}.{number}")
                times[which].append((time.perf_counter() - started) * 1000)
    ours, peer = (statistics.median(taken) for taken in times)
    return ours, peer


if __name__ == "__main__":
    print_table(run())
