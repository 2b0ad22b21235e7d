"""The directory and the way to partners on a generic worker, with everything in PostgreSQL."""

from __future__ import annotations

import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bots.kit.client import Homeserver
from bots.marketplace.partners import RELAY, Puller
from tests.certificates import Authority
from tests.partner import PlayedPartner
from tests.people import Person, refusal, register
from tests.postgres import PostgresServer
from tests.servers import SynapseServer
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.store import Store
from wecreate_module.synapse.resources import MARKETPLACE

Json = dict[str, Any]


@dataclass
class Home:
    server: SynapseServer
    store: Store
    bot: Person
    anna: Person

    def search(self, words: str, base: str) -> list[str]:
        """Titles."""
        path = f"{MARKETPLACE}?{urllib.parse.urlencode({'q': words})}"
        found = self.server.request("GET", path, base=base)
        return [each["title"] for each in found["results"]]

    def publish(self, title: str) -> None:
        now = datetime.now(UTC)
        room_id = f"!{title.replace(' ', '-')}:x.org"
        import_listings(self.store, [Listing(room_id, "x.org", Kind.IDEA, title, "", now)], now)

    @property
    def processes(self) -> tuple[str, str]:
        return self.server.url, self.server.worker_url


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    authority: Authority,
    played: PlayedPartner,
) -> Iterator[Home]:
    folder: Path = tmp_path_factory.mktemp("workers")
    url = postgres.new_database().url
    server = SynapseServer(
        folder / "synapse",
        authority=authority,
        module=lambda name: {
            "bot": f"@wecreate:{name}",
            "partners": [played.name],
            "database": url,
        },
        database=postgres.new_database().synapse,
        worker=True,
    )
    with closing(Store.open(url, folder / "keys.db", folder / "key")) as store, server:
        yield Home(server, store, register(server, "wecreate"), register(server, "anna"))


@pytest.fixture
async def puller(home: Home, played: PlayedPartner) -> AsyncIterator[Puller]:
    """Asks through the worker."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(played)
        client = Homeserver(home.server.worker_url, home.bot.token)
        homeserver = await stack.enter_async_context(client)
        yield Puller(home.store, homeserver, [played.name], every=60.0)


def test_every_process_finds_what_is_published_meanwhile(home: Home) -> None:
    for title in ("Bücherschrank am Markt", "Wohnen in Köln"):
        home.publish(title)
        for process in home.processes:
            assert home.search(title.split()[0].lower(), process) == [title]
    for process in home.processes:
        assert home.search("koln", process) == ["Wohnen in Köln"]


def test_one_process_knows_the_answer_that_another_gave(home: Home) -> None:
    home.publish("Radweg am Fluss")
    tags = set()
    for process in home.processes:
        with urllib.request.urlopen(f"{process}{MARKETPLACE}?q=radweg", timeout=30) as answer:  # noqa: S310  # loopback
            tags.add(answer.headers["ETag"])
    assert len(tags) == 1


async def test_a_worker_brings_a_partners_listings(
    home: Home, puller: Puller, played: PlayedPartner
) -> None:
    played.offer(1, "Chor im Park")
    await puller.pull(played.name)
    assert played.asked[-1].headers["Authorization"].startswith("X-Matrix ")
    for process in home.processes:
        assert home.search("chor", process) == ["Chor im Park"]


def test_a_worker_carries_questions_of_the_bot_alone(home: Home, played: PlayedPartner) -> None:
    path = f"{RELAY}?server={played.name}"
    ask = home.server.request
    worker = home.server.worker_url
    assert refusal(lambda: ask("GET", path, home.anna.token, base=worker)).status == 403
    assert refusal(lambda: ask("GET", path, base=worker)).status == 401
    other = f"{RELAY}?server=other.example"
    assert refusal(lambda: ask("GET", other, home.bot.token, base=worker)).status == 404
