"""Listing 1000 open tasks: the service and the finished message with its data.

The peer is the floor: reading the same sealed rows and decoding their JSON, and no more.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bots.kit.context import Context, Origin
from bots.kit.i18n import load_translators
from bots.kit.render import message_content
from bots.tasks.lists import listing
from tests.bench.table import Row, print_table
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.tasks import ChecklistItem, Priority, Task, TaskFilter
from wecreate_module.services.tasks import list_tasks
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import objects
from wecreate_module.storage.uow import UnitOfWork

TASKS = 1000
ROUNDS = 60
WARM_UP = 5
LIMIT = 30.0
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ANNA, BEN, BOT = "@anna:w.example", "@ben:w.example", "@wecreate:w.example"
BOX = Box("box1", "!box", "Sommerfest", "de", "Europe/Berlin", ANNA, NOW)


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wecreate-bench-") as name, filled(Path(name)) as store:
        ours, floor = _alternate(store, _list, _read)
    row = Row(
        "list 1000 open tasks (peer: bare read)",
        ours,
        floor,
        ours / floor,
        f"≤ {LIMIT:g} ms",
        "ms",
        met=ours <= LIMIT,
    )
    return [row]


@contextmanager
def filled(directory: Path) -> Iterator[Store]:
    """A store with one Box full of tasks of every kind."""
    url = f"sqlite:///{directory / 'w.db'}"
    store = Store.open(url, directory / "keys.db", directory / "wecreate.key")
    chance = random.Random(1)
    with store.begin(NOW) as uow:
        uow.rooms.save(Room(BOX.room_id, encrypted=True, creator=ANNA))
        uow.boxes.add(BOX)
        for user_id, said in ((ANNA, "Anna"), (BEN, "Ben Meier"), (BOT, "WeCreate")):
            uow.rooms.set_member(BOX.room_id, user_id, "join", said)
        for number in range(1, TASKS + 1):
            uow.tasks.add(BOX.id, _task(number, chance))
    yield store
    store.close()


def _task(number: int, chance: random.Random) -> Task:
    due = NOW.astimezone(BERLIN) + timedelta(hours=chance.randrange(-200, 2000))
    return Task(
        number=number,
        uid=f"{number:032x}",
        title=f"Aufgabe {number}: Kuchen backen und Kaffee kochen",
        created_by=ANNA,
        created_at=NOW,
        due=chance.choice((None, due, due.date())),
        assignees=chance.choice(((), (ANNA,), (ANNA, BEN))),
        labels=chance.choice(((), ("fest",), ("fest", "essen"))),
        priority=chance.choice(tuple(Priority)),
        items=chance.choice(((), (ChecklistItem("Mehl"), ChecklistItem("Eier", done=True)))),
        rrule=chance.choice((None, None, "FREQ=WEEKLY")),
    )


def _list(uow: UnitOfWork) -> None:
    """As `!aufgaben` does."""
    ctx = Context(
        uow=uow,
        origin=Origin(BOX.room_id, ANNA, "$event", command="tasks"),
        now=NOW,
        translator=load_translators()["de"],
        timezone=BERLIN,
        bot_user_id=BOT,
        box=BOX,
    )
    content = message_content(
        ctx, listing(ctx, list_tasks(uow, BOX, TaskFilter(), BERLIN), TaskFilter())
    )
    if content["de.wecreate.result"]["data"]["total"] != TASKS:
        raise AssertionError("not all tasks were listed")


def _read(uow: UnitOfWork) -> None:
    rows = uow.tasks._connection.execute(
        select(objects.c.number, objects.c.summary).where(objects.c.box_id == BOX.id)
    ).all()
    for number, sealed in rows:
        uow.tasks._keys.unseal_json(BOX.id, f"objects:{BOX.id}:task:{number}:summary", sealed)


def _alternate(store: Store, *runs: Callable[[UnitOfWork], None]) -> tuple[float, float]:
    """Median milliseconds of each, run in turns."""
    times: list[list[float]] = [[] for _ in runs]
    for number in range(WARM_UP + ROUNDS):
        for which, measured in enumerate(runs):
            with store.begin(NOW) as uow:
                started = time.perf_counter()
                measured(uow)
                if number >= WARM_UP:
                    times[which].append((time.perf_counter() - started) * 1000)
    ours, floor = (statistics.median(each) for each in times)
    return ours, floor


if __name__ == "__main__":
    print_table(run())
