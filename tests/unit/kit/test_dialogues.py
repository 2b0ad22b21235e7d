from __future__ import annotations

from typing import Any

import pytest

from bots.kit import dispatch
from bots.kit.incoming import Incoming
from wecreate_module.domain.matrix import RESULT

ANNA, BEN = "@anna:x.example", "@ben:x.example"
BOXED, DIRECT = "!box", "!direct"


def sent(chat: Any, event_id: str) -> None:
    """The last message of the bot stands in the room now, as `event_id`."""
    with chat.store.begin(chat.now) as uow:
        row = uow.outbox.get(chat.seen)
        dispatch.continue_(chat.app, uow, row, {"event_id": event_id}, chat.now)


def test_a_missing_argument_is_asked_for_and_the_answer_does_the_command(chat: Any) -> None:
    (content,) = chat.says("!done")
    assert content["body"].startswith("Which task is done?")
    assert content[RESULT]["error"]["code"] == "missing-argument"
    (content,) = chat.says("3 and 4")
    assert content[RESULT] == {"command": "done", "ok": True, "data": {"numbers": [3, 4]}}
    assert content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$e2"}}
    assert chat.says("5") == []


def test_several_missing_arguments_are_asked_for_one_by_one(chat: Any) -> None:
    (content,) = chat.says("!keep")
    assert content["body"].startswith("Which number?")
    (content,) = chat.says("7")
    assert content["body"].startswith("Which text?")
    (content,) = chat.says("some words")
    assert content[RESULT]["data"] == {"number": 7, "text": "some words"}


def test_what_was_typed_already_is_kept(chat: Any) -> None:
    chat.says("!task 3 assign")
    (content,) = chat.says("ben")
    assert content[RESULT]["data"] == {"number": 3, "people": [BEN]}


def test_what_others_say_meanwhile_is_no_answer(chat: Any) -> None:
    chat.says("!done")
    assert chat.says("3", sender=BEN) == []
    assert chat.meta("done") is None
    assert len(chat.says("3")) == 1


def test_a_dialogue_belongs_to_its_room(chat: Any) -> None:
    chat.says("!done")
    (content,) = chat.says("3", room=DIRECT)
    assert content[RESULT]["error"]["code"] == "unknown-command"
    assert chat.meta("done") is None


@pytest.mark.parametrize("word", ["abbrechen", "cancel", "!abbrechen", "Cancel!", "Stopp"])
def test_it_ends_when_the_person_wants(chat: Any, word: str) -> None:
    chat.says("!done")
    (content,) = chat.says(word)
    assert content["body"] == "All right, I leave it."
    assert chat.says("3") == []


def test_cancelling_nothing_says_so_only_when_the_bot_was_meant(chat: Any) -> None:
    assert chat.says("cancel") == []
    (content,) = chat.says("!cancel")
    assert content["body"] == "There is nothing to cancel."


def test_a_wrong_answer_is_refused_and_the_bot_waits_on(chat: Any) -> None:
    chat.says("!done")
    (content,) = chat.says("the cake")
    assert content[RESULT]["error"]["code"] == "not-a-number"
    (content,) = chat.says("3")
    assert content[RESULT]["ok"]


def test_a_refused_command_can_be_answered_again(chat: Any) -> None:
    chat.says("!done")
    (content,) = chat.says("999")
    assert content[RESULT]["error"]["code"] == "task-not-found"
    (content,) = chat.says("3")
    assert content[RESULT]["ok"]


def test_in_a_box_the_bot_gives_up_before_it_is_a_nuisance(chat: Any) -> None:
    chat.says("!done")
    assert len(chat.says("the cake")) == 1
    assert len(chat.says("or no, the tent")) == 1
    assert chat.says("well, let us talk about it") == []


def test_in_a_box_only_a_reply_counts_after_a_while(chat: Any) -> None:
    chat.says("!done")
    sent(chat, "$question")
    chat.passes(minutes=20)
    assert chat.says("3") == []
    assert chat.says("3", replied_to="$other") == []
    assert len(chat.says("3", replied_to="$question")) == 1


def test_a_reply_to_somebody_else_is_no_answer(chat: Any) -> None:
    chat.says("!done")
    sent(chat, "$question")
    assert chat.says("3", replied_to="$other") == []
    assert chat.says("3", thread_id="$thread") == []
    assert len(chat.says("3")) == 1


def test_a_question_in_a_thread_is_answered_there(chat: Any) -> None:
    chat.says("!done", thread_id="$thread")
    assert chat.says("3") == []
    assert len(chat.says("3", thread_id="$thread")) == 1


def test_in_a_direct_chat_it_waits_for_a_day(chat: Any) -> None:
    chat.says("task", room=DIRECT)
    chat.passes(hours=23)
    (content,) = chat.says("Bake a cake", room=DIRECT)
    assert content[RESULT]["data"] == {"title": "Bake a cake"}
    chat.says("task", room=DIRECT)
    chat.passes(hours=25)
    (content,) = chat.says("Bake a cake", room=DIRECT)
    assert content[RESULT]["error"]["code"] == "unknown-command"


def test_another_command_ends_it(chat: Any) -> None:
    chat.says("!done")
    (content,) = chat.says("!task Bake a cake")
    assert content[RESULT]["command"] == "task"
    assert chat.says("3") == []


def test_looking_up_the_help_does_not_end_it(chat: Any) -> None:
    chat.says("!done")
    (content,) = chat.says("!help done")
    assert content[RESULT]["command"] == "help"
    (content,) = chat.says("3")
    assert content[RESULT]["command"] == "done"


def test_a_cry_for_help_in_a_direct_chat_is_no_answer(chat: Any) -> None:
    chat.says("task", room=DIRECT)
    (content,) = chat.says("help", room=DIRECT)
    assert content[RESULT]["command"] == "help"
    (content,) = chat.says("Bake a cake", room=DIRECT)
    assert content[RESULT]["data"] == {"title": "Bake a cake"}


def test_a_misspelt_command_does_not_end_it(chat: Any) -> None:
    chat.says("!done")
    (content,) = chat.says("!hlp")
    assert content[RESULT]["error"]["code"] == "unknown-command"
    assert len(chat.says("3")) == 1


def test_a_question_goes_to_its_answer(chat: Any) -> None:
    (content,) = chat.says("!box delete")
    assert content["body"] == "Type the name"
    (content,) = chat.says("Garden")
    assert content["body"] == "deleted"
    assert content[RESULT]["command"] == "box delete"
    assert chat.says("Garden") == []


def test_an_answer_that_is_refused_can_be_given_again(chat: Any) -> None:
    chat.says("!box delete")
    (content,) = chat.says("again")
    assert content[RESULT]["error"]["code"] == "again"
    (content,) = chat.says("Garden")
    assert content["body"] == "deleted"


def test_a_button_below_the_question_can_answer_it(chat: Any) -> None:
    chat.says("!box delete", thread_id="$thread")
    sent(chat, "$question")
    pressed = Incoming.pressed(
        room_id=BOXED, event_id="$r", sender=ANNA, command="Garden", message_id="$question"
    )
    (content,) = chat.handles(pressed)
    assert content["body"] == "deleted"


def test_the_answers_language_is_that_of_the_command(chat: Any) -> None:
    chat.says("aufgabe", room=DIRECT)
    (content,) = chat.says("abbrechen", room=DIRECT)
    assert content["body"] == "Gut, ich lasse es."
    chat.says("task", room=DIRECT)
    (content,) = chat.says("cancel", room=DIRECT)
    assert content["body"] == "All right, I leave it."
