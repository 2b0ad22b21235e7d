"""`kill -9`, again and again: each command takes effect exactly once and is answered once."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.clients import MatrixPerson
from tests.e2e.crash_run import Account, CrashRun
from tests.e2e.faulty_proxy import FaultyProxy
from tests.e2e.kill_plan import plan
from tests.e2e.our_bot import OurBot
from tests.servers import SynapseServer

ROOMS = 6
START = 60.0


async def test_no_command_is_lost_or_doubled_by_fifteen_kills(tmp_path: Path) -> None:
    await crash(tmp_path, kills=15, seed=chosen_seed())


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
async def test_no_command_is_lost_or_doubled_by_two_hundred_kills(tmp_path: Path) -> None:
    await crash(tmp_path, kills=200, seed=chosen_seed())


def chosen_seed() -> int:
    """A new one each time; the one of a failed run repeats it."""
    return int(os.environ.get("SOAK_SEED", time.time_ns() % 100_000))


async def crash(folder: Path, kills: int, seed: int) -> None:
    print(f"seed {seed}; SOAK_SEED={seed} repeats this run")  # noqa: T201 - it must be seen
    async with AsyncExitStack() as stack:
        module = {"bot": "@wecreate:localhost"}
        synapse = stack.enter_context(SynapseServer(folder / "synapse", module=module))
        secret = synapse.registration_shared_secret
        proxy = await stack.enter_async_context(FaultyProxy(synapse.url, seed))
        bot = OurBot(folder / "wecreate", synapse, proxy.url)
        stack.callback(bot.kill)
        # Its requests pass through this very loop.
        await asyncio.to_thread(bot.start_and_wait)
        sender = await stack.enter_async_context(
            await MatrixPerson.new(synapse.url, secret, "anna")
        )
        witness = await stack.enter_async_context(
            await MatrixPerson.new(synapse.url, secret, "zoe")
        )
        rooms = await boxes(bot, sender, witness)
        run = CrashRun(
            bot=bot, synapse=synapse, proxy=proxy, sender=sender, witness=witness, rooms=rooms
        )
        account = await run.run(plan(seed, kills, ROOMS))
        print(f"{account}; proxy: {dict(proxy.seen)}")  # noqa: T201 - it must be seen
        assert not account.lost, f"seed {seed}: {account.lost}"
        assert not account.doubled, f"seed {seed}: {account.doubled}"
        assert not account.unreadable, f"seed {seed}: {account.unreadable}"
        each_command_made_one_task(account, f"seed {seed}")
        assert tasks_in_database(bot.database) == Counter(account.sent.values())


async def boxes(bot: OurBot, sender: MatrixPerson, witness: MatrixPerson) -> list[str]:
    """Boxes with sender, witness and bot in them."""
    chat = await sender.direct_chat(bot.user_id, START)
    rooms = []
    for number in range(ROOMS):
        made = await sender.ask(chat, f"!box neu Garten {number}", START)
        room_id = str(made.data["box"]["room_id"])
        await sender.until_joined(room_id, bot.user_id)
        await sender.ask(room_id, f"!box einladen {witness.user_id}", START)
        await sender.until_joined(room_id, witness.user_id)
        await witness.until_joined(room_id, sender.user_id, bot.user_id)
        rooms.append(room_id)
    return rooms


def each_command_made_one_task(account: Account, seed: str) -> None:
    """By the replies: each its own title, and numbers without gap or repetition in each Box."""
    numbers: dict[str, list[int]] = {}
    titles = []
    for event_id, room_id in account.sent.items():
        (reply,) = account.seen[event_id]
        assert reply.result["ok"], f"{seed}: {reply.body}"
        numbers.setdefault(room_id, []).append(reply.data["task"]["number"])
        titles.append(reply.data["task"]["title"])
    assert len(set(titles)) == len(titles), f"{seed}: a title came twice"
    for room_id, made in numbers.items():
        assert sorted(made) == list(range(1, len(made) + 1)), f"{seed}: numbers in {room_id}"


def tasks_in_database(path: Path) -> Counter[str]:
    """Rows for each room, from WeCreate's own store."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(
            "select boxes.room_id, count(*) from objects join boxes on boxes.id = objects.box_id"
            " where objects.kind = 'task' group by boxes.room_id"
        ).fetchall()
    database.close()
    return Counter(dict(rows))
