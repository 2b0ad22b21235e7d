"""What fails in the midst: a statement, a disk, a request, a server. Nothing is half stored."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sqlite3
from collections.abc import Callable

import pytest

from bots.kit.client import MatrixError
from tests.unit.crypto.conftest import Meet
from tests.unit.crypto.fake_homeserver import ROOM, FakeServer, Party


def dying_at(fatal: int, run: Callable[..., object]) -> Callable[..., object]:
    left = itertools.count(1)

    def dying(statement: str, *values: object) -> object:
        if next(left) == fatal:
            raise KeyboardInterrupt
        return run(statement, *values)

    return dying


async def test_keys_survive_what_fails_in_the_midst_of_a_response(
    meet: Meet, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL between two writes: nothing is stored, and the same response brings everything."""
    anna, ben, bot = await meet("anna"), await meet("ben"), await meet("bot")
    events = [await anna.say("eins", bot), await ben.say("zwei", bot)]
    response = server.sync("@bot:test", "A")
    statements = _count_statements(bot, response)
    for fatal in range(1, statements):
        fresh = Party(server, bot.folder.parent / f"kill{fatal}", "@bot:test", "A")
        fresh.machine.close()
        bot.machine.close()
        (fresh.folder / "crypto.db").write_bytes((bot.folder / "crypto.db").read_bytes())
        bot.start()
        fresh.start()
        monkeypatch.setattr(fresh.store, "sql", dying_at(fatal, fresh.store.sql))
        with pytest.raises(KeyboardInterrupt):
            fresh.machine.receive_sync(response)
        monkeypatch.undo()
        fresh.restart()
        assert fresh.machine.status().inbound_sessions == 0
        assert len(fresh.machine.receive_sync(response).sessions) == 2
        await fresh.machine.upkeep()
        assert [fresh.read(event) for event in events] == ["eins", "zwei"]
        fresh.machine.close()


def _count_statements(bot: Party, response: dict[str, object]) -> int:
    """How many statements taking the response needs, by taking it and undoing that."""
    count, run = 0, bot.store.sql

    def counting(statement: str, *values: object) -> object:
        nonlocal count
        count += 1
        return run(statement, *values)

    bot.store.sql = counting  # type: ignore[assignment,method-assign] # counted
    with bot.store.database.atomic() as transaction:
        bot.machine.receive_sync(response)
        transaction.rollback()
    bot.store.sql = run  # type: ignore[method-assign] # as it was
    bot.machine.devices.reload()
    assert bot.machine.status().inbound_sessions == 0
    assert count > 10
    return count


async def test_a_full_disk_is_raised_and_nothing_is_half_stored(
    meet: Meet, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("eins", bot)
    response = server.sync("@bot:test", "A")

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(bot.store, "save_inbound", full)
    with pytest.raises(sqlite3.OperationalError):
        bot.machine.receive_sync(response)
    monkeypatch.undo()
    await bot.machine.upkeep()
    assert bot.machine.receive_sync(response).sessions
    await bot.machine.upkeep()
    assert bot.read(event) == "eins"


async def test_a_request_that_fails_may_be_made_again(meet: Meet, server: FakeServer) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("eins", bot)
    server.inbox.clear()
    bot.client.fails_with = MatrixError(429, "M_LIMIT_EXCEEDED", "slow", 100)
    with pytest.raises(MatrixError):
        await bot.machine.request_key(ROOM, event)
    await bot.machine.request_key(ROOM, event)
    kinds = [e["type"] for e in server.inbox["@anna:test", "A"]]
    assert kinds == ["m.room.encrypted", "m.room_key_request"]


async def test_a_homeserver_that_is_away_does_not_break_the_upkeep(
    meet: Meet, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    bot = await meet("bot")
    server.down = True
    server.one_time.clear()
    bot.machine.receive_sync({"device_one_time_keys_count": {"signed_curve25519": 0}})
    with caplog.at_level(logging.WARNING):
        assert await bot.machine.upkeep() == ()
    assert "upkeep" in caplog.text
    server.down = False
    bot.machine._not_before = 0
    await bot.machine.upkeep()
    assert bot.machine.status().one_time_keys == 50


async def test_a_silent_server_of_some_members_holds_up_nobody(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    server.silent.add("@ben:away")
    event = await bot.say("eins", anna, "@ben:away")
    await bot.say("zwei", anna, "@ben:away")
    assert bot.client.requests["query"] == 1
    await anna.sync()
    assert anna.read(event) == "eins"


async def test_a_slow_answer_for_one_room_holds_up_no_other(
    meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben, bot = await meet("anna"), await meet("ben"), await meet("bot")
    answers = asyncio.Event()
    request = bot.client.request

    async def slow(method: str, path: str, body: object = None, *_: object) -> object:
        if "@ben:test" in str(body) and path.endswith("query"):
            await answers.wait()
        return await request(method, path, body)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(bot.client, "request", slow)
    waiting = [
        asyncio.create_task(bot.say("an Ben", ben, room=room))
        for room in ("!one:test", "!two:test")
    ]
    event = await bot.say("an Anna", anna)
    assert not any(task.done() for task in waiting)
    answers.set()
    await asyncio.gather(*waiting)
    assert bot.client.requests["query"] == 2, "who is asked for already is waited for"
    await anna.sync()
    assert anna.read(event) == "an Anna"
