"""From the direct chat to another calendar server and back, on the whole stack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import Message
from tests.conditions import eventually
from tests.dav import vevent
from tests.e2e.groups import Group
from tests.external import calendar_at, client_of
from tests.interop.caldav.programs import PlainRadicale
from wecreate_module.domain.matrix import RESULT


@pytest.fixture
def far(tmp_path: Path) -> Iterator[PlainRadicale]:
    with PlainRadicale(tmp_path / "radicale") as server:
        yield server


def said(what: str) -> Callable[[Message], bool]:
    def is_it(message: Message) -> bool:
        result = message.content.get(RESULT) or {}
        external = (result.get("data") or {}).get("external")
        return isinstance(external, dict) and external.get("what") == what

    return is_it


async def test_a_box_and_a_calendar_elsewhere_show_the_same(
    group: Group, far: PlainRadicale
) -> None:
    calendar = calendar_at(f"{far.url}anna/verein/", far.username, far.password)
    with client_of(calendar) as client:
        await asyncio.to_thread(client.mkcalendar, str(calendar.url))

        asked = await group.anna.ask(group.chat, "kalender verbinden")
        assert "Adresse" in asked.body
        await group.anna.ask(group.chat, far.url)
        await group.anna.ask(group.chat, far.username)
        await group.anna.ask(group.chat, far.password)
        await group.ben.wait_for(said("tied"))

        await group.anna.ask(group.box, "!termin Probe am 24.12. um 18 Uhr")

        def is_there() -> bool:
            every: Any = calendar.get_events()
            return any("SUMMARY:Probe" in one.data for one in every)

        await eventually(is_there)

        body = vevent("x", "Sitzung im Hof").decode()
        await asyncio.to_thread(client.put, f"{calendar.url}x.ics", body)
        await group.ben.ask(group.box, "!kalender abgleichen")
        await group.ben.wait_for(lambda message: "Sitzung im Hof" in message.body)
        listed = await group.anna.ask(group.box, "!termine alle")
        assert {"Probe", "Sitzung im Hof"} <= {one["title"] for one in listed.data["events"]}

        shown = await group.anna.ask(group.box, "!kalender")
        assert shown.data["external"][0]["trouble"] is None
        await group.anna.ask(group.box, "!kalender trennen")
