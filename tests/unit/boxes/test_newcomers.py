"""Who comes into a Box later is welcomed: once, together, in words that they can read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bots.kit import dispatch
from tests.unit.boxes.conftest import ANNA, BEN, CEM, Chat, Message
from wecreate_module.domain import effects as fx
from wecreate_module.domain.boxes import Box

DORA = "@dora:w.example"


@pytest.fixture
def box(chat: Chat) -> Box:
    return chat.found("Sommerfest")


def member(chat: Chat, box: Box, user_id: str, membership: str = "join") -> None:
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(box.room_id, user_id, membership, user_id[1:].partition(":")[0])


def joins(chat: Chat, box: Box, *people: str) -> None:
    for user_id in people:
        member(chat, box, user_id)
        chat.now += timedelta(seconds=1)
        with chat.store.begin(chat.now) as uow:
            event_id = f"$join{user_id}{chat.now.isoformat()}"
            dispatch.came(chat.app, uow, box.room_id, user_id, event_id, chat.now)


def said_after(chat: Chat, minutes: float) -> list[Message]:
    """What the bot says of itself in this time."""
    before = len(chat.done)
    chat.now += timedelta(minutes=minutes)
    with chat.store.begin(chat.now) as uow:
        while due := uow.schedule.due(chat.now, 1):
            uow.schedule.done(due[0].id)
            dispatch.run_scheduled(chat.app, uow, due[0], chat.now)
    chat.deliver()
    return [
        Message(effect.room_id, effect.content, effect.pin)
        for effect in chat.done[before:]
        if isinstance(effect, fx.Send)
    ]


def test_who_comes_later_is_told_what_can_be_done_here(chat: Chat, box: Box) -> None:
    joins(chat, box, BEN)
    (welcome,) = said_after(chat, 2)
    assert welcome.room_id == box.room_id
    assert welcome.text.startswith("👋 Welcome, ben!")
    assert "!task" in welcome.text
    assert "!help" in welcome.text
    assert welcome.data == {"newcomers": [BEN]}
    assert not welcome.pinned
    assert "m.mentions" not in welcome.content or not welcome.content["m.mentions"].get("user_ids")


def test_people_who_come_together_are_welcomed_together(chat: Chat, box: Box) -> None:
    joins(chat, box, BEN, CEM, DORA)
    (welcome,) = said_after(chat, 2)
    assert welcome.text.startswith("👋 Welcome, ben, cem, dora!")
    assert said_after(chat, 60) == []


def test_who_could_read_the_last_welcome_is_not_welcomed_again(chat: Chat, box: Box) -> None:
    member(chat, box, CEM, "invite")
    joins(chat, box, BEN)
    assert len(said_after(chat, 2)) == 1
    joins(chat, box, CEM)
    assert said_after(chat, 60) == []


def test_who_was_invited_after_it_is_welcomed(chat: Chat, box: Box) -> None:
    joins(chat, box, BEN)
    assert len(said_after(chat, 2)) == 1
    joins(chat, box, CEM)
    (welcome,) = said_after(chat, 2)
    assert welcome.data == {"newcomers": [CEM]}


def test_leaving_and_coming_back_is_no_reason_for_another_welcome(chat: Chat, box: Box) -> None:
    joins(chat, box, BEN)
    said_after(chat, 2)
    member(chat, box, BEN, "leave")
    joins(chat, box, BEN)
    assert said_after(chat, 60) == []


def test_the_founder_was_greeted_already(chat: Chat, box: Box) -> None:
    joins(chat, box, ANNA)
    assert said_after(chat, 60) == []


def test_who_has_left_again_is_not_welcomed(chat: Chat, box: Box) -> None:
    joins(chat, box, BEN)
    member(chat, box, BEN, "leave")
    assert said_after(chat, 60) == []


def test_an_archived_box_keeps_silent(chat: Chat, box: Box) -> None:
    chat.say("!box archive", room_id=box.room_id)
    joins(chat, box, BEN)
    assert said_after(chat, 60) == []
