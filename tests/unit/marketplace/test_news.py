"""Searching with filters and buttons, following, and one message a day."""

from __future__ import annotations

import pytest

from tests.unit.marketplace.conftest import MakeChat
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, Chat, put
from wecreate_module.domain.effects import Redact
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.domain.listings import Kind, Publisher, PublisherType, Status
from wecreate_module.domain.matrix import BUTTONS, RESULT


def market(chat: Chat) -> None:
    put(chat, "Radweg", room_id="!a", district="Süd", tags=("rad",), author=ANNA)
    party = Publisher(PublisherType.PARTY, "Partei")
    put(chat, "Radhaus", room_id="!b", district="Alte Stadt", kind=Kind.REFORM, publisher=party)
    put(chat, "Chor", room_id="!c", district="Süd", status=Status.GATHERING)


def found(chat: Chat, text: str) -> list[str]:
    said = chat.say(f"!markt suche {text}")[RESULT]["data"]["results"]
    return sorted(each["room_id"] for each in said)


@pytest.mark.parametrize(
    ("text", "rooms"),
    [
        ("", ["!a", "!b", "!c"]),
        ("in Süd", ["!a", "!c"]),
        ("aus alte stadt", ["!b"]),
        ("stadtteil:Alte_Stadt", ["!b"]),
        ("district:süd #rad", ["!a"]),
        ("von:partei", ["!b"]),
        ("status:sammelt", ["!c"]),
        ("Reform in Alte Stadt", ["!b"]),
        ("art:reform", ["!b"]),
    ],
)
def test_filters_as_people_write_them(make_chat: MakeChat, text: str, rooms: list[str]) -> None:
    chat = make_chat(MarketRules(districts=("Süd", "Alte Stadt")))
    market(chat)
    assert found(chat, text) == rooms


def test_a_filter_that_can_not_be_is_answered_with_an_example(chat: Chat) -> None:
    refused = chat.say("!markt suche status:quatsch")[RESULT]["error"]
    assert refused["code"] == "unknown-filter"
    assert "stadtteil:Süd" in refused["message"]


def test_results_have_buttons_to_see_one_to_go_on_and_to_follow(chat: Chat) -> None:
    for number in range(7):
        put(chat, f"Radweg {number}", room_id=f"!r{number}", author=ANNA)
    first = chat.say("!markt suche Radweg", BEN, BENS)
    assert set(first[BUTTONS]) == {"1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "➡️", "🔔"}
    second = chat.press(BENS, "➡️", BEN)
    assert len(second[RESULT]["data"]["results"]) == 2
    assert "➡️" not in second[BUTTONS]
    assert chat.press(BENS, "🔔", BEN)[RESULT]["data"]["follow"]["text"] == "Radweg"
    shown = chat.press(BENS, "1️⃣", BEN)
    assert set(shown[BUTTONS]) == {"👍", "🙋", "🚩"}
    assert "Notiert" in chat.press(BENS, "👍", BEN)["body"]
    chat.wait(seconds=2)
    room_id = shown[RESULT]["data"]["listing"]["room_id"]
    assert chat.listing(room_id).support == 1
    chat.press(BENS, "🙋", BEN)
    assert "Was kannst du beitragen" in chat.sent(BENS)[-1]["body"]


def test_a_support_is_withdrawn_by_a_word_too(chat: Chat) -> None:
    put(chat, "Radweg")
    event_id = chat.thumb("!l", BEN)
    chat.wait(seconds=2)
    chat.say("!unterstützung zurücknehmen", BEN, "!l")
    assert Redact("!l", event_id) in chat.done
    chat.wait(seconds=2)
    assert chat.listing("!l").support == 0
    again = chat.say("!support withdraw", BEN, "!l")
    assert again[RESULT]["error"]["code"] == "no-support"


def test_what_is_new_is_told_once_a_day_and_each_listing_once(chat: Chat) -> None:
    put(chat, "Alter Radweg", room_id="!old", tags=("rad",))
    chat.say("!markt folgen #rad", BEN, BENS)
    chat.say("!markt folgen Radweg", BEN, BENS)
    chat.wait(minutes=1)
    put(chat, "Radweg", room_id="!n", tags=("rad",), published_at=chat.now)
    put(chat, "Chor", room_id="!m", published_at=chat.now)
    before = len(chat.sent(BENS))
    chat.wait(hours=10)
    (digest,) = chat.sent(BENS)[before:]
    assert [each["room_id"] for each in digest[RESULT]["data"]["new"]] == ["!n"]
    chat.wait(hours=24)
    assert len(chat.sent(BENS)) == before + 1
    put(chat, "Radständer", room_id="!o", tags=("rad",), published_at=chat.now)
    chat.wait(hours=24)
    assert len(chat.sent(BENS)) == before + 2


def test_follows_are_listed_ended_and_not_taken_twice(chat: Chat) -> None:
    assert "noch nichts" in chat.say("!markt folgen", BEN, BENS)["body"]
    chat.say("!follow idea #bike", BEN, BENS)
    again = chat.say("!markt folgen idea #bike", BEN, BENS)
    assert again[RESULT]["error"]["code"] == "followed-before"
    chat.say("!markt folgen Chor", BEN, BENS)
    assert len(chat.say("!markt folgen", BEN, BENS)[RESULT]["data"]["follows"]) == 2
    left = chat.say("!markt entfolgen 1", BEN, BENS)[RESULT]["data"]["follows"]
    assert left == [{"number": 2, "text": "Chor"}]
    missing = chat.say("!markt entfolgen 1", BEN, BENS)
    assert missing[RESULT]["error"]["code"] == "no-such-follow"
    for number in range(20):
        last = chat.say(f"!markt folgen Wort{number}", BEN, BENS)
    assert last[RESULT]["error"]["code"] == "too-many-follows"


def test_somebody_without_a_chat_gets_one_for_the_first_digest_and_is_left_alone_later(
    chat: Chat,
) -> None:
    put(chat, "Radweg", author=ANNA)
    zoe = "@zoe:y.example"
    chat.enter("!l", zoe, "Zoe")
    chat.thumb("!l", zoe)
    chat.wait(seconds=2)
    chat.wait(hours=24)
    assert not chat.made(encrypted=True)
    chat.say("!markt titel Radweg, breiter", ANNA, "!l")
    chat.wait(hours=24)
    (direct,) = chat.made(encrypted=True)
    assert "Text hat sich geändert" in chat.sent(direct)[-1]["body"]
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(direct, zoe, "leave", None)
    chat.say("!markt status umgesetzt", ANNA, "!l")
    chat.wait(hours=24)
    assert chat.made(encrypted=True) == [direct]
    assert len(chat.sent(direct)) == 1


def test_a_digest_at_an_hour_of_ones_own_comes_once_a_day_even_when_the_hour_moves(
    chat: Chat,
) -> None:
    put(chat, "Radweg", author=ANNA, status=Status.GATHERING)
    chat.thumb("!l", BEN)
    chat.wait(seconds=2)
    chat.say("!aufgaben täglich 11:00", BEN, BENS)
    before = len(chat.sent(BENS))
    chat.say("!markt status box", ANNA, "!l")
    chat.wait(hours=1)
    assert len(chat.sent(BENS)) == before + 1
    chat.say("!aufgaben täglich 13:00", BEN, BENS)
    chat.say("!markt status antrag", ANNA, "!l")
    chat.wait(hours=3)
    assert len([each for each in chat.sent(BENS) if "Neues vom" in each["body"]]) == 1
    chat.wait(hours=24)
    assert len([each for each in chat.sent(BENS) if "Neues vom" in each["body"]]) == 2


def test_a_great_many_supporters_are_all_told_some_at_a_time(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA, status=Status.GATHERING)
    with chat.store.begin(chat.now) as uow:
        for number in range(230):
            uow.listings.add_support("!l", f"@p{number:03}:w.example", f"$s{number}")
    chat.say("!markt status umgesetzt", ANNA, "!l")
    with chat.store.read(chat.now) as uow:
        assert len(uow.schedule.ahead_of_all(None, "market.digest", "market:@p")) == 100
    for _ in range(3):
        chat.wait(seconds=1)
    with chat.store.read(chat.now) as uow:
        assert len(uow.schedule.ahead_of_all(None, "market.digest", "market:@p")) == 230
