"""A send in a room of 3000 state events, with the module against without.

Two servers side by side on copies of one database, alike but for the module; the sends
alternate between them one by one, in changing order, so that whatever else the machine does
falls on both alike. Filling the room takes a minute or two: Synapse is slow at it.
"""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.bench.table import Row, at_most, print_table
from tests.people import Person, register
from tests.servers import SynapseServer

STATE_EVENTS = 3000
WARM_UP = 50
SENDS = 600
TARGET = 1.05


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name, ExitStack() as stack:
        directory = Path(name)
        servers = [
            SynapseServer(directory / "with", module={"bot": "@wecreate:localhost"}),
            SynapseServer(directory / "without"),
        ]
        anna, room = _fill(servers[1])
        for file in directory.glob("without/homeserver.db*"):
            shutil.copy(file, directory / "with")
        for server in servers:
            stack.enter_context(server)
        ours, peer = _alternate([replace(anna, server=server) for server in servers], room)
        return [at_most("send in a room of 3000 state events", ours, peer, TARGET, "ms")]


def _fill(server: SynapseServer) -> tuple[Person, str]:
    """An ordinary room, where the module has nothing to do but find that out."""
    with server:
        anna = register(server, "anna")
        room = anna.create_room()
        for number in range(STATE_EVENTS):
            anna.set_state(room, "org.example.filler", {"number": number}, f"{number}")
        return anna, room


def _alternate(people: list[Person], room: str) -> tuple[float, float]:
    """Median milliseconds of a send, for the first and the second."""
    order = random.Random(1)
    times: list[list[float]] = [[] for _ in people]
    for number in range(WARM_UP + SENDS):
        for which in order.sample(range(len(people)), len(people)):
            start = time.perf_counter()
            people[which].say(room, f"{number}")
            if number >= WARM_UP:
                times[which].append((time.perf_counter() - start) * 1000)
    ours, peer = (statistics.median(taken) for taken in times)
    return ours, peer


if __name__ == "__main__":
    print_table(run())
