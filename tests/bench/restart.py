"""A bot in a thousand Boxes is killed and started: when does it answer, and how big is it?"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tests.bench.load import Load
from tests.bench.stage import make_boxes
from tests.bench.table import Row, within
from tests.e2e.our_bot import OurBot
from tests.servers import SynapseServer

# BENCH_BOXES makes a quick try of it.
BOXES = int(os.environ.get("BENCH_BOXES", "1000"))
LIMITS = {"boxes_per_person": 100_000}
ANSWERED = 60.0


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        seconds, megabytes = asyncio.run(restart(Path(name), BOXES))
    return [
        within(f"restart to first answer, {BOXES} Boxes", seconds, 5, "s"),
        within(f"memory, {BOXES} Boxes", megabytes, 150, "MB"),
    ]


async def restart(folder: Path, boxes: int) -> tuple[float, float]:
    """Seconds from the start of the process to the first answer, and its memory (RSS) in MB.

    Somebody asks while the bot is dead; the Box is one of those that it is in. Making the Boxes
    takes minutes: each goes through the bot as people make them.
    """
    module = {"bot": "@wecreate:localhost"}
    with SynapseServer(folder / "synapse", module=module) as synapse:
        bot = OurBot(folder / "wecreate", synapse, settings={"limits": LIMITS})
        bot.start_and_wait()
        try:
            async with Load(synapse, "load") as load:
                rooms = await make_boxes(load, bot.user_id, boxes)
                asked = rooms[len(rooms) // 2]
                await load.person.ask(asked, "!ping", ANSWERED)
                bot.kill()
                event_id = await load.person.say(asked, "!ping")
                started = time.perf_counter()
                bot.start()
                await load.person.answer_to(event_id, ANSWERED)
                seconds = time.perf_counter() - started
                return seconds, resident(bot.process.pid)
        finally:
            bot.stop()


def resident(pid: int) -> float:
    """Resident set in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has no memory")
