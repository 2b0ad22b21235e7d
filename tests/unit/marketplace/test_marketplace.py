"""People publish, search and support, through the dispatch, on a store, without a server."""

from __future__ import annotations

from bots.kit.incoming import Incoming
from tests.unit.marketplace.market_chat import ANNA, BEN, BOT, DIRECT, EVE, EVES, Chat, put
from wecreate_module.domain.effects import CreateRoom, Send, SetState
from wecreate_module.domain.matrix import BUTTONS, LISTING, RESULT


def test_questions_and_a_preview_lead_to_a_public_room_with_a_card(chat: Chat) -> None:
    assert "Worum geht es" in chat.say("!markt neu Idee Bücherschrank am Markt")["body"]
    assert "Stadtteil" in chat.say("Eine alte Telefonzelle voller Romane.")["body"]
    preview = chat.say("Süd #Kultur #lesen")
    assert preview[BUTTONS] == {"✅": "ja", "❌": "abbrechen"}
    assert "auch ohne Konto" in preview["body"]
    assert not [each for each in chat.done if isinstance(each, CreateRoom)]
    answer = chat.say("ja")
    found = answer[RESULT]["data"]["listing"]
    assert (found["title"], found["district"]) == ("Bücherschrank am Markt", "Süd")
    assert found["tags"] == ["kultur", "lesen"]
    made = next(each for each in chat.done if isinstance(each, CreateRoom))
    assert (made.body["room_version"], made.body["visibility"]) == ("11", "public")
    states = {each["type"]: each["content"] for each in made.body["initial_state"]}
    assert states[LISTING]["publisher"] == {"type": "person", "name": "Anna"}
    assert ANNA not in str(states[LISTING])
    assert any(isinstance(each, SetState) for each in chat.done)
    listing = chat.listing(found["room_id"])
    (card,) = [each for each in chat.done if isinstance(each, Send) and each.pin]
    assert card.room_id == found["room_id"]
    assert card.content[BUTTONS] == {"👍": "!unterstützen", "🙋": "!mitmachen"}
    assert listing.card.startswith("$out")
    assert listing.author == ANNA


def test_the_button_below_the_preview_publishes(chat: Chat) -> None:
    chat.say("!markt neu Gesuch Proberaum")
    chat.say("Vierzig Stimmen brauchen Platz.")
    chat.say("-")
    asked = f"$out{chat.count - 2}"
    for event_id in (asked, f"$out{chat.count - 1}", f"$out{chat.count}"):
        pressed = Incoming.pressed(
            room_id=DIRECT, event_id="$p", sender=ANNA, command="ja", message_id=event_id
        )
        chat.handle(pressed)
    assert len(chat.made()) == 1


def test_what_is_missing_is_asked_for(chat: Chat) -> None:
    assert "Was ist es" in chat.say("!markt neu")["body"]
    assert "Titel" in chat.say("Idee")["body"]
    assert "Worum" in chat.say("Radweg")["body"]


def test_an_event_has_a_time_and_a_place(chat: Chat) -> None:
    chat.say("!market new event Summer party")
    chat.say("Music and cake.")
    assert "town hall" in chat.say("-")["body"]
    refused = chat.say("sometime")
    assert refused[RESULT]["error"]["code"] == "no-time"
    preview = chat.say("Saturday 3pm, town hall")
    found = preview[RESULT]["data"]["preview"]
    assert found["starts_at"] == "2026-11-28T14:00:00Z"
    assert "town hall" in preview["body"]


def test_nothing_is_published_without_a_yes(chat: Chat) -> None:
    chat.say("!markt neu Idee Radweg")
    chat.say("Am Kanal.")
    chat.say("-")
    assert chat.say("vielleicht")[RESULT]["error"]["code"] == "yes-or-cancel"
    chat.say("abbrechen")
    chat.say("ja")
    assert not [each for each in chat.done if isinstance(each, CreateRoom)]


def test_one_person_publishes_a_few_a_day(chat: Chat) -> None:
    for number in range(5):
        assert chat.publish(title=f"Idee {number}")[RESULT]["ok"]
    refused = chat.say("!markt neu Idee Noch eine")
    assert refused[RESULT]["error"]["code"] == "too-many-listings"
    chat.wait(hours=25)
    assert "Worum" in chat.say("!markt neu Idee Noch eine")["body"]


def test_guests_of_other_servers_publish_at_home(chat: Chat) -> None:
    refused = chat.say("!markt neu Idee Radweg", EVE, EVES)
    assert refused[RESULT]["error"]["code"] == "publish-at-home"


def test_the_marketplace_is_searched_by_words_kind_and_tag(chat: Chat) -> None:
    put(chat, "Spielplatz <b>fett</b>", tags=("kinder",))
    answer = chat.say("!markt suche Spielplätze")
    assert answer[RESULT]["data"]["total"] == 1
    assert "<b>fett" not in answer["formatted_body"]
    assert chat.say("!markt suche Idee #kinder")[RESULT]["data"]["total"] == 1
    assert chat.say("!markt suche Angebot Spielplatz")[RESULT]["data"]["total"] == 0
    assert chat.say("!markt")[RESULT]["data"]["total"] == 1


def test_own_listings_are_shown(chat: Chat) -> None:
    assert "noch nichts" in chat.say("!markt status")["body"]
    put(chat, "Radweg", author=ANNA)
    assert chat.say("!markt status")[RESULT]["data"]["total"] == 1


def test_supports_count_once_a_person_and_the_card_changes_once_a_moment(chat: Chat) -> None:
    listing = put(chat, "Radweg")
    chat.thumb("!l", ANNA)
    chat.thumb("!l", ANNA)
    chat.thumb("!l", BEN)
    chat.say("!unterstützen", EVE, "!l")
    assert chat.listing("!l").support == 0
    (edit,) = [each for each in chat.wait(seconds=2) if isinstance(each, Send)]
    assert edit.content["m.relates_to"] == {"rel_type": "m.replace", "event_id": listing.card}
    assert "3 Personen" in edit.content["m.new_content"]["body"]
    assert chat.listing("!l").support == 3


def test_a_withdrawn_support_no_longer_counts(chat: Chat) -> None:
    put(chat, "Radweg")
    first, second = chat.thumb("!l", ANNA), chat.thumb("!l", BEN)
    chat.wait(seconds=2)
    chat.take_back("!l", second, ANNA)  # without the power for it
    chat.wait(seconds=2)
    assert chat.listing("!l").support == 2
    chat.take_back("!l", first, ANNA)
    chat.take_back("!l", second, BOT)  # as a moderator
    chat.wait(seconds=2)
    assert chat.listing("!l").support == 0
    chat.take_back("!l", "$unknown", ANNA)


def test_a_room_that_is_no_listing_can_not_be_supported(chat: Chat) -> None:
    put(chat, "Radweg", listed=False)
    refused = chat.say("!unterstützen", ANNA, "!l")
    assert refused[RESULT]["error"]["code"] == "no-listing"
