"""What goes to which server is in the log: between real servers, signed and not."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bots.kit.client import Homeserver
from bots.marketplace.partners import Puller
from tests.certificates import Authority
from tests.people import Person, register, wait_for
from tests.servers import SynapseServer
from wecreate_module.domain.listing_queries import Query
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listings import Directory, import_listings
from wecreate_module.storage.store import Store

Json = dict[str, Any]
PATH = "/_synapse/client/wecreate/v1/marketplace"
LOGGER = "wecreate_module.disclosures"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Town:
    server: SynapseServer
    store: Store
    bot: Person

    def publish(self, number: int, title: str) -> None:
        name = self.server.server_name
        listing = Listing(f"!l{number}:{name}", name, Kind.IDEA, title, "", NOW)
        import_listings(self.store, [listing], NOW)

    async def pull(self, other: Town) -> None:
        async with Homeserver(self.server.url, self.bot.token) as homeserver:
            name = other.server.server_name
            await Puller(self.store, homeserver, [name], 60).pull(name)

    def titles(self) -> list[str]:
        return [each.title for each in Directory.of_store(self.store).search(Query()).listings]

    def disclosed(self, what: str) -> list[Json]:
        lines = [line for line in self.server.log.splitlines() if LOGGER in line]
        notes = [json.loads(line[line.index("{") :]) for line in lines]
        return [note for note in notes if note["what"] == what]


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Town]]:
    """Each is the other's partner."""
    folder = tmp_path_factory.mktemp("towns")
    authority = Authority(folder)
    servers = [
        SynapseServer(
            folder / host,
            host=host,
            authority=authority,
            module=lambda name: {"bot": f"@wecreate:{name}", "partners": []},
        )
        for host in ("127.0.0.2", "127.0.0.3")
    ]
    with ExitStack() as stack:
        made = []
        for server, other in zip(servers, reversed(servers), strict=True):
            stores = folder / server.server_name
            stores.mkdir()
            url = f"sqlite:///{stores / 'wecreate.db'}"
            _tell(server.config_path, {"partners": [other.server_name], "database": url})
            store = Store.open(url, stores / "keys.db", stores / "key")
            stack.enter_context(closing(store))
            stack.enter_context(server)
            made.append(Town(server, store, register(server, "wecreate")))
        yield made[0], made[1]


def _tell(path: Path, more: Json) -> None:
    """The module's config, once both names are known."""
    config = yaml.safe_load(path.read_text())
    config["modules"][0]["config"].update(more)
    path.write_text(yaml.safe_dump(config))


async def test_a_partner_s_listings_come_and_its_server_notes_whom_it_told(
    towns: tuple[Town, Town],
) -> None:
    home, partner = towns
    partner.publish(1, "Bank am Fluss")
    await home.pull(partner)
    assert home.titles() == ["Bank am Fluss"]
    (note,) = partner.disclosed("listings")
    assert (note["to"], note["count"]) == (home.server.server_name, 1)
    await home.pull(partner)  # nothing new, nothing told
    assert len(partner.disclosed("listings")) == 1


async def test_what_came_from_a_partner_is_not_handed_on_as_one_s_own(
    towns: tuple[Town, Town],
) -> None:
    home, partner = towns
    partner.publish(1, "Bank am Fluss")
    await home.pull(partner)
    before = partner.titles()
    await partner.pull(home)
    assert partner.titles() == before


@pytest.mark.parametrize("claim", ["", "x", 'X-Matrix origin="{}",key="ed25519:a",sig="AAAA"'])
def test_whoever_can_not_prove_who_it_is_reads_what_everybody_reads(
    towns: tuple[Town, Town], claim: str
) -> None:
    home, partner = towns
    noted = len(partner.disclosed("listings"))
    request = urllib.request.Request(  # noqa: S310  # our own loopback server
        f"{partner.server.url}{PATH}",
        headers={"Authorization": claim.format(home.server.server_name)},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # likewise
        assert json.load(answer)["total"] >= 0
    assert len(partner.disclosed("listings")) == noted


def test_what_leaves_a_box_is_counted_and_other_rooms_are_people_s_own(
    towns: tuple[Town, Town],
) -> None:
    home, partner = towns
    guest = register(partner.server, "ben")
    marker = {"de.wecreate.box": {"version": 1, "bot": home.bot.user_id}}
    box = home.bot.create_room(creation_content=marker, invite=[guest.user_id])
    plain = home.bot.create_room(invite=[guest.user_id], preset="private_chat")
    for room in (box, plain):
        wait_for(lambda room=room: room in guest.invites(), "the invite")  # type: ignore[misc]  # bound now
        guest.join(room, via=home.server.server_name)
        home.bot.say_encrypted(room)

    def told() -> bool:
        sent = [note for note in home.disclosed("box") if "m.room.encrypted" in note["events"]]
        return any(note["room_id"] == box for note in sent)

    wait_for(told, "the note of the encrypted message")
    notes = home.disclosed("box")
    assert {note["to"] for note in notes} == {partner.server.server_name}
    assert {note["room_id"] for note in notes} == {box}
    assert "ciphertext" not in str(notes)
