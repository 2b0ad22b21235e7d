"""The traps of nio in this corner, one test each (docs/decisions/0003-nio-in-its-corner.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.kit.client import Homeserver
from bots.kit.crypto.attachments import BrokenAttachment, decrypted, upload_encrypted
from bots.kit.crypto.errors import StoreError
from bots.kit.crypto.results import MissingKey
from bots.kit.crypto.store import CryptoStore, after_restore
from tests.unit.crypto.conftest import Meet
from tests.unit.crypto.fake_homeserver import ROOM, FakeServer


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
    anna, bot = await meet("anna", trust="cross-signed"), await meet("bot")
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
