"""What another process plans is done when it is due, without looking again and again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from bots.kit.pump.clock import Clock
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.store import Store


def open_store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder}/w.db", folder / "keys.db", folder / "key")


async def test_what_another_process_plans_is_done_at_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def run(_app: object, _uow: object, item: Scheduled, _now: object) -> None:
        done.append(item.key)

    monkeypatch.setattr("bots.kit.dispatch.run_scheduled", run)
    ours, theirs = open_store(tmp_path), open_store(tmp_path)
    heard = asyncio.Event()
    app: Any = Mock()
    running = asyncio.create_task(Clock(app, ours, heard.set).run())
    try:
        # Nothing is planned: the clock sleeps for longer than this test may take.
        for key in ("a", "b"):
            heard.clear()
            due = datetime.now(UTC) + timedelta(milliseconds=100)

            def plan(key: str = key, due: datetime = due) -> None:
                with theirs.begin(datetime.now(UTC)) as uow:
                    uow.schedule.put(due, "test", key=key)

            await asyncio.to_thread(plan)
            async with asyncio.timeout(15):
                await heard.wait()
            assert done[-1] == key
            assert datetime.now(UTC) >= due
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        ours.close()
        theirs.close()


async def test_what_breaks_is_tried_again_until_it_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[dict[str, object]] = []

    def broken(_app: object, _uow: object, item: Scheduled, _now: object) -> None:
        tried.append(item.payload)
        raise RuntimeError("a bug")

    monkeypatch.setattr("bots.kit.dispatch.run_scheduled", broken)
    monkeypatch.setattr("bots.kit.pump.clock.PAUSES", (timedelta(0), timedelta(0)))
    store, given_up = open_store(tmp_path), asyncio.Event()
    with store.begin(datetime.now(UTC)) as uow:
        uow.schedule.put(uow.now, "digest", key="d", payload={"of": "anna"})
    app: Any = Mock()

    def look() -> None:
        with store.read(datetime.now(UTC)) as uow:
            if uow.schedule.next_due() is None:
                given_up.set()

    running = asyncio.create_task(Clock(app, store, look).run())
    try:
        async with asyncio.timeout(15):
            await given_up.wait()
        assert tried == [{"of": "anna"}, {"of": "anna", "tries": 1}, {"of": "anna", "tries": 2}]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        store.close()
