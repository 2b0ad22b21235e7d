"""Alone with the bot: a greeting, and no need for the `!`."""

from __future__ import annotations

from tests.e2e.groups import Group
from tests.e2e.stack import Stack


async def test_a_new_direct_chat_is_greeted_once(stack: Stack) -> None:
    async with await stack.person("clara") as clara:
        chat = await clara.direct_chat(stack.bot)
        greeting = await clara.wait_for(
            lambda seen: seen.sender == stack.bot and seen.msgtype == "m.notice"
        )
        assert "!box neu" in greeting.body
        await clara.ask(chat, "!hilfe")
        notices = [one for one in clara.messages.values() if one.msgtype == "m.notice"]
        assert len(notices) == 2


async def test_the_prefix_may_be_left_out(group: Group) -> None:
    answer = await group.anna.ask(group.chat, "hilfe")
    assert answer.result["ok"]


async def test_an_unknown_word_gets_the_nearest_command_offered(group: Group) -> None:
    answer = await group.anna.ask(group.chat, "!hilfee")
    assert answer.result["ok"] is False
    assert "hilfe" in answer.body


async def test_each_person_is_answered_in_their_own_language(group: Group) -> None:
    german = await group.anna.ask(group.chat, "sprache de")
    english = await group.anna.ask(group.chat, "language en")
    assert german.body != english.body
    assert "English" in english.body


async def test_boxes_one_is_in_are_listed(group: Group) -> None:
    answer = await group.anna.ask(group.chat, "boxen")
    assert [box["room_id"] for box in answer.data["boxes"]] == [group.box]


async def test_a_missing_argument_is_asked_for(group: Group) -> None:
    question = await group.anna.ask(group.chat, "!box neu")
    assert question.result["ok"] is False
    answer = await group.anna.ask(group.chat, "Gartenfest")
    assert answer.data["box"]["name"] == "Gartenfest"


async def test_a_question_ends_with_cancel(group: Group) -> None:
    await group.anna.ask(group.chat, "!box neu")
    ended = await group.anna.ask(group.chat, "abbrechen")
    assert ended.result.get("error") is None
    unknown = await group.anna.ask(group.chat, "Gartenfest")
    assert unknown.result["ok"] is False
