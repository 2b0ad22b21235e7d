"""What becomes of a listing: steps, texts, answers, thresholds, Spaces, in the bot's hands."""

from __future__ import annotations

import pytest

from tests.unit.marketplace.conftest import MakeChat
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, BOT, DIRECT, EVE, EVES, Chat, put
from wecreate_module.domain.effects import CreateRoom, Invite, SetState
from wecreate_module.domain.listing_rules import MarketRules, Organisation, Then, Threshold
from wecreate_module.domain.listings import Kind, Publisher, PublisherType, Status
from wecreate_module.domain.matrix import BUTTONS, LISTING, RESULT

CITY = Organisation("Stadt Musterstadt", PublisherType.ADMINISTRATION, frozenset({EVE}))


def test_a_step_is_shown_on_the_card_with_its_day_and_told_the_supporters_once_a_day(
    chat: Chat,
) -> None:
    put(chat, "Radweg", author=ANNA, status=Status.GATHERING)
    chat.thumb("!l", BEN)
    chat.wait(seconds=2)
    stepped = chat.say("!markt status umgesetzt", ANNA, "!l")
    assert stepped[RESULT]["data"]["listing"]["status"] == "umgesetzt"
    card = chat.sent("!l")[-1]
    assert "umgesetzt (Mi 25.11.)" in card["body"]
    record = [each for each in chat.done if isinstance(each, SetState) and each.type == LISTING][-1]
    assert record.content["status"] == "umgesetzt"
    assert not chat.sent(BENS)
    chat.say("!markt status archiviert", ANNA, "!l")
    chat.wait(hours=10)
    (digest,) = chat.sent(BENS)
    assert "umgesetzt → archiviert" in digest["body"]
    chat.wait(hours=24)
    assert len(chat.sent(BENS)) == 1


def test_an_illegal_step_is_answered_with_the_legal_ones(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA, kind=Kind.REFORM, status=Status.GATHERING)
    refused = chat.say("!markt status umgesetzt", ANNA, "!l")[RESULT]["error"]
    assert refused["code"] == "no-such-step"
    assert "box, zurückgezogen, archiviert" in refused["message"]
    assert chat.say("!market status quatsch", ANNA, "!l")[RESULT]["error"]["code"] == "unknown-step"
    assert chat.listing("!l").status is Status.GATHERING


def test_others_see_the_way_and_only_the_publisher_goes_it(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    seen = chat.say("!markt status", BEN, "!l")
    assert seen[RESULT]["ok"]
    assert BUTTONS not in seen
    refused = chat.say("!markt status sammelt", BEN, "!l")
    assert refused[RESULT]["error"]["code"] == "not-your-listing"
    assert "📣" in chat.say("!markt status", ANNA, "!l")[BUTTONS]
    chat.press("!l", "📣", ANNA)
    assert chat.listing("!l").status is Status.GATHERING


def test_enough_support_makes_a_box_once(make_chat: MakeChat) -> None:
    chat = make_chat(
        MarketRules(
            thresholds=(Threshold(2, Then.BOX, Kind.IDEA), Threshold(3, Then.SUGGEST_MOTION))
        )
    )
    put(chat, "Radweg", author=ANNA)
    chat.thumb("!l", BEN)
    chat.wait(seconds=2)
    assert chat.listing("!l").status is Status.GATHERING
    assert not chat.made(encrypted=True)
    first = chat.thumb("!l", EVE)
    chat.wait(seconds=2)
    (box,) = chat.made(encrypted=True)
    assert Invite(box, (ANNA,)) in chat.done
    assert chat.listing("!l").status is Status.BOX
    assert "du leitest sie" in chat.sent(DIRECT)[-1]["body"]
    chat.take_back("!l", first, EVE)
    chat.wait(seconds=2)
    chat.thumb("!l", EVE)
    chat.thumb("!l", "@d:w.example")
    chat.wait(seconds=2)
    assert chat.made(encrypted=True) == [box]
    assert "reicht für einen Antrag" in chat.sent(box)[-1]["body"]


def test_what_a_box_has_published_needs_no_other_box(make_chat: MakeChat) -> None:
    chat = make_chat(MarketRules(thresholds=(Threshold(1, Then.BOX),)))
    chat.say("!box neu Chor", ANNA, DIRECT)
    (box,) = chat.made(encrypted=True)
    chat.enter(box, ANNA, "Anna")
    chat.say("!markt neu Idee Konzert", ANNA, box)
    chat.say("Wir singen.", ANNA, box)
    chat.say("-", ANNA, box)
    chat.say("ja", ANNA, box)
    (room_id,) = chat.made()
    chat.thumb(room_id, BEN)
    chat.wait(seconds=2)
    assert chat.listing(room_id).status is Status.BOX
    assert chat.made(encrypted=True) == [box]
    chat.enter(room_id, BEN, "Ben")
    chat.say("!mitmachen Bass", BEN, room_id)
    assert "Bass" in chat.sent(box)[-1]["body"]


def test_a_box_can_be_suggested_and_made_with_a_tap(make_chat: MakeChat) -> None:
    special = Threshold(1, Then.SUGGEST_BOX, district="Süd")
    chat = make_chat(MarketRules(thresholds=(Threshold(9, Then.BOX), special)))
    put(chat, "Radweg", author=ANNA, district="süd")
    chat.thumb("!l", BEN)
    chat.wait(seconds=2)
    assert not chat.made(encrypted=True)
    chat.press(DIRECT, "📦", ANNA)
    assert len(chat.made(encrypted=True)) == 1
    assert chat.say("!markt box", ANNA, "!l")[RESULT]["error"]["code"] == "has-box"


def test_a_text_changed_in_substance_is_a_new_version_that_supporters_look_at(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    chat.thumb("!l", BEN)
    chat.thumb("!l", EVE)
    chat.wait(seconds=2)
    same = chat.say("!markt text Worum es geht!", ANNA, "!l")
    assert same[RESULT]["data"] | {"listing": None} == {
        "listing": None, "version": 1, "substance": False,
    }  # fmt: skip
    new = chat.say("!markt text Worum es nicht geht", ANNA, "!l")
    assert new[RESULT]["data"]["version"] == 2
    assert "heutiger Text: 0, Fassung 1: 2" in chat.sent("!l")[-1]["body"]
    chat.wait(hours=10)
    assert "Text hat sich geändert" in chat.sent(BENS)[-1]["body"]
    chat.press(BENS, "1️⃣", BEN)
    chat.wait(seconds=2)
    assert "heutiger Text: 1, Fassung 1: 1" in chat.sent("!l")[-1]["body"]
    assert chat.listing("!l").support == 2
    assert chat.say("!markt text Worum", BEN, "!l")[RESULT]["error"]["code"] == "not-your-listing"


def test_an_event_is_moved_and_a_text_changes_five_times_a_day_at_most(chat: Chat) -> None:
    put(chat, "Fest", author=ANNA, kind=Kind.EVENT, starts_at=chat.now, place="Rathaus")
    moved = chat.say("!markt wann Samstag 15 Uhr", ANNA, "!l")
    assert moved[RESULT]["data"]["version"] == 2
    assert chat.listing("!l").place == "Rathaus"
    for number in range(5):
        last = chat.say(f"!markt titel Fest {number}", ANNA, "!l")
    assert last[RESULT]["error"]["code"] == "too-many-texts"


def test_the_body_that_is_asked_answers_and_nobody_else(make_chat: MakeChat) -> None:
    other = Organisation("Partei B", PublisherType.PARTY, frozenset({BEN}))
    chat = make_chat(MarketRules(organisations=(CITY, other)))
    put(chat, "Radweg", author=ANNA, status=Status.SUBMITTED)
    assert chat.say("!markt antwort Ja", EVE, "!l")[RESULT]["error"]["code"] == "nobody-asked"
    assert chat.say("!markt an Mars", ANNA, "!l")[RESULT]["error"]["code"] == "unknown-body"
    assert chat.say("!markt an musterstadt", ANNA, "!l")[RESULT]["ok"]
    assert chat.say("!markt antwort Ja", BEN, "!l")[RESULT]["error"]["code"] == "other-body"
    assert chat.say("!markt antwort Ja", ANNA, "!l")[RESULT]["error"]["code"] == "not-official"
    assert chat.say("!markt antwort Wir bauen ihn.", EVE, "!l")[RESULT]["ok"]
    assert "Antwort von Stadt Musterstadt" in chat.sent("!l")[-1]["body"]
    assert chat.say("!markt status entschieden", EVE, "!l")[RESULT]["ok"]
    chat.wait(hours=10)
    assert "Stadt Musterstadt hat geantwortet" in chat.sent(DIRECT)[-1]["body"]
    assert "also ihr" in chat.sent(EVES)[-1]["body"]


def test_the_mark_is_given_by_the_operator_alone(make_chat: MakeChat) -> None:
    chat = make_chat(MarketRules(organisations=(CITY,)))
    chat.enter(EVES, EVE, "Eve")
    chat.enter(DIRECT, ANNA, "✔️ St\u0430dt Musterstadt")  # with a Cyrillic a
    chat.say("!markt neu Idee Radweg")
    chat.say("Am Kanal.")
    assert chat.say("-")[RESULT]["error"]["code"] == "name-of-others"
    card = put(chat, "x", publisher=Publisher(PublisherType.PERSON, "✔ Anna ✅"))
    chat.thumb(card.room_id, BEN)
    chat.wait(seconds=2)
    assert "👤 Anna" in chat.sent("!l")[-1]["body"]


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("Anna (CDU)", True),
        ("c.d.u", True),
        ("McDuff", False),
        ("Cduard", False),
        ("Die stadt-Musterstadt!", True),
        ("Musterstadt", False),
    ],
)
def test_names_that_would_be_taken_for_an_organisation(name: str, claims: bool) -> None:  # noqa: FBT001 - an example's outcome
    party = Organisation("CDU", PublisherType.PARTY)
    rules = MarketRules(organisations=(CITY, party))
    assert (rules.claimed_by(name) is not None) is claims


def test_a_box_names_no_member_who_has_not_agreed(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    chat.say("!markt box", ANNA, "!l")
    (box,) = chat.made(encrypted=True)
    fay = "@fay:w.example"
    for who, name in ((ANNA, "Anna"), (BEN, "Ben Weber"), (fay, "Fay")):
        chat.enter(box, who, name)
    levels = {"users": {BOT: 100, ANNA: 100}}
    chat.set_power(box, levels)
    refused = chat.say("!markt neu Idee Radtour", fay, box)
    assert refused[RESULT]["error"]["code"] == "box-speaks"
    chat.say("!markt neu Idee Radtour", ANNA, box)
    chat.say("Mit Kuchen von Ben.", ANNA, box)
    preview = chat.say("-", ANNA, box)
    assert preview[RESULT]["data"]["asked"] == [BEN]
    assert preview[RESULT]["data"]["preview"]["publisher"]["type"] == "group"
    assert chat.say("ja", ANNA, box)[RESULT]["error"]["code"] == "not-agreed"
    assert "Danke, Ben Weber" in chat.press(box, "🤝", BEN)["body"]
    chat.say("ja", ANNA, box)
    made = [each for each in chat.done if isinstance(each, CreateRoom)]
    (room,) = [each for each in made if each.body.get("name") == "Radtour"]
    assert "Anna" not in str(room.body)
    assert "@" not in str(room.body).replace(BOT, "")


def test_listings_stand_in_their_district_and_the_spaces_are_made_once(
    make_chat: MakeChat,
) -> None:
    chat = make_chat(MarketRules(districts=("Süd",)))
    chat.publish(title="Eins")
    chat.publish(title="Zwei")
    chat.say("!markt neu Idee Drei")
    chat.say("Irgendwo.")
    chat.say("-")
    chat.say("ja")
    assert len(chat.made(space=True)) == 2
    children = [e for e in chat.done if isinstance(e, SetState) and e.type == "m.space.child"]
    listings = chat.made()
    assert {each.state_key for each in children} >= set(listings)
    assert len(children) == len(listings) + 1


def test_who_may_speak_for_others_is_asked_in_whose_name(make_chat: MakeChat) -> None:
    city = Organisation("Stadt Musterstadt", PublisherType.ADMINISTRATION, frozenset({ANNA}))
    chat = make_chat(MarketRules(organisations=(city,)))
    chat.say("!markt neu Angebot Sitzungssaal")
    chat.say("Abends frei.")
    asked = chat.say("-")
    assert "1️⃣ 👤 Anna" in asked["body"]
    assert chat.say("3")[RESULT]["error"]["code"] == "which-name"
    preview = chat.say("2")[RESULT]["data"]["preview"]
    assert preview["publisher"] == {
        "type": "administration", "name": "Stadt Musterstadt", "verified": True,
    }  # fmt: skip
    found = chat.say("ja")[RESULT]["data"]["listing"]
    assert found["publisher"]["verified"]
