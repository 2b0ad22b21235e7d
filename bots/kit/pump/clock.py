"""Scheduled rows, done when they are due; late ones after a restart, once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bots.kit import dispatch
from bots.kit.app import App
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

log = logging.getLogger("wecreate.pump.clock")

# Someone may have moved the computer's clock, so it is looked at now and then at least.
LONGEST_SLEEP = 30.0
# How long a listening thread may stay after it was told to end.
LISTEN = 0.25
DEAF = 5.0
AT_ONCE = 50
# Between the tries of work that broke; a digest that is given up plans no next one.
PAUSES = (timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=2))
TRIES = "tries"


class Clock:
    def __init__(self, app: App, store: Store, on_outbox: Callable[[], None]) -> None:
        self._app = app
        self._store = store
        self._on_outbox = on_outbox
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Something may have been scheduled earlier than what is waited for."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        ending = threading.Event()
        loop = asyncio.get_running_loop()
        # A thread of its own: it waits nearly always, which the pool's few are too good for.
        ears = threading.Thread(target=self._listen, args=(loop, ending), name="planned")
        ears.start()
        try:
            await self._run_forever()
        finally:
            ending.set()
            await asyncio.to_thread(ears.join)

    def _listen(self, loop: asyncio.AbstractEventLoop, ending: threading.Event) -> None:
        """Other processes (calendars) plan work too: wake for it at once."""
        while not ending.is_set():
            try:
                with self._store.listening() as planned:
                    while not ending.is_set():
                        if planned.heard(LISTEN):
                            loop.call_soon_threadsafe(self.wake)
            except Exception:  # the boundary of this thread: while it is deaf, it looks
                log.exception("planned work is not heard of")
                ending.wait(DEAF)
                loop.call_soon_threadsafe(self.wake)

    async def _run_forever(self) -> None:
        while True:
            try:
                pause = await asyncio.to_thread(self._pause)
                if pause <= 0:
                    for item in await asyncio.to_thread(self._due):
                        await asyncio.to_thread(self._run, item)
                        self._on_outbox()
                    continue
            except Exception:  # the boundary of the clock's loop
                log.exception("scheduled work broke")
                pause = LONGEST_SLEEP
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), pause)
            self._changed.clear()

    def _due(self) -> list[Scheduled]:
        now = datetime.now(UTC)
        with self._store.begin(now) as uow:
            return uow.schedule.due(now, AT_ONCE)

    def _pause(self) -> float:
        now = datetime.now(UTC)
        with self._store.read(now) as uow:
            due = uow.schedule.next_due()
        if due is None:
            return LONGEST_SLEEP
        return min(max((due - now) / timedelta(seconds=1), 0.0), LONGEST_SLEEP)

    def _run(self, item: Scheduled) -> None:
        now = datetime.now(UTC)
        try:
            with self._store.begin(now) as uow:
                dispatch.run_scheduled(self._app, uow, item, now)
                uow.schedule.done(item.id)
        except Exception:  # a bug in one kind of scheduled work must not stop the others
            log.exception("scheduled work broke", extra={"what": item.kind})
            with self._store.begin(now) as uow:
                _later(uow, item)


def _later(uow: UnitOfWork, item: Scheduled) -> None:
    """Try again after a while; what breaks every time is given up."""
    tries = int(item.payload.get(TRIES, 0))
    if tries == len(PAUSES):
        uow.schedule.done(item.id)
        return
    uow.schedule.put(
        uow.now + PAUSES[tries],
        item.kind,
        key=item.key,
        box_id=item.box_id,
        subject=item.subject,
        payload={**item.payload, TRIES: tries + 1},
    )
