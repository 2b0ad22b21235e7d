"""People who have left the server for good are forgotten by the marketplace."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.companions import Companion
from bots.kit.context import Context
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from bots.marketplace.rooms.changes import changed
from bots.marketplace.supporting.schedule import refresh_later
from wecreate_module.domain.farewells import FAREWELLS, Farewell, after
from wecreate_module.services.listing_people import forget
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

EVERY = 30.0
"""Seconds between two looks."""
_READ = "market.farewells"
_NAMELESS = "market.nameless"
_NOT_FOUND = 404
log = logging.getLogger("wecreate.farewells")


class Farewells(Companion):
    """Reads what the homeserver's module has written down: wecreate_module/domain/farewells.py."""

    def __init__(self, store: Store, homeserver: Homeserver, every: float = EVERY) -> None:
        self._store = store
        self._homeserver = homeserver
        self._every = every

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except (MatrixError, Unreachable) as error:
                log.info("who has left could not be read", extra={"why": str(error)})
            except Exception:
                # The loop's boundary: the next look tries again.
                log.exception("somebody who has left could not be forgotten")
            await asyncio.sleep(self._every)

    async def look(self) -> int:
        """How many were forgotten. Raises MatrixError or Unreachable."""
        user = quote(str(self._homeserver.user_id), safe="")
        path = f"/_matrix/client/v3/user/{user}/account_data/{FAREWELLS}"
        try:
            content: dict[str, Any] = await self._homeserver.request("GET", path)
        except MatrixError as error:
            if error.status != _NOT_FOUND:
                raise
            return 0
        left = after(content, await asyncio.to_thread(self._read))
        for each in left:
            await asyncio.to_thread(self._forget, each)
        return len(left)

    def _read(self) -> int:
        with self._store.read(datetime.now(UTC)) as uow:
            return int(uow.meta.get(_READ) or 0)

    def _forget(self, farewell: Farewell) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            let_go(uow, farewell.user_id)
            uow.meta.set(_READ, str(farewell.number))


def let_go(uow: UnitOfWork, user_id: str) -> None:
    """Forget somebody, and have rooms and cards say so."""
    found = forget(uow, user_id)
    for listing in found.supported:
        refresh_later(uow, listing)
    for listing in found.published:
        payload = {"room_id": listing.room_id}
        key = f"{_NAMELESS}:{listing.room_id}"
        uow.schedule.put(uow.now, _NAMELESS, key=key, subject=listing.room_id, payload=payload)


@scheduled(_NAMELESS)
def nameless(ctx: Context, item: Scheduled) -> Replies:
    """The room's record and card without the name of who has left."""
    listing = ctx.uow.listings.get(item.subject)
    return changed(ctx, listing) if listing is not None and listing.listed else None


SCHEDULED: tuple[Scheduler, ...] = (nameless,)
