"""`export pdf` to the file in the Box, against encrypted uploads of a file of that size.

Another member looks on. A person needs no command for an upload, a bot does, so like is held
against like twice: from pressing enter against a bare nio bot that answers a command with a file
it has at hand; and from the moment when the command is in the Box, as that member sees it, against
a person's upload. The last row tells what it is from pressing enter against the person's: there
the command's own message is in ours alone.
All take turns on one stage, and the words are others each time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from tests.bench.peers.processes import nio_echo_as
from tests.bench.stage import start
from tests.bench.table import Row, at_most, told
from tests.clients import register
from tests.e2e.groups import Group, new_group
from tests.e2e.stack import Stack

WARM_UP, TURNS = 3, 15
TARGET = 1.5
PARAGRAPH = (
    "Die Stadtverwaltung pflanzt entlang der Karl-Heine-Straße zwischen Kanal und Park bis Ende "
    "2027 zwölf Linden, entsiegelt dafür die nötigen Flächen und berichtet halbjährlich."
)
COMMAND = "!antrag 1 export pdf"
PARAGRAPHS = 55
"""Four pages."""
SETTLE = 0.4
"""Seconds in which everybody hears what came after a file, so that no turn pays for the last."""


def run() -> list[Row]:
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        return asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> list[Row]:
    with Stack(folder) as stack:
        async with new_group(stack) as group, _bare_bots_room(folder, group) as theirs:
            await _write(group)
            whole, arrived, persons, bots = [], [], [], []
            size = 0
            for turn in range(WARM_UP + TURNS):
                await group.anna.ask(group.box, f"!antrag 1 text Zeile 1: {turn}. {PARAGRAPH}")
                await asyncio.sleep(SETTLE)
                from_enter, from_arrival = await _export(group)
                whole.append(from_enter)
                arrived.append(from_arrival)
                size = size or await _size(group)
                await asyncio.sleep(SETTLE)
                persons.append(await _upload(group, size))
                await asyncio.sleep(SETTLE)
                bots.append(await _bare_bots_file(group, theirs, size))
    each = (whole, arrived, persons, bots)
    strict, later, person, bot = (median(taken[WARM_UP:]) * 1000 for taken in each)
    name = f"export pdf of 4 pages ({size // 1000} kB)"
    return [
        at_most(f"{name}: from enter; a bare bot's upload", strict, bot, TARGET, "ms"),
        at_most(f"{name}: from the command in the Box; upload", later, person, TARGET, "ms"),
        told(f"{name}: from enter; upload", strict, person, "ms"),
    ]


@asynccontextmanager
async def _bare_bots_room(folder: Path, group: Group) -> AsyncIterator[str]:
    """A room like the Box, of the same people, with the bare bot in place of ours."""
    secret = str(group.stack.facts["registration_shared_secret"])
    bot = await register(group.stack.url, secret, "nio", "secret")
    process = nio_echo_as(bot, "secret", group.stack.url, folder)
    start(process)
    try:
        room = await group.anna.create_room([group.ben.user_id, bot])
        await group.ben.until_joined(room, group.anna.user_id, bot)
        yield room
    finally:
        process.stop()


async def _write(group: Group) -> None:
    text = "\n".join(f"{n}. {PARAGRAPH}" for n in range(1, PARAGRAPHS + 1))
    await group.anna.ask(group.box, "!antrag neu allgemein Zwölf Linden")
    await group.anna.ask(group.box, "später")
    await group.anna.ask(group.box, f"!antrag 1 text {text}")


async def _export(group: Group) -> tuple[float, float]:
    """Seconds until the file is there: since enter was pressed, since the command was there."""
    before = _files(group)
    seen = asyncio.create_task(_until_seen(group, COMMAND))
    pressed = time.monotonic()
    asked = await group.anna.say(group.box, COMMAND)
    arrived = await seen
    await group.ben.until(lambda: _files(group) > before, "the file")
    there = time.monotonic()
    await group.anna.answer_to(asked)
    return there - pressed, there - arrived


async def _until_seen(group: Group, text: str) -> float:
    """When one more message with these words is there for the other member."""
    before = _messages(group, text)
    await group.ben.until(lambda: _messages(group, text) > before, "the command")
    return time.monotonic()


def _messages(group: Group, text: str) -> int:
    return sum(1 for seen in group.ben.messages.values() if seen.body == text)


async def _upload(group: Group, size: int) -> float:
    data = os.urandom(size)
    return await _until_there(
        group, group.anna.send_file(group.box, "motion.pdf", data, "application/pdf")
    )


async def _bare_bots_file(group: Group, room: str, size: int) -> float:
    return await _until_there(group, group.anna.say(room, f"!file {size}"))


async def _until_there(group: Group, sending: Coroutine[None, None, str]) -> float:
    """Seconds from now until the other member sees the file that this brings."""
    before, began = _files(group), time.monotonic()
    await sending
    await group.ben.until(lambda: _files(group) > before, "the file")
    return time.monotonic() - began


def _files(group: Group) -> int:
    return sum(1 for seen in group.ben.messages.values() if seen.msgtype == "m.file")


async def _size(group: Group) -> int:
    file = next(seen for seen in group.ben.messages.values() if seen.msgtype == "m.file")
    return len(await group.ben.fetch_file(file))
