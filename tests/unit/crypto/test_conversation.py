"""Two machines that talk: keys travel, messages open, requests are few."""

from __future__ import annotations

import copy
import logging

import pytest

from bots.kit.client import MatrixError
from bots.kit.crypto.results import MissingKey, Undecryptable
from tests.unit.crypto.conftest import Meet
from tests.unit.crypto.fake_homeserver import ROOM, FakeServer


async def test_a_message_opens_at_the_other_end(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("hallo", bot)
    await bot.sync()
    opened = bot.machine.decrypt(ROOM, event)
    assert opened.type == "m.room.message"
    assert opened.content["body"] == "hallo"
    assert opened.sender_device == "A"
    assert not opened.trusted


async def test_an_answer_needs_no_second_session(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    await anna.say("hallo", bot)
    await bot.sync()
    answer = await bot.say("hallo anna", anna)
    await anna.sync()
    assert anna.read(answer) == "hallo anna"
    assert bot.client.requests["claim"] == 0


async def test_where_keys_are_shared_a_message_costs_no_request(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    await bot.say("eins", anna)
    before = bot.client.requests.total()
    for number in range(20):
        await bot.say(str(number), anna)
    assert bot.client.requests.total() == before


async def test_the_relation_of_a_reply_stays_in_clear_and_comes_back(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    relation = {"rel_type": "m.thread", "event_id": "$1"}
    content = {"body": "im Faden", "m.relates_to": relation}
    sealed = await anna.machine.encrypt(
        ROOM, {anna.user_id, bot.user_id}, "m.room.message", content
    )
    assert sealed["m.relates_to"] == relation
    await bot.sync()
    event = {"sender": anna.user_id, "event_id": "$x", "content": sealed}
    assert bot.machine.decrypt(ROOM, event).content == content


async def test_a_new_device_gets_the_key_and_the_others_not_again(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    first = await bot.say("eins", anna)
    phone = await meet("anna", "PHONE")
    await bot.sync()
    second = await bot.say("zwei", anna)
    assert first["content"]["session_id"] == second["content"]["session_id"]
    assert len(server.inbox["@anna:test", "A"]) == 1
    await phone.sync()
    assert phone.read(second) == "zwei"
    with pytest.raises(MissingKey):
        phone.read(first)


async def test_a_member_who_left_reads_nothing_more(meet: Meet) -> None:
    anna, ben, bot = await meet("anna"), await meet("ben"), await meet("bot")
    await bot.say("eins", anna, ben)
    event = await bot.say("zwei", anna)
    await anna.sync()
    await ben.sync()
    assert anna.read(event) == "zwei"
    with pytest.raises(MissingKey):
        ben.read(event)


async def test_a_device_that_vanished_reads_nothing_more(meet: Meet, server: FakeServer) -> None:
    anna, phone, bot = await meet("anna"), await meet("anna", "PHONE"), await meet("bot")
    before = await bot.say("eins", anna)
    server.drop_device("@anna:test", "PHONE")
    await bot.sync()
    after = await bot.say("zwei", anna)
    assert before["content"]["session_id"] != after["content"]["session_id"]
    await phone.sync()
    with pytest.raises(MissingKey):
        phone.read(after)


async def test_keys_are_renewed_after_a_hundred_messages(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    sessions = {(await bot.say("x", anna))["content"]["session_id"] for _ in range(201)}
    assert len(sessions) == 3


async def test_the_rooms_own_rotation_rule_holds(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    people = {anna.user_id, bot.user_id}
    settings = {"rotation_period_msgs": 2, "rotation_period_ms": "soon"}
    seen = set()
    for _ in range(6):
        sealed = await bot.machine.encrypt(ROOM, people, "m.room.message", {}, settings)
        seen.add(sealed["session_id"])
    assert len(seen) == 3


async def test_a_rule_made_in_the_midst_of_a_key_holds_at_once(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    people = {anna.user_id, bot.user_id}
    seen = []
    for rule in ({}, {}, {"rotation_period_msgs": 1}, {"rotation_period_msgs": 1}):
        sealed = await bot.machine.encrypt(ROOM, people, "m.room.message", {}, rule)
        seen.append(sealed["session_id"])
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


async def test_after_a_restart_old_messages_still_open_and_new_keys_go_out(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    old = await anna.say("hallo", bot)
    await bot.sync()
    own = await bot.say("mit Knöpfen", anna)
    bot.restart()
    assert bot.read(old) == "hallo"
    assert bot.read(own) == "mit Knöpfen"
    new = await bot.say("wieder da", anna)
    assert new["content"]["session_id"] != own["content"]["session_id"]
    await anna.sync()
    assert anna.read(new) == "wieder da"


async def test_a_failed_share_is_taken_up_again(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    await bot.machine.devices.query([anna.user_id])
    bot.client.fails_with = MatrixError(429, "M_LIMIT_EXCEEDED", "slow", 100)
    with pytest.raises(MatrixError):
        await bot.say("eins", anna)
    event = await bot.say("eins", anna)
    await anna.sync()
    assert anna.read(event) == "eins"


async def test_the_same_words_under_another_event_id_are_refused(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("!löschen", bot)
    await bot.sync()
    assert bot.read(event) == bot.read(event)
    bot.restart()
    with pytest.raises(Undecryptable, match="replay"):
        bot.read({**event, "event_id": "$copy"})
    assert bot.read(event) == "!löschen"


async def test_a_message_of_one_room_is_refused_in_another(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("hallo", bot)
    await bot.sync()
    with pytest.raises(Undecryptable, match="wrong-room"):
        bot.read(event, room="!other:test")


async def test_a_message_under_another_name_is_refused(meet: Meet) -> None:
    anna, bot, _ben = await meet("anna"), await meet("bot"), await meet("ben")
    event = await anna.say("ich bin ben", bot)
    await bot.sync()
    await bot.machine.devices.query(["@ben:test"])
    with pytest.raises(Undecryptable, match="unknown-device"):
        bot.read({**event, "sender": "@ben:test"})
    with pytest.raises(MissingKey) as raised:
        bot.read({**event, "sender": "@nobody:test"})
    assert raised.value.reason == "unknown-device"


async def test_a_key_before_its_devices_are_known_waits_for_one_look_up(
    meet: Meet, server: FakeServer
) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("hallo", bot)
    bot.machine.receive_sync(server.sync("@bot:test", "A"))
    with pytest.raises(MissingKey) as raised:
        bot.read(event)
    assert raised.value.reason == "unknown-device"
    assert await bot.machine.upkeep() == ((ROOM, event["content"]["session_id"]),)
    assert bot.read(event) == "hallo"
    assert await bot.machine.upkeep() == ()


async def test_a_forgotten_room_can_be_read_no_more(meet: Meet) -> None:
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("hallo", bot)
    own = await bot.say("hallo", anna)
    await bot.sync()
    other = await anna.say("bleibt", bot, room="!other:test")
    await bot.sync()
    bot.machine.forget_room(ROOM)
    for gone in (event, own):
        with pytest.raises(MissingKey):
            bot.read(gone)
    assert bot.read(other, room="!other:test") == "bleibt"
    files = [file for file in bot.folder.iterdir() if file.name.startswith("crypto.db")]
    assert not any(ROOM.encode() in file.read_bytes() for file in files)


async def test_the_log_never_holds_what_was_said_nor_a_key(
    meet: Meet, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    anna, bot = await meet("anna"), await meet("bot")
    event = await anna.say("ganz geheim", bot)
    session = anna.store.inbound(str(event["content"]["session_id"]))
    assert session is not None
    broken = copy.deepcopy(server.inbox["@bot:test", "A"][0])
    for sealed in broken["content"]["ciphertext"].values():
        sealed["body"] = sealed["body"][:-4] + "AAAA"
    server.inbox["@bot:test", "A"].append(broken)
    await bot.sync()
    assert bot.read(event) == "ganz geheim"
    with pytest.raises(Undecryptable):
        bot.read({**event, "event_id": "$copy"})
    assert "unreadable to-device message" in caplog.text
    for secret in ("ganz geheim", event["content"]["ciphertext"], session.export_session(0)):
        assert secret not in caplog.text
