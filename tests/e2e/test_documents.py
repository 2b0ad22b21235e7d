"""Files of motions on a real homeserver, while the bot is killed."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from bridges.documents.verifying import Outcome, verify
from tests.e2e.groups import Group, new_group
from tests.e2e.stack import Stack
from tests.people import wait_for

FORMATS = ("pdf", "docx", "odt", "html", "md", "txt")


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """One that a test may kill."""
    with Stack(tmp_path / "stack") as running:
        yield running


def kill_bot(stack: Stack) -> None:
    """SIGKILL; returns when the supervisor has started it anew."""
    dead = stack.children()["bot"]
    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: stack.children().get("bot", dead) != dead, "a new bot")


async def files_in(group: Group) -> dict[str, list[bytes]]:
    """What came into the Box, by name."""
    found: dict[str, list[bytes]] = {}
    for seen in list(group.ben.messages.values()):
        if seen.msgtype == "m.file":
            assert seen.encrypted
            found.setdefault(seen.body, []).append(await group.ben.fetch_file(seen))
    return found


async def test_each_file_comes_once_and_whole_however_often_the_bot_is_killed(
    own_stack: Stack,
) -> None:
    async with new_group(own_stack) as group:
        anna, box = group.anna, group.box
        await anna.ask(box, "!antrag neu SBB Südwest Zwölf Linden")
        await anna.ask(box, "später")
        await anna.ask(box, "!antrag 1 text 1. Die Stadt pflanzt zwölf Linden.\n2. Sie berichtet.")
        asked = await anna.say(box, f"!antrag 1 export antragsbuch {' '.join(FORMATS)}")
        for _ in range(3):
            await asyncio.to_thread(kill_bot, own_stack)
        answer = await anna.answer_to(asked, 120)
        told = answer.data["files"]
        assert [each["format"] for each in told] == list(FORMATS)
        last = told[-1]["name"]
        await group.ben.until(
            lambda: any(seen.body == last for seen in group.ben.messages.values()), "the files"
        )
        held = await files_in(group)
        assert {name: len(each) for name, each in held.items()} == {
            each["name"]: 1 for each in told
        }
        for each in told:
            (data,) = held[each["name"]]
            assert hashlib.sha256(data).hexdigest() == each["sha256"]
            if each["format"] != "txt":
                assert verify(each["name"], data).outcome is Outcome.AGREED


async def test_a_large_book_is_made_in_processes_of_its_own(group: Group) -> None:
    anna, box = group.anna, group.box
    for number in range(1, 7):
        await anna.ask(box, f"!antrag neu allgemein Bänke {number}")
        await anna.ask(box, "später")
        await anna.ask(box, f"!antrag {number} text " + "Ein langer Satz. " * 900)
    asked = await anna.say(box, "!antragsbuch")
    answer = await anna.answer_to(asked, 120)
    (file,) = answer.data["files"]
    await group.ben.until(
        lambda: any(seen.body == file["name"] for seen in group.ben.messages.values()), "the book"
    )
    (data,) = (await files_in(group))["Antragsbuch.pdf"]
    assert hashlib.sha256(data).hexdigest() == file["sha256"]
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
        assert [each.title for each in outline.root] == [f"A{n} Bänke {n}" for n in range(1, 7)]
