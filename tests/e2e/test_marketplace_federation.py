"""Two whole stacks as partners, the line between them cut and healed."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bots.operation.embedded import with_values
from bots.operation.federation_story import THUMB, FederationStory
from bots.operation.layout import Layout, Ports, write_private
from bots.operation.neighbours import Neighbour, make_neighbours
from bots.operation.voice import Voice
from tests.clients import MatrixPerson
from tests.e2e.link import Link
from tests.e2e.stack import Stack
from tests.ports import free_port, free_ports
from tests.synapse_config import generous_limits
from tests.whole_stack import WholeStack

Json = dict[str, Any]
DEADLINE = 90.0
# Synapse looks once a minute for servers that it owes something.
HEALED_WITHIN = 180.0
PATH = "/_synapse/client/wecreate/v1/marketplace"
WHILE_CUT = 15

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Town(Stack):
    """One of the two, prepared by make_neighbours."""

    def __init__(self, folder: Path, base: int) -> None:
        WholeStack.__init__(self, folder, base)


@dataclass
class World:
    """Anna lives in the town, Bea at the party; each name leads through a link."""

    town: Town
    party: Town
    links: list[Link]
    anna: MatrixPerson
    bea: MatrixPerson
    story: FederationStory

    def cut(self) -> None:
        for link in self.links:
            link.cut()

    def heal(self) -> None:
        for link in self.links:
            link.heal()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("world")
    bases = [free_ports(4), free_ports(4)]
    ports = [free_port(), free_port()]
    neighbours = [
        Neighbour(Layout(folder / name), base, port)
        for name, base, port in zip(("town", "party"), bases, ports, strict=True)
    ]
    soon = {"destination_min_retry_interval": "1s", "destination_max_retry_interval": "2s"}
    make_neighbours(neighbours, {**generous_limits(), "federation": soon})
    for neighbour in neighbours:
        moderators = {("marketplace", "moderators"): f'["@mod:{neighbour.name}"]'}
        settings = neighbour.layout.settings
        write_private(settings, with_values(settings.read_text(encoding="utf-8"), moderators))
    async with AsyncExitStack() as stack:
        links = [
            await stack.enter_async_context(Link(port, Ports(base).federation))
            for port, base in zip(ports, bases, strict=True)
        ]
        town, party = (Town(each.layout.root, each.base) for each in neighbours)
        for each in (town, party):
            stack.push_async_callback(asyncio.to_thread, each.stop)
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in (town, party)))
        anna = await stack.enter_async_context(await town.person("anna"))
        bea = await stack.enter_async_context(await party.person("bea"))
        story = FederationStory(
            Voice("anna", anna, DEADLINE), Voice("bea", bea, DEADLINE), town.bot, party.bot
        )
        yield World(town, party, links, anna, bea, story)


async def test_a_citizen_supports_a_party_s_listing_joins_in_and_works_in_its_box(
    world: World,
) -> None:
    await world.story.tell()
    found = await search(world.town, "Radweg")
    assert found["server"] == world.party.facts["server_name"]
    await counts(world, 1)
    box = world.story.box
    said = [each for each in world.anna.messages.values() if each.room_id == box]
    messages = [each for each in said if each.type == "m.room.message"]
    assert messages
    assert all(each.encrypted and each.readable for each in messages)


async def test_what_is_said_while_the_line_is_cut_arrives_once(world: World) -> None:
    anna, bea, box, listing = world.anna, world.bea, world.story.box, world.story.listing
    card = next(m for m in anna.messages.values() if m.room_id == listing and THUMB in m.buttons)
    await bea.join(listing, str(world.party.facts["server_name"]))
    world.cut()
    for number in range(WHILE_CUT):
        await anna.say(box, f"!aufgabe Plakat {number} aufhängen")
        await bea.say(box, f"!aufgabe Zettel {number} verteilen")
    await bea.react(listing, card.event_id, THUMB)
    thumb = next(
        m.event_id for m in anna.messages.values()
        if m.sender == anna.user_id and m.type == "m.reaction" and m.room_id == listing
    )  # fmt: skip
    await anna.redact(listing, thumb)
    await anna.react(listing, card.event_id, THUMB)
    chat = await world.story.chat_of_bea()
    await publish(bea, chat, "Bäume für den Bahnhofsplatz")
    world.heal()

    expected = {f"Plakat {n} aufhängen" for n in range(WHILE_CUT)}
    expected |= {f"Zettel {n} verteilen" for n in range(WHILE_CUT)}

    def answered(person: MatrixPerson) -> Counter[str]:
        return Counter(
            str(m.data["task"]["title"])
            for m in person.messages.values()
            if m.room_id == box and m.result.get("command") == "task" and m.replaces is None
        )

    for person in (bea, anna):
        await person.until(
            lambda who=person: answered(who).keys() >= expected,  # type: ignore[misc]  # bound now
            "the answers to all that was said meanwhile",
            HEALED_WITHIN,
        )
        assert {title: n for title, n in answered(person).items() if n != 1} == {}
    listed = await bea.ask(box, "!aufgaben", DEADLINE)
    titles = Counter(str(task["title"]) for task in listed.data["tasks"])
    assert {title: titles[title] for title in expected} == dict.fromkeys(expected, 1)
    await counts(world, 2)
    assert (await search(world.town, "Bahnhofsplatz"))["server"] == world.party.facts["server_name"]


async def test_a_report_reaches_the_moderators_of_the_other_town(world: World) -> None:
    listing = str((await search(world.town, "Radweg"))["room_id"])
    async with (
        await world.town.person("mod") as here,
        await world.party.person("mod") as there,
    ):
        chat = await world.anna.direct_chat(world.town.bot, DEADLINE)
        thanks = await world.anna.ask(chat, f"!melden {listing} Das ist Werbung", DEADLINE)
        assert str(world.party.facts["server_name"]) in thanks.body
        case = await here.wait_for(lambda seen: "📨" in seen.buttons, DEADLINE, "the case")
        asked = f"!markt weitergeben {case.data['case']['number']} Ist bei denen zu Hause"
        decided = await here.ask(case.room_id, asked, DEADLINE)
        assert decided.data["case"]["decision"] == "forward"
        passed = await there.wait_for(lambda seen: "🗑️" in seen.buttons, DEADLINE, "the case there")
        assert passed.data["case"]["listing"] == listing
        assert "Das ist Werbung" in passed.body
        assert world.anna.user_id not in passed.body


async def counts(world: World, supporters: int) -> None:
    """Wait until both directories show it."""
    for town in (world.party, world.town):
        async with asyncio.timeout(HEALED_WITHIN):
            while (await search(town, "Radweg"))["support"] != supporters:  # noqa: ASYNC110  no event
                await asyncio.sleep(0.5)


async def publish(person: MatrixPerson, chat: str, title: str) -> None:
    await person.ask(chat, f"!markt neu Idee {title}", DEADLINE)
    await person.ask(chat, "Für Schatten im Sommer.", DEADLINE)
    preview = await person.ask(chat, "Mitte #baum", DEADLINE)
    await person.react(chat, preview.event_id, "✅")
    await person.wait_for(
        lambda seen: "listing" in seen.data and seen.body.startswith(f"📣 „{title}“"),
        DEADLINE,
        "the new listing",
    )


async def search(town: Town, words: str) -> Json:
    """The one result of the public directory, once there is one."""
    url = f"{town.url}{PATH}?{urllib.parse.urlencode({'q': words})}"

    def ask() -> list[Json]:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  # loopback
            results: list[Json] = json.load(answer)["results"]
            return results

    async with asyncio.timeout(HEALED_WITHIN):
        while not (found := await asyncio.to_thread(ask)):  # noqa: ASYNC110  a server sets no event
            await asyncio.sleep(0.5)
    (result,) = found
    return result
