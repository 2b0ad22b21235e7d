"""Boxes with people of a partner server, over real federation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass

import pytest

from tests.certificates import Authority
from tests.clients import MatrixPerson
from tests.e2e.our_bot import OurBot
from tests.servers import SynapseServer

DEADLINE = 90.0


@dataclass(frozen=True)
class Servers:
    home: SynapseServer
    partner: SynapseServer
    stranger: SynapseServer
    bot: OurBot


@dataclass(frozen=True)
class People:
    """Anna at home, Cem at the partner."""

    servers: Servers
    anna: MatrixPerson
    cem: MatrixPerson

    @property
    def bot(self) -> str:
        return self.servers.bot.user_id


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("federated")
    authority = Authority(folder)
    with ExitStack() as stack:
        partner, stranger = (
            stack.enter_context(SynapseServer(folder / host, host=host, authority=authority))
            for host in ("127.0.0.2", "127.0.0.3")
        )
        partners = [partner.server_name]
        home = SynapseServer(
            folder / "home",
            authority=authority,
            module=lambda name: {"bot": f"@wecreate:{name}", "partners": partners},
        )
        stack.enter_context(home)
        settings: dict[str, dict[str, object]] = {
            "federation": {"partners": partners},
            "boxes": {"create": "everyone"},
        }
        bot = OurBot(folder / "wecreate", home, settings=settings)
        stack.callback(bot.stop)
        bot.start_and_wait()
        yield Servers(home, partner, stranger, bot)


@pytest.fixture
async def people(servers: Servers) -> AsyncIterator[People]:
    async with AsyncExitStack() as stack:
        anna, cem = [
            await stack.enter_async_context(
                await MatrixPerson.new(server.url, server.registration_shared_secret, name)
            )
            for server, name in ((servers.home, "anna"), (servers.partner, "cem"))
        ]
        yield People(servers, anna, cem)


async def test_partners_make_boxes_and_come_into_them_strangers_do_not(people: People) -> None:
    anna, cem, bot = people.anna, people.cem, people.bot
    chat = await cem.direct_chat(bot, DEADLINE)
    made = await cem.ask(chat, "!box neu Städtepartnerschaft", DEADLINE)
    assert made.result["ok"], made.body
    room_id = str(made.data["box"]["room_id"])
    await cem.until_joined(room_id, bot, deadline=DEADLINE)
    await cem.wait_for(
        lambda seen: seen.room_id == room_id and "Willkommen" in seen.body,
        DEADLINE,
        "the welcome, with its key",
    )
    eve = people.servers.stranger.user_id("eve")
    answer = await cem.ask(room_id, f"!box einladen {anna.user_id} {eve}", DEADLINE)
    assert answer.data["invited"][anna.user_id] == "invited"
    assert answer.data["invited"][eve] in {"refused", "unknown"}
    await anna.until_joined(room_id, cem.user_id, bot, deadline=DEADLINE)
    info = await anna.ask(room_id, "!box info", DEADLINE)
    assert info.data["box"]["members"] == sorted([anna.user_id, cem.user_id])
