from __future__ import annotations

from dataclasses import replace

import pytest

from bots.kit import dispatch
from bots.kit.context import Context
from bots.kit.registry import Scheduler
from bots.kit.replies import Reply
from tests.unit.boxes.conftest import ANNA, BEN, BOT, CEM, DIRECT, GROUP, Chat
from wecreate_module.domain import effects as fx
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Json
from wecreate_module.domain.matrix import RESULT
from wecreate_module.storage.schedule import Scheduled


@pytest.fixture
def box(chat: Chat) -> Box:
    """A Box with anna (founder) and ben (member)."""
    box = chat.found("Sommerfest")
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(box.room_id, BEN, "join", "Ben")
    chat.done.clear()
    return box


def states(chat: Chat) -> list[tuple[str, Json]]:
    return [(e.type, e.content) for e in chat.done if isinstance(e, fx.SetState)]


def test_people_are_invited_and_each_outcome_is_told(chat: Chat, box: Box) -> None:
    chat.outcomes = {CEM: "unknown", "@dora:w.example": "refused", "@eva:w.example": "banned"}
    message = chat.answer(f"!box einladen @ben @fritz {CEM} @dora, @eva", room_id=box.room_id)
    assert message.data["invited"] == {
        BEN: "member",
        "@fritz:w.example": "invited",
        CEM: "unknown",
        "@dora:w.example": "refused",
        "@eva:w.example": "banned",
    }
    first, second, third, *_ = message.text.splitlines()
    assert "here already" in first
    assert "is invited" in second
    assert "does not exist" in third


def test_who_is_here_is_not_invited_again(chat: Chat, box: Box) -> None:
    message = chat.answer(f"!box invite @ben me {BOT}", room_id=box.room_id)
    assert set(message.data["invited"].values()) == {"member"}
    assert not any(isinstance(effect, fx.Invite) for effect in chat.done)


def test_doubled_people_are_invited_once(chat: Chat, box: Box) -> None:
    chat.answer(f"!box invite {CEM} {CEM}", room_id=box.room_id)
    assert fx.Invite(box.room_id, (CEM,)) in chat.done


def test_inviting_takes_power(chat: Chat, box: Box) -> None:
    message = chat.answer(f"!box invite {CEM}", sender=BEN, room_id=box.room_id)
    assert message.code == "invite-not-allowed"
    assert not any(isinstance(effect, fx.Invite) for effect in chat.done)


def test_a_room_may_let_everyone_invite(chat: Chat, box: Box) -> None:
    room = chat.room(box.room_id)
    chat.save_room(replace(room, power_levels={**(room.power_levels or {}), "invite": 0}))
    chat.answer(f"!box invite {CEM}", sender=BEN, room_id=box.room_id)
    assert fx.Invite(box.room_id, (CEM,)) in chat.done


@pytest.mark.parametrize(
    "people",
    [
        "",
        "@",
        "@x:",
        "@:y",
        "nobody",
        "@a\u202eb:c",
        "<b>@x</b>",
        " ".join(f"@p{n}" for n in range(60)),
    ],
)
def test_impossible_people_get_one_sentence(chat: Chat, box: Box, people: str) -> None:
    message = chat.answer(f"!box invite {people}", room_id=box.room_id)
    assert message.result["ok"] is False
    assert not any(isinstance(effect, fx.Invite) for effect in chat.done)


def test_info_tells_who_what_and_since_when(chat: Chat, box: Box) -> None:
    message = chat.answer("!box info", sender=BEN, room_id=box.room_id)
    assert message.data["box"]["members"] == [ANNA, BEN]
    for part in ("Sommerfest", "2 people", "Anna", "0 open tasks", "English", "Europe/Berlin"):
        assert part in message.text


def test_my_boxes_are_listed_in_the_direct_chat_only(chat: Chat, box: Box) -> None:
    assert [found["id"] for found in chat.answer("boxes", sender=BEN).data["boxes"]] == [box.id]
    assert chat.answer("boxen", sender=CEM).data["boxes"] == []
    assert chat.answer("!boxes", room_id=box.room_id).code == "only-direct"


def test_a_new_name_is_the_rooms_name_too(chat: Chat, box: Box) -> None:
    message = chat.answer("!box name  Winter   fest ", room_id=box.room_id)
    assert message.data["box"]["name"] == "Winter fest"
    assert states(chat) == [("m.room.name", {"name": "Winter fest"})]
    changed = chat.box(box)
    assert changed is not None
    assert changed.name == "Winter fest"


def test_language_and_zone_stand_in_the_room(chat: Chat, box: Box) -> None:
    message = chat.answer("!box sprache deutsch", room_id=box.room_id)
    assert message.text == "Ab jetzt spreche ich in dieser Box Deutsch."
    assert chat.answer("!box zeitzone Lissabon", room_id=box.room_id).data["box"]["timezone"] == (
        "Europe/Lisbon"
    )
    assert states(chat)[-1] == (
        "de.wecreate.settings",
        {"language": "de", "timezone": "Europe/Lisbon"},
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("!box name", "missing-argument"),
        ("!box name " + "y" * 500, "text-too-long"),
        ("!box sprache", "missing-argument"),
        ("!box sprache klingonisch", "unknown-choice"),
        ("!box sprache de de", "too-much"),
        ("!box zeitzone", "missing-argument"),
        ("!box zeitzone Entenhausen", "unknown-timezone"),
        ("!box zeitzone ../../etc/passwd", "unknown-timezone"),
        ("!box info jetzt", "too-much"),
        ("!box export alles", "too-much"),
        ("!box archivieren sofort", "too-much"),
        ("!box reopen", "box-not-archived"),
        ("!box löschen Winterfest", "box-name-differs"),
        ("!box löschn", "unknown-command"),
    ],
)
def test_senseless_words_get_one_sentence_and_change_nothing(
    chat: Chat, box: Box, command: str, code: str
) -> None:
    assert chat.answer(command, room_id=box.room_id).code == code
    assert chat.box(box) == box
    assert states(chat) == []


@pytest.mark.parametrize(
    "command",
    ["name Neu", "language de", "timezone Berlin", "export", "archive", "delete Sommerfest"],
)
def test_a_plain_member_changes_nothing(chat: Chat, box: Box, command: str) -> None:
    message = chat.answer(f"!box {command}", sender=BEN, room_id=box.room_id)
    assert message.code == "not-allowed"
    assert "Anna" in message.text
    assert chat.box(box) == box


@pytest.mark.parametrize("command", ["info", "name X", "language de", "export", "delete", "invite"])
def test_outside_of_a_box_there_is_a_hint(chat: Chat, command: str) -> None:
    assert chat.answer(f"!box {command}").code == "only-in-box"


def test_an_adopted_room_is_renamed_only_by_those_who_may(chat: Chat) -> None:
    chat.answer("!box adopt Chor", room_id=GROUP)
    room = chat.room(GROUP)
    levels = {**(room.power_levels or {}), "events": {"m.room.name": 100}}
    chat.save_room(replace(room, power_levels=levels))
    assert chat.answer("!box name Orchester", room_id=GROUP).code == "bot-may-not-rename"


def test_without_the_power_for_settings_the_box_still_keeps_them(chat: Chat) -> None:
    adopted = chat.answer("!box adopt Chor", room_id=GROUP).data["box"]
    room = chat.room(GROUP)
    chat.save_room(replace(room, power_levels={"users": {ANNA: 100}}))
    chat.done.clear()
    assert chat.answer("!box language de", room_id=GROUP).data["box"]["id"] == adopted["id"]
    assert states(chat) == []


def test_an_archived_box_refuses_changes_until_it_is_reopened(chat: Chat, box: Box) -> None:
    assert chat.answer("!box archivieren", room_id=box.room_id).data["box"]["state"] == "archived"
    for command in ("name X", "language de", "timezone Berlin", f"invite {CEM}"):
        assert chat.answer(f"!box {command}", room_id=box.room_id).code == "box-archived"
    assert chat.answer("!box archive", room_id=box.room_id).code == "box-archived-already"
    assert "archived" in chat.answer("!box info", room_id=box.room_id).text
    opened = chat.answer("!box wieder öffnen", room_id=box.room_id)
    assert opened.data["box"]["state"] == "active"


@pytest.mark.parametrize("archived", [False, True])
def test_an_archived_box_reminds_nobody(chat: Chat, box: Box, *, archived: bool) -> None:
    def remind(_ctx: Context, _item: Scheduled) -> Reply:
        return Reply("Cake!")

    chat.app = replace(chat.app, schedulers={"test": Scheduler("test", remind)})
    if archived:
        chat.answer("!box archive", room_id=box.room_id)
    chat.done.clear()
    item = Scheduled(1, chat.now, "test", "k", box.id, "task:1", {})
    with chat.store.begin(chat.now) as uow:
        dispatch.run_scheduled(chat.app, uow, item, chat.now)
    chat.deliver()
    assert bool(chat.done) is not archived


def test_a_box_moves_with_an_admin_into_the_upgraded_room(chat: Chat, box: Box) -> None:
    old = chat.room(box.room_id)
    create = {**old.create, "predecessor": {"room_id": box.room_id}}
    levels = {"users": {BEN: 100, BOT: 50}}
    new = replace(old, room_id="!new", create=create, creator=BEN, power_levels=levels)
    chat.save_room(new, ANNA, BEN)
    started = chat.answer("!box adopt", sender=BEN, room_id="!new").data["box"]
    assert started["id"] != box.id
    moved = replace(new, room_id="!newer")
    chat.save_room(moved, ANNA)
    message = chat.answer("!box adopt", room_id="!newer")
    assert message.data["box"]["id"] == box.id
    assert message.data["box"]["room_id"] == "!newer"


def test_every_command_has_german(chat: Chat) -> None:
    german = chat.app.translators["de"]
    for command in chat.app.registry.commands:
        if command.area == "boxes":
            assert german(command.summary) != command.summary
            for argument in command.arguments:
                assert not argument.ask or german(argument.ask) != argument.ask


def test_every_answer_carries_its_command(chat: Chat, box: Box) -> None:
    message = chat.answer("!box zeitzone Berlin", room_id=box.room_id)
    assert message.content[RESULT]["command"] == "box timezone"
    assert message.room_id != DIRECT
