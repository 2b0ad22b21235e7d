"""From the phone's calendar to the room and back, on the whole stack."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from caldav.davclient import DAVClient
from icalendar.prop import vCalAddress

from tests.clients import Message
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

    put = await asyncio.to_thread(
        ask, calendar, "PUT", box["tasks"] + "a.ics", vtodo("a", "Grill mitbringen")
    )
    assert put == 201
    await group.anna.wait_for(lambda message: "Grill mitbringen" in message.body)
    listed = await group.anna.ask(group.box, "!aufgaben")
    assert [task["title"] for task in listed.data["tasks"]] == ["Grill mitbringen"]

    put = await asyncio.to_thread(
        ask, calendar, "PUT", box["events"] + "b.ics", vevent("b", "Probe im Garten")
    )
    assert put == 201
    await group.anna.wait_for(lambda message: "Probe im Garten" in message.body)


async def test_answers_and_deletions_of_programs_show_on_the_card(group: Group) -> None:
    await group.anna.ask(group.box, "!kalender freigeben")
    ben_chat = await group.ben.direct_chat(group.bot)
    calendar = (await group.ben.ask(ben_chat, "!kalender neu Laptop")).data["calendar"]
    (box,) = calendar["collections"]
    day = f"{datetime.now(UTC) + timedelta(days=20):%d.%m.%Y}"
    card = await group.anna.ask(group.box, f"!termin Grillen {day} 18 Uhr")

    with DAVClient(
        url=calendar["url"], username=calendar["username"], password=calendar["password"]
    ) as client:
        events = client.calendar(url=box["events"])  # type: ignore[no-untyped-call]  # caldav
        (event,) = await asyncio.to_thread(events.events)
        (part,) = event.icalendar_instance.walk("VEVENT")
        me = vCalAddress(f"matrix:u/{group.ben.user_id[1:]}")
        me.params["PARTSTAT"] = "ACCEPTED"
        part.add("ATTENDEE", me)
        part["SUMMARY"] = "Wintergrillen"
        await asyncio.to_thread(event.save)
        told = await group.anna.wait_for(lambda seen: "„Wintergrillen“" in seen.body)
        assert told.data["changes"][0]["actor"] == group.ben.user_id
        await group.anna.wait_for(lambda seen: on_card(seen, card, "👍 1", "Wintergrillen"))
        shown = await group.anna.ask(group.box, "!termin 1")
        assert shown.data["event"]["attendees"] == [{"user": group.ben.user_id, "status": "yes"}]

        await asyncio.to_thread(events.event_by_url(event.url).delete)
    await group.anna.wait_for(lambda seen: on_card(seen, shown, "zurückholen"))
    listed = await group.anna.ask(group.box, "!termine papierkorb")
    assert [each["title"] for each in listed.data["trash"]] == ["Wintergrillen"]
    await group.anna.ask(group.box, "!termin 1 zurückholen")
    back = await group.anna.ask(group.box, "!termin 1")
    assert back.data["event"]["attendees"] == [{"user": group.ben.user_id, "status": "yes"}]


async def test_a_program_ticks_off_a_task_of_a_series_and_the_next_one_comes(group: Group) -> None:
    await group.anna.ask(group.box, "!kalender freigeben")
    ben_chat = await group.ben.direct_chat(group.bot)
    calendar = (await group.ben.ask(ben_chat, "!kalender neu Laptop")).data["calendar"]
    (box,) = calendar["collections"]
    await group.anna.ask(group.box, "!aufgabe Blumen gießen bis morgen jede Woche")
    with DAVClient(
        url=calendar["url"], username=calendar["username"], password=calendar["password"]
    ) as client:
        tasks = client.calendar(url=box["tasks"])  # type: ignore[no-untyped-call]  # caldav
        (todo,) = await asyncio.to_thread(tasks.todos)
        await asyncio.to_thread(todo.complete)
    told = await group.anna.wait_for(lambda seen: bool(seen.data.get("changes")))
    changes = {(each["number"], each["change"]) for each in told.data["changes"]}
    assert changes == {(1, "changed"), (2, "added")}
    listed = await group.anna.ask(group.box, "!aufgaben")
    assert [task["number"] for task in listed.data["tasks"]] == [2]
    # As a reply to the message that noted it, no number is needed.
    noted = await group.anna.ask(group.box, "!aufgabe 2")
    done = await group.ben.reply(group.box, noted.event_id, "!erledigt")
    answer = await group.ben.answer_to(done)
    assert answer.data["task"]["number"] == 2


def on_card(seen: Message, card: Message, *words: str) -> bool:
    """An edit of the event's message that says this."""
    body = str(seen.content.get("m.new_content", {}).get("body", ""))
    return seen.replaces == card.event_id and all(word in body for word in words)


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

    await eventually(gone)
