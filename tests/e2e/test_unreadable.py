"""A command the bot can't read is answered in words, and done when its key comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import nio

from bots.kit.pump.unreadable import PATIENCE
from tests.clients import MatrixPerson, Message
from tests.e2e.groups import Group

TOLD_WITHIN = 90.0
MEGOLM = "m.megolm.v1.aes-sha2"
Json = dict[str, Any]


async def test_a_command_whose_key_is_late_is_done_when_it_comes(group: Group) -> None:
    late = await say_without_key(group.anna, group.box, "!aufgabe Hecke schneiden", group.bot)
    fence = await group.ben.ask(group.box, "!aufgaben")
    assert fence.data["tasks"] == []
    await give_key(group.anna, late.key, group.bot)
    answer = await group.anna.wait_for(
        lambda seen: made_task(seen, late.event_id), what="the late command"
    )
    assert answer.data["task"]["title"] == "Hecke schneiden"
    asked = group.anna.messages[late.event_id].sent_at
    for other in group.anna.replies_to(late.event_id):
        # The bot waits before it says a word; a slow machine may bring the key after that.
        waited = timedelta(milliseconds=other.sent_at - asked)
        assert other.event_id == answer.event_id or waited >= PATIENCE


async def test_a_command_that_stays_unreadable_is_answered_in_words(group: Group) -> None:
    lost = await say_without_key(group.anna, group.box, "!aufgabe Hecke schneiden", group.bot)
    answer = await group.anna.answer_to(lost.event_id, TOLD_WITHIN, "words, for want of a key")
    assert answer.sender == group.bot
    assert answer.result.get("ok") is not True
    await give_key(group.anna, lost.key, group.bot)
    done = await group.anna.wait_for(lambda seen: made_task(seen, lost.event_id), what="the task")
    assert done.data["task"]["title"] == "Hecke schneiden"


async def test_a_withheld_key_is_answered_in_words(group: Group) -> None:
    kept = await say_withheld(group.anna, group.box, "!aufgaben", group.bot)
    answer = await group.anna.answer_to(kept.event_id, TOLD_WITHIN, "words on a withheld key")
    assert answer.sender == group.bot
    assert answer.result.get("ok") is not True


def made_task(seen: Message, asked: str) -> bool:
    return seen.reply_to == asked and "task" in seen.data


@dataclass(frozen=True)
class Hidden:
    """A message in a Megolm session of its own; everybody but the bot got `key`."""

    event_id: str
    key: Json


async def say_without_key(person: MatrixPerson, room_id: str, text: str, bot: str) -> Hidden:
    key = new_session(person, room_id)
    users = person.client.rooms[room_id].users
    hidden = users.pop(bot)
    try:
        return Hidden(await person.say(room_id, text), key)
    finally:
        users[bot] = hidden


def new_session(person: MatrixPerson, room_id: str) -> Json:
    """Begin a Megolm session; what m.room_key says of it."""
    olm = person.client.olm
    olm.create_outbound_group_session(room_id)
    session = olm.outbound_group_sessions[room_id]
    kept = {"algorithm": MEGOLM, "room_id": room_id, "session_id": session.id}
    return {**kept, "session_key": session.session_key}


async def give_key(person: MatrixPerson, key: Json, user_id: str) -> None:
    olm = person.client.olm
    for device in olm.device_store.active_user_devices(user_id):
        channel = olm.session_store.get(device.curve25519)
        sealed = olm._olm_encrypt(channel, device, "m.room_key", key)
        message = nio.ToDeviceMessage("m.room.encrypted", user_id, device.id, sealed)
        await person.client.to_device(message)


async def say_withheld(person: MatrixPerson, room_id: str, text: str, bot: str) -> Hidden:
    """As strict clients do: no key for the bot, but word that it is kept back."""
    hidden = await say_without_key(person, room_id, text, bot)
    olm = person.client.olm
    content = {name: hidden.key[name] for name in ("algorithm", "room_id", "session_id")}
    content |= {"sender_key": olm.account.identity_keys["curve25519"]}
    content |= {"code": "m.unverified", "reason": "The sender has disabled this device"}
    for device in olm.device_store.active_user_devices(bot):
        message = nio.ToDeviceMessage("m.room_key.withheld", bot, device.id, content)
        await person.client.to_device(message)
    return hidden
