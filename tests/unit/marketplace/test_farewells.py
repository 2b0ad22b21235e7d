"""What is left on the marketplace of somebody who has closed their account."""

from __future__ import annotations

from bots.marketplace import farewells
from tests.unit.marketplace.market_chat import ANNA, BEN, EVE, Chat, put
from tests.unit.marketplace.test_joining import box_of
from wecreate_module.domain.effects import SetState
from wecreate_module.domain.listings import Publisher, PublisherType
from wecreate_module.domain.matrix import LISTING, RESULT


def leave(chat: Chat, user_id: str) -> None:
    with chat.store.begin(chat.now) as uow:
        farewells.let_go(uow, user_id)
    chat.wait(minutes=1)


def test_a_pledge_stays_as_a_task_that_names_nobody(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    box = box_of(chat)
    chat.enter("!l", BEN, "Ben Beispiel")
    chat.say("!mitmachen zwei Stunden, ich kann tischlern", BEN, "!l")
    chat.press(box, "✅", ANNA)
    chat.say("!aufgabe Farbe kaufen", ANNA, box)
    leave(chat, BEN)
    pledge, other = chat.say("!aufgaben", ANNA, box)[RESULT]["data"]["tasks"]
    assert (pledge["title"], pledge["assignees"]) == ("zwei Stunden, ich kann tischlern", [])
    assert other["title"] == "Farbe kaufen"


def test_their_support_counts_no_more_and_the_card_says_so(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA)
    for who in (BEN, EVE):
        chat.thumb("!l", who)
    chat.wait(seconds=2)
    assert chat.listing("!l").support == 2
    leave(chat, BEN)
    assert chat.listing("!l").support == 1
    assert "👍 1 " in chat.sent("!l")[-1]["body"]


def test_who_published_is_named_no_more_in_the_room_either(chat: Chat) -> None:
    put(chat, "Radweg", author=ANNA, publisher=Publisher(PublisherType.PERSON, "Anna Blume"))
    leave(chat, ANNA)
    assert "Anna" not in chat.sent("!l")[-1]["body"]
    states = [each for each in chat.done if isinstance(each, SetState)]
    records = [each.content for each in states if each.type == LISTING]
    assert records[-1]["publisher"] == {"type": "person", "name": ""}
    again = chat.say("!markt status abgelehnt", ANNA, "!l")
    assert again[RESULT]["error"]["code"] == "not-your-listing"


def test_an_organisations_name_stays_on_what_its_people_published(chat: Chat) -> None:
    party = Publisher(PublisherType.PARTY, "Die Bunten", verified=True)
    put(chat, "Radweg", author=ANNA, publisher=party)
    leave(chat, ANNA)
    assert chat.listing("!l").publisher == party
    assert chat.listing("!l").author == ""
