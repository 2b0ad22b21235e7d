from __future__ import annotations

from typing import Any

import pytest

from bots.kit import basics
from bots.kit.app import App, Part
from bots.kit.context import Context, ServerFacts
from bots.kit.incoming import Incoming
from bots.kit.replies import Replies, Reply
from tests.unit.kit.conftest import BOT, BOXED, DIRECT, GROUP, PART
from wecreate_module.domain.errors import UserError

FILE = {"msgtype": "m.file", "body": "Protokoll.pdf", "file": {"url": "mxc://x.example/1"}}


def watch(ctx: Context, incoming: Incoming) -> Replies:
    """Notes every file; one called broken.pdf is refused."""
    if incoming.content.get("msgtype") != "m.file":
        return None
    ctx.uow.meta.set("seen", incoming.event_id)
    if incoming.content["body"] == "broken.pdf":
        raise UserError("no", "No.")
    return Reply("noted")


@pytest.fixture
def app() -> App:
    parts = [basics.PART, PART, Part(on_message=(watch,), on_event={"x.poll": watch})]
    return App.assemble(parts, bot_user_id=BOT, server=ServerFacts("x.example"))


def test_a_file_is_shown_to_the_watchers_and_their_answer_replies_to_it(chat: Any) -> None:
    (content,) = chat.gets(FILE)
    assert content["body"] == "noted"
    assert content["m.relates_to"]["m.in_reply_to"] == {"event_id": "$e1"}
    assert chat.meta("seen") == "$e1"


def test_a_watcher_that_refuses_leaves_nothing_behind(chat: Any) -> None:
    (content,) = chat.gets({**FILE, "body": "broken.pdf"})
    assert content["body"] == "No."
    assert chat.meta("seen") is None


@pytest.mark.parametrize("room", [DIRECT, GROUP])
def test_watchers_see_boxes_only(chat: Any, room: str) -> None:
    assert chat.gets(FILE, room=room) == []
    assert chat.meta("seen") is None


@pytest.mark.parametrize(
    ("sender", "content"),
    [
        (BOT, FILE),
        ("@ben:x.example", {**FILE, "msgtype": "m.notice"}),
        ("@ben:x.example", {**FILE, "m.relates_to": {"rel_type": "m.replace"}}),
        ("@ben:x.example", {"msgtype": "m.text", "body": "!done 3"}),
        ("@ben:x.example", {"msgtype": ["m.file"], "body": {}, "m.relates_to": 3}),
    ],
)
def test_own_messages_notices_edits_and_commands_are_not_watched(
    chat: Any, sender: str, content: dict[str, Any]
) -> None:
    chat.gets(content, sender=sender)
    assert chat.meta("seen") is None


def test_what_was_sent_before_the_bot_came_is_not_watched(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        room = uow.rooms.get("!box")
        uow.rooms.save(type(room)(**{**vars(room), "joined_at": 5000}))
    assert chat.gets(FILE, origin_server_ts=4000) == []
    assert chat.meta("seen") is None


@pytest.mark.parametrize("room", [BOXED, DIRECT])
def test_events_of_a_type_that_a_feature_knows_are_shown_to_it(chat: Any, room: str) -> None:
    chat.gets(FILE, room=room, type="x.poll")
    assert chat.meta("seen") == "$e1"


def test_events_of_a_known_type_are_not_shown_when_they_are_our_own(chat: Any) -> None:
    chat.gets(FILE, sender=BOT, type="x.poll")
    assert chat.meta("seen") is None


def test_events_of_a_type_that_nobody_knows_are_passed_over(chat: Any) -> None:
    assert chat.gets(FILE, type="x.other") == []
    assert chat.meta("seen") is None
