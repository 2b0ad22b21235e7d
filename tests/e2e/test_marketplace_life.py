"""The life of a listing on a real homeserver: Space, thresholds, digest, answers, moderation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.clients import MatrixPerson
from tests.e2e.groups import new_box
from tests.e2e.market import THUMB, card_says, open_listing, publish
from tests.e2e.our_bot import OurBot
from tests.servers import SynapseServer, quoted

Json = dict[str, Any]
DEADLINE = 90.0
CITY = "Stadt Musterstadt"


@dataclass(frozen=True)
class Town:
    home: SynapseServer
    bot: OurBot

    def state(self, person: MatrixPerson, room_id: str, kind: str) -> dict[str, Json]:
        """Contents by state key, of one type."""
        path = f"/_matrix/client/v3/rooms/{quoted(room_id)}/state"
        events: Any = self.home.request("GET", path, person.client.access_token)
        return {e["state_key"]: e["content"] for e in events if e["type"] == kind and e["content"]}

    def public_rooms(self, person: MatrixPerson) -> list[Json]:
        path = "/_matrix/client/v3/publicRooms?limit=500"
        found: list[Json] = self.home.request("GET", path, person.client.access_token)["chunk"]
        return found


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        home = stack.enter_context(
            SynapseServer(
                folder / "home",
                module=lambda name: {"bot": f"@wecreate:{name}"},
                extra={
                    "room_list_publication_rules": [{"user_id": "@wecreate:*", "action": "allow"}]
                },
            )
        )
        market = {
            "districts": ["Süd"],
            "organisations": [
                {"name": CITY, "type": "administration", "members": [home.user_id("olga")]}
            ],
            "thresholds": [{"support": 2, "then": "box", "kind": "idea"}],
            "moderators": [home.user_id("mod")],
        }
        bot = OurBot(folder / "bot", home, settings={"marketplace": market})
        stack.callback(bot.stop)
        bot.start_and_wait()
        yield Town(home, bot)


@dataclass(frozen=True)
class People:
    anna: MatrixPerson
    ben: MatrixPerson
    chat: str
    town: Town

    @property
    def bot(self) -> str:
        return self.town.bot.user_id


async def person(town: Town, name: str) -> MatrixPerson:
    return await MatrixPerson.new(town.home.url, town.home.registration_shared_secret, name)


@pytest.fixture
async def people(town: Town) -> AsyncIterator[People]:
    mark = uuid4().hex[:6]
    async with AsyncExitStack() as stack:
        anna, ben = [
            await stack.enter_async_context(await person(town, f"{name}-{mark}"))
            for name in ("anna", "ben")
        ]
        yield People(anna, ben, await anna.direct_chat(town.bot.user_id, DEADLINE), town)


async def test_enough_support_makes_a_box_and_the_listing_stands_in_its_district(
    people: People,
) -> None:
    anna, ben = people.anna, people.ben
    room_id = await publish(anna, people.chat, people.bot, "Idee Trinkbrunnen", place="Süd #wasser")
    card = await open_listing(ben, room_id)
    for who in (anna, ben):
        if who is anna:
            await open_listing(anna, room_id)
        await who.react(room_id, card.event_id, THUMB)
    welcome = await anna.wait_for(lambda seen: "Das ist die Box" in seen.body, DEADLINE, "the Box")
    await anna.until_joined(welcome.room_id, people.bot)
    shown = await card_says(ben, card, "in einer Box", DEADLINE)
    assert "sammelt Unterstützung" in shown
    district = await space_around(people, room_id)
    await space_around(people, district)


async def test_a_kill_while_publishing_leaves_one_listing_in_one_space(people: People) -> None:
    anna, town = people.anna, people.town
    title = f"Parkbank {uuid4().hex[:6]}"
    await anna.ask(people.chat, f"!markt neu Idee {title}")
    await anna.ask(people.chat, "Zum Ausruhen.")
    preview = await anna.ask(people.chat, "-")
    await anna.react(people.chat, preview.event_id, "✅")
    town.bot.kill()
    town.bot.start_and_wait()
    await anna.wait_for(
        lambda seen: seen.room_id == people.chat and "steht auf dem Marktplatz" in seen.body,
        DEADLINE,
        "the listing after the restart",
    )
    second = await publish(anna, people.chat, people.bot, f"Idee {title} zwei")
    await open_listing(anna, second)
    await anna.until(
        lambda: bool(town.state(anna, second, "m.space.parent")), "its place", DEADLINE
    )
    rooms = town.public_rooms(anna)
    assert [each["name"] for each in rooms].count(title) == 1
    spaces = [each for each in rooms if each.get("room_type") == "m.space"]
    assert sorted(each["name"] for each in spaces) in (
        ["Marktplatz"],
        ["Marktplatz", "Marktplatz: Süd"],
    )


async def test_supporters_are_asked_to_look_at_a_new_text_in_their_digest(people: People) -> None:
    anna, ben = people.anna, people.ben
    room_id = await publish(anna, people.chat, people.bot, "Reform Parkgebühren")
    card = await open_listing(ben, room_id)
    await ben.react(room_id, card.event_id, THUMB)
    await card_says(ben, card, "1 Person", DEADLINE)
    chat = await ben.direct_chat(people.bot, DEADLINE)
    # A minute at least for the new text to be there before.
    soon = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(seconds=120)
    await ben.ask(chat, f"!aufgaben täglich {soon:%H:%M}")
    await open_listing(anna, room_id)
    told = await anna.ask(room_id, "!markt text Parken kostet künftig das Doppelte.")
    assert told.data["version"] == 2
    digest = await ben.wait_for(
        lambda seen: seen.room_id == chat and "Neues vom Marktplatz" in seen.body, 240, "the digest"
    )
    assert "Text hat sich geändert" in digest.body
    await card_says(ben, card, "Fassung 1: 1", DEADLINE)
    await ben.react(chat, digest.event_id, "1️⃣")
    await card_says(ben, card, "heutiger Text: 1", DEADLINE)


async def test_the_town_hall_publishes_verified_and_answers_officially(people: People) -> None:
    anna, town = people.anna, people.town
    async with await person(town, "olga") as olga:
        office = await olga.direct_chat(people.bot, DEADLINE)
        await olga.ask(office, "!markt neu Angebot Sitzungssaal")
        await olga.ask(office, "Abends frei.")
        names = await olga.ask(office, "-")
        assert CITY in names.body
        preview = await olga.ask(office, "2")
        assert preview.data["preview"]["publisher"] == {
            "type": "administration", "name": CITY, "verified": True,
        }  # fmt: skip
        await olga.react(office, preview.event_id, "✅")
        told = await olga.wait_for(lambda seen: "listing" in seen.data, DEADLINE, "the listing")
        card = await open_listing(anna, str(told.data["listing"]["room_id"]))
        assert f"✔️ {CITY} (Verwaltung, geprüft)" in card.body

        asked = await publish(anna, people.chat, people.bot, "Reform Nachtbus")
        card = await open_listing(anna, asked)
        refused = await anna.ask(asked, "!markt antwort Machen wir")
        assert refused.result["error"]["code"] == "not-official"
        await anna.ask(asked, f"!markt an {CITY}")
        await open_listing(olga, asked)
        await olga.ask(asked, "!markt antwort Wir prüfen das bis März.")
        assert "Wir prüfen das" in await card_says(anna, card, f"Antwort von {CITY}", DEADLINE)
    await anna.client.set_displayname("Stadt  MUSTERSTADT")
    mine = await anna.direct_chat(people.bot, DEADLINE)
    await anna.ask(mine, "!markt neu Idee Rathaussturm")
    await anna.ask(mine, "Alle Mann!")
    refused = await anna.ask(mine, "-")
    assert refused.result["error"]["code"] == "name-of-others"


async def test_a_report_is_decided_in_private_and_an_appeal_brings_it_back(people: People) -> None:
    anna, ben, town = people.anna, people.ben, people.town
    title = f"Gewinnspiel {uuid4().hex[:6]}"
    room_id = await publish(anna, people.chat, people.bot, f"Angebot {title}")
    await open_listing(ben, room_id)
    await ben.say(room_id, "!melden")
    why = await ben.wait_for(lambda seen: "Was stimmt nicht" in seen.body, DEADLINE, "the question")
    async with await person(town, "mod") as mod:
        await ben.ask(why.room_id, "Das ist Betrug")
        case = await mod.wait_for(
            lambda seen: "🙈" in seen.buttons and title in seen.body, DEADLINE, "the case"
        )
        assert case.encrypted
        decided = await mod.ask(
            case.room_id, f"!markt ausblenden {case.data['case']['number']} Köder"
        )
        assert decided.data["case"]["decision"] == "hide"
        told = await anna.wait_for(lambda seen: "✋" in seen.buttons, DEADLINE, "the decision")
        assert "Köder" in told.body
        await anna.until(
            lambda: not named(people, title), "the listing off the directory", DEADLINE
        )
        await anna.react(told.room_id, told.event_id, "✋")
        await anna.wait_for(lambda seen: "Warum ist die Entscheidung" in seen.body, DEADLINE)
        await anna.say(told.room_id, "Es ist ein echtes Preisrätsel")
        appeal = await mod.wait_for(lambda seen: "↩️" in seen.buttons, DEADLINE, "the appeal")
        number = appeal.data["case"]["number"]
        await mod.ask(appeal.room_id, f"!markt stattgeben {number} Stimmt")
        await anna.wait_for(lambda seen: "recht" in seen.body, DEADLINE, "the good news")
        log = await mod.ask(appeal.room_id, "!markt protokoll")
        assert {each["decision"] for each in log.data["cases"]} >= {"hide", "restore"}
        await anna.until(lambda: named(people, title), "the listing in the directory", DEADLINE)


async def test_a_box_publishes_itself_and_names_nobody_who_has_not_agreed(people: People) -> None:
    anna, ben, bot = people.anna, people.ben, people.bot
    await ben.client.set_displayname("Benedikt")
    box = await new_box(anna, people.chat, bot, "Chor")
    await anna.ask(box, f"!box einladen {ben.user_id}")
    await anna.until_joined(box, ben.user_id)
    await ben.until_joined(box, bot)
    await anna.ask(box, "!markt neu Veranstaltung Winterkonzert")
    await anna.ask(box, "Es singt Benedikt.")
    await anna.ask(box, "-")
    soon = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days=9)
    preview = await anna.ask(box, f"{soon:%d.%m.%Y} 18 Uhr, Kirche")
    assert preview.data["asked"] == [ben.user_id]
    refused = await anna.ask(box, "ja")
    assert refused.result["error"]["code"] == "not-agreed"
    await ben.wait_for(lambda seen: seen.event_id == preview.event_id and seen.readable, DEADLINE)
    await ben.react(box, preview.event_id, "🤝")
    await anna.wait_for(lambda seen: "agreed" in seen.data, DEADLINE, "the agreement")
    told = await anna.ask(box, "ja", DEADLINE)
    room_id = str(told.data["listing"]["room_id"])
    assert told.data["listing"]["publisher"] == {
        "type": "group", "name": "Chor", "verified": False,
    }  # fmt: skip
    await anna.client.join(room_id)
    record = people.town.state(anna, room_id, "de.wecreate.listing")[""]
    assert record["place"] == "Kirche"
    assert anna.user_id not in str(record)
    joined = people.town.state(anna, room_id, "m.room.member")
    assert set(joined) == {bot, anna.user_id}  # she has just come in herself


async def test_a_kill_after_a_yes_leaves_one_box_with_one_task(people: People) -> None:
    anna, ben, town = people.anna, people.ben, people.town
    title = f"Nistkästen {uuid4().hex[:6]}"
    room_id = await publish(anna, people.chat, people.bot, f"Gesuch {title}")
    await open_listing(ben, room_id)
    await ben.ask(room_id, "!mitmachen Ich säge Bretter")
    request = await anna.wait_for(
        lambda seen: seen.room_id == people.chat and "Bretter" in seen.body, DEADLINE
    )
    await anna.react(people.chat, request.event_id, "✅")
    town.bot.kill()
    town.bot.start_and_wait()
    welcome = await anna.wait_for(
        lambda seen: "Das ist die Box" in seen.body and title in seen.body, DEADLINE, "the Box"
    )
    await ben.until(lambda: welcome.room_id in ben.invites, "the invitation", DEADLINE)
    await ben.until_joined(welcome.room_id, people.bot, deadline=DEADLINE)
    tasks = await ben.ask(welcome.room_id, "!aufgaben", DEADLINE)
    assert ["Bretter" in each["title"] for each in tasks.data["tasks"]] == [True]
    boxes = await anna.ask(people.chat, "!boxen", DEADLINE)
    assert [each["name"] for each in boxes.data["boxes"]].count(title) == 1


async def space_around(people: People, room_id: str) -> str:
    """The Space that a room stands in, once both say so; the bot makes it when it is wanted."""
    anna, town = people.anna, people.town
    await anna.until(
        lambda: bool(town.state(anna, room_id, "m.space.parent")), "its Space", DEADLINE
    )
    (space,) = town.state(anna, room_id, "m.space.parent")
    await anna.client.join(space)
    await anna.until(
        lambda: room_id in town.state(anna, space, "m.space.child"), "it in its Space", DEADLINE
    )
    return space


def named(people: People, title: str) -> bool:
    rooms = people.town.public_rooms(people.anna)
    return any(each.get("name") == title for each in rooms)
