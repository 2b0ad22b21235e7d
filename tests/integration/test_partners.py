"""Partners' listings through a real Synapse, the partner's server played as badly as can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bots.kit.client import Homeserver
from bots.marketplace.partners import Puller
from tests.certificates import Authority
from tests.partner import PlayedPartner
from tests.people import Person, refusal, register
from tests.servers import SynapseServer
from wecreate_module.domain.listing_queries import Query
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.domain.partner_listings import MAX_BYTES
from wecreate_module.services import partners
from wecreate_module.services.listings import Directory, import_listings
from wecreate_module.services.partners import PartnerState
from wecreate_module.storage.store import Store

Json = dict[str, Any]
EVERY = 60.0


@dataclass
class Home:
    """Our side: a Synapse, the bot's store, and the bot's way of asking."""

    server: SynapseServer
    store: Store
    partner: PlayedPartner
    puller: Puller
    anna: Person

    async def pull(self) -> float:
        return await self.puller.pull(self.partner.name)

    def listed(self) -> dict[str, Listing]:
        """By room id, what the directory shows."""
        found = Directory.of_store(self.store).search(Query(limit=100))
        return {each.room_id: each for each in found.listings}

    def titles(self) -> set[str]:
        return {each.title for each in self.listed().values()}

    def state(self) -> PartnerState:
        with self.store.read(datetime.now(UTC)) as uow:
            return partners.state_of(uow, self.partner.name)


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, played: PlayedPartner
) -> Iterator[tuple[SynapseServer, Person, Person]]:
    folder = tmp_path_factory.mktemp("home")
    server = SynapseServer(
        folder / "synapse",
        authority=authority,
        module=lambda name: {
            "bot": f"@wecreate:{name}",
            "partners": [played.name],
            "database": f"sqlite:///{folder / 'unused.db'}",
        },
    )
    with server:
        yield server, register(server, "wecreate"), register(server, "anna")


@pytest.fixture
async def home(
    tmp_path: Path, running: tuple[SynapseServer, Person, Person], played: PlayedPartner
) -> AsyncIterator[Home]:
    server, bot, anna = running
    played.listings, played.play = [], None
    played.asked.clear()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(played)
        url = f"sqlite:///{tmp_path / 'wecreate.db'}"
        store = Store.open(url, tmp_path / "keys.db", tmp_path / "key")
        stack.callback(store.close)
        homeserver = await stack.enter_async_context(Homeserver(server.url, bot.token))
        yield Home(server, store, played, Puller(store, homeserver, [played.name], EVERY), anna)


async def test_what_a_partner_publishes_is_shown_with_its_origin(home: Home) -> None:
    home.partner.offer(1, "Radweg am Fluss", starts_at="2026-12-01T18:00:00Z", kind="event")
    assert await home.pull() == EVERY
    (listing,) = home.listed().values()
    assert (listing.server, listing.origin) == (home.partner.name, home.partner.name)
    assert (listing.title, listing.support, listing.place) == ("Radweg am Fluss", 3, "Lindenmarkt")
    # The operator here vouches for nobody of a partner's.
    assert not listing.publisher.verified


async def test_the_request_is_signed_and_conditional(home: Home) -> None:
    home.partner.offer(1)
    await home.pull()
    first, *_ = home.partner.asked
    origin = home.server.server_name
    assert first.headers["Authorization"].startswith(f'X-Matrix origin="{origin}"')
    assert f'destination="{home.partner.name}"' in first.headers["Authorization"]
    home.partner.asked.clear()
    await home.pull()
    (second,) = home.partner.asked
    assert second.headers["If-None-Match"]


async def test_changes_and_removals_arrive(home: Home) -> None:
    for number in range(250):
        home.partner.offer(number, f"Idee {number}")
    await home.pull()
    assert len(home.partner.asked) == 3
    directory = Directory.of_store(home.store)
    assert directory.search(Query()).total == 250
    home.partner.listings[120]["title"] = "Ganz neu"
    home.partner.listings.insert(0, home.partner.listings.pop(120))
    home.partner.asked.clear()
    await home.pull()
    assert len(home.partner.asked) == 2  # the changed one stands first; the second page is known
    assert [each.title for each in directory.search(Query(words="neu")).listings] == ["Ganz neu"]
    del home.partner.listings[40:]
    await home.pull()
    assert directory.search(Query()).total == 40


async def test_a_silent_partner_keeps_its_last_good_copy_marked_stale(home: Home) -> None:
    home.partner.offer(1)
    await home.pull()
    await home.partner.vanish()
    waits = [await home.pull() for _ in range(3)]
    await home.partner.appear()
    assert waits == [2 * EVERY, 4 * EVERY, 8 * EVERY]
    assert [each.stale for each in home.listed().values()] == [True]
    assert home.state().problem
    assert await home.pull() == EVERY
    assert [each.stale for each in home.listed().values()] == [False]
    assert home.state().failures == 0


async def test_a_partner_that_is_busy_is_left_alone_for_as_long_as_it_says(home: Home) -> None:
    async def busy(request: web.Request) -> web.StreamResponse:
        del request
        return web.Response(status=429, headers={"Retry-After": "900"})

    home.partner.play = busy
    assert await home.pull() == 900


def answers(body: bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        del request
        return web.Response(body=body)

    return answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[]",
        b'{"results": {}}',
        b'{"results": ' + b"[" * 50_000,
        b'{"results": [' + b"{}," * 500 + b"{}]}",
        b'{"results": [], "total": ' + b"9" * 10_000 + b"}",
        b"x" * (MAX_BYTES + 1),
        '{"results": []}'.encode("utf-16"),
    ],
)  # fmt: skip
async def test_nonsense_changes_nothing(home: Home, body: bytes) -> None:
    home.partner.offer(1)
    await home.pull()
    before = home.listed()
    home.partner.play = answers(body)
    assert await home.pull() > EVERY
    assert home.listed() == before


WRONG: list[Json] = [
    {"server": "other.example"},
    {"server": None},
    {"room_id": "!x:other.example"},
    {"room_id": "!x:localhost"},
    {"room_id": "!withoutserverwithoutserverwithoutserver12345"},
    {"room_id": 7},
    {"alias": "#x:other.example"},
    {"alias": "no alias"},
    {"title": ""},
    {"title": "x" * 151},
    {"title": ["x"]},
    {"summary": "x" * 3000},
    {"tags": ["x"] * 11},
    {"tags": "x"},
    {"kind": "rumour"},
    {"status": {}},
    {"support": -1},
    {"support": True},
    {"support": 10**12},
    {"support": "viele"},
    {"published_at": "9999-01-01T00:00:00Z"},
    {"published_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
    {"published_at": None},
    {"starts_at": "bald"},
    {"publisher": []},
]


async def test_a_wrong_listing_is_left_out_alone(home: Home) -> None:
    for number, fields in enumerate(WRONG):
        home.partner.offer(number, **{"title": "Falsch", **fields})
    home.partner.offer(99, "Richtig")
    home.partner.listings += [None, 7, [], "x"]  # type: ignore[list-item]  # what a liar sends
    assert await home.pull() == EVERY
    assert home.titles() == {"Richtig"}
    assert home.state().wrong


async def test_markup_and_hidden_signs_are_plain_text_or_gone(home: Home) -> None:
    title = '<b onclick="x">Fest\u202e</b>\n\n\x1b[31m@room'
    home.partner.offer(1, title, summary="[klick](javascript:alert(1))\ud800")
    await home.pull()
    (listing,) = home.listed().values()
    assert listing.title == '<b onclick="x">Fest </b> [31m@room'
    assert "\ud800" not in listing.summary


async def test_a_liar_can_not_touch_anybody_else_s_listings(home: Home) -> None:
    now = datetime.now(UTC)
    # Of our own making once, with an id that looks like the partner's.
    ours = Listing(f"!l1:{home.partner.name}", "localhost", Kind.IDEA, "Unsere", "", now)
    import_listings(home.store, [ours], now)
    home.partner.offer(1, "Gekapert")
    await home.pull()
    home.partner.listings.clear()
    await home.pull()
    assert home.titles() == {"Unsere"}


async def test_a_flood_is_cut_off_and_leaves_the_others_standing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners, "MOST_LISTINGS", 150)
    now = datetime.now(UTC)
    import_listings(
        home.store, [Listing("!a:localhost", "localhost", Kind.IDEA, "Unsere", "", now)], now
    )
    for number in range(400):
        home.partner.offer(number, f"Flut {number}")
    assert await home.pull() == partners.LONGEST_WAIT
    found = Directory.of_store(home.store).search(Query(words="Flut"))
    assert found.total == 150
    assert "Unsere" in {
        each.title for each in Directory.of_store(home.store).search(Query(words="Unsere")).listings
    }
    assert "150" in home.state().problem


async def test_so_many_changes_in_a_day_and_no_more(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners, "MOST_CHANGES", 30)
    for number in range(20):
        home.partner.offer(number, f"Idee {number}")
    await home.pull()
    for number, listing in enumerate(home.partner.listings):
        listing["title"] = f"Anders {number}"
    assert await home.pull() == partners.LONGEST_WAIT
    changed = [title for title in home.titles() if title.startswith("Anders")]
    assert len(changed) == 10


async def test_pages_without_end_come_to_one(home: Home) -> None:
    turned = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal turned
        del request
        turned += 1
        wrong = [{"server": "liar", "n": turned}] * 100
        return web.json_response({"results": wrong, "total": 10**9, "next": f"{turned}"})

    home.partner.play = endless
    assert await home.pull() == partners.LONGEST_WAIT
    assert turned < 30
    home.partner.play = answers(json.dumps({"results": [], "total": 5, "next": "1"}).encode())
    home.partner.asked.clear()
    await home.pull()
    assert len(home.partner.asked) == 2


async def test_an_answer_that_only_drips_is_hung_up_on(home: Home) -> None:
    gone = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b" ")
                await asyncio.sleep(0.2)  # the dripping itself
        finally:
            gone.set()

    home.partner.offer(1)
    await home.pull()
    home.partner.play = drip
    assert await home.pull() == 2 * EVERY
    async with asyncio.timeout(90):
        await gone.wait()
    assert len(home.listed()) == 1


async def test_who_is_no_partner_any_more_is_listed_no_more(home: Home) -> None:
    home.partner.offer(1)
    await home.pull()
    with home.store.begin(datetime.now(UTC)) as uow:
        assert partners.no_partners_but(uow, []) == [home.partner.name]
    assert home.listed() == {}


async def test_only_the_bot_may_send_the_homeserver_to_a_partner_and_to_no_other(
    home: Home,
) -> None:
    path = f"/_synapse/client/wecreate/v1/partner?server={home.partner.name}"
    asked = len(home.partner.asked)
    assert refusal(lambda: home.server.request("GET", path)).status == 401
    assert refusal(lambda: home.server.request("GET", path, home.anna.token)).status == 403
    bot = home.puller._homeserver.access_token
    stranger = "/_synapse/client/wecreate/v1/partner?server=127.0.0.9:1"
    assert refusal(lambda: home.server.request("GET", stranger, bot)).status == 404
    assert len(home.partner.asked) == asked
