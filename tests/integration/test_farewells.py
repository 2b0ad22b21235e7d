"""Somebody's account is closed on a real Synapse, and the marketplace forgets them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.kit.client import Homeserver
from bots.marketplace.farewells import Farewells
from tests.people import Person, register
from tests.servers import SynapseServer
from wecreate_module.domain.listings import Kind, Listing, Publisher, PublisherType
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.listing_cases import CaseKind
from wecreate_module.storage.store import Store

PERSON = PublisherType.PERSON


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SynapseServer]:
    folder = tmp_path_factory.mktemp("farewells")
    with SynapseServer(folder, module={"bot": "@wecreate:localhost"}) as running:
        yield running


@pytest.fixture(scope="module")
def bot(server: SynapseServer) -> Person:
    return register(server, "wecreate")


@dataclass
class Scene:
    store: Store
    farewells: Farewells

    def note(self, user_id: str) -> None:
        """All that the marketplace can know of somebody."""
        now = datetime.now(UTC)
        mine = Listing("!mine:x", "x", Kind.IDEA, "Bank", "", now, author=user_id, card="$c")
        named = Publisher(PERSON, "Anna Blume")
        import_listings(
            self.store,
            [
                Listing(**{**vars(mine), "publisher": named}),
                Listing("!other:x", "x", Kind.IDEA, "Chor", "", now, card="$d", support=1),
            ],
            now,
        )
        with self.store.begin(now) as uow:
            uow.listings.add_support("!other:x", user_id, f"$1 of {user_id}")
            uow.listing_requests.add("!other:x", user_id, "Anna Blume", "Ich singe")
            uow.listing_news.follow(user_id, "#chor")
            uow.listing_news.add([user_id], "!other:x", "step", "box")
            uow.listing_cases.open("!other:x", CaseKind.REPORT, user_id, "Werbung")
            uow.meta.set(f"market.chat:{user_id}", "{}")
            uow.meta.set(f"market.agreed:abc:{user_id}", "x")

    def knows(self, user_id: str) -> bool:
        """Whether the name stands anywhere of all that."""
        with self.store.read(datetime.now(UTC)) as uow:
            cases = uow.listing_cases.still_open()
            return any(
                (
                    uow.listings.supporters("!other:x"),
                    uow.listings.of_author(user_id),
                    uow.listing_requests.of_user(user_id),
                    uow.listing_news.follows(user_id),
                    uow.listing_news.waiting("!other:x", "", 9),
                    [one for case in cases for one in case.complaints if one.user_id == user_id],
                    uow.meta.get(f"market.chat:{user_id}"),
                    uow.meta.get(f"market.agreed:abc:{user_id}"),
                )
            )


@pytest.fixture
async def scene(tmp_path: Path, server: SynapseServer, bot: Person) -> AsyncIterator[Scene]:
    url = f"sqlite:///{tmp_path / 'wecreate.db'}"
    with closing(Store.open(url, tmp_path / "keys.db", tmp_path / "key")) as store:
        async with Homeserver(server.url, bot.token, user_id=bot.user_id) as homeserver:
            farewells = Farewells(store, homeserver)
            await farewells.look()
            yield Scene(store, farewells)


def close(person: Person) -> None:
    name = person.user_id[1:].partition(":")[0]
    user = {"type": "m.id.user", "user": person.user_id}
    auth = {"type": "m.login.password", "identifier": user, "password": f"password of {name}"}
    person.call("POST", "/account/deactivate", {"auth": auth, "erase": True})


async def test_who_closes_their_account_is_forgotten_once(
    server: SynapseServer, scene: Scene
) -> None:
    anna = register(server, "anna")
    scene.note(anna.user_id)
    assert await scene.farewells.look() == 0
    assert scene.knows(anna.user_id)
    close(anna)
    assert await scene.farewells.look() == 1
    assert await scene.farewells.look() == 0
    assert not scene.knows(anna.user_id)
    with scene.store.read(datetime.now(UTC)) as uow:
        mine, other = uow.listings.some(["!mine:x", "!other:x"])
        assert (mine.author, mine.publisher.name, mine.listed) == ("", "", True)
        assert uow.schedule.ahead(None, "market.count", other.room_id)
        assert uow.schedule.ahead(None, "market.nameless", mine.room_id)
        (case,) = uow.listing_cases.still_open()
        assert (case.opened_by, case.complaints[0].text) == ("", "Werbung")


async def test_whom_an_admin_closes_out_is_forgotten_too_and_nobody_else(
    server: SynapseServer, scene: Scene
) -> None:
    ben, chris = register(server, "ben"), register(server, "chris")
    admin = register(server, "operator", admin=True)
    scene.note(ben.user_id)
    for person in (ben, chris):
        path = f"/_synapse/admin/v1/deactivate/{person.user_id}"
        server.request("POST", path, admin.token, {"erase": False})
    assert await scene.farewells.look() == 2
    assert not scene.knows(ben.user_id)
