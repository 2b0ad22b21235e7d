"""People publish, search and support, through the dispatch, on a store, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.kit import basics, dispatch
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.kit.incoming import Incoming
from bots.marketplace import commands as marketplace
from wecreate_module.domain.effects import CreateRoom, Effect, Send, SetState
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.domain.matrix import BUTTONS, LISTING, RESULT
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
BOT, ANNA, BEN, EVE = "@wecreate:w.example", "@anna:w.example", "@ben:w.example", "@eve:y.example"
DIRECT, EVES = "!direct", "!eves"
# A Wednesday, 10:00 in Berlin.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass
class Chat:
    app: App
    store: Store
    now: datetime = NOW
    done: list[Effect] = field(default_factory=list)
    count: int = 0

    def say(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> Json:
        """The last message it leads to here; {} when there is none."""
        self.count += 1
        content = {"msgtype": "m.text", "body": text}
        return self.handle(Incoming(room_id, f"$in{self.count}", sender, content=content))

    def thumb(self, room_id: str, sender: str, card: str = "$card") -> str:
        """A 👍 below the card; its event id."""
        self.count += 1
        event_id = f"$in{self.count}"
        pressed = Incoming.pressed(
            room_id=room_id,
            event_id=event_id,
            sender=sender,
            command="!unterstützen",
            message_id=card,
        )
        self.handle(pressed)
        return event_id

    def take_back(self, room_id: str, event_id: str, sender: str) -> None:
        self.count += 1
        content = {"redacts": event_id}
        kind = "m.room.redaction"
        self.handle(Incoming(room_id, f"$in{self.count}", sender, kind, content))

    def handle(self, incoming: Incoming) -> Json:
        before = len(self.done)
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)
        self.deliver()
        sent = [each for each in self.done[before:] if isinstance(each, Send)]
        here = [each.content for each in sent if each.room_id == incoming.room_id]
        return here[-1] if here else {}

    def deliver(self) -> None:
        while True:
            with self.store.begin(self.now) as uow:
                rows = uow.outbox.due(100, self.now)
            if not rows:
                return
            for row in rows:
                self.count += 1
                result = {"event_id": f"$out{self.count}"}
                if isinstance(row.effect, CreateRoom):
                    result = {"room_id": f"!listing{self.count}:w.example"}
                self.done.append(row.effect)
                with self.store.begin(self.now) as uow:
                    uow.outbox.done(row.id, result.get("event_id"), result)
                    if row.then:
                        dispatch.continue_(self.app, uow, row, result, self.now)

    def wait(self, **duration: float) -> list[Effect]:
        before = len(self.done)
        self.now += timedelta(**duration)
        with self.store.begin(self.now) as uow:
            for item in uow.schedule.due(self.now, 50):
                dispatch.run_scheduled(self.app, uow, item, self.now)
                uow.schedule.done(item.id)
        self.deliver()
        return self.done[before:]

    def listing(self, room_id: str) -> Listing:
        with self.store.read(self.now) as uow:
            found = uow.listings.get(room_id)
        assert found is not None
        return found

    def publish(self, kind: str = "Idee", title: str = "Bücherschrank am Markt") -> Json:
        self.say(f"!markt neu {kind} {title}")
        self.say("Eine alte Telefonzelle voller Romane.")
        self.say("Süd #kultur #lesen")
        return self.say("ja")


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    url = f"sqlite:///{tmp_path / 'w.db'}"
    store = Store.open(url, tmp_path / "keys.db", tmp_path / "wecreate.key")
    parts = (basics.PART, marketplace.PART)
    app = App.assemble(parts, bot_user_id=BOT, server=ServerFacts("w.example"))
    with store.begin(NOW) as uow:
        for room_id, who, name in ((DIRECT, ANNA, "Anna"), (EVES, EVE, "Eve")):
            uow.rooms.save(Room(room_id, encrypted=True, direct=True, inviter=who))
            uow.rooms.set_member(room_id, who, "join", name)
            uow.rooms.set_member(room_id, BOT, "join", None)
    yield Chat(app, store)
    store.close()


def put(chat: Chat, title: str, **fields: Any) -> Listing:
    """A listing that was published before, and its room."""
    listing = Listing("!l", "w.example", Kind.IDEA, title, "Worum es geht", NOW, card="$card")
    listing = replace(listing, **fields)
    import_listings(chat.store, [listing], NOW)
    with chat.store.begin(NOW) as uow:
        levels = {"users": {BOT: 100}}
        create = {"room_version": "11"}
        uow.rooms.save(Room(listing.room_id, create, BOT, levels, name=title))
        for who in (ANNA, BEN, EVE, BOT):
            uow.rooms.set_member(listing.room_id, who, "join", None)
    return listing


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
    (made,) = [each for each in chat.done if isinstance(each, CreateRoom)]
    assert (made.body["room_version"], made.body["visibility"]) == ("11", "public")
    states = {each["type"]: each["content"] for each in made.body["initial_state"]}
    assert states[LISTING]["publisher"] == {"type": "person", "name": "Anna"}
    assert ANNA not in str(states[LISTING])
    assert any(isinstance(each, SetState) for each in chat.done)
    listing = chat.listing(found["room_id"])
    (card,) = [each for each in chat.done if isinstance(each, Send) and each.pin]
    assert card.room_id == found["room_id"]
    assert card.content[BUTTONS] == {"👍": "!unterstützen"}
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
    assert len([each for each in chat.done if isinstance(each, CreateRoom)]) == 1


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
    (edit,) = chat.wait(seconds=2)
    assert isinstance(edit, Send)
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
