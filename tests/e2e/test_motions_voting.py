"""Votes as native polls: sent, answered and ended on a real server, all of it encrypted."""

from __future__ import annotations

import asyncio
from typing import Any

from bots.operation.person import Message
from tests.clients import MatrixPerson
from tests.e2e.groups import Group

START, END = "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.end"
UNSTABLE, STABLE = "org.matrix.msc3381.poll.response", "m.poll.response"


async def drafted(group: Group) -> None:
    await group.anna.ask(group.box, "!antrag neu allgemein Mehr Bänke")
    await group.anna.ask(group.box, "Vor dem Bahnhof stehen zehn Bänke.")
    await group.anna.ask(group.box, "später")


async def poll_for(person: MatrixPerson, room: str) -> Message:
    return await person.wait_for(
        lambda seen: seen.type == START and seen.room_id == room, what="the poll"
    )


async def choose(person: MatrixPerson, poll: Message, choice: str, kind: str) -> None:
    said: dict[str, Any] = {
        "m.relates_to": {"rel_type": "m.reference", "event_id": poll.event_id},
        **({"m.selections": [choice]} if kind == STABLE else {kind: {"answers": [choice]}}),
    }
    await person.send(poll.room_id, kind, said)


async def result_in(group: Group) -> Message:
    return await group.anna.wait_for(
        lambda seen: seen.room_id == group.box and "outcome" in (seen.data.get("vote") or {}),
        what="the result",
    )


async def test_a_poll_is_voted_on_and_its_result_stands_in_the_motion(group: Group) -> None:
    anna, ben, box = group.anna, group.ben, group.box
    await drafted(group)
    opened = await anna.ask(box, "!antrag 1 abstimmen")
    assert opened.data["vote"]["voters"] == [anna.user_id, ben.user_id]
    polls = await asyncio.gather(poll_for(anna, box), poll_for(ben, box))
    assert all(poll.encrypted and poll.sender == group.bot for poll in polls)
    await choose(anna, polls[0], "no", UNSTABLE)
    await choose(anna, polls[0], "yes", STABLE)
    await choose(ben, polls[1], "abstain", UNSTABLE)
    all_in = await ben.wait_for(lambda seen: "🏁" in seen.buttons, what="that all have voted")
    await anna.react(box, all_in.event_id, "🏁")
    ended = await ben.wait_for(lambda seen: seen.type == END, what="the poll's end")
    assert ended.relation["event_id"] == polls[0].event_id
    assert ended.encrypted
    counted = (await result_in(group)).data["vote"]
    assert (counted["yes"], counted["no"], counted["abstain"]) == (1, 0, 1)
    assert (await ben.ask(box, "!antrag 1")).data["motion"]["votes"] == [counted]


async def test_a_secret_ballot_comes_by_direct_chat_and_ends_when_all_are_in(group: Group) -> None:
    anna, ben, box = group.anna, group.ben, group.box
    await drafted(group)
    bens_chat = await ben.direct_chat(group.bot)
    await ben.ask(bens_chat, "hilfe")
    await anna.ask(box, "!antrag 1 abstimmen geheim")
    annas, bens = await asyncio.gather(poll_for(anna, group.chat), poll_for(ben, bens_chat))
    assert "Geheime Abstimmung" in annas.content[START]["question"]["body"]
    await choose(anna, annas, "no", UNSTABLE)
    await anna.wait_for(lambda seen: "ist da" in seen.body and seen.room_id == group.chat)
    await ben.ask(bens_chat, "stimmzettel")
    assert bens.encrypted
    assert "ist da" in (await ben.ask(bens_chat, "ja")).body
    counted = (await result_in(group)).data["vote"]
    assert (counted["yes"], counted["no"], counted["secret"]) == (1, 1, True)
    assert counted["outcome"] == "rejected"
