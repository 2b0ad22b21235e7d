"""An edit by CalDAV until the room has read of it, on the whole stack.

The floor is what Matrix alone takes: a member says something, another one has read it.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.table import Row
from tests.dav import vevent
from tests.e2e.groups import Group, new_group
from tests.e2e.stack import Stack
from tests.e2e.test_caldav import ask

WARM_UP = 2
EDITS = 15
TARGET = 500.0
# Between two edits, as people make them; in a row, as a program that uploads waits for nobody.
PAUSE = 3.0

Json = dict[str, Any]
# What a client can't read yet is no matter here; nio's line for each try drowns the table.
logging.getLogger("nio").setLevel(logging.CRITICAL)


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        apart, in_a_row, floor = asyncio.run(measured(Path(name)))
    return [
        _row("edit by CalDAV → message in the room", apart, floor),
        _row("the same, each as soon as the last was read", in_a_row, floor),
    ]


def _row(name: str, ours: float, floor: float) -> Row:
    target = f"≤ {TARGET:g} ms"
    return Row(name, ours, floor, ours / floor, target, "ms", ours <= TARGET)


async def measured(folder: Path) -> tuple[float, float, float]:
    """Medians in ms: edits apart, edits in a row, words from member to member."""
    async with edited_group(folder) as (group, calendar):
        floor = await timed(lambda number: said(group, number))
        apart = await timed(lambda number: edited(group, calendar, f"a{number}"), PAUSE)
        in_a_row = await timed(lambda number: edited(group, calendar, f"r{number}"))
    return apart, in_a_row, floor


@asynccontextmanager
async def edited_group(folder: Path) -> AsyncIterator[tuple[Group, Json]]:
    """A Box whose calendar is shared, and Ben's access to it."""
    stack = Stack(folder / "stack")
    await asyncio.to_thread(stack.start)
    try:
        async with new_group(stack) as group:
            await group.anna.ask(group.box, "!kalender freigeben")
            chat = await group.ben.direct_chat(group.bot)
            made = await group.ben.ask(chat, "!kalender neu Telefon")
            yield group, made.data["calendar"]
    finally:
        await asyncio.to_thread(stack.stop)


async def timed(once: Callable[[int], Awaitable[float]], pause: float = 0) -> float:
    times = []
    for number in range(WARM_UP + EDITS):
        times.append(await once(number))
        await asyncio.sleep(pause)  # not for something: time passes between what people do
    return median(times[WARM_UP:]) * 1000


async def said(group: Group, number: int) -> float:
    began = time.perf_counter()
    await group.ben.say(group.box, f"Hallo {number}")
    await group.anna.wait_for(lambda seen: seen.body == f"Hallo {number}", 30)
    return time.perf_counter() - began


async def edited(group: Group, calendar: Json, name: str) -> float:
    """From the request's first byte to the message as a member reads it."""
    (box,) = calendar["collections"]
    title = f"Probe {name}."
    body = vevent(name, title)
    began = time.perf_counter()
    status = await asyncio.to_thread(ask, calendar, "PUT", f"{box['events']}{name}.ics", body)
    if status != 201:
        raise AssertionError(status)
    await group.anna.wait_for(lambda seen: title in seen.body, 60)
    return time.perf_counter() - began
