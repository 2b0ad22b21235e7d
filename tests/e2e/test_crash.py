"""`kill -9`, again and again: each command takes effect exactly once and is answered once."""

from __future__ import annotations

import asyncio
import base64
import os
import sqlite3
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clients import MatrixPerson
from tests.dav_process import healthy
from tests.e2e.crash_run import Account, CrashRun
from tests.e2e.dav_crash_run import DavCrashRun, Program, dav_plan
from tests.e2e.faulty_proxy import FaultyProxy
from tests.e2e.kill_plan import plan
from tests.e2e.our_bot import OurBot
from tests.ports import free_port
from tests.processes import Process
from tests.servers import SynapseServer
from wecreate_module.services import outside
from wecreate_module.settings import load_settings
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.store import Store

ROOMS = 6
DAV_ROOMS = 2
START = 120.0


@pytest.mark.timeout(1800)
async def test_no_command_is_lost_or_doubled_by_fifteen_kills(tmp_path: Path) -> None:
    await crash(tmp_path, kills=15, seed=chosen_seed())


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
async def test_no_command_is_lost_or_doubled_by_two_hundred_kills(tmp_path: Path) -> None:
    await crash(tmp_path, kills=200, seed=chosen_seed())


@pytest.mark.timeout(1800)
async def test_no_edit_of_a_calendar_program_is_lost_or_told_twice_by_eight_kills(
    tmp_path: Path,
) -> None:
    await dav_crash(tmp_path, kills=8, seed=chosen_seed())


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
async def test_no_edit_of_a_calendar_program_is_lost_or_told_twice_by_a_hundred_kills(
    tmp_path: Path,
) -> None:
    await dav_crash(tmp_path, kills=100, seed=chosen_seed())


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


async def boxes(
    bot: OurBot, sender: MatrixPerson, witness: MatrixPerson, count: int = ROOMS
) -> list[str]:
    """Boxes with sender, witness and bot in them."""
    chat = await sender.direct_chat(bot.user_id, START)
    rooms = []
    for number in range(count):
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


async def dav_crash(folder: Path, kills: int, seed: int) -> None:
    print(f"seed {seed}; SOAK_SEED={seed} repeats this run")  # noqa: T201 - it must be seen
    async with AsyncExitStack() as stack:
        module = {"bot": "@wecreate:localhost"}
        synapse = stack.enter_context(SynapseServer(folder / "synapse", module=module))
        secret = synapse.registration_shared_secret
        proxy = await stack.enter_async_context(FaultyProxy(synapse.url, seed))
        port = free_port()
        calendars = {"port": port, "url": f"http://127.0.0.1:{port}"}
        bot = OurBot(folder / "wecreate", synapse, proxy.url, {"calendars": calendars})
        config = folder / "wecreate/wecreate.yaml"
        command = [sys.executable, "-m", "bots.cli", "dav", "--config", str(config)]
        dav = Process("dav", command, folder / "dav.log")
        for process in (bot.process, dav):
            stack.callback(process.kill)
        await asyncio.to_thread(bot.start_and_wait)
        await asyncio.to_thread(dav.start, lambda: healthy(port))
        anna = await stack.enter_async_context(await MatrixPerson.new(synapse.url, secret, "anna"))
        zoe = await stack.enter_async_context(await MatrixPerson.new(synapse.url, secret, "zoe"))
        rooms = await programs(bot, anna, zoe, seed)
        run = DavCrashRun(bot, dav, lambda: healthy(port), proxy, zoe, rooms)
        await run.run(dav_plan(seed, kills))
        assert not run.wrong(), f"seed {seed}: {run.wrong()}"
        await asyncio.to_thread(bot.stop)
        await asyncio.to_thread(dav.stop)
        for room_id, writers in rooms.items():
            as_written(config, room_id, writers, f"seed {seed}")


async def programs(
    bot: OurBot, sender: MatrixPerson, witness: MatrixPerson, seed: int
) -> dict[str, list[Program]]:
    """Two for each Box: the one writes events, the other tasks."""
    rooms = await boxes(bot, sender, witness, DAV_ROOMS)
    for room_id in rooms:
        await sender.ask(room_id, "!kalender freigeben", START)
    chat = await sender.direct_chat(bot.user_id, START)
    calendar = dict((await sender.ask(chat, "!kalender neu Telefon", START)).data["calendar"])
    word = f"{calendar['username']}:{calendar['password']}".encode()
    calendar["basic"] = f"Basic {base64.b64encode(word).decode()}"
    by_name = {one["box"]: one for one in calendar["collections"]}
    return {
        room_id: [
            Program(f"{number}/{kind}", calendar, by_name[f"Garten {number}"][kind], seed + number)
            for kind in ("events", "tasks")
        ]
        for number, room_id in enumerate(rooms)
    }


def as_written(config: Path, room_id: str, writers: list[Program], seed: str) -> None:
    """The store: each object as it was acknowledged, and nothing half done."""
    settings = load_settings(config)
    kept = settings.storage
    store = Store.open(settings.database.url, kept.keys, kept.key_file)
    try:
        with store.read(datetime.now(UTC)) as uow:
            box = uow.boxes.by_room(room_id)
            assert box is not None
            waiting = uow.schedule.ahead(box.id, outside.TELL, outside.TELL)
            assert not waiting, f"{seed}: something is still to be told"
            for writer, kind in zip(writers, (Kind.EVENT, Kind.TASK), strict=True):
                found = uow.calendar_objects.all(box.id, kind)
                titles = {one.uid: one.summary["title"] for one in found}
                assert len(titles) == len(found), f"{seed}: a UID is there twice"
                for uid, written in writer.objects.items():
                    assert titles.pop(uid, None) in written.may_be, f"{seed}: {uid}"
                assert not titles, f"{seed}: nobody wrote {titles}"
                added = [
                    entry.subject
                    for entry in uow.journal.of_box(box.id)
                    if entry.kind == f"{kind.value}.added"
                ]
                assert len(set(added)) == len(added), f"{seed}: a number came twice"
                assert {str(one.number) for one in found} <= set(added), seed
    finally:
        store.close()
