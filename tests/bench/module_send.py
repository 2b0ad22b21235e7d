"""A send in a room of 3000 state events, with the module against without.

Two servers side by side, alike but for the module; the sends alternate between them one by
one, in changing order, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.table import Row, at_most, print_table
from tests.people import Person, register
from tests.servers import SynapseServer

STATE_EVENTS = 3000
WARM_UP = 50
SENDS = 600
TARGET = 1.05


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as directory, ExitStack() as stack:
        rooms = [
            _room(stack.enter_context(SynapseServer(Path(directory) / name, module=config)))
            for name, config in (("with", {"bot": "@wecreate:localhost"}), ("without", None))
        ]
        ours, peer = _alternate(rooms)
        return [at_most("send in a room of 3000 state events", ours, peer, TARGET, "ms")]


def _room(server: SynapseServer) -> tuple[Person, str]:
    """An ordinary room: encryption is no part of what is measured."""
    anna = register(server, "anna")
    state = [
        {"type": "org.example.filler", "state_key": f"{number}", "content": {"number": number}}
        for number in range(STATE_EVENTS)
    ]
    return anna, anna.create_room(initial_state=state)


def _alternate(rooms: list[tuple[Person, str]]) -> tuple[float, float]:
    """Median milliseconds of a send, per room."""
    order = random.Random(1)
    times: list[list[float]] = [[] for _ in rooms]
    for number in range(WARM_UP + SENDS):
        for which in order.sample(range(len(rooms)), len(rooms)):
            person, room = rooms[which]
            start = time.perf_counter()
            person.say(room, f"{number}")
            if number >= WARM_UP:
                times[which].append((time.perf_counter() - start) * 1000)
    ours, peer = (statistics.median(taken) for taken in times)
    return ours, peer


if __name__ == "__main__":
    print_table(run())
