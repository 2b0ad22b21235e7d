"""Outbox rows to Matrix: in order within a room, rooms side by side, each taking effect once."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bots.kit import dispatch
from bots.kit.app import App
from bots.kit.client import MatrixError, Unreachable
from bots.kit.pump.effects import Effects
from bots.kit.pump.jobs import Jobs
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.pump.delivery")

Json = dict[str, Any]
AT_ONCE = 32
SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=2)
# Refused for good, as far as repeating the same request goes. 401 is not: the token is no longer
# good, and with the next one what stands here is still to be sent.
FINAL = frozenset({400, 403, 404, 405, 413})
# What a full disk or a database that is away breaks is whole again some day.
PASSING = (SQLAlchemyError, sqlite3.Error, OSError)
# A bug breaks the same effect each time: so often, and the room's next one is not held up any more.
TRIES_OF_A_BROKEN = 5


class Delivery:
    """Takes the head of each room's queue; carries it out; notes it with what follows."""

    def __init__(
        self,
        app: App,
        store: Store,
        effects: Effects,
        on_more: Callable[[], None],
        jobs: Jobs,
    ) -> None:
        self._app = app
        self._store = store
        self._effects = effects
        self._on_more = on_more
        self._jobs = jobs
        self._wanted = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._missed: set[str] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._broke: Counter[int] = Counter()

    @property
    def busy(self) -> int:
        """How many rooms are being sent to."""
        return len(self._busy)

    def wake(self) -> None:
        """There may be new rows."""
        self._wanted.set()

    def offer(self, row: OutboxRow) -> None:
        """This row is the first of its room's queue, so it need not be looked for."""
        queue = row.room_id or f"row {row.id}"
        if queue in self._busy:
            self._missed.add(queue)
        else:
            self._busy[queue] = asyncio.create_task(self._serve(queue, row), name=f"to {queue}")

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                for row in await self._jobs.run(self._due):
                    self.offer(row)
        finally:
            tasks = list(self._busy.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _due(self) -> list[OutboxRow]:
        now = datetime.now(UTC)
        with self._store.begin(now) as uow:
            return uow.outbox.due(AT_ONCE * 8, now)

    async def _serve(self, queue: str, row: OutboxRow | None) -> None:
        """One room's queue, until it is empty or has to wait."""
        try:
            while row is not None:
                async with self._slots:
                    row = await self._deliver(row)
        except Exception:  # the boundary of a room's queue: the others go on
            log.exception("a delivery broke")
            asyncio.get_running_loop().call_later(5.0, self.wake)
        finally:
            self._busy.pop(queue, None)
            if queue in self._missed:
                # A row came between the last look and now.
                self._missed.discard(queue)
                self._wanted.set()

    async def _deliver(self, row: OutboxRow) -> OutboxRow | None:
        """Carry out one row; the room's next one, when it is due."""
        try:
            result = await self._effects.carry_out(row)
        except Unreachable as error:
            await self._later(row, self._pause(row), str(error))
            return None
        except MatrixError as error:
            if error.status == 429:  # noqa: PLR2004  Too Many Requests
                pause = timedelta(milliseconds=error.retry_after_ms or 1000)
                await self._later(row, pause, "asked to slow down")
                return None
            if error.status not in FINAL or self._effects.worth_repeating(row, error):
                await self._later(row, self._pause(row), str(error))
                return None
            log.warning(
                "the homeserver refused an effect",
                extra={"effect": type(row.effect).__name__, "errcode": error.errcode},
            )
            result = {"error": {"status": error.status, "errcode": error.errcode}}
        except PASSING:
            raise
        except Exception as error:  # the boundary of an effect: a bug in it stops no room for good
            log.exception("an effect broke", extra={"effect": type(row.effect).__name__})
            self._broke[row.id] += 1
            if self._broke[row.id] < TRIES_OF_A_BROKEN:
                await self._later(row, self._pause(row), type(error).__name__)
                return None
            result = {"error": {"broke": type(error).__name__}}
        self._broke.pop(row.id, None)
        return await self._jobs.run(self._note, row, result)

    def _note(self, row: OutboxRow, result: Json) -> OutboxRow | None:
        now = datetime.now(UTC)
        with self._store.begin(now) as uow:
            if "error" in result:
                mine = uow.outbox.fail(row.id, str(result["error"]))
            else:
                mine = uow.outbox.done(row.id, result.get("event_id"), result)
            # A row that had ended already was noted by whoever was faster, with what follows.
            if row.then and mine:
                dispatch.continue_(self._app, uow, row, result, now)
            following = uow.outbox.next_in(row.room_id, now) if row.room_id else None
        if row.then:
            self._on_more()
            self.wake()
        return following

    async def _later(self, row: OutboxRow, pause: timedelta, why: str) -> None:
        log.info("an effect waits", extra={"why": why, "seconds": pause.total_seconds()})
        await self._jobs.run(self._note_later, row, datetime.now(UTC) + pause, why)
        asyncio.get_running_loop().call_later(pause.total_seconds() + 0.01, self.wake)

    def _note_later(self, row: OutboxRow, when: datetime, why: str) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            uow.outbox.retry(row.id, when, why)

    def _pause(self, row: OutboxRow) -> timedelta:
        doubled: timedelta = SHORTEST_PAUSE * (1 << min(row.attempts, 8))
        return min(doubled, LONGEST_PAUSE)
