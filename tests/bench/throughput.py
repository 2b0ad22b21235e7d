"""All rooms at once: each sends its next command when the last one is answered."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.bench.load import Load
from tests.bench.stage import Contestant

ROUNDS = 3
COMMANDS = 6


async def throughput(load: Load, contestants: list[Contestant]) -> dict[str, float]:
    """Answered commands per second for each, over some rounds in which they take turns."""
    taken = dict.fromkeys((one.name for one in contestants), 0.0)
    for turn in range(ROUNDS):
        # Whoever goes first meets a quieter server; so each goes first once.
        for one in contestants[turn:] + contestants[:turn]:
            taken[one.name] += await _round(load, one)
    return {one.name: ROUNDS * COMMANDS * len(one.rooms) / taken[one.name] for one in contestants}


async def _round(load: Load, contestant: Contestant) -> float:
    texts = [contestant.command] * COMMANDS
    ready = [(room_id, load.prepare(room_id, texts)) for room_id in contestant.rooms]
    started = time.perf_counter()
    await asyncio.gather(*(_talk(load, room_id, contents) for room_id, contents in ready))
    return time.perf_counter() - started


async def _talk(load: Load, room_id: str, contents: list[dict[str, Any]]) -> None:
    for content in contents:
        await load(room_id, content)
