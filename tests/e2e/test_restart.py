"""What outlives a restart: of the bot, of the homeserver, of all of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.groups import new_group
from tests.e2e.stack import Stack
from tests.people import wait_for


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """One that a test may kill."""
    with Stack(tmp_path / "stack") as running:
        yield running


async def test_commands_sent_while_the_stack_is_down_are_done_afterwards(own_stack: Stack) -> None:
    async with new_group(own_stack) as group:
        task = await group.anna.ask(group.box, "!aufgabe Hecke schneiden")
        kill(own_stack, "bot")
        asked = await group.ben.say(group.box, "!aufgaben")
        answer = await group.ben.answer_to(asked)
        assert [one["title"] for one in answer.data["tasks"]] == ["Hecke schneiden"]
        kill(own_stack, "synapse")
        await group.ben.react(group.box, task.event_id, "✅")
        done = await group.anna.wait_for(
            lambda seen: seen.result.get("command") == "done", 90, "the button's result"
        )
        assert done.result["ok"]


async def test_a_dialogue_goes_on_after_a_restart(own_stack: Stack) -> None:
    async with new_group(own_stack) as group:
        question = await group.anna.ask(group.box, "!aufgabe")
        assert question.result["ok"] is False
        await asyncio.to_thread(own_stack.stop)
        await asyncio.to_thread(own_stack.start)
        asked = await group.anna.say(group.box, "Hecke schneiden")
        answer = await group.anna.answer_to(asked)
        assert answer.data["task"]["title"] == "Hecke schneiden"


def kill(stack: Stack, name: str) -> None:
    """SIGKILL to one child; returns when the supervisor has started it anew."""
    dead = stack.children()[name]
    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: stack.children().get(name, dead) != dead, f"a new {name}")
