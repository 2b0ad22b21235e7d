"""Somebody wants to join in on a listing: from the card to a task in the Box."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass

import pytest

from tests.certificates import Authority
from tests.clients import MatrixPerson
from tests.e2e.groups import Group
from tests.e2e.market import HAND, card_says, come_in, open_listing, publish
from tests.e2e.our_bot import OurBot
from tests.servers import SynapseServer

DEADLINE = 90.0


async def test_a_hand_on_the_card_becomes_a_task_in_the_box(group: Group) -> None:
    anna, ben = group.anna, group.ben
    room_id = await publish(anna, group.chat, group.bot, "Idee Tauschregal am Bahnhof")
    card = await open_listing(ben, room_id)
    await ben.react(room_id, card.event_id, HAND)
    # Ben has no direct chat yet: the bot makes one and asks there.
    asked = await ben.wait_for(
        lambda seen: "Was kannst du beitragen" in seen.body, DEADLINE, "the question"
    )
    assert asked.encrypted
    await ben.ask(asked.room_id, "Zwei Stunden die Woche, ich kann tischlern")
    request = await anna.wait_for(
        lambda seen: seen.room_id == group.chat and "tischlern" in seen.body,
        DEADLINE,
        "the request",
    )
    await anna.react(group.chat, request.event_id, "✅")
    await ben.wait_for(lambda seen: "Du bist dabei" in seen.body, DEADLINE, "a yes")
    welcome = await ben.wait_for(lambda seen: "Das ist die Box" in seen.body, DEADLINE, "the Box")
    box = welcome.room_id
    await ben.until_joined(box, group.bot, anna.user_id)
    tasks = await ben.ask(box, "!aufgaben ich")
    (task,) = tasks.data["tasks"]
    assert "tischlern" in task["title"]
    assert task["assignees"] == [ben.user_id]
    await card_says(ben, card, "in einer Box")


@dataclass(frozen=True)
class Towns:
    home: SynapseServer
    partner: SynapseServer
    bot: OurBot


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Towns]:
    folder = tmp_path_factory.mktemp("towns")
    authority = Authority(folder)
    with ExitStack() as stack:
        partner = stack.enter_context(
            SynapseServer(folder / "partner", host="127.0.0.2", authority=authority)
        )
        partners = [partner.server_name]
        home = stack.enter_context(
            SynapseServer(
                folder / "home",
                authority=authority,
                module=lambda name: {"bot": f"@wecreate:{name}", "partners": partners},
            )
        )
        bot = OurBot(folder / "bot", home, settings={"federation": {"partners": partners}})
        stack.callback(bot.stop)
        bot.start_and_wait()
        yield Towns(home, partner, bot)


@pytest.fixture
async def people(towns: Towns) -> AsyncIterator[tuple[MatrixPerson, MatrixPerson]]:
    """Anna at home, Cem at the partner."""
    async with AsyncExitStack() as stack:
        anna, cem = [
            await stack.enter_async_context(
                await MatrixPerson.new(server.url, server.registration_shared_secret, name)
            )
            for server, name in ((towns.home, "anna"), (towns.partner, "cem"))
        ]
        yield anna, cem


async def test_somebody_from_another_town_joins_in_and_one_is_told_kindly(
    towns: Towns, people: tuple[MatrixPerson, MatrixPerson]
) -> None:
    anna, cem = people
    bot = towns.bot.user_id
    chat = await anna.direct_chat(bot, DEADLINE)
    first = await publish(anna, chat, bot, "Idee Städtelauf", deadline=DEADLINE)
    second = await publish(anna, chat, bot, "Idee Flussbad", deadline=DEADLINE)
    await anna.ask(chat, f"!markt box {first}", DEADLINE)
    welcome = await anna.wait_for(lambda seen: "Das ist die Box" in seen.body, DEADLINE)
    home = towns.home.server_name
    await open_listing(cem, first, via=home, deadline=DEADLINE)
    sent = await cem.ask(first, "!mitmachen Ich messe die Strecke", DEADLINE)
    assert sent.result["ok"]
    request = await anna.wait_for(
        lambda seen: seen.room_id == welcome.room_id and "Strecke" in seen.body, DEADLINE
    )
    await anna.react(welcome.room_id, request.event_id, "✅")
    box = welcome.room_id
    await cem.until(lambda: box in cem.invites, "the invitation into the Box", DEADLINE)
    await come_in(cem, box, bot, deadline=DEADLINE)
    tasks = await cem.ask(welcome.room_id, "!aufgaben ich", DEADLINE)
    assert "Strecke" in tasks.data["tasks"][0]["title"]

    await open_listing(cem, second, via=home, deadline=DEADLINE)
    await cem.ask(second, "!mitmachen Ich bringe Handtücher", DEADLINE)
    request = await anna.wait_for(
        lambda seen: seen.room_id == chat and "Handtücher" in seen.body, DEADLINE
    )
    await anna.react(chat, request.event_id, "❌")
    await cem.wait_for(lambda seen: "liegt nicht an dir" in seen.body, DEADLINE, "a kind no")
