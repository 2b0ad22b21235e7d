"""`export pdf` to the file in the Box, against a person's encrypted upload of a file of that size.

Ours runs from the command in the Box to the file in the Box, both as the other member sees them:
that a message takes its time to get there is not the export's. The peer runs from choosing the
file to the other member seeing it. They take turns on one stage.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.table import Row, at_most
from tests.e2e.groups import Group, new_group
from tests.e2e.stack import Stack

WARM_UP, TURNS = 3, 15
PARAGRAPH = (
    "Die Stadtverwaltung pflanzt entlang der Karl-Heine-Straße zwischen Kanal und Park bis Ende "
    "2027 zwölf Linden, entsiegelt dafür die nötigen Flächen und berichtet halbjährlich."
)
COMMAND = "!antrag 1 export antragsbuch pdf"
PARAGRAPHS = 55
"""Four pages."""


def run() -> list[Row]:
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name:
        return [asyncio.run(_measure(Path(name)))]


async def _measure(folder: Path) -> Row:
    with Stack(folder) as stack:
        async with new_group(stack) as group:
            await _write(group)
            ours, peers = [], []
            size = 0
            for turn in range(WARM_UP + TURNS):
                await group.anna.ask(group.box, f"!antrag 1 titel Zwölf Linden {turn}")
                ours.append(await _export(group))
                size = size or await _size(group)
                peers.append(await _upload(group, size))
    mine, theirs = (median(each[WARM_UP:]) * 1000 for each in (ours, peers))
    name = f"export pdf of 4 pages ({size // 1000} kB) to the file in the Box"
    return at_most(name, mine, theirs, 1.5, "ms")


async def _write(group: Group) -> None:
    text = "\n".join(f"{n}. {PARAGRAPH}" for n in range(1, PARAGRAPHS + 1))
    await group.anna.ask(group.box, "!antrag neu allgemein Zwölf Linden")
    await group.anna.ask(group.box, "später")
    await group.anna.ask(group.box, f"!antrag 1 text {text}")


async def _export(group: Group) -> float:
    before = _files(group)
    seen = asyncio.create_task(_until_seen(group, COMMAND))
    asked = await group.anna.say(group.box, COMMAND)
    began = await seen
    await group.ben.until(lambda: _files(group) > before, "the file")
    taken = time.monotonic() - began
    await group.anna.answer_to(asked)
    return taken


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
