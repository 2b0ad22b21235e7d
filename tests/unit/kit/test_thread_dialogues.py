"""Questions in a thread of their own: several at once, for days, beside ordinary talk."""

from __future__ import annotations

from typing import Any

import pytest

from bots.kit import basics, dispatch
from bots.kit.app import App, Part
from bots.kit.arguments import Text
from bots.kit.context import Context, ServerFacts
from bots.kit.registry import answer, argument, command
from bots.kit.replies import Question, Replies, Reply
from tests.unit.kit.conftest import BOT, PART
from wecreate_module.domain.errors import UserError

BEN = "@ben:x.example"


@command("entwurf", "draft", area="tasks", summary="Asks in a thread")
@argument("name", Text(), "name", "name", ask="Which?")
def draft(ctx: Context, name: str) -> Replies:
    del ctx
    return Reply(f"{name}?", question=Question("test.draft", {"name": name}, in_thread=True))


@answer("test.draft")
def drafted(_: Context, text: str, data: dict[str, Any]) -> Replies:
    if text == "wrong":
        raise UserError("wrong", "Wrong.")
    if text == "on":
        return Reply("on?", question=Question("test.draft", data, in_thread=True))
    return Reply(f"{data['name']}: {text[:40]}", data={"length": len(text)})


@pytest.fixture
def app() -> App:
    parts = [basics.PART, PART, Part(commands=(draft,), answers=(drafted,))]
    return App.assemble(parts, bot_user_id=BOT, server=ServerFacts("x.example"))


def in_thread(chat: Any, text: str, root: str, **more: Any) -> list[str]:
    return [content["body"] for content in chat.says(text, thread_id=root, **more)]


def test_the_question_opens_a_thread_and_answers_there_are_for_it(chat: Any) -> None:
    (content,) = chat.says("!draft A")
    relation = content["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", "$e1")
    assert in_thread(chat, "words", "$e1") == ["A: words"]
    assert in_thread(chat, "more", "$e1") == []


def test_several_wait_side_by_side(chat: Any) -> None:
    chat.says("!draft A")
    chat.says("!draft B")
    chat.says("!done 3")
    assert in_thread(chat, "one", "$e1") == ["A: one"]
    assert in_thread(chat, "two", "$e2") == ["B: two"]


def test_it_waits_for_days_in_its_thread_and_never_takes_talk_outside(chat: Any) -> None:
    chat.says("!draft A")
    chat.passes(days=2)
    assert chat.says("see you tomorrow") == []
    assert in_thread(chat, "hello", "$other") == []
    assert in_thread(chat, "mine", "$e1", sender=BEN) == []
    assert in_thread(chat, "words", "$e1") == ["A: words"]


def test_it_ends_after_a_week(chat: Any) -> None:
    chat.says("!draft A")
    chat.passes(days=8)
    assert in_thread(chat, "words", "$e1") == []


def test_an_app_without_threads_answers_outside(chat: Any) -> None:
    chat.says("!draft A")
    (content,) = chat.says("words")
    assert content["body"] == "A: words"
    assert in_thread(chat, "again", "$e1") == []


def test_the_next_question_stays_in_the_thread(chat: Any) -> None:
    chat.says("!draft A")
    assert in_thread(chat, "on", "$e1") == ["on?"]
    chat.passes(hours=5)
    assert in_thread(chat, "words", "$e1") == ["A: words"]


def test_what_is_refused_can_be_said_again_and_again(chat: Any) -> None:
    chat.says("!draft A")
    for _ in range(5):
        assert in_thread(chat, "wrong", "$e1") == ["Wrong."]
    assert in_thread(chat, "words", "$e1") == ["A: words"]


def test_cancel_ends_one_and_leaves_the_other(chat: Any) -> None:
    chat.says("!draft A")
    chat.says("!draft B")
    assert len(in_thread(chat, "cancel", "$e1")) == 1
    assert in_thread(chat, "one", "$e1") == []
    assert in_thread(chat, "two", "$e2") == ["B: two"]


def test_an_answer_may_be_long(chat: Any) -> None:
    chat.says("!draft A")
    (content,) = chat.says("word " * 6000, thread_id="$e1")
    assert content["de.wecreate.result"]["data"]["length"] > 8192


def test_a_reply_to_the_question_is_an_answer_wherever_it_stands(chat: Any) -> None:
    chat.says("!draft A")
    with chat.store.begin(chat.now) as uow:
        row = uow.outbox.get(chat.seen)
        dispatch.continue_(chat.app, uow, row, {"event_id": "$question"}, chat.now)
    chat.passes(hours=3)
    (content,) = chat.says("words", replied_to="$question", thread_id="$e1")
    assert content["body"] == "A: words"
