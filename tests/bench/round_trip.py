"""One command after another: from sending it to seeing its reply."""

from __future__ import annotations

from statistics import median

from tests.bench.load import Load
from tests.bench.stage import Contestant

WARM_UP = 5
TRIPS = 60


async def round_trips(load: Load, contestants: list[Contestant]) -> dict[str, float]:
    """The median in seconds for each; they take turns, so that all meet the same machine."""
    ready = {
        one.name: (one.rooms[0], load.prepare(one.rooms[0], [one.command] * (WARM_UP + TRIPS)))
        for one in contestants
    }
    times: dict[str, list[float]] = {one.name: [] for one in contestants}
    for turn in range(WARM_UP + TRIPS):
        for name, (room_id, contents) in ready.items():
            times[name].append(await load(room_id, contents[turn]))
    return {name: median(taken[WARM_UP:]) for name, taken in times.items()}
