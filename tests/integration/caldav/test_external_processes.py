"""Calendars elsewhere and `wecreate dav` as processes: killed, two at once, kept waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridges.caldav.external.runner import Runner
from tests.conditions import eventually
from tests.dav import ANNA, NOW, add_box, vevent
from tests.dav_process import dav_process, healthy
from tests.external import HERE, TiedBox, calendar_at, tied_box
from tests.strange_caldav import Asked, StrangeServer, strange_server
from wecreate_module.services import external_calendars


@pytest.fixture
def box(far: StrangeServer, tmp_path: Path) -> Iterator[TiedBox]:
    with tied_box(tmp_path, calendar_at(far.url)) as box:
        box.tie(far.url, "anna", "secret")
        yield box


def same(box: TiedBox, far: StrangeServer, count: int) -> bool:
    """All that was made is on both sides, once."""
    here = sorted(one.text for one in box.objects().values())
    there = [text for _, text in far.objects.values()]
    return len(here) == len(there) == count and all(
        sum(f"SUMMARY:{title}\r\n" in text for text in there) == 1 for title in box.titles()
    )


async def test_kills_in_the_midst_of_a_sync_neither_lose_nor_double(
    far: StrangeServer, box: TiedBox, tmp_path: Path
) -> None:
    for turn in range(3):
        for number in range(6):
            box.put(f"h{turn}{number}", vevent(f"h{turn}{number}", f"Hier {turn}{number}"))
            name = f"t{turn}{number}"
            far.put(f"{name}.ics", vevent(name, f"Dort {turn}{number}"))
        with box.store.begin(datetime.now(UTC)) as uow:
            external_calendars.sync_now(uow, box.box)
        writes = far.methods().count("PUT") + turn + 2
        process, port = dav_process(tmp_path, external="127.0.0.1")
        process.start(lambda: healthy(port))  # noqa: B023  within the turn
        await eventually(lambda: far.methods().count("PUT") >= writes)  # noqa: B023  likewise
        process.kill()

    def settled() -> bool:
        # What the killed process had on its way may arrive after our first look.
        box.sync()
        return same(box, far, 36)

    await eventually(settled)
    assert "conflicts" not in [one["what"] for one in box.said()]


async def test_of_two_processes_one_walks_the_way(
    far: StrangeServer, box: TiedBox, tmp_path: Path
) -> None:
    for number in range(10):
        box.put(f"h{number}", vevent(f"h{number}", f"Hier {number}"))
    started = [dav_process(tmp_path, external="127.0.0.1") for _ in range(2)]
    try:
        for process, port in started:
            process.start(lambda port=port: healthy(port))  # type: ignore[misc]  # a default
        await eventually(lambda: same(box, far, 10))
        assert far.methods().count("PUT") == 10
        started[0][0].kill()
        box.put("more", vevent("more", "Mehr"))
        await eventually(lambda: same(box, far, 11))
    finally:
        for process, _ in started:
            process.stop()


async def test_a_server_that_keeps_us_waiting_keeps_nobody_else(
    far: StrangeServer, box: TiedBox
) -> None:
    """Neither writers to the same Box nor the calendars of other Boxes, nor the end."""
    other = add_box(box.store, "chor", {ANNA: "join"})
    hold, reached = threading.Event(), threading.Event()

    def wait(_: Asked) -> None:
        reached.set()
        hold.wait(300)

    with strange_server() as quick:
        second = TiedBox(box.store, other, calendar_at(quick.url))
        second.tie(quick.url, "anna", "secret")
        far.mischief = wait
        stop = threading.Event()
        runner = Runner(box.store, HERE, timedelta(hours=1))
        thread = threading.Thread(target=runner.run, args=(stop,))
        thread.start()
        try:
            await eventually(reached.is_set)
            for number in range(5):
                box.add(f"Probe {number}")
            second.put("x", vevent("x", "Konzert"))
            await eventually(lambda: "SUMMARY:Konzert" in str(quick.objects))
            assert far.objects == {}
        finally:
            stop.set()
            thread.join(timeout=90)
            hold.set()
        assert not thread.is_alive()


def test_what_came_from_there_is_noted_for_the_room_once(far: StrangeServer, box: TiedBox) -> None:
    box.sync()
    far.put("x.ics", vevent("x", "Sitzung"))
    for _ in range(3):
        box.sync()
    with box.store.begin(NOW) as uow:
        assert len(uow.outside_changes.take(box.box.id)) == 1
