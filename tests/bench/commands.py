"""Encrypted commands: ours against a bare matrix-nio bot and against maubot, on one stage."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.bench.load import Load
from tests.bench.round_trip import round_trips
from tests.bench.stage import stage
from tests.bench.table import Row, at_least, at_most, told
from tests.bench.throughput import throughput

# BENCH_ROOMS makes a quick try of it.
ROOMS = int(os.environ.get("BENCH_ROOMS", "50"))
MILLI = 1000


def run() -> list[Row]:
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        return asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> list[Row]:
    async with stage(folder, ROOMS) as (load, contestants):
        listening = asyncio.create_task(load.listen())
        trips = await round_trips(load, contestants[:-1])
        rates = await throughput(load, contestants)
        await _end(listening, load)
    ours, nio, maubot, ceiling = (one.name for one in contestants)
    at_once = f"{ROOMS} Boxes at once, against"
    trip = "encrypted round trip (median), against"
    return [
        at_most(f"{trip} bare nio", trips[ours] * MILLI, trips[nio] * MILLI, 1.15, "ms"),
        at_least(f"{at_once} bare nio", rates[ours], rates[nio], 0.95, "/s"),
        at_least(f"{at_once} maubot", rates[ours], rates[maubot], 1.2, "/s"),
        # Synapse is busy with all of them. What a bot reaches that does nothing but echo, and what
        # none can pass, for it has to hear of a command before it answers.
        told(f"{at_once} maubot: bare nio's", rates[nio], rates[maubot], "/s"),
        told(f"{at_once} maubot: the ceiling's", rates[ceiling], rates[maubot], "/s"),
    ]


async def _end(listening: asyncio.Task[None], load: Load) -> None:
    """What was measured must have been right: one readable reply for each command."""
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    load.person.resume()
    await load.verify()
