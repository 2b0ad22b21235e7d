"""Reports, decisions with reasons, appeals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.unit.marketplace.conftest import MakeChat
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, DIRECT, EVE, EVES, Chat, put
from wecreate_module.domain.effects import Invite, Publish, Redact, SetState
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.domain.matrix import BUTTONS, RESULT
from wecreate_module.domain.partner_listings import PartnerPage
from wecreate_module.services import partners

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


PARTNER = "y.example"
THEIR_BOT = f"@wecreate:{PARTNER}"


def partners_listing(chat: Chat, contact: str = "") -> str:
    """Reported by Ben; the moderators' room."""
    put(chat, "Wundermittel", room_id=f"!w:{PARTNER}", server=PARTNER, origin=PARTNER)
    with chat.store.begin(chat.now) as uow:
        partners.went_well(uow, PARTNER, every=60, contact=contact)
    thanks = chat.say(f"!melden !w:{PARTNER} Das ist gefährlich", BEN, BENS)
    assert PARTNER in thanks["body"]
    (room,) = [e for e in chat.made(encrypted=True) if "🙈" in chat.sent(e)[-1].get(BUTTONS, {})]
    chat.enter(room, MOD, "Mod")
    assert set(chat.sent(room)[-1][BUTTONS]) == {"🙈", "📨", "✅"}
    return room


def test_a_partners_listing_is_hidden_here_alone_and_can_be_shown_again(chat: Chat) -> None:
    room = partners_listing(chat)
    before = len(chat.done)
    decided = chat.say("!markt ausblenden 1 Schadet", MOD, room)
    assert set(decided[BUTTONS]) == {"↩️"}
    hidden = chat.listing(f"!w:{PARTNER}")
    assert not hidden.listed
    assert "Danke" in chat.sent(BENS)[-1]["body"]
    assert not [each for each in chat.done[before:] if isinstance(each, Publish | SetState)]
    again = replace(hidden, listed=True, support=9)
    with chat.store.begin(chat.now) as uow:  # what the partner sends next
        page = PartnerPage((again,), Counter(), 1, None)
        assert partners.take_page(uow, PARTNER, page).changed == 0
    assert "Warum" in chat.press(room, "↩️", MOD)["body"]
    chat.say("Doch harmlos", MOD, room)
    assert chat.listing(f"!w:{PARTNER}").listed
    with chat.store.begin(chat.now) as uow:
        assert partners.take_page(uow, PARTNER, page).changed == 1
    cases = chat.say("!markt protokoll", MOD, room)[RESULT]["data"]["cases"]
    assert [each["decision"] for each in cases] == ["restore", "hide"]


def test_what_fits_listings_of_this_server_alone_is_refused_for_a_partners(chat: Chat) -> None:
    room = partners_listing(chat)
    for word in ("verwarnen", "entfernen", "stattgeben"):
        refused = chat.say(f"!markt {word} 1 weg", MOD, room)
        assert refused[RESULT]["error"]["code"] == "other-case"
    reported(chat)
    refused = chat.say("!markt weitergeben 2 dorthin", MOD, room)
    assert refused[RESULT]["error"]["code"] == "other-case"


def test_a_report_goes_on_to_the_partners_bot_once_that_is_there(chat: Chat) -> None:
    room = partners_listing(chat, THEIR_BOT)
    chat.say("!markt weitergeben 1 Ist bei denen", MOD, room)
    assert "y.example" in chat.sent(BENS)[-1]["body"]
    (invite,) = [each for each in chat.done if isinstance(each, Invite) and THEIR_BOT in each.users]
    chat.wait(hours=1)
    assert chat.sent(invite.room_id) == []
    chat.enter(invite.room_id, THEIR_BOT)
    chat.wait(hours=2)
    (said,) = chat.sent(invite.room_id)
    assert said["msgtype"] == "m.text"
    assert said["body"].startswith("!melden https://matrix.to/#/!w:y.example?via=y.example ")
    assert "gefährlich" in said["body"]
    assert "ben" not in said["body"].casefold()
    chat.wait(days=1)
    assert len(chat.sent(invite.room_id)) == 1


def test_moderators_are_told_where_a_report_can_not_go_on(chat: Chat) -> None:
    room = partners_listing(chat)
    refused = chat.say("!markt weitergeben 1 Ist bei denen", MOD, room)
    assert refused[RESULT]["error"]["code"] == "no-way-there"
    with chat.store.begin(chat.now) as uow:
        partners.went_well(uow, PARTNER, every=60, contact=THEIR_BOT)
    chat.say("!markt weitergeben 1 Ist bei denen", MOD, room)
    chat.wait(days=25)
    assert "nicht gekommen" in chat.sent(room)[-1]["body"]
