"""Supports that the bot was not told of, counted on a real Synapse."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bots.kit.client import Homeserver
from bots.marketplace.recount import Recount
from tests.people import Person, register
from tests.servers import SynapseServer
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.store import Store


def react(person: Person, room: str, card: str, key: str) -> str:
    relation = {"rel_type": "m.annotation", "event_id": card, "key": key}
    return person.send(room, {"m.relates_to": relation}, "m.reaction")


async def test_thumbs_that_no_sync_brought_are_counted_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wecreate.db'}"
    server = SynapseServer(tmp_path / "synapse")
    with server, closing(Store.open(url, tmp_path / "keys.db", tmp_path / "key")) as store:
        bot, anna, ben = (register(server, name) for name in ("wecreate", "anna", "ben"))
        room = bot.create_room(preset="public_chat")
        card = bot.say(room, "Bank am Fluss")
        for person in (anna, ben):
            person.join(room)
        react(bot, room, card, "👍")  # the button
        react(anna, room, card, "👍")
        react(anna, room, card, "👍\ufe0f")
        react(ben, room, card, "🎉")
        taken = react(ben, room, card, "👍")
        ben.call("PUT", f"/rooms/{room}/redact/{taken}/1", {})
        now = datetime.now(UTC)
        listing = Listing(room, "localhost", Kind.IDEA, "Bank am Fluss", "", now, card=card)
        import_listings(store, [listing], now)
        async with Homeserver(server.url, bot.token, user_id=bot.user_id) as homeserver:
            recount = Recount(store, homeserver)
            assert await recount.recount(listing) == 2
            assert await recount.recount(listing) == 0
        with store.read(now) as uow:
            assert uow.listings.supporters(room) == 1
            assert uow.schedule.ahead(None, "market.count", room)
