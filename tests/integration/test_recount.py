"""Supports that the bot was not told of, counted on a real Synapse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.kit.client import Homeserver
from bots.marketplace.supporting.recount import Recount
from tests.people import Person, register
from tests.servers import SynapseServer
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.store import Store


@dataclass
class Scene:
    """A listing's room with its card, that Anna and Ben have joined."""

    store: Store
    homeserver: Homeserver
    recount: Recount
    listing: Listing
    anna: Person
    ben: Person

    def react(self, person: Person, key: str = "👍") -> str:
        relation = {"rel_type": "m.annotation", "event_id": self.listing.card, "key": key}
        return person.send(self.listing.room_id, {"m.relates_to": relation}, "m.reaction")

    def take_back(self, person: Person, event_id: str) -> None:
        room = self.listing.room_id
        person.call("PUT", f"/rooms/{room}/redact/{event_id}/{event_id[1:9]}", {})

    def supporters(self) -> int:
        with self.store.read(datetime.now(UTC)) as uow:
            return uow.listings.supporters(self.listing.room_id)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    url = f"sqlite:///{tmp_path / 'wecreate.db'}"
    server = SynapseServer(tmp_path / "synapse")
    with server, closing(Store.open(url, tmp_path / "keys.db", tmp_path / "key")) as store:
        bot, anna, ben = (register(server, name) for name in ("wecreate", "anna", "ben"))
        room = bot.create_room(preset="public_chat")
        card = bot.say(room, "Bank am Fluss")
        for person in (anna, ben):
            person.join(room)
        now = datetime.now(UTC)
        listing = Listing(room, "localhost", Kind.IDEA, "Bank am Fluss", "", now, card=card)
        import_listings(store, [listing], now)
        async with Homeserver(server.url, bot.token, user_id=bot.user_id) as homeserver:
            recount = Recount(store, homeserver)
            made = Scene(store, homeserver, recount, listing, anna, ben)
            made.react(bot)  # the button
            yield made


async def test_thumbs_that_no_sync_brought_are_counted_once(scene: Scene) -> None:
    scene.react(scene.anna)
    scene.react(scene.anna, "👍\ufe0f")
    scene.react(scene.ben, "🎉")
    scene.take_back(scene.ben, scene.react(scene.ben))
    assert await scene.recount.recount(scene.listing) == 2
    assert await scene.recount.recount(scene.listing) == 0
    assert scene.supporters() == 1
    with scene.store.read(datetime.now(UTC)) as uow:
        assert uow.schedule.ahead(None, "market.count", scene.listing.room_id)


async def test_a_withdrawal_that_no_sync_brought_counts_too(scene: Scene) -> None:
    first = scene.react(scene.anna)
    scene.react(scene.ben)
    typed = scene.ben.say(scene.listing.room_id, "!unterstützen")
    with scene.store.begin(datetime.now(UTC)) as uow:
        uow.listings.add_support(scene.listing.room_id, scene.ben.user_id, typed)
        uow.listings.add_support(scene.listing.room_id, "@chris:localhost", "$elsewhere")
    assert await scene.recount.recount(scene.listing) == 2
    scene.take_back(scene.anna, first)
    assert await scene.recount.recount(scene.listing) == 1
    assert await scene.recount.recount(scene.listing) == 0
    assert scene.supporters() == 2


async def test_a_withdrawal_in_the_midst_of_a_recount_is_not_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told in the room after the reactions were read and before they are written."""
    given = scene.react(scene.anna)
    asked = scene.homeserver.request

    async def request(*args: object, **kwargs: object) -> object:
        page = await asked(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they are
        with scene.store.begin(datetime.now(UTC)) as uow:
            uow.listings.add_support(scene.listing.room_id, scene.anna.user_id, given)
            uow.listings.take_support(given)
        return page

    monkeypatch.setattr(scene.homeserver, "request", request)
    assert await scene.recount.recount(scene.listing) == 0
    assert scene.supporters() == 0


async def test_a_gap_is_looked_into_at_once(scene: Scene) -> None:
    """And again a moment later: the homeserver may still be fetching what is missing."""
    running = asyncio.create_task(scene.recount.run())
    try:
        for supporters, person in enumerate((scene.anna, scene.ben), 1):
            scene.react(person)
            scene.recount.gap_in({scene.listing.room_id, "!none:localhost"})
            async with asyncio.timeout(90):
                while scene.supporters() < supporters:  # noqa: ASYNC110 - the store has no signal
                    await asyncio.sleep(0.05)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
