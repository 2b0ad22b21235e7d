"""The pump: sync → inbox → command → outbox → Matrix, every command with one effect.

A kill at any moment leaves either the old sync token or the new one with its inbox rows;
either a waiting row or its effect with all replies; either an outbox row or the Matrix event
whose transaction id that row gives again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from bots.kit import dispatch
from bots.kit.app import App
from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.pump import intake
from bots.kit.pump.clock import Clock
from bots.kit.pump.delivery import Delivery
from bots.kit.pump.effects import Effects
from bots.kit.pump.figures import Figures, NoFigures
from bots.kit.pump.gaps import fill_gaps
from bots.kit.pump.invites import InvitePolicy
from bots.kit.pump.jobs import Jobs
from bots.kit.pump.views import RoomViews
from bots.kit.pump.worker import Worker
from wecreate_module.domain.effects import SendFile
from wecreate_module.storage.inbox import Inbox
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.pump")

Json = dict[str, Any]
SYNC_TIMEOUT_MS = 30_000
LONGEST_PAUSE = 20.0
# With many rooms at work at once the homeserver is what they wait for. One sync that brings
# several rooms' news costs it a fraction of as many syncs: the more rooms, the longer a breath.
CROWD = 5
BREATH_OF_A_ROOM = 0.02
LONGEST_BREATH = 0.3
WAITING_CHECK = 2.0
KEPT = timedelta(days=7)
CLEANING = 3600.0


LOGGED_OUT = "the homeserver does not know the bot's login any more; the next start says what to do"


class LoggedOut(Exception):
    """The homeserver does not know the bot's token any more."""


class Pump:
    def __init__(
        self,
        app: App,
        store: Store,
        homeserver: Homeserver,
        crypto: CryptoMachine,
        *,
        invites: InvitePolicy,
        figures: Figures | None = None,
        more_effects: Mapping[type[Any], Callable[[Any], Awaitable[Json | SendFile]]] | None = None,
        gap_in: Callable[[Collection[str]], None] = lambda _: None,
    ) -> None:
        """`more_effects` are carried out by other parts of the process, by kind.

        `gap_in` is told of rooms of which a sync had left something out, once that was fetched.
        """
        self._app = app
        self._store = store
        self._homeserver = homeserver
        self._crypto = crypto
        self._views = RoomViews(store, homeserver, app.bot_user_id)
        effects = Effects(store, homeserver, crypto, self._views, invites.server_name, more_effects)
        jobs = Jobs()
        self._clock = Clock(app, store, self._wake_delivery)
        self._delivery = Delivery(app, store, effects, self._clock.wake, jobs)
        self._worker = Worker(
            app,
            store,
            homeserver,
            crypto,
            self._views,
            invites,
            figures or NoFigures(),
            self._delivery,
            self._clock,
            jobs,
        )
        self._upkeep = asyncio.Event()
        self._gap_in = gap_in
        self.synced_at: float | None = None
        self.trouble: str | None = None
        """Why the last sync failed; None when it did not."""

    def _wake_delivery(self) -> None:
        self._delivery.wake()

    async def run(self) -> None:
        """Until cancelled. Raises LoggedOut when the token is no longer good."""
        await asyncio.to_thread(self._start_features)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sync_forever(), name="sync")
            group.create_task(self._delivery.run(), name="delivery")
            group.create_task(self._clock.run(), name="clock")
            group.create_task(self._keep_keys(), name="keys")
            group.create_task(self._keep_waiting(), name="waiting")
            group.create_task(self._clean(), name="cleaning")
            self._delivery.wake()
            await self._worker.wake_all()

    def _start_features(self) -> None:
        now = datetime.now(UTC)
        try:
            with self._store.begin(now) as uow:
                dispatch.started(self._app, uow, now)
        except Exception:  # a bug in one feature must not keep the bot from starting
            log.exception("a feature could not look after its things at the start")

    async def _sync_forever(self) -> None:
        since = await asyncio.to_thread(self._last_token)
        pause = 0.5
        try:
            while True:
                try:
                    since = await self._sync_once(since)
                    pause = 0.5
                    if (busy := self._delivery.busy) >= CROWD:
                        await asyncio.sleep(min(busy * BREATH_OF_A_ROOM, LONGEST_BREATH))
                except (MatrixError, Unreachable) as error:
                    if isinstance(error, MatrixError):
                        if error.errcode == "M_UNKNOWN_TOKEN":
                            raise LoggedOut(LOGGED_OUT) from error
                        if error.status == 400 and since is not None:  # noqa: PLR2004  Bad Request
                            # A homeserver restored from an old backup does not know our token.
                            since = None
                        pause = max(pause, (error.retry_after_ms or 0) / 1000)
                    self.trouble = str(error)
                    log.warning("sync has to wait", extra={"why": str(error), "seconds": pause})
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            await self._worker.stop()

    def _last_token(self) -> str | None:
        with self._store.read(datetime.now(UTC)) as uow:
            return uow.meta.get("next_batch")

    async def _sync_once(self, since: str | None) -> str:
        # The first one answers at once: whether all is well is known then.
        timeout = 0 if self.synced_at is None else SYNC_TIMEOUT_MS
        response = await self._homeserver.sync(since, timeout, intake.FILTER)
        keys = self._crypto.receive_sync(response, initial=since is None)
        gaps = await fill_gaps(self._homeserver, self._store, response, self._app.bot_user_id)
        sessions = {session_id for _, session_id in keys.sessions}
        noted = await asyncio.to_thread(self._note, response, since, gaps, sessions)
        self._views.forget(noted.changed)
        self._worker.wake(noted.work)
        if gaps:
            self._gap_in(gaps.keys())
        self.synced_at = monotonic()
        self.trouble = None
        self._upkeep.set()
        return str(response["next_batch"])

    def _note(
        self, response: Json, since: str | None, gaps: dict[str, list[Json]], sessions: set[str]
    ) -> intake.Noted:
        with self._store.begin(datetime.now(UTC)) as uow:
            bot = self._app.bot_user_id
            noted = intake.note(uow, response, bot=bot, since=since, gaps=gaps)
            noted.work |= _wake_rows(uow.inbox, sessions)
        return noted

    def _readable_now(self, sessions: set[str]) -> set[str]:
        with self._store.begin(datetime.now(UTC)) as uow:
            return _wake_rows(uow.inbox, sessions)

    async def _keep_keys(self) -> None:
        """One-time keys, device lists and key requests, whenever a sync asks for it."""
        while True:
            await self._upkeep.wait()
            self._upkeep.clear()
            try:
                if found := await self._crypto.upkeep():
                    sessions = {session_id for _, session_id in found}
                    self._worker.wake(await asyncio.to_thread(self._readable_now, sessions))
            except (MatrixError, Unreachable) as error:
                log.warning("keys have to wait", extra={"why": str(error)})
                await asyncio.sleep(2.0)
                self._upkeep.set()
            except Exception:  # the boundary of the keys' loop
                log.exception("keeping the keys broke")
                await asyncio.sleep(5.0)

    async def _keep_waiting(self) -> None:
        """Rows without their key are tried again when their time has come."""
        while True:
            try:
                self._worker.wake(await asyncio.to_thread(self._wake_waiting))
            except Exception:  # the boundary of this loop
                log.exception("looking after waiting messages broke")
            await asyncio.sleep(WAITING_CHECK)

    def _wake_waiting(self) -> set[str]:
        now = datetime.now(UTC)
        with self._store.begin(now) as uow:
            rows = [row for row in uow.inbox.waiting() if row.retry_at and row.retry_at <= now]
            for row in rows:
                uow.inbox.wake(row.event_id)
        return {row.room_id for row in rows}

    async def _clean(self) -> None:
        """What is done is kept a week against redelivery, then forgotten."""
        while True:
            try:
                await asyncio.to_thread(self._prune)
            except Exception:  # the boundary of this loop
                log.exception("cleaning up broke")
            await asyncio.sleep(CLEANING)

    def _prune(self) -> None:
        now = datetime.now(UTC)
        with self._store.begin(now) as uow:
            uow.inbox.prune(now - KEPT)
            uow.outbox.prune(now - KEPT)


def _wake_rows(inbox: Inbox, sessions: set[str]) -> set[str]:
    """Rows whose key has come stand in line again; their rooms."""
    rows = inbox.waiting(sessions) if sessions else []
    for row in rows:
        inbox.wake(row.event_id)
    return {row.room_id for row in rows}
