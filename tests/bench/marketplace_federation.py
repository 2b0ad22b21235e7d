"""A support from a partner's server: until the card shows it, against a bare reaction's way.

Two whole stacks on loopback. The peer is a reaction in an ordinary room of the same servers, sent
and seen by the same clients. Then 200 people of the partner support in one burst: from the last
reaction that came over until the card counts them all.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import nio

from bots.operation.layout import Layout
from bots.operation.neighbours import Neighbour, make_neighbours
from tests.bench.table import Row, at_most, print_table, within
from tests.clients import MatrixPerson, PersonError
from tests.e2e.stack import Stack
from tests.ports import free_ports
from tests.synapse_config import generous_limits
from tests.whole_stack import WholeStack, wecreate

Json = dict[str, Any]
THUMB = "👍"
ROUNDS = 15
CROWD = 200
AT_ONCE = 20
DEADLINE = 120.0
# Seconds between two looks at what is here, and how many are shown at once.
LOOK_EVERY, MOST = 0.1, 500
TIMES_RAW = 3.0
BURST_LIMIT = 2.0
# A card is written once a second at most; what is measured is a support on its own.
APART = 1.2


def run() -> list[Row]:
    return asyncio.run(_run())


@dataclass(frozen=True)
class Scene:
    """Anna watches at home; Bea and the crowd are the partner's."""

    home: Stack
    partner: Stack
    anna: MatrixPerson
    bea: MatrixPerson


class Neighbourhood(Stack):
    """A stack that make_neighbours has prepared."""

    def __init__(self, folder: Path, base: int) -> None:
        WholeStack.__init__(self, folder, base)


async def _run() -> list[Row]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wecreate-bench-")))
        places = [Neighbour(Layout(folder / name), free_ports(4)) for name in ("home", "party")]
        make_neighbours(places, {**generous_limits(), "bcrypt_rounds": 4})
        stacks = [Neighbourhood(each.layout.root, each.base) for each in places]
        for each in stacks:
            stack.push_async_callback(asyncio.to_thread, each.stop)
            await asyncio.to_thread(each.start)
        home, partner = stacks
        anna = await stack.enter_async_context(await home.person("anna"))
        bea = await stack.enter_async_context(await partner.person("bea"))
        scene = Scene(home, partner, anna, bea)
        listing, card = await _listing(scene, folder)
        ours, raw = await _alternate(scene, listing, card)
        burst = await _burst(scene, listing, card)
    name = "support on the partner's server → card at home"
    return [
        at_most(name, statistics.median(ours), statistics.median(raw), TIMES_RAW, "ms"),
        within(f"{CROWD} supports in a burst → card at home", burst, BURST_LIMIT, "s"),
    ]


async def _listing(scene: Scene, folder: Path) -> tuple[str, str]:
    """Room and card of a listing that both have joined."""
    line = {"title": "Bank am Fluss", "summary": "Zum Sitzen.", "kind": "idea", "tags": ["bank"]}
    file = folder / "listing.jsonl"
    await asyncio.to_thread(file.write_text, json.dumps(line), "utf-8")
    done = await asyncio.to_thread(wecreate, "market", "import", file, "--dir", scene.home.folder)
    if done.returncode:
        raise RuntimeError(done.stderr)
    chat = await scene.anna.direct_chat(scene.home.bot, DEADLINE)
    found = await scene.anna.ask(chat, "!markt suche Bank", DEADLINE)
    room = str(found.data["results"][0]["room_id"])
    for person in (scene.anna, scene.bea):
        await person.join(room, str(scene.home.facts["server_name"]))
    card = await scene.bea.wait_for(
        lambda seen: seen.room_id == room and THUMB in seen.buttons, DEADLINE
    )
    await scene.anna.wait_for(lambda seen: seen.event_id == card.event_id, DEADLINE)
    return room, card.event_id


async def _alternate(scene: Scene, listing: str, card: str) -> tuple[list[float], list[float]]:
    """Milliseconds: of a support until the card, of a bare reaction until it is seen."""
    anna, bea = scene.anna, scene.bea
    plain = await anna.client.room_create(name="Plauderei", preset=nio.RoomPreset.public_chat)
    if isinstance(plain, nio.ErrorResponse):
        raise PersonError(str(plain))
    await bea.join(plain.room_id, str(scene.home.facts["server_name"]))
    target = await anna.say(plain.room_id, "Was meint ihr?")
    await bea.wait_for(lambda seen: seen.event_id == target, DEADLINE)
    ours, raw = [], []
    for number in range(ROUNDS):
        await asyncio.sleep(APART)
        raw.append(await _seen(anna, bea, plain.room_id, target, f"{number}"))
        support, took = await _counted(anna, bea, listing, card)
        ours.append(took)
        known = set(anna.messages)
        await asyncio.sleep(APART)
        await bea.redact(listing, support)
        await anna.wait_for(
            lambda seen, known=known: seen.replaces == card and seen.event_id not in known,  # type: ignore[misc]  # bound now
            DEADLINE,
        )
    return ours, raw


async def _seen(anna: MatrixPerson, bea: MatrixPerson, room: str, target: str, key: str) -> float:
    started = time.perf_counter()
    sent = await bea.react(room, target, key)
    await anna.wait_for(lambda seen: seen.event_id == sent, DEADLINE)
    return (time.perf_counter() - started) * 1000


async def _counted(
    anna: MatrixPerson, bea: MatrixPerson, listing: str, card: str
) -> tuple[str, float]:
    known = set(anna.messages)
    started = time.perf_counter()
    support = await bea.react(listing, card, THUMB)
    await anna.wait_for(lambda seen: seen.replaces == card and seen.event_id not in known, DEADLINE)
    return support, (time.perf_counter() - started) * 1000


async def _burst(scene: Scene, listing: str, card: str) -> float:
    """Seconds from the last reaction that came over until the card counts them all."""
    url, secret = scene.partner.url, str(scene.partner.facts["registration_shared_secret"])
    anna = scene.anna
    async with aiohttp.ClientSession() as session:
        gate = asyncio.Semaphore(AT_ONCE)
        people = [_Supporter(session, url, gate) for _ in range(CROWD)]
        for number, each in enumerate(people):
            await each.register(secret, f"crowd{number}")
        for each in people:
            await each.join(listing)
        sent = await asyncio.gather(*(each.react(listing, card) for each in people))
        await _until_here(session, anna, listing, card, len(sent))
        came = time.perf_counter()
        await anna.wait_for(
            lambda seen: seen.replaces == card and f"{THUMB} {CROWD} " in seen.body, DEADLINE
        )
        return time.perf_counter() - came


async def _until_here(
    session: aiohttp.ClientSession, anna: MatrixPerson, listing: str, card: str, count: int
) -> None:
    """Until town A's homeserver has them all; some it fetches later, which no sync tells of."""
    path = f"/_matrix/client/v1/rooms/{quote(listing)}/relations/{quote(card)}"
    address = f"{anna.client.homeserver}{path}/m.annotation/m.reaction"
    access = {"Authorization": f"Bearer {anna.client.access_token}"}
    async with asyncio.timeout(DEADLINE):
        while True:
            async with session.get(address, params={"limit": MOST}, headers=access) as answer:
                answer.raise_for_status()
                if len((await answer.json())["chunk"]) >= count:
                    return
            await asyncio.sleep(LOOK_EVERY)


class _Supporter:
    """One of many, with nothing but a token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, gate: asyncio.Semaphore) -> None:
        self._session, self._url, self._gate = session, url, gate
        self._token = ""

    async def register(self, secret: str, name: str) -> None:
        """https://element-hq.github.io/synapse/latest/admin_api/register_api.html."""
        path = "/_synapse/admin/v1/register"
        nonce = (await self._ask("GET", path))["nonce"]
        proof = f"{nonce}\0{name}\0password\0notadmin"
        mac = hmac.new(secret.encode(), proof.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": "password", "mac": mac}
        self._token = str((await self._ask("POST", path, body))["access_token"])

    async def join(self, room: str) -> None:
        await self._ask("POST", f"/_matrix/client/v3/join/{quote(room)}", {})

    async def react(self, room: str, event: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": THUMB}
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/m.reaction/1"
        async with self._gate:
            answer = await self._ask("PUT", path, {"m.relates_to": relation})
        return str(answer["event_id"])

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._session.request(
            method, self._url + path, json=body, headers=headers
        ) as answer:
            found: Json = await answer.json()
            answer.raise_for_status()
            return found


if __name__ == "__main__":
    print_table(run())
