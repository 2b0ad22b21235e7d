"""Somebody offers help; those who work on it say yes or no."""

from __future__ import annotations

from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, DIRECT, EVE, EVES, Chat, put
from wecreate_module.domain.effects import CreateRoom, Invite
from wecreate_module.domain.listings import Status
from wecreate_module.domain.matrix import BUTTONS, RESULT


def box_of(chat: Chat, room_id: str = "!l") -> str:
    """Anna's listing gets a Box, and Anna is in it; its room."""
    chat.say("!markt box", ANNA, room_id)
    (box,) = chat.made(encrypted=True)
    chat.enter(box, ANNA, "Anna")
    return box


def test_an_offer_is_taken_up_in_the_box_and_becomes_a_task(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    box = box_of(chat)
    answer = chat.say("!mitmachen zwei Stunden die Woche, ich kann tischlern", BEN, "!l")
    assert answer[RESULT]["data"]["request"]["status"] == "open"
    assert "tischlern" not in answer["body"]
    asked = chat.sent(box)[-1]
    assert set(asked[BUTTONS]) == {"✅", "❌"}
    assert "tischlern" in asked["body"]
    assert asked["m.mentions"] == {"user_ids": [ANNA]}
    told = chat.press(box, "✅", ANNA)
    assert told[RESULT]["data"]["outcome"] == "invited"
    assert Invite(box, (BEN,)) in chat.done
    (task,) = chat.say("!aufgaben", ANNA, box)[RESULT]["data"]["tasks"]
    assert task["assignees"] == [BEN]
    assert "tischlern" in task["title"]
    assert "Du bist dabei" in chat.sent(BENS)[-1]["body"]


def test_a_refusal_is_kind_and_final_for_a_week(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    box = box_of(chat)
    chat.say("!mitmachen Werkzeug", BEN, "!l")
    chat.press(box, "❌", ANNA)
    assert "liegt nicht an dir" in chat.sent(BENS)[-1]["body"]
    assert not [each for each in chat.done if each == Invite(box, (BEN,))]
    again = chat.say("!mitmachen Werkzeug", BEN, "!l")
    assert again[RESULT]["error"]["code"] == "declined-lately"
    chat.wait(days=8)
    assert chat.say("!mitmachen Werkzeug", BEN, "!l")[RESULT]["ok"]


def test_only_admins_of_that_box_decide_and_only_once(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    box = box_of(chat)
    chat.enter(box, EVE, "Eve")
    chat.say("!mitmachen Werkzeug", BEN, "!l")
    assert chat.press(box, "✅", EVE)[RESULT]["error"]["code"] == "not-allowed"
    assert chat.say("!markt annehmen 1", EVE, EVES)[RESULT]["error"]["code"] == "no-such-request"
    assert chat.say("!markt annehmen 7", ANNA, box)[RESULT]["error"]["code"] == "no-such-request"
    chat.press(box, "✅", ANNA)
    assert chat.press(box, "❌", ANNA)[RESULT]["error"]["code"] == "decided-before"
    assert chat.say("!mitmachen Werkzeug", EVE, "!l")[RESULT]["error"]["code"] == "member-already"


def test_without_an_offer_the_direct_chat_asks_for_it(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    box = box_of(chat)
    assert "Direktchat" in chat.say("!mitmachen", BEN, "!l")["body"]
    assert "Was kannst du beitragen" in chat.sent(BENS)[-1]["body"]
    assert chat.say("Ich backe Kuchen", BEN, BENS)[RESULT]["data"]["request"]["offer"]
    assert "Kuchen" in chat.sent(box)[-1]["body"]
    again = chat.say("!mitmachen noch mehr", BEN, "!l")
    assert again[RESULT]["error"]["code"] == "asked-before"


def test_a_stranger_of_another_server_gets_a_direct_chat(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    chat.enter("!l", "@zoe:y.example", "Zoe")
    chat.say("!mitmachen", "@zoe:y.example", "!l")
    made = [each for each in chat.done if isinstance(each, CreateRoom)][-1]
    assert made.body["is_direct"]
    (direct,) = chat.made(encrypted=True)
    assert Invite(direct, ("@zoe:y.example",)) in chat.done
    assert "Was kannst du beitragen" in chat.sent(direct)[-1]["body"]
    chat.enter(direct, "@zoe:y.example", "Zoe")
    assert chat.say("Plakate malen", "@zoe:y.example", direct)[RESULT]["ok"]
    chat.say("!mitmachen", "@zoe:y.example", "!l")
    assert chat.made(encrypted=True) == [direct]


def test_before_there_is_a_box_the_publisher_decides_and_a_yes_makes_one(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    chat.say("!mitmachen Werkzeug", BEN, "!l")
    chat.say("!mitmachen Kuchen", EVE, "!l")
    assert "möchte mitmachen" in chat.sent(DIRECT)[-1]["body"]
    chat.say("!markt annehmen 1", ANNA, DIRECT)
    chat.say("!markt annehmen 2", ANNA, DIRECT)
    (box,) = chat.made(encrypted=True)
    assert Invite(box, (BEN,)) in chat.done
    assert chat.listing("!l").status is Status.BOX
    assert len([each for each in chat.done if each == Invite(box, (BEN,))]) == 1


def test_nobody_asks_at_their_own_listing_or_more_than_ten_a_day(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    assert chat.say("!mitmachen x", ANNA, "!l")[RESULT]["error"]["code"] == "own-listing"
    for number in range(11):
        put(chat, "Radweg", author=ANNA, room_id=f"!l{number}")
        last = chat.say("!mitmachen Werkzeug", BEN, f"!l{number}")
    assert last[RESULT]["error"]["code"] == "too-many-requests"
