from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bots.kit import dispatch
from bots.kit.incoming import Incoming
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.effects import React, Send
from wecreate_module.domain.matrix import BUTTONS, RESULT, make_marker
from wecreate_module.storage.rooms import Room

ANNA, BEN, BOT = "@anna:x.example", "@ben:x.example", "@wecreate:x.example"
BOXED, DIRECT, GROUP = "!box", "!direct", "!group"


def test_a_command_is_answered_where_it_came_from(chat: Any) -> None:
    (content,) = chat.says("!done 3")
    assert content["msgtype"] == "m.notice"
    assert content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$e1"}}
    assert content["m.mentions"] == {}
    assert content[RESULT] == {"command": "done", "ok": True, "data": {"numbers": [3]}}
    assert chat.result == dispatch.Done("done", ok=True)


def test_in_a_thread_the_answer_stands_in_the_thread(chat: Any) -> None:
    (content,) = chat.says("!done 3", thread_id="$root")
    assert content["m.relates_to"]["rel_type"] == "m.thread"
    assert content["m.relates_to"]["event_id"] == "$root"
    assert content["m.relates_to"]["m.in_reply_to"] == {"event_id": "$e1"}


def test_a_thread_that_is_no_event_id_is_left_out(chat: Any) -> None:
    (content,) = chat.says("!done 3", thread_id="no id")
    assert "rel_type" not in content["m.relates_to"]


def test_buttons_stand_in_the_message_and_follow_it_as_reactions(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        incoming = Incoming(BOXED, "$e", ANNA, content={"msgtype": "m.text", "body": "!done 3"})
        dispatch.handle(chat.app, uow, incoming, chat.now)
    message, reaction = chat.rows()
    assert message.key == "$e:0"
    assert reaction.key == "$e:1"
    assert message.effect.content[BUTTONS] == {"↩️": "!x"}
    assert reaction.effect == React(BOXED, "↩️", to_previous=True)


def test_a_button_runs_its_command_for_whoever_clicked(chat: Any) -> None:
    (content,) = chat.handles(
        Incoming.pressed(
            room_id=BOXED, event_id="$r", sender=BEN, command="!done 5", message_id="$m"
        )
    )
    assert content[RESULT]["data"] == {"numbers": [5]}
    assert content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$m"}}


@pytest.mark.parametrize(
    "body",
    [
        "WeCreate: done 3",
        "wecreate, !done 3",
        f"{BOT}: done 3",
        f"{BOT} done 3",
        "@wecreate !done 3",
    ],
)
def test_the_bot_can_be_addressed_by_name(chat: Any, body: str) -> None:
    (content,) = chat.says(body)
    assert content[RESULT]["data"] == {"numbers": [3]}


def test_in_a_box_ordinary_talk_is_left_alone(chat: Any) -> None:
    for body in ("done 3", "hello", "3 !done", "!!!", "! Attention", "!1", "I wecreate: done"):
        assert chat.says(body) == []
    assert chat.result is None


def test_a_space_behind_the_prefix_does_no_harm(chat: Any) -> None:
    (content,) = chat.says("! done 3")
    assert content[RESULT]["data"] == {"numbers": [3]}


def test_each_line_with_a_command_is_done_and_answered(chat: Any) -> None:
    first, second = chat.says("!done 3\n!task Cake")
    assert first[RESULT]["data"] == {"numbers": [3]}
    assert second[RESULT]["data"] == {"title": "Cake"}
    assert chat.result == dispatch.Done("task", ok=True)


def test_one_refused_line_does_not_undo_the_others(chat: Any) -> None:
    refused, made = chat.says("!done 999\n!task Cake")
    assert refused[RESULT]["error"]["code"] == "task-not-found"
    assert made[RESULT]["ok"]
    assert not chat.result.ok


def test_too_many_commands_in_one_message_are_none(chat: Any) -> None:
    (content,) = chat.says("\n".join(["!done 3"] * 21))
    assert content[RESULT]["error"]["code"] == "too-many-commands"
    assert chat.meta("done") is None


def test_in_a_direct_chat_the_prefix_may_be_left_out(chat: Any) -> None:
    (content,) = chat.says("aufgabe Kuchen backen", room=DIRECT)
    assert content[RESULT]["data"] == {"title": "Kuchen backen"}


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.notice"},
        {"msgtype": "m.image"},
        {"m.relates_to": {"rel_type": "m.replace", "event_id": "$a"}},
        {"m.new_content": {"body": "!done 3"}},
    ],
)
def test_notices_files_and_edits_are_no_commands(chat: Any, content: dict[str, Any]) -> None:
    assert chat.says("!done 3", content=content) == []


def test_the_bots_own_words_are_no_commands(chat: Any) -> None:
    assert chat.says("!done 3", sender=BOT) == []


def test_what_is_older_than_the_bots_join_is_left_alone(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        room = uow.rooms.get(BOXED)
        uow.rooms.save(replace(room, joined_at=2000))
    assert chat.says("!done 3", origin_server_ts=1999) == []
    assert len(chat.says("!done 3", origin_server_ts=2000)) == 1


def test_a_box_that_names_another_bot_hears_nothing_from_this_one(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        other = make_marker("@other:x.example")
        uow.rooms.save(Room("!theirs", encrypted=True, marker=other))
        dispatch.joined(chat.app, uow, "!theirs", ANNA, chat.now)
    assert chat.says("!help", room="!theirs") == []


def test_rooms_that_are_not_known_hear_nothing(chat: Any) -> None:
    assert chat.says("!help", room="!unknown") == []


def test_a_refusal_changes_nothing_and_is_said(chat: Any) -> None:
    (content,) = chat.says("!half")
    assert content["body"] == "No."
    assert content[RESULT]["error"] == {"code": "no", "message": "No."}
    assert content[RESULT]["ok"] is False
    assert chat.meta("half") is None
    assert chat.result == dispatch.Done("half", ok=False)


def test_a_fault_is_told_in_a_new_transaction(chat: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        chat.says("!broken")
    incoming = Incoming(BOXED, "$e9", ANNA, content={"msgtype": "m.text", "body": "!broken"})
    with chat.store.begin(chat.now) as uow:
        dispatch.failed(chat.app, uow, incoming, chat.now)
        dispatch.failed(chat.app, uow, incoming, chat.now)
    (row,) = chat.rows()
    assert row.effect.content[RESULT]["error"]["code"] == "internal"


def test_power_is_needed_and_the_refusal_names_who_has_it(chat: Any) -> None:
    (content,) = chat.says("!admin only", sender=BEN)
    assert content[RESULT]["error"]["code"] == "not-allowed"
    assert "Anna Alt" in content["body"]
    assert "wecreate" not in content["body"]
    (content,) = chat.says("!admin only", sender=ANNA)
    assert content["body"] == "yes"


def test_a_command_for_boxes_says_so_elsewhere(chat: Any) -> None:
    (content,) = chat.says("!done 3", room=DIRECT)
    assert content[RESULT]["error"]["code"] == "only-in-box"
    (content,) = chat.says("!sprache de")
    assert content[RESULT]["error"]["code"] == "only-direct"


def test_an_archived_box_takes_only_reading_commands(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        box = uow.boxes.get("b1")
        uow.boxes.update(replace(box, state=BoxState.ARCHIVED))
    (content,) = chat.says("!done 3")
    assert content[RESULT]["error"]["code"] == "box-archived"
    (content,) = chat.says("!help")
    assert content[RESULT]["ok"]


def test_an_unknown_word_gets_the_nearest_command_to_click(chat: Any) -> None:
    (content,) = chat.says("!erledgit 3")
    assert "!erledigt 3" in content["body"]
    assert content[BUTTONS] == {"👍": "!erledigt 3"}
    (content,) = chat.says("!qqqqq")
    assert "!help" in content["body"]
    assert BUTTONS not in content


def test_a_misspelt_subcommand_is_asked_not_taken_for_a_title(chat: Any) -> None:
    (content,) = chat.says("!task 3 asign @ben")
    assert content[BUTTONS] == {"👍": "!task 3 assign @ben"}
    (content,) = chat.says("!task 3 cakes for the party")
    assert content[RESULT]["data"] == {"title": "3 cakes for the party"}
    (content,) = chat.says("!task 3")
    assert content[RESULT]["data"] == {"number": 3}


def test_a_number_behind_its_subcommand_is_asked_not_taken_for_a_title(chat: Any) -> None:
    (content,) = chat.says("!task assign 3")
    assert content[BUTTONS] == {"👍": "!task 3 assign"}
    (content,) = chat.says("!task cakes 3")
    assert content[RESULT]["data"] == {"title": "cakes 3"}
    (content,) = chat.says("!task assign 3 cakes to each")
    assert content[RESULT]["data"] == {"title": "assign 3 cakes to each"}


def test_a_group_word_alone_shows_its_commands(chat: Any) -> None:
    (content,) = chat.says("!box")
    assert "!box delete" in content["body"]


def test_words_too_many_are_refused_with_the_usage(chat: Any) -> None:
    (content,) = chat.says("!done 3 please now")
    assert content[RESULT]["error"]["code"] == "too-much"
    assert "!done <number>" in content["body"]
    assert "please now" in content["body"]


def test_far_too_much_text_is_refused(chat: Any) -> None:
    (content,) = chat.says("!task " + "x" * 9000)
    assert content[RESULT]["error"]["code"] == "message-too-long"
    assert chat.says("ordinary talk " * 1000) == []


def test_markup_and_mentions_in_a_title_are_only_text(chat: Any) -> None:
    (content,) = chat.says('!task <b>@room</b> @ben:x.example <script>"')
    assert content["m.mentions"] == {}
    assert "@room" not in content["body"]
    assert "formatted_body" not in content or "<script>" not in content["formatted_body"]


def test_only_people_meant_are_mentioned(chat: Any) -> None:
    (content,) = chat.says("!task 3 assign ben")
    assert content["m.mentions"] == {"user_ids": [BEN]}


def test_a_pill_is_read_as_the_person(chat: Any) -> None:
    html = '!task 3 assign <a href="https://matrix.to/#/@ben:x.example">Ben</a>'
    content = {"format": "org.matrix.custom.html", "formatted_body": html}
    (answer,) = chat.says("!task 3 assign Ben", content=content)
    assert answer[RESULT]["data"]["people"] == [BEN]


def test_language_is_the_persons_then_the_boxs(chat: Any) -> None:
    (content,) = chat.says("!erledigt")
    assert "Just answer here" in content["body"]
    chat.says("cancel")
    chat.person(ANNA, language="de")
    (content,) = chat.says("!done")
    assert "abbrechen" in content["body"]


def test_in_a_direct_chat_the_language_is_that_of_the_word(chat: Any) -> None:
    (content,) = chat.says("help", room=DIRECT)
    assert "What I can do" in content["body"]
    (content,) = chat.says("hilfe", room=DIRECT)
    assert "Was ich kann" in content["body"]
    (content,) = chat.says("ping", room=DIRECT)
    assert content["body"] == "Ich bin da."


def test_an_ordinary_group_is_told_once_how_to_make_it_a_box(chat: Any) -> None:
    (content,) = chat.says("!done 3", room=GROUP)
    assert "!box einrichten" in content["body"]
    assert chat.says("!done 3", room=GROUP) == []
    assert chat.says("!somebot", room=GROUP) == []
    assert chat.says("!help", room=GROUP) == []
    assert len(chat.says("WeCreate: help", room=GROUP)) == 1
    (content,) = chat.says("!box adopt", room=GROUP)
    assert content["body"] == "adopted"


def test_a_new_direct_chat_is_greeted(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        dispatch.joined(chat.app, uow, DIRECT, ANNA, chat.now)
        dispatch.joined(chat.app, uow, DIRECT, ANNA, chat.now)
        dispatch.joined(chat.app, uow, BOXED, ANNA, chat.now)
    sends = [row.effect for row in chat.rows() if isinstance(row.effect, Send)]
    assert [send.room_id for send in sends] == [DIRECT]
    assert "!box neu Gartenfest" in sends[0].content["body"]
    assert "m.relates_to" not in sends[0].content


def test_a_greeting_is_answered_with_the_greeting(chat: Any) -> None:
    (content,) = chat.says("Hallo!", room=DIRECT)
    assert "WeCreate" in content["body"]


def test_thanks_are_answered_and_a_nod_is_not(chat: Any) -> None:
    (content,) = chat.says("Vielen Dank!", room=DIRECT)
    assert "Gern" in content["body"]
    for nod in ("ok", "👍", "…"):
        assert chat.says(nod, room=DIRECT) == []


def test_a_group_that_invited_the_bot_is_told_how_to_adopt_it(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        dispatch.joined(chat.app, uow, GROUP, ANNA, chat.now)
    (row,) = chat.rows()
    assert "!box einrichten" in row.effect.content["body"]
    assert chat.says("!done 3", room=GROUP) == []


@pytest.mark.parametrize("reason", ["late", "m.unverified"])
def test_an_unreadable_message_is_answered_once_in_words(chat: Any, reason: str) -> None:
    for event_id in ("$1", "$2"):
        with chat.store.begin(chat.now) as uow:
            dispatch.unreadable(chat.app, uow, BOXED, event_id, BEN, reason=reason, now=chat.now)
    (row,) = chat.rows()
    assert row.effect.content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$1"}}
    chat.passes(hours=2)
    with chat.store.begin(chat.now) as uow:
        dispatch.unreadable(chat.app, uow, BOXED, "$3", BEN, reason=reason, now=chat.now)
    assert len(chat.rows()) == 1


def test_work_goes_on_when_its_effect_is_done(chat: Any) -> None:
    assert chat.says("!later", thread_id="$root") == []
    with chat.store.begin(chat.now) as uow:
        row = uow.outbox.get(chat.seen)
        dispatch.continue_(chat.app, uow, row, {"event_id": "$s"}, chat.now)
    (after,) = chat.rows()
    assert after.key == "$e1:0>0"
    assert after.effect.content[RESULT]["data"] == {"extra": {"a": 1}, "topic": "x"}
    assert after.effect.content["m.relates_to"]["event_id"] == "$root"
    assert after.effect.content[RESULT]["command"] == "later"


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ({"error": {"status": 403}}, "refused-by-server"),
        ({"error": {"broke": "ValueError"}}, "internal"),
        ({"event_id": "$boom"}, "internal"),
    ],
)
def test_work_that_can_not_go_on_is_told(chat: Any, result: dict[str, Any], code: str) -> None:
    chat.says("!later")
    with chat.store.begin(chat.now) as uow:
        dispatch.continue_(chat.app, uow, uow.outbox.get(chat.seen), result, chat.now)
    (after,) = chat.rows()
    assert after.effect.content[RESULT]["error"]["code"] == code


def test_scheduled_work_speaks_in_its_box(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        uow.schedule.put(chat.now, "test.remind", key="k1", box_id="b1", subject="task:3")
    with chat.store.begin(chat.now + timedelta(seconds=1)) as uow:
        (item,) = uow.schedule.due(chat.now, 10)
        dispatch.run_scheduled(chat.app, uow, item, chat.now)
    (row,) = chat.rows()
    assert row.key == "k1!0"
    assert row.effect.room_id == BOXED
    assert row.effect.content["body"] == "remember task:3 en Europe/Berlin"
    assert row.effect.content["m.mentions"] == {"user_ids": [ANNA]}


def test_personal_scheduled_work_speaks_as_the_person_likes(chat: Any) -> None:
    chat.person(ANNA, language="de", timezone="Europe/Lisbon")
    payload = {"room_id": DIRECT, "user_id": ANNA}
    with chat.store.begin(chat.now) as uow:
        uow.schedule.put(chat.now, "test.remind", key="k2", subject="day", payload=payload)
        (item,) = uow.schedule.due(chat.now, 10)
        dispatch.run_scheduled(chat.app, uow, item, chat.now)
    (row,) = chat.rows()
    assert row.effect.content["body"] == "remember day de Europe/Lisbon"


def test_a_bot_that_is_asked_back_says_again_how_to_adopt(chat: Any) -> None:
    assert len(chat.says("!done 3", room=GROUP)) == 1
    assert chat.says("!done 3", room=GROUP) == []
    with chat.store.begin(chat.now) as uow:
        uow.rooms.save(replace(uow.rooms.get(GROUP), joined_at=5))
    assert len(chat.says("!done 3", room=GROUP)) == 1
