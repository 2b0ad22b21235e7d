"""Who gets keys, who is believed, and how the bot vouches for itself."""

from __future__ import annotations

import copy
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from bots.kit.crypto.cross_signing import (
    SEEDS_FILE,
    ensure_cross_signed,
    is_chain_sound,
    reset_identity,
)
from bots.kit.crypto.errors import IdentityError
from bots.kit.crypto.results import MissingKey
from tests.unit.crypto.conftest import Meet
from tests.unit.crypto.fake_homeserver import FakeServer, Party


async def sign(party: Party) -> None:
    await ensure_cross_signed(party.client, party.machine.channel, party.folder)


async def query(party: Party) -> dict[str, Any]:
    body: dict[str, Any] = {"device_keys": {party.user_id: []}}
    return await party.client.request("POST", "/_matrix/client/v3/keys/query", body)


async def test_trap_7_the_bot_signs_its_own_device(meet: Meet, server: FakeServer) -> None:
    bot = await meet("bot")
    await sign(bot)
    assert is_chain_sound(await query(bot), bot.machine.channel)
    assert (bot.folder / SEEDS_FILE).stat().st_mode & 0o777 == 0o600
    names = [name for key in server.cross_signing["@bot:test"].values() for name in key["keys"]]
    assert not any("=" in name for name in names)


async def test_trap_7_signing_again_changes_nothing(meet: Meet, server: FakeServer) -> None:
    bot = await meet("bot")
    await sign(bot)
    keys = copy.deepcopy(server.cross_signing)
    before = bot.client.requests["upload"]
    bot.restart()
    await sign(bot)
    assert server.cross_signing == keys
    assert bot.client.requests["upload"] == before


async def test_trap_7_a_kill_between_the_two_uploads_is_made_good(
    meet: Meet, server: FakeServer
) -> None:
    bot = await meet("bot")
    await sign(bot)
    server.devices["@bot:test"]["A"]["signatures"]["@bot:test"].popitem()
    assert not is_chain_sound(await query(bot), bot.machine.channel)
    await sign(bot)
    assert is_chain_sound(await query(bot), bot.machine.channel)


async def test_trap_7_another_identity_on_the_server_is_refused(meet: Meet) -> None:
    bot = await meet("bot")
    await sign(bot)
    (bot.folder / SEEDS_FILE).unlink()
    with pytest.raises(IdentityError, match="another cross-signing identity"):
        await sign(bot)
    with pytest.raises(IdentityError, match="another cross-signing identity"):
        await sign(bot)
    await reset_identity(bot.client, bot.machine.channel, bot.folder, "password")
    await sign(bot)


async def test_trap_7_damaged_seeds_are_named(meet: Meet) -> None:
    bot = await meet("bot")
    for content in ("{", "[]", json.dumps({"master": "AAAA"})):
        (bot.folder / SEEDS_FILE).write_text(content)
        with pytest.raises(IdentityError, match="wecreate restore"):
            await sign(bot)


async def test_trap_9_only_signed_devices_get_keys_when_the_operator_says_so(
    meet: Meet, server: FakeServer
) -> None:
    anna, intruder = await meet("anna"), await meet("anna", "EVIL")
    await sign(anna)
    bot = await meet("bot", trust="cross-signed")
    event = await bot.say("vertraulich", anna)
    await anna.sync()
    assert anna.read(event) == "vertraulich"
    keys = await intruder.sync()
    assert [found.code for found in keys.withheld] == ["m.unverified"]
    with pytest.raises(MissingKey):
        intruder.read(event)
    await bot.say("noch einmal", anna)
    assert ("@anna:test", "EVIL") not in server.inbox, "it is told once"


async def test_trap_9_a_device_signed_by_somebody_else_is_not_signed(
    meet: Meet, server: FakeServer
) -> None:
    anna, mallory = await meet("anna"), await meet("mallory")
    await sign(mallory)
    own = server.cross_signing["@mallory:test"]
    forged = copy.deepcopy(own)
    for key in forged.values():
        key["user_id"] = "@anna:test"
    server.cross_signing["@anna:test"] = forged
    bot = await meet("bot", trust="cross-signed")
    event = await bot.say("vertraulich", anna)
    await anna.sync()
    with pytest.raises(MissingKey):
        anna.read(event)


async def test_who_signs_later_gets_keys_from_then_on(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot", trust="cross-signed")
    first = await bot.say("eins", anna)
    await sign(anna)
    await bot.sync()
    second = await bot.say("zwei", anna)
    await anna.sync()
    with pytest.raises(MissingKey):
        anna.read(first)
    assert anna.read(second) == "zwei"


async def test_a_message_from_a_signed_device_is_marked_so(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    await sign(anna)
    event = await anna.say("hallo", bot)
    await bot.sync()
    assert bot.machine.decrypt("!box:test", event).trusted


async def test_a_new_identity_of_a_member_is_noticed(
    meet: Meet, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    anna, bot = await meet("anna"), await meet("bot", trust="cross-signed")
    await sign(anna)
    await bot.say("eins", anna)
    assert bot.machine.status().identity_changes == ()
    await reset_identity(anna.client, anna.machine.channel, anna.folder, "password")
    server.tell_change("@anna:test")
    with caplog.at_level(logging.WARNING):
        await bot.sync()
    assert bot.machine.status().identity_changes == ("@anna:test",)
    assert "new cross-signing identity" in caplog.text


async def test_a_device_whose_keys_change_is_not_believed(meet: Meet, server: FakeServer) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    await bot.say("eins", anna)
    before = bot.machine.devices.of("@anna:test")["A"]
    other = Party(server, Path(anna.folder.parent, "other"), "@anna:test", "A")
    await other.sync()
    await bot.sync()
    assert bot.machine.devices.of("@anna:test")["A"] == before
    other.machine.close()


async def test_a_key_passed_on_as_ones_own_opens_nothing_under_another_name(
    meet: Meet, server: FakeServer
) -> None:
    anna, mallory, bot = await meet("anna"), await meet("mallory"), await meet("bot")
    event = await anna.say("hallo", bot, mallory)
    await mallory.sync()
    stolen = mallory.store.inbound(event["content"]["session_id"])
    assert stolen is not None
    # The true key comes after the false one, and still the true owner's words open.
    true_key = server.inbox.pop(("@bot:test", "A"))
    await mallory.machine.devices.query(["@bot:test"])
    outbound = mallory.machine._outbound
    await outbound._sessions.ensure(list(mallory.machine.devices.active("@bot:test")))
    forwarded = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "room_id": "!box:test",
        "session_id": stolen.id,
        "session_key": stolen.export_session(0),
        "sender_key": mallory.machine.channel.curve25519,
        "sender_claimed_ed25519_key": mallory.machine.channel.ed25519,
        "forwarding_curve25519_key_chain": [],
    }
    (device,) = mallory.machine.devices.active("@bot:test")
    sealed = mallory.machine.channel.encrypt(device, "m.forwarded_room_key", forwarded)
    server.inbox["@bot:test", "A"] = [
        {"type": "m.room.encrypted", "sender": "@mallory:test", "content": sealed}
    ]
    assert (await bot.sync()).sessions == ()
    server.inbox["@bot:test", "A"] = true_key
    await bot.sync()
    assert bot.read(event) == "hallo"


async def test_a_forwarded_key_is_taken_from_its_owner_when_it_was_asked_for(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("hallo", bot)
    server.inbox.clear()
    await bot.machine.request_key("!box:test", event)
    await anna.machine.devices.query(["@bot:test"])
    (device,) = anna.machine.devices.active("@bot:test")
    await anna.sync()
    session = anna.store.inbound(event["content"]["session_id"])
    assert session is not None
    forwarded = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "room_id": "!box:test",
        "session_id": session.id,
        "session_key": session.export_session(0),
        "sender_key": anna.machine.channel.curve25519,
        "sender_claimed_ed25519_key": anna.machine.channel.ed25519,
        "forwarding_curve25519_key_chain": [],
    }
    sealed = anna.machine.channel.encrypt(device, "m.forwarded_room_key", forwarded)
    server.inbox["@bot:test", "A"] = [
        {"type": "m.room.encrypted", "sender": "@anna:test", "content": sealed}
    ]
    assert (await bot.sync()).sessions == (("!box:test", session.id),)
    assert bot.read(event) == "hallo"
