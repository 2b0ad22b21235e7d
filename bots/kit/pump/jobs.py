"""Database work in a thread: what is waiting goes there together, one after another.

A thread for each command would cost more in waking each other than the commands themselves;
and replies that are ready together leave together, which spares the homeserver syncs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
# Seconds after which what has ended is told: while the rest is done, the homeserver has its share.
SLICE = 0.02


class _Job:
    def __init__(self, do: Callable[[], Any]) -> None:
        self._do = do
        self._result: Any = None
        self._error: BaseException | None = None
        self.ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def run(self) -> None:
        try:
            self._result = self._do()
        except BaseException as error:  # noqa: BLE001  it belongs to whoever waits for the job
            self._error = error

    def tell(self) -> None:
        if self.ended.done():  # whoever waited was cancelled
            return
        if self._error is None:
            self.ended.set_result(self._result)
        else:
            self.ended.set_exception(self._error)


class Jobs:
    """Runs functions in the order they came, each with a transaction of its own."""

    def __init__(self) -> None:
        self._waiting: deque[_Job] = deque()
        self._running: asyncio.Task[None] | None = None

    async def run(self, do: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """What `do(*given)` returns or raises."""
        job = _Job(partial(do, *given, **named))
        self._waiting.append(job)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="database work")
        result: T = await job.ended
        return result

    async def _run(self) -> None:
        try:
            while self._waiting:
                for job in await asyncio.to_thread(self._slice):
                    job.tell()
        finally:
            self._running = None

    def _slice(self) -> list[_Job]:
        """In the thread: jobs until there are no more or the time is up."""
        end = monotonic() + SLICE
        done = []
        while self._waiting:
            job = self._waiting.popleft()
            job.run()
            done.append(job)
            if monotonic() >= end:
                break
        return done
