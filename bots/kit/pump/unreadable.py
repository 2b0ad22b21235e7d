"""Messages whose key is not there: patience first, then plain words, and done when it comes."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from bots.kit import dispatch
from bots.kit.app import App
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.crypto.results import UNKNOWN_DEVICE, MissingKey, Undecryptable
from bots.kit.pump.json_fields import as_text
from wecreate_module.storage.inbox import InboxRow
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

log = logging.getLogger("wecreate.pump.unreadable")

# A key that comes late comes within seconds; then people are told, and waiting goes on.
PATIENCE = timedelta(seconds=12)
RETRY = timedelta(seconds=4)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP = timedelta(days=7)


class Unreadable:
    def __init__(self, app: App, store: Store, crypto: CryptoMachine) -> None:
        self._app = app
        self._store = store
        self._crypto = crypto

    async def wait(self, row: InboxRow, missing: MissingKey) -> None:
        """Set a row aside until its key comes; ask for the key; say so once, after a while."""
        now = datetime.now(UTC)
        if now - row.received_at > GIVE_UP:
            await asyncio.to_thread(self._note_failed, row)
            return
        if row.attempts == 0:
            await self._crypto.request_key(row.room_id, row.payload)
        await asyncio.to_thread(self._note_waiting, row, missing, now)
        if self._readable_after_all(row):
            await asyncio.to_thread(self._note_awake, row.event_id)

    async def give_up(self, row: InboxRow, never: Undecryptable) -> None:
        """End a row. Its sender is told when it is their device, not when it is an attack."""
        log.warning("a message can't be read", extra={"why": never.reason})
        tell = UNKNOWN_DEVICE if never.reason == UNKNOWN_DEVICE else None
        await asyncio.to_thread(self._note_failed, row, tell)

    def _note_waiting(self, row: InboxRow, missing: MissingKey, now: datetime) -> None:
        late = now - row.received_at >= PATIENCE
        tell = not row.told and (late or missing.withheld_code is not None)
        # Every try doubles the pause: a key that is hours late needs no asking each second.
        pause = min(RETRY * (1 << min(row.attempts, 10)), LONGEST_RETRY)
        if not row.told and not tell:
            pause = min(pause, PATIENCE)
        with self._store.begin(now) as uow:
            uow.inbox.wait(row.event_id, missing.session_id, now + pause)
            if tell:
                siblings = uow.inbox.waiting({missing.session_id})
                if not any(sibling.told for sibling in siblings):
                    self._tell(uow, row, missing.withheld_code or "late")
                uow.inbox.mark_told(row.event_id)

    def _note_failed(self, row: InboxRow, tell: str | None = None) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            if tell is not None:
                self._tell(uow, row, tell)
            uow.inbox.finish(row.event_id, status="failed")

    def _tell(self, uow: UnitOfWork, row: InboxRow, reason: str) -> None:
        sender = as_text(row.payload.get("sender"))
        dispatch.unreadable(
            self._app, uow, row.room_id, row.event_id, sender, reason=reason, now=uow.now
        )

    def _readable_after_all(self, row: InboxRow) -> bool:
        """Whether the key came between the first look and the row's being set aside."""
        try:
            self._crypto.decrypt(row.room_id, row.payload)
        except (MissingKey, Undecryptable):
            return False
        return True

    def _note_awake(self, event_id: str) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            uow.inbox.wake(event_id)
