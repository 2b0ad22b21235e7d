"""Supports that no sync brought: a burst from a partner's server can come by backfill.

Synapse 1.163 does not tell clients of events that it fetched to fill a gap: of 200 reactions in a
burst over federation 48 came so. The homeserver knows them all; where supports came in lately it is
asked again, a while later.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.marketplace.card import THUMB
from bots.marketplace.support import refresh_later
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.store import Store

Json = dict[str, Any]
log = logging.getLogger("wecreate.recount")

EVERY = 15.0
"""Seconds between two looks."""
AT_ONCE = 50
MOST_PAGES = 100
_SPELLINGS = frozenset({THUMB, f"{THUMB}\ufe0f"})


class Recount:
    """Adds what is missing; takes nothing away, since a withdrawal is told in the room."""

    def __init__(self, store: Store, homeserver: Homeserver, every: float = EVERY) -> None:
        self._store = store
        self._homeserver = homeserver
        self._every = every
        self._known = -1

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except (MatrixError, Unreachable) as error:
                log.info("supports could not be counted again", extra={"why": str(error)})
            except Exception:
                # The loop's boundary: the next look tries again.
                log.exception("supports could not be counted again")
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """Once. Raises MatrixError or Unreachable when the same is to be looked at again."""
        changed, known = await asyncio.to_thread(self._changed)
        for listing in changed:
            try:
                await self.recount(listing)
            except MatrixError as error:
                if error.temporary:
                    raise
                log.info("a room keeps its supports to itself", extra={"why": str(error)})
        self._known = known

    async def recount(self, listing: Listing) -> int:
        """How many were missing."""
        thumbs = await self._thumbs(listing)
        return await asyncio.to_thread(self._add, listing, thumbs)

    async def _thumbs(self, listing: Listing) -> dict[str, str]:
        """Event id → who, of every 👍 below the card that stands."""
        room, card = quote(listing.room_id, safe=""), quote(listing.card, safe="")
        path = f"/_matrix/client/v1/rooms/{room}/relations/{card}/m.annotation/m.reaction"
        found: dict[str, str] = {}
        params = {"limit": "100"}
        for _ in range(MOST_PAGES):
            page = await self._homeserver.request("GET", path, params=params)
            for event in page.get("chunk", []):
                relation = event.get("content", {}).get("m.relates_to", {})
                if relation.get("key") in _SPELLINGS:
                    found[str(event["event_id"])] = str(event["sender"])
            if not page.get("next_batch"):
                break
            params = {"limit": "100", "from": str(page["next_batch"])}
        return {each: who for each, who in found.items() if who != self._homeserver.user_id}

    def _changed(self) -> tuple[list[Listing], int]:
        """Our own listings written since the last look, and how far that is.

        The first look only marks.
        """
        with self._store.read(datetime.now(UTC)) as uow:
            if self._known < 0:
                self._known = uow.listings.revision()
            changed = uow.listings.since(self._known, AT_ONCE)
        ours = [each for each in changed if not each.origin and each.card and each.listed]
        return ours, changed[-1].revision if changed else self._known

    def _add(self, listing: Listing, thumbs: dict[str, str]) -> int:
        with self._store.begin(datetime.now(UTC)) as uow:
            missing = [each for each in thumbs if uow.listings.supporter(each) is None]
            for event_id in missing:
                uow.listings.add_support(listing.room_id, thumbs[event_id], event_id)
            if missing:
                refresh_later(uow, listing)
        return len(missing)
