from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bots.kit import dispatch
from tests.unit.boxes.conftest import ANNA, BEN, BOT, CEM, DIRECT, GROUP, Chat, Message
from tests.unit.chat import words
from wecreate_module.domain import effects as fx
from wecreate_module.domain.matrix import BUTTONS
from wecreate_module.storage.rooms import Room


def test_a_box_is_made_its_founder_invited_and_welcomed(chat: Chat) -> None:
    welcome, answer = chat.new("!box neu Sommerfest am See")
    made, invited, *_ = chat.done
    assert isinstance(made, fx.CreateRoom)
    assert made.body["name"] == "Sommerfest am See"
    assert made.body["creation_content"]["additional_creators"] == [ANNA]
    box = answer.data["box"]
    assert invited == fx.Invite(box["room_id"], (ANNA,))
    assert (box["name"], box["language"], box["state"]) == ("Sommerfest am See", "de", "active")
    assert answer.room_id == DIRECT
    assert "Einladung" in answer.text
    assert (welcome.room_id, welcome.pinned) == (box["room_id"], True)
    assert "!aufgabe" in welcome.text
    assert welcome.content[BUTTONS] == {"💡": "!help"}


def test_the_invite_goes_before_the_welcome(chat: Chat) -> None:
    chat.say("!box new Party")
    kinds = [type(effect).__name__ for effect in chat.done if not isinstance(effect, fx.React)]
    assert kinds.index("Invite") < kinds.index("Send")


def test_the_name_is_asked_for_when_it_is_missing(chat: Chat) -> None:
    asked = chat.answer("!box new")
    assert asked.code == "missing-argument"
    _, answer = chat.new("Summer party")
    assert answer.data["box"]["name"] == "Summer party"


def test_a_box_is_made_from_within_another_one(chat: Chat) -> None:
    first = chat.found("First")
    welcome, answer = chat.new("!box new Second", room_id=first.room_id)
    assert answer.room_id == first.room_id
    assert welcome.room_id == answer.data["box"]["room_id"] != first.room_id


def test_the_same_event_makes_one_box(chat: Chat) -> None:
    asked = chat.incoming(words("!box new Party"))
    chat.hand_in(asked)
    chat.hand_in(asked)
    chat.deliver()
    assert sum(isinstance(effect, fx.CreateRoom) for effect in chat.done) == 1


def test_every_request_has_a_name_of_its_own(chat: Chat) -> None:
    chat.say("!box new Party")
    chat.say("!box new Party")
    requests = {effect.request for effect in chat.done if isinstance(effect, fx.CreateRoom)}
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("creators", "who", "allowed"),
    [("local", ANNA, True), ("local", CEM, False), (frozenset({CEM}), ANNA, False)],
)
def test_the_operator_decides_who_makes_boxes(
    chat: Chat, creators: str | frozenset[str], who: str, *, allowed: bool
) -> None:
    chat.app = replace(chat.app, server=replace(chat.app.server, box_creators=creators))
    messages = chat.say("!box new Party", sender=who)
    assert (len(messages) == 2) is allowed
    if not allowed:
        assert messages[0].code == "box-creation-not-allowed"


def test_a_refused_room_is_told_and_leaves_nothing(chat: Chat) -> None:
    chat.refuse = fx.CreateRoom
    assert chat.answer("!box new Party").code == "refused-by-server"
    with chat.store.begin(chat.now) as uow:
        assert uow.boxes.all() == []


def test_an_invitation_that_fails_is_told(chat: Chat) -> None:
    chat.outcomes[ANNA] = "unreachable"
    told = [message for message in chat.say("!box new Party") if message.room_id == DIRECT]
    assert "founder-not-invited" in [message.code for message in told if not message.result["ok"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!box new " + "x" * 101, "text-too-long"),
        ("!box new " + "x" * 10_000, "message-too-long"),
        ("!box new \u202e\u200b", "empty-text"),
    ],
)
def test_a_name_that_is_none_makes_no_box(chat: Chat, text: str, code: str) -> None:
    assert chat.answer(text).code == code
    assert not any(isinstance(effect, fx.CreateRoom) for effect in chat.done)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{name} {0} %s", "@room & <b>"])
def test_a_hostile_name_is_only_text(chat: Chat, name: str) -> None:
    welcome, answer = chat.new(f"!box new {name}")
    assert answer.data["box"]["name"] == name
    for message in (welcome, answer):
        assert "<script>" not in message.content["formatted_body"]
        assert message.content["m.mentions"] == {}


def test_a_group_becomes_a_box(chat: Chat) -> None:
    message = chat.answer("!box einrichten Kleingarten", room_id=GROUP)
    assert [effect.type for effect in chat.done if isinstance(effect, fx.SetState)] == [
        "de.wecreate.box",
        "de.wecreate.settings",
    ]
    assert message.data["box"]["name"] == "Kleingarten"
    assert message.data["box"]["members"] == [ANNA, BEN]
    assert "Kleingarten" in message.text
    with chat.store.begin(chat.now) as uow:
        box = uow.boxes.by_room(GROUP)
    assert box is not None
    assert box.adopted


def test_an_adopted_room_keeps_its_name(chat: Chat) -> None:
    chat.save_room(replace(chat.room(GROUP), name="Chor"))
    assert chat.answer("!box adopt", room_id=GROUP).data["box"]["name"] == "Chor"
    assert chat.answer("!box adopt", room_id=GROUP).code == "box-already"


def test_only_an_admin_makes_a_room_a_box(chat: Chat) -> None:
    assert chat.answer("!box adopt", sender=BEN, room_id=GROUP).code == "not-allowed"


def test_adopting_says_what_the_bot_lacks_and_does_nothing(chat: Chat) -> None:
    room = chat.room(GROUP)
    chat.save_room(replace(room, power_levels={"users": {ANNA: 100}}))
    message = chat.answer("!box einrichten", room_id=GROUP)
    assert message.code == "bot-needs-moderator"
    assert "Moderator" in message.text
    assert not any(isinstance(effect, fx.SetState) for effect in chat.done)


def test_a_direct_chat_is_not_adopted(chat: Chat) -> None:
    chat.save_room(replace(chat.room(DIRECT), power_levels={"users": {ANNA: 100}}))
    assert chat.answer("!box adopt").code == "box-direct-chat"


def test_in_the_box_of_another_bot_there_is_silence(chat: Chat) -> None:
    other = {"version": 1, "bot": "@other:w.example"}
    chat.save_room(replace(chat.room(GROUP), marker=other))
    for text in ("!box adopt", "!box info", "!help", "hello"):
        assert chat.say(text, room_id=GROUP) == []


def test_a_marked_room_without_rows_starts_anew(chat: Chat) -> None:
    marker = {"version": 1, "bot": BOT}
    create = {"de.wecreate.box": marker, "room_version": "12", "additional_creators": [ANNA]}
    chat.save_room(
        Room("!old", create=create, creator=BOT, encrypted=True, join_rule="invite", marker=marker),
        ANNA,
    )
    assert "adopt" in chat.answer("!box info", room_id="!old").text
    message = chat.answer("!box adopt", room_id="!old")
    assert message.data["box"]["room_id"] == "!old"
    assert [effect.type for effect in chat.done if isinstance(effect, fx.SetState)] == [
        "de.wecreate.settings"
    ]


def test_a_two_person_box_is_no_direct_chat(chat: Chat) -> None:
    box = chat.found()
    assert chat.say("was machen wir heute", room_id=box.room_id) == []
    assert chat.answer("!box info", room_id=box.room_id).data["box"]["id"] == box.id


def client_made(chat: Chat, **changes: Any) -> list[Message]:
    """The bot comes into a room that anna made with the marker in her own client."""
    marker = {"version": 1, "bot": BOT}
    room = Room(
        "!own",
        create={"de.wecreate.box": marker, "room_version": "12"},
        creator=ANNA,
        power_levels={},
        encrypted=True,
        join_rule="invite",
        name="Kleingarten",
        settings={"language": "de"},
        marker=marker,
    )
    chat.save_room(replace(room, **changes), ANNA)
    with chat.store.begin(chat.now) as uow:
        dispatch.joined(chat.app, uow, "!own", ANNA, chat.now)
    chat.deliver()
    return chat.messages


def test_a_room_made_as_a_box_in_a_client_is_one(chat: Chat) -> None:
    (welcome,) = client_made(chat)
    assert "Willkommen" in welcome.text
    assert not welcome.pinned
    info = chat.answer("!box info", room_id="!own")
    assert (info.data["box"]["name"], info.data["box"]["language"]) == ("Kleingarten", "de")


@pytest.mark.parametrize(
    "changes",
    [
        {"encrypted": False},
        {"join_rule": "public"},
        {"creator": BEN},
        {"create": {"room_version": "12"}},
    ],
)
def test_a_room_that_only_claims_to_be_a_box_is_left_to_an_admin(
    chat: Chat, changes: dict[str, Any]
) -> None:
    (hint,) = client_made(chat, **changes)
    assert "!box adopt" in hint.text
    with chat.store.begin(chat.now) as uow:
        assert uow.boxes.all() == []
