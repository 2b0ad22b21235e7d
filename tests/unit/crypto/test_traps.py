"""The traps of nio that lie in this corner, one test each (shared/facts, docs/decisions/0003)."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bots.kit.client import Homeserver, MatrixError
from bots.kit.crypto.attachments import BrokenAttachment, decrypted, upload_encrypted
from bots.kit.crypto.errors import StoreError
from bots.kit.crypto.results import MissingKey
from bots.kit.crypto.store import CryptoStore, after_restore
from tests.unit.crypto.conftest import Meet
from tests.unit.crypto.fake_homeserver import ROOM, FakeServer, Party


async def test_trap_1_no_full_state_is_needed_after_a_restart(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    await bot.say("eins", anna)
    bot.restart()
    event = await bot.say("zwei", anna)
    await anna.sync()
    assert anna.read(event) == "zwei"
    assert bot.client.requests["query"] == 1, "devices are kept on disk"


async def test_trap_2_a_response_taken_twice_does_no_harm_and_tells_its_keys_again(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("hallo", bot)
    response = server.sync("@bot:test", "A")
    first = bot.machine.receive_sync(response)
    bot.restart()
    assert bot.machine.receive_sync(response) == first
    assert first.sessions == ((ROOM, event["content"]["session_id"]),)
    await bot.machine.upkeep()
    assert bot.read(event) == "hallo"
    assert bot.client.requests["claim"] == 0, "a redelivery is no broken session"


async def test_trap_3_one_time_keys_are_refilled_at_zero(meet: Meet, server: FakeServer) -> None:
    bot = await meet("bot")
    server.one_time["@bot:test", "A"].clear()
    await bot.sync()
    assert len(server.one_time["@bot:test", "A"]) == 50
    server.one_time["@bot:test", "A"].clear()
    bot.machine.receive_sync({"device_one_time_keys_count": {}})
    await bot.machine.upkeep()
    assert len(server.one_time["@bot:test", "A"]) == 50


async def test_trap_3_a_few_keys_less_cost_no_request_and_half_of_them_does(
    meet: Meet, server: FakeServer
) -> None:
    bot = await meet("bot")
    before = bot.client.requests["upload"]
    for _ in range(25):
        server.one_time["@bot:test", "A"].popitem()
        await bot.sync()
    assert bot.client.requests["upload"] == before
    server.one_time["@bot:test", "A"].popitem()
    await bot.sync()
    assert len(server.one_time["@bot:test", "A"]) == 50


async def test_trap_3_the_fallback_key_serves_when_all_are_gone_and_is_renewed(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    server.one_time["@bot:test", "A"].clear()
    first_key = server.fallback["@bot:test", "A"]
    event = await anna.say("hallo", bot)
    await bot.sync()
    assert bot.read(event) == "hallo"
    assert server.fallback["@bot:test", "A"] != first_key
    assert bot.machine.status().fallback_key


async def test_trap_3_a_killed_upload_leaves_no_key_on_the_server_that_the_disk_lacks(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    server.one_time["@bot:test", "A"].clear()
    answer = server.answer

    def killed(*arguments: object) -> object:
        answer(*arguments)  # type: ignore[arg-type] # passed on as they came
        raise KeyboardInterrupt

    server.answer = killed  # type: ignore[assignment,method-assign] # the server does it, nobody hears
    with pytest.raises(KeyboardInterrupt):
        await bot.sync()
    server.answer = answer  # type: ignore[method-assign] # as it was
    bot.restart()
    event = await anna.say("hallo", bot)
    await bot.sync()
    assert bot.read(event) == "hallo"


async def test_trap_3_a_store_from_an_old_backup_finds_new_key_ids(
    meet: Meet, server: FakeServer
) -> None:
    bot = await meet("bot")
    bot.machine.close()
    old = (bot.folder / "crypto.db").read_bytes()
    bot.start()
    for _ in range(4):
        server.one_time["@bot:test", "A"].clear()
        await bot.sync()
    held = dict(list(server.one_time["@bot:test", "A"].items())[:5])
    server.one_time["@bot:test", "A"] = held
    bot.machine.close()
    (bot.folder / "crypto.db").write_bytes(old)
    bot.start()
    await bot.sync()
    assert len(server.one_time["@bot:test", "A"]) >= 50


async def in_pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


async def test_trap_6_files_are_encrypted_and_opened_piece_by_piece(tmp_path: Path) -> None:
    uploaded = bytearray()
    largest = 0

    class Media(Homeserver):
        async def upload(self, data: object, *_: object, **__: object) -> str:
            nonlocal largest
            if isinstance(data, bytes):
                uploaded.extend(data)
            else:
                async for piece in data:  # type: ignore[attr-defined] # a stream otherwise
                    largest = max(largest, len(piece))
                    uploaded.extend(piece)
            return "mxc://test/file"

    plain = bytes(range(256)) * 3000
    file = tmp_path / "plan.pdf"
    file.write_bytes(plain)
    for source in (file, plain):
        uploaded.clear()
        info = await upload_encrypted(Media("http://test"), source)
        assert bytes(uploaded) != plain
        assert largest <= 64 * 1024
        opened = b"".join([piece async for piece in decrypted(in_pieces(bytes(uploaded)), info)])
        assert opened == plain
    uploaded[0] ^= 1

    with pytest.raises(BrokenAttachment):
        [piece async for piece in decrypted(in_pieces(bytes(uploaded)), info)]
    with pytest.raises(BrokenAttachment):
        [piece async for piece in decrypted(in_pieces(b"x"), {"v": "v2", "key": 3})]


async def test_trap_8_a_withheld_key_is_named_with_its_code(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot", trust="all")
    anna.machine.set_trust("cross-signed")
    event = await anna.say("geheim", bot)
    keys = await bot.sync()
    assert [found.code for found in keys.withheld] == ["m.unverified"]
    with pytest.raises(MissingKey) as raised:
        bot.read(event)
    assert raised.value.withheld_code == "m.unverified"
    bot.restart()
    with pytest.raises(MissingKey) as raised:
        bot.read(event)
    assert raised.value.withheld_code == "m.unverified"
    assert bot.machine.status().withheld == {"m.unverified": 1}


async def test_trap_8_a_withheld_code_counts_only_from_the_sender_of_the_message(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("hallo", bot)
    server.inbox.clear()
    content = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "room_id": ROOM,
        "session_id": event["content"]["session_id"],
        "code": "m.blacklisted",
    }
    told = {"type": "m.room_key.withheld", "sender": "@mallory:test", "content": content}
    bot.machine.receive_sync({"to_device": {"events": [told]}})
    with pytest.raises(MissingKey) as raised:
        bot.read(event)
    assert raised.value.withheld_code is None


async def test_trap_10_the_store_is_in_wal_mode_private_and_held_by_one_process(
    meet: Meet,
) -> None:
    bot = await meet("bot")
    assert bot.store.sql("PRAGMA journal_mode") == [("wal",)]
    assert (bot.folder / "crypto.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="Another bot is running"):
        CryptoStore.open(bot.folder, bot.user_id, bot.device_id, "key")


async def test_trap_10_a_damaged_store_or_a_wrong_key_is_named(meet: Meet) -> None:
    bot = await meet("bot")
    bot.machine.close()
    with pytest.raises(StoreError, match=r"store\.key"):
        CryptoStore.open(bot.folder, bot.user_id, bot.device_id, "another key")
    file = bot.folder / "crypto.db"
    whole = file.read_bytes()
    file.write_bytes(b"\xff" * len(whole))
    with pytest.raises(StoreError, match="wecreate restore"):
        CryptoStore.open(bot.folder, bot.user_id, bot.device_id, "key")
    file.write_bytes(whole)
    bot.start()


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


async def test_a_broken_channel_is_mended_and_the_key_asked_for(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    await anna.say("eins", bot)
    await bot.sync()
    await bot.say("zwei", anna)
    await anna.sync()
    bot.store.sql("DELETE FROM olmsessions")
    anna.machine.forget_room(ROOM)
    event = await anna.say("drei", bot)
    await bot.sync()
    with pytest.raises(MissingKey):
        bot.read(event)
    assert bot.client.requests["claim"] == 1
    await bot.machine.request_key(ROOM, event)
    await bot.machine.request_key(ROOM, event)
    asked = [e for e in server.inbox["@anna:test", "A"] if e["type"] == "m.room_key_request"]
    assert len(asked) == 1
    await anna.sync()
    again = await anna.say("vier", bot)
    await bot.sync()
    assert bot.read(again) == "vier"


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


async def test_trap_10_a_device_from_a_backup_goes_on(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    old = await anna.say("alt", bot)
    await bot.sync()
    bot.machine.close()
    backup = (bot.folder / "crypto.db").read_bytes()
    bot.start()
    await bot.say("nach der Sicherung", anna)
    await anna.sync()
    await anna.say("Antwort", bot, room="!other:test")
    await bot.sync()
    bot.machine.close()
    (bot.folder / "crypto.db").write_bytes(backup)
    after_restore(bot.folder / "crypto.db")
    bot.start()
    assert bot.read(old) == "alt"
    event = await bot.say("wieder da", anna)
    await anna.sync()
    assert anna.read(event) == "wieder da"
    new = await anna.say("gut", bot, room="!third:test")
    await bot.sync()
    assert bot.read(new, room="!third:test") == "gut"


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
