"""`wecreate dav` as processes: killed in the midst of writes, and several at once."""

from __future__ import annotations

import threading
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.conditions import eventually
from tests.dav import ANNA, BEN, NOW, House, add_box, vtodo
from tests.dav_process import dav_process, healthy
from tests.postgres import PostgresServer
from wecreate_module.services import calendars
from wecreate_module.storage.calendars import Sharing
from wecreate_module.storage.store import Store


def a_house(folder: Path, url: str = "") -> House:
    """Without a server of its own."""
    database = url or f"sqlite:///{folder}/wecreate.db"
    store = Store.open(database, folder / "keys.db", folder / "key")
    box = add_box(store, "garten", {ANNA: "join", BEN: "join"})
    with store.begin(NOW) as uow:
        shared = calendars.share(uow, box, Sharing.WRITE, actor=ANNA)
    return House(store, 0, box, shared)


def put_until_it_breaks(dav: House, writer: str, kept: set[str]) -> None:
    """Note each object whose PUT was acknowledged."""
    for number in range(10_000):
        name = f"{writer}-{number}"
        try:
            answer = dav.put(f"{dav.tasks()}{name}.ics", vtodo(name, name))
        except (OSError, HTTPException):
            return
        if answer.status == 201:
            kept.add(name)


async def test_what_was_acknowledged_outlives_kills(tmp_path: Path) -> None:
    dav, kept = a_house(tmp_path), set[str]()
    dav.password(ANNA)
    for turn in range(3):
        process, dav.port = dav_process(tmp_path)
        process.start(lambda: healthy(dav.port))
        before = len(kept)
        writers = [
            threading.Thread(target=put_until_it_breaks, args=(dav, f"{turn}{name}", kept))
            for name in "ab"
        ]
        for writer in writers:
            writer.start()
        await eventually(lambda: len(kept) >= before + 12, 60)  # noqa: B023  within the turn
        process.kill()
        for writer in writers:
            writer.join()
    with dav.store.begin(NOW) as uow:
        found = uow.tasks.list(dav.box.id)
        noted = [one for one in uow.journal.of_box(dav.box.id) if one.kind == "task.added"]
        told = uow.outside_changes.take(dav.box.id)
    titles = [task.title for task in found]
    assert kept <= set(titles)
    # Nothing half done: each object has its journal entry, its note for the room, its number.
    assert len(noted) == len(titles) == len(set(titles)) == len(told)
    assert sorted(task.number for task in found) == list(range(1, len(found) + 1))
    dav.store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database().url


def test_two_processes_serve_one_store(tmp_path: Path, database: str) -> None:
    dav = a_house(tmp_path, database)
    started = [dav_process(tmp_path, database) for _ in range(2)]
    try:
        for process, port in started:
            process.start(lambda port=port: healthy(port))  # type: ignore[misc]  # a default
        path = dav.tasks() + "a.ics"

        def at(place: int) -> House:
            dav.port = started[place][1]
            return dav

        etag = at(0).put(path, vtodo("a")).headers["etag"]
        assert at(1).ask("GET", path).headers["etag"] == etag
        assert at(1).put(path, vtodo("a", "zwei"), If_Match=etag).status == 204
        assert at(0).put(path, vtodo("a", "drei"), If_Match=etag).status == 412

        statuses: list[int] = []

        def race(port: int) -> None:
            own = House(dav.store, port, dav.box, dav.shared, dav.passwords)
            statuses.append(own.put(dav.tasks() + "b.ics", vtodo("b"), If_None_Match="*").status)

        racers = [threading.Thread(target=race, args=(port,)) for _, port in started * 3]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert statuses.count(201) == 1, statuses
    finally:
        for process, _ in started:
            process.stop()
        dav.store.close()
