"""Keeps all Boxes' calendars and those they are tied to together, as long as the process runs.

Of all processes on one database only one does it. Each calendar has its own thread meanwhile: a
slow server keeps nobody else waiting, and no transaction is open while it is waited for.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.errors import LASTING, ExternalError, NotTaken, Trouble
from wecreate_module.domain.boxes import Box
from wecreate_module.services import external_calendars as ties
from wecreate_module.services.external_calendars import Untied
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.errors import KeyDestroyed, StoreError
from wecreate_module.storage.external_calendars import ExternalCalendar, State
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.external")

NAME = "external"
_AT_ONCE = 8
_PAUSE_S = 0.5
_CLAIM_AGAIN_S = 10.0
_LAST_STEP_S = 4.0


class Runner:
    """`every`: how often to look there when nothing has changed here."""

    def __init__(self, store: Store, allowed: Allowed, every: timedelta = ties.LOOK_EVERY) -> None:
        self._store = store
        self._allowed = allowed
        self._every = every
        self._busy: set[tuple[str, Kind]] = set()
        self._lock = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Until stopped; waits while another process does it."""
        while not stop.is_set():
            try:
                with self._store.claim(NAME):
                    self._serve(stop)
            except StoreError:
                stop.wait(_CLAIM_AGAIN_S)

    def _serve(self, stop: threading.Event) -> None:
        threads: list[threading.Thread] = []
        while not stop.is_set():
            try:
                for key in self._due():
                    # A daemon: a server that keeps us waiting must not keep the process.
                    name = f"external-{key[0]}"
                    thread = threading.Thread(
                        target=self._one, args=(key, stop), name=name, daemon=True
                    )
                    thread.start()
                    threads.append(thread)
            except Exception:  # the boundary of this loop: the next turn may do better
                log.exception("calendars elsewhere can't be looked for")
            threads = [thread for thread in threads if thread.is_alive()]
            stop.wait(_PAUSE_S)
        for thread in threads:
            thread.join(timeout=_LAST_STEP_S / len(threads))

    def sync(self, box_id: str, kind: Kind) -> None:
        """One calendar now, in the caller's thread."""
        try:
            self._sync(box_id, kind)
        except (Untied, KeyDestroyed):
            return  # taken away meanwhile

    def _due(self) -> list[tuple[str, Kind]]:
        now = datetime.now(UTC)
        with self._store.read(now) as uow:
            due = uow.external_calendars.due(now)
        with self._lock:
            fresh = [key for key in due if key not in self._busy][: _AT_ONCE - len(self._busy)]
            self._busy.update(fresh)
        return fresh

    def _one(self, key: tuple[str, Kind], stop: threading.Event) -> None:
        try:
            self.sync(*key)
        except Exception:  # a thread's boundary: one calendar must not stop the others
            if not stop.is_set():
                log.exception("a calendar elsewhere broke")
                self._broke(*key)
        finally:
            with self._lock:
                self._busy.discard(key)

    def _sync(self, box_id: str, kind: Kind) -> None:
        found = self._begin(box_id, kind)
        if found is None:
            return
        box, calendar = found
        try:
            if calendar.state is State.TIED:
                self._bring_together(box, calendar)
            else:
                self._look_for(box, calendar)
        except NotTaken:
            self._failed(box, calendar, Trouble.LOGIN)
        except ExternalError as error:
            log.info(
                "a calendar elsewhere can't be used",
                extra={"host": ties.host_of(calendar), "why": str(error)},
            )
            self._failed(box, calendar, error.trouble)

    def _begin(self, box_id: str, kind: Kind) -> tuple[Box, ExternalCalendar] | None:
        """None where nothing is to be done: nothing new, not chosen yet, resting, or let go."""
        now = datetime.now(UTC)
        with self._store.read(now) as uow:
            box, calendar = uow.boxes.get(box_id), uow.external_calendars.get(box_id, kind)
            if box is None or calendar is None:
                return None
            idle = calendar.look_at > now and ties.nothing_new(uow, calendar)
        with self._store.begin(now) as uow:
            calendar = ties.current(uow, calendar)
            if calendar.state is State.CHOOSING:
                if calendar.look_at <= now:
                    uow.external_calendars.drop(box_id, kind)
                return None
            if idle:
                ties.note_nothing_new(uow, calendar)
                return None
            if not ties.may_go(uow, box, calendar, self._every):
                return None
        return box, calendar

    def _bring_together(self, box: Box, calendar: ExternalCalendar) -> None:
        # Its client is slow to import, and most servers have no calendar elsewhere.
        from bridges.caldav.external.collection import Client, Collection  # noqa: PLC0415
        from bridges.caldav.external.sync import Run  # noqa: PLC0415

        with Client(calendar.url, calendar.username, calendar.password, self._allowed) as client:
            collection = Collection(client, calendar.url, COMPONENTS[calendar.kind])
            Run(self._store, box, calendar, collection).go(self._every)

    def _look_for(self, box: Box, calendar: ExternalCalendar) -> None:
        from bridges.caldav.external.collection import Client  # noqa: PLC0415  as above
        from bridges.caldav.external.discovery import calendars_at  # noqa: PLC0415  as above

        with Client(calendar.url, calendar.username, calendar.password, self._allowed) as client:
            found = calendars_at(client, calendar.url, COMPONENTS[calendar.kind])
        with self._store.begin(datetime.now(UTC)) as uow:
            ties.offer(uow, box, calendar, [(one.url, one.name) for one in found])

    def _failed(self, box: Box, calendar: ExternalCalendar, trouble: Trouble) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            ties.failed(uow, box, calendar, trouble.value, lasting=trouble in LASTING)

    def _broke(self, box_id: str, kind: Kind) -> None:
        """A fault of ours: try again later."""
        try:
            with self._store.begin(datetime.now(UTC)) as uow:
                box, calendar = uow.boxes.get(box_id), uow.external_calendars.get(box_id, kind)
                if box is not None and calendar is not None:
                    ties.failed(uow, box, calendar, Trouble.BROKEN.value, lasting=False)
        except Exception:  # as `_one`
            log.exception("a calendar elsewhere can't be put aside")


COMPONENTS = {Kind.EVENT: "VEVENT", Kind.TASK: "VTODO"}
