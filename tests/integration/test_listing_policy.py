"""Which listings a real Synapse lets stand in rooms and in the room directory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.people import Person, refusal, register, wait_for
from tests.servers import SynapseServer
from wecreate_module.domain.listing_rooms import room_request
from wecreate_module.domain.listings import Kind, Listing, to_record

Json = dict[str, Any]
LISTING = "de.wecreate.listing"
BOX = "de.wecreate.box"
BOT = "@wecreate:localhost"
GOOD = to_record(
    Listing("", "localhost", Kind.IDEA, "Bücherschrank", "Für alle.", datetime.now(UTC))
)
WRONG: list[Json] = [
    {"version": 2},
    {"version": None},
    {"kind": "rumour"},
    {"title": ""},
    {"title": 7},
    {"title": "x" * 151},
    {"tags": ["x"] * 11},
    {"status": "erfunden"},
    {"publisher": "ich"},
    {"published_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
    {"starts_at": "bald"},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SynapseServer]:
    folder = tmp_path_factory.mktemp("listings")
    rules = {"room_list_publication_rules": [{"action": "allow"}]}
    with SynapseServer(folder, module={"bot": BOT}, extra=rules) as running:
        yield running


@pytest.fixture(scope="module")
def bot(server: SynapseServer) -> Person:
    return register(server, "wecreate")


@pytest.fixture(scope="module")
def anna(server: SynapseServer) -> Person:
    return register(server, "anna")


def shown(person: Person) -> set[str]:
    """The room directory, which Synapse fills a moment later."""
    return {each["room_id"] for each in person.call("GET", "/publicRooms")["chunk"]}


def is_public(person: Person, room_id: str) -> bool:
    return bool(person.call("GET", f"/directory/list/room/{room_id}")["visibility"] == "public")


def initial(record: Json) -> list[Json]:
    return [{"type": LISTING, "state_key": "", "content": record}]


def publish(person: Person, room_id: str) -> None:
    person.call("PUT", f"/directory/list/room/{room_id}", {"visibility": "public"})


def test_the_bot_s_listing_stands_in_the_room_directory(bot: Person, anna: Person) -> None:
    listing = Listing("", "localhost", Kind.OFFER, "Raum", "Für Treffen.", datetime.now(UTC))
    room = bot.create_room(**room_request(listing, BOT))
    wait_for(lambda: room in shown(anna), "the room in the directory")


@pytest.mark.parametrize("fields", WRONG)
def test_a_wrong_record_is_refused_from_the_bot_too(bot: Person, fields: Json) -> None:
    wrong = {**GOOD, **fields}
    room = bot.create_room(preset="public_chat", initial_state=initial(GOOD))
    assert refusal(lambda: bot.set_state(room, LISTING, wrong)).status == 403
    assert bot.state(room, LISTING) == GOOD
    assert refusal(lambda: bot.create_room(initial_state=initial(wrong))).status == 403


def test_nobody_else_makes_listings(anna: Person) -> None:
    refused = refusal(lambda: anna.create_room(visibility="public", initial_state=initial(GOOD)))
    assert (refused.status, "WeCreate" in refused.body["error"]) == (403, True)
    room = anna.create_room()
    assert refusal(lambda: anna.set_state(room, LISTING, GOOD)).status == 403


def test_a_listing_that_was_taken_back_is_not_published_again(bot: Person) -> None:
    room = bot.create_room(preset="public_chat", initial_state=initial(GOOD))
    bot.set_state(room, LISTING, {})
    assert refusal(lambda: publish(bot, room)).status == 403
    assert not is_public(bot, room)


def test_a_second_record_under_another_key_is_none(bot: Person) -> None:
    room = bot.create_room(initial_state=initial(GOOD))
    assert refusal(lambda: bot.set_state(room, LISTING, GOOD, "other")).status == 403


def test_a_box_is_no_listing_and_never_in_the_directory(bot: Person) -> None:
    box = bot.create_room(
        creation_content={BOX: {"version": 1, "bot": BOT}},
        visibility="public",
        initial_state=[],
    )
    assert refusal(lambda: bot.set_state(box, LISTING, GOOD)).status == 403
    assert refusal(lambda: publish(bot, box)).status == 403
    assert not is_public(bot, box)


def test_ordinary_rooms_are_published_as_ever(anna: Person) -> None:
    room = anna.create_room(visibility="public", preset="public_chat")
    wait_for(lambda: room in shown(anna), "the room in the directory")
