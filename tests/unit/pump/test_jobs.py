"""Database work goes to a thread together, in order, and each hears of its own end."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest

from bots.kit.pump import jobs as module
from bots.kit.pump.jobs import Jobs


class Broken(Exception):
    pass


def _break() -> None:
    raise Broken


async def test_each_gets_its_own_result_or_error() -> None:
    jobs = Jobs()
    good, bad, other = await asyncio.gather(
        jobs.run(int, "1"), jobs.run(_break), jobs.run(int, "3"), return_exceptions=True
    )
    assert (good, other) == (1, 3)
    assert isinstance(bad, Broken)


async def test_they_run_in_the_order_they_came_and_never_side_by_side() -> None:
    jobs, seen, alone = Jobs(), list[int](), threading.Lock()

    def note(number: int) -> None:
        assert alone.acquire(blocking=False)
        seen.append(number)
        alone.release()

    await asyncio.gather(*(jobs.run(note, number) for number in range(200)))
    assert seen == list(range(200))


async def test_what_is_added_by_a_job_that_ended_is_run_too() -> None:
    jobs = Jobs()
    first = await jobs.run(int, "1")
    assert await jobs.run(lambda: first + 1) == 2


async def test_who_stops_waiting_keeps_nobody_else_from_hearing() -> None:
    jobs, gate = Jobs(), threading.Event()
    blocked = asyncio.create_task(jobs.run(gate.wait))
    after = asyncio.create_task(jobs.run(int, "7"))
    await asyncio.sleep(0)
    blocked.cancel()
    gate.set()
    with suppress(asyncio.CancelledError):
        await blocked
    assert await after == 7


async def test_a_slow_one_does_not_keep_back_what_ended_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SLICE", 0.0)
    jobs, gate = Jobs(), threading.Event()
    slow = asyncio.create_task(jobs.run(int, "1"))
    waits = asyncio.create_task(jobs.run(gate.wait))
    assert await slow == 1
    assert not waits.done()
    gate.set()
    assert await waits
