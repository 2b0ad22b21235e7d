"""`export pdf` to the file in the Box, against a person's encrypted upload of a file of that size.

Both run from pressing enter to the moment when another member sees the file. So ours has two
messages in it (the command, then the file), the peer's has one; the target is held against that.
The second row leaves out the command's own way: it begins when the other member sees the command.
They take turns on one stage, and the words are others each time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.table import Row, at_most, told
from tests.e2e.groups import Group, new_group
from tests.e2e.stack import Stack

WARM_UP, TURNS = 3, 15
PARAGRAPH = (
    "Die Stadtverwaltung pflanzt entlang der Karl-Heine-Straße zwischen Kanal und Park bis Ende "
    "2027 zwölf Linden, entsiegelt dafür die nötigen Flächen und berichtet halbjährlich."
)
COMMAND = "!antrag 1 export pdf"
PARAGRAPHS = 55
"""Four pages."""


def run() -> list[Row]:
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        return asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> list[Row]:
    with Stack(folder) as stack:
        async with new_group(stack) as group:
            await _write(group)
            whole, arrived, peers = [], [], []
            size = 0
            for turn in range(WARM_UP + TURNS):
                await group.anna.ask(group.box, f"!antrag 1 text Zeile 1: {turn}. {PARAGRAPH}")
                from_enter, from_arrival = await _export(group)
                whole.append(from_enter)
                arrived.append(from_arrival)
                size = size or await _size(group)
                peers.append(await _upload(group, size))
    strict, later, theirs = (median(each[WARM_UP:]) * 1000 for each in (whole, arrived, peers))
    name = f"export pdf of 4 pages ({size // 1000} kB)"
    return [
        at_most(f"{name}: enter to the file in the Box", strict, theirs, 1.5, "ms"),
        told(f"{name}: command in the Box to the file in the Box", later, theirs, "ms"),
    ]


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
    before, data = _files(group), os.urandom(size)
    began = time.monotonic()
    await group.anna.send_file(group.box, "motion.pdf", data, "application/pdf")
    await group.ben.until(lambda: _files(group) > before, "the file")
    return time.monotonic() - began


def _files(group: Group) -> int:
    return sum(1 for seen in group.ben.messages.values() if seen.msgtype == "m.file")


async def _size(group: Group) -> int:
    file = next(seen for seen in group.ben.messages.values() if seen.msgtype == "m.file")
    return len(await group.ben.fetch_file(file))
