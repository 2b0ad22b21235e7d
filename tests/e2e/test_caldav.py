"""From the phone's calendar to the room and back, on the whole stack."""

from __future__ import annotations

import asyncio
import base64
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.conditions import eventually
from tests.dav import vevent, vtodo
from tests.e2e.groups import Group

Json = dict[str, Any]


def ask(calendar: Json, method: str, path: str, body: bytes = b"", **headers: str) -> int:
    """The status; `path` may be a whole address."""
    word = base64.b64encode(f"{calendar['username']}:{calendar['password']}".encode()).decode()
    place = urlsplit(calendar["url"])
    connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        target = urlsplit(path).path
        connection.request(method, target, body, {"Authorization": f"Basic {word}", **sent})
        return connection.getresponse().status
    finally:
        connection.close()


async def test_an_edit_on_the_phone_is_told_in_the_room(group: Group) -> None:
    shared = await group.anna.ask(group.box, "!kalender freigeben")
    assert shared.data == {"sharing": "write"}
    ben_chat = await group.ben.direct_chat(group.bot)
    made = await group.ben.ask(ben_chat, "!kalender neu Bens Telefon")
    calendar = made.data["calendar"]
    assert calendar["url"] == group.stack.facts["caldav"]
    (box,) = calendar["collections"]

    began = time.monotonic()
    put = await asyncio.to_thread(
        ask, calendar, "PUT", box["tasks"] + "a.ics", vtodo("a", "Grill mitbringen")
    )
    assert put == 201
    await group.anna.wait_for(lambda message: "Grill mitbringen" in message.body, 20)
    assert time.monotonic() - began < 10
    listed = await group.anna.ask(group.box, "!aufgaben")
    assert [task["title"] for task in listed.data["tasks"]] == ["Grill mitbringen"]

    put = await asyncio.to_thread(
        ask, calendar, "PUT", box["events"] + "b.ics", vevent("b", "Probe im Garten")
    )
    assert put == 201
    await group.anna.wait_for(lambda message: "Probe im Garten" in message.body, 30)


async def test_whoever_is_removed_from_the_box_loses_its_calendar(group: Group) -> None:
    await group.anna.ask(group.box, "!kalender freigeben lesen")
    ben_chat = await group.ben.direct_chat(group.bot)
    made = await group.ben.ask(ben_chat, "!kalender neu Laptop")
    calendar = made.data["calendar"]
    (box,) = calendar["collections"]
    assert await asyncio.to_thread(ask, calendar, "GET", box["events"]) == 200
    assert await asyncio.to_thread(ask, calendar, "PUT", box["events"] + "a.ics", vevent()) == 403
    await group.anna.client.room_kick(group.box, group.ben.user_id)

    def gone() -> bool:
        return ask(calendar, "GET", box["events"]) in {403, 404}

    await eventually(gone, 20)
