"""All rooms at once: each sends its next command when the last one is answered."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Any

from tests.bench.load import Load
from tests.bench.stage import Contestant

ROUNDS = 7
COMMANDS = 4


async def throughput(load: Load, contestants: list[Contestant]) -> dict[str, float]:
    """Answered commands per second for each: the median of short rounds in which they take turns.

    Short, so that what else the machine does falls on all alike; each goes first in turn.
    """
    rates: dict[str, list[float]] = {one.name: [] for one in contestants}
    for turn in range(ROUNDS):
        first = turn % len(contestants)
        for one in contestants[first:] + contestants[:first]:
            rates[one.name].append(COMMANDS * len(one.rooms) / await _round(load, one))
    return {name: median(reached) for name, reached in rates.items()}


async def _round(load: Load, contestant: Contestant) -> float:
    texts = [contestant.command] * COMMANDS
    ready = [(room_id, load.prepare(room_id, texts)) for room_id in contestant.rooms]
    started = time.perf_counter()
    await asyncio.gather(*(_talk(load, room_id, contents) for room_id, contents in ready))
    return time.perf_counter() - started


async def _talk(load: Load, room_id: str, contents: list[dict[str, Any]]) -> None:
    for content in contents:
        await load(room_id, content)
