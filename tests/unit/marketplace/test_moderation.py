"""Reports, decisions with reasons, appeals."""

from __future__ import annotations

import pytest

from tests.unit.marketplace.conftest import MakeChat
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, DIRECT, EVE, EVES, Chat, put
from wecreate_module.domain.effects import Invite, Publish, Redact, SetState
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.domain.matrix import BUTTONS, RESULT

MOD = "@mod:w.example"


@pytest.fixture
def chat(make_chat: MakeChat) -> Chat:
    chat = make_chat(MarketRules(moderators=(MOD,)))
    put(chat, "Gewinn sicher", author=ANNA)
    return chat


def reported(chat: Chat) -> str:
    """Ben reports the listing; the moderators' room."""
    chat.say("!melden !l Das ist Betrug", BEN, BENS)
    (room,) = [e for e in chat.made(encrypted=True) if "🙈" in chat.sent(e)[-1].get(BUTTONS, {})]
    chat.enter(room, MOD, "Mod")
    return room


def test_what_is_reported_in_public_is_taken_away_at_once_and_asked_in_private(chat: Chat) -> None:
    chat.say("!melden", BEN, "!l")
    (gone,) = [each for each in chat.done if isinstance(each, Redact)]
    assert gone == Redact("!l", "$in1")
    assert "Was stimmt nicht" in chat.sent(BENS)[-1]["body"]
    assert chat.say("Das ist Betrug", BEN, BENS)[RESULT]["data"]["reported"] == "!l"


def test_the_moderators_see_context_and_their_decision_reaches_everybody(chat: Chat) -> None:
    room = reported(chat)
    assert Invite(room, (MOD,)) in chat.done
    shown = chat.sent(room)[-1]
    assert set(shown[BUTTONS]) == {"🙈", "⚠️", "🗑️", "✅"}
    assert "Betrug" in shown["body"]
    assert "Worum es geht" in shown["body"]
    assert "Warum" in chat.press(room, "🙈", MOD)["body"]
    decided = chat.say("Kettenbrief", MOD, room)
    assert decided[RESULT]["data"]["case"]["decision"] == "hide"
    assert not chat.listing("!l").listed
    assert Publish("!l", listed=False) in chat.done
    told = chat.sent(DIRECT)[-1]
    assert "Kettenbrief" in told["body"]
    assert "ben" not in told["body"].casefold()
    assert "Danke" in chat.sent(BENS)[-1]["body"]
    assert chat.say("!unterstützen", EVE, "!l")[RESULT]["error"]["code"] == "no-listing"


def test_an_appeal_brings_a_hidden_listing_back(chat: Chat) -> None:
    room = reported(chat)
    chat.say("!markt ausblenden 1 Kettenbrief", MOD, room)
    assert "Warum" in chat.press(DIRECT, "✋", ANNA)["body"]
    assert chat.say("Es ist ein Preisrätsel", ANNA, DIRECT)[RESULT]["data"]["appeal"] == 2
    again = chat.say("!markt widerspruch 1 noch mal", ANNA, DIRECT)
    assert again[RESULT]["error"]["code"] == "appealed-before"
    assert set(chat.sent(room)[-1][BUTTONS]) == {"↩️", "⛔"}
    assert "Preisrätsel" in chat.sent(room)[-1]["body"]
    wrong = chat.say("!markt ausblenden 2 nein", MOD, room)
    assert wrong[RESULT]["error"]["code"] == "other-case"
    chat.say("!markt stattgeben 2 Stimmt", MOD, room)
    assert chat.listing("!l").listed
    assert Publish("!l", listed=True) in chat.done
    assert "recht" in chat.sent(DIRECT)[-1]["body"]
    cases = chat.say("!markt protokoll", MOD, room)[RESULT]["data"]["cases"]
    assert [(each["decision"], each["reason"]) for each in cases] == [
        ("restore", "Stimmt"),
        ("hide", "Kettenbrief"),
    ]


def test_a_removed_listing_says_nothing_any_more_and_can_come_back(chat: Chat) -> None:
    room = reported(chat)
    chat.say("!markt entfernen 1 Hetze", MOD, room)
    assert SetState("!l", "m.room.join_rules", {"join_rule": "invite"}) in chat.done
    assert Redact("!l", "$card") in chat.done
    chat.say("!markt widerspruch 1 Das ist ein Zitat", ANNA, DIRECT)
    chat.say("!markt stattgeben 2 Stimmt", MOD, room)
    assert SetState("!l", "m.room.join_rules", {"join_rule": "public"}) in chat.done
    assert chat.listing("!l").card != "$card"


@pytest.mark.parametrize(("word", "listed"), [("verwarnen", True), ("freigeben", True)])
def test_a_warning_and_a_dismissal_leave_the_listing(chat: Chat, word: str, listed: bool) -> None:  # noqa: FBT001 - an example's outcome
    room = reported(chat)
    chat.say(f"!markt {word} 1 Titel zu laut", MOD, room)
    assert chat.listing("!l").listed is listed
    assert chat.sent(DIRECT)


def test_only_moderators_decide_and_only_in_their_room(chat: Chat) -> None:
    room = reported(chat)
    chat.enter(room, EVE, "Eve")
    refused = chat.say("!markt ausblenden 1 weg", EVE, room)
    assert refused[RESULT]["error"]["code"] == "not-moderator"
    refused = chat.say("!markt ausblenden 1 weg", MOD, "!l")
    assert refused[RESULT]["error"]["code"] == "not-moderator"
    assert chat.say("!markt widerspruch 1 x", BEN, BENS)[RESULT]["error"]["code"] == "no-such-case"
    chat.say("!markt verwarnen 1 leiser", MOD, room)
    again = chat.say("!markt entfernen 1 doch", MOD, room)
    assert again[RESULT]["error"]["code"] == "decided-before"


def test_reports_of_one_listing_are_one_case_and_ten_a_day_are_enough(chat: Chat) -> None:
    room = reported(chat)
    chat.say("!melden !l Das finde ich auch", EVE, EVES)
    assert chat.sent(room)[-1][RESULT]["data"]["case"]["complaints"] == 2
    for number in range(10):
        put(chat, "Laut", room_id=f"!m{number}")
        last = chat.say(f"!melden !m{number} zu laut", BEN, BENS)
    assert last[RESULT]["error"]["code"] == "too-many-reports"


def test_without_moderators_nobody_is_left_believing_that_somebody_looks(
    make_chat: MakeChat,
) -> None:
    chat = make_chat(MarketRules())
    put(chat, "Gewinn sicher", author=ANNA)
    refused = chat.say("!melden !l Betrug", BEN, BENS)
    assert refused[RESULT]["error"]["code"] == "no-moderators"
