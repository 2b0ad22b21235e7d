"""Supports that no sync told of: a burst from a partner's server can come by backfill.

Of a hundred events of one room that wait, Synapse 1.163 drops all but the newest, fetches the rest
back when somebody reads there, and does not tell clients of those. The homeserver knows them all:
it is asked for the reactions below the card, at once where a sync left something out, and a while
later wherever supports came in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import quote

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.companions import Companion
from bots.kit.pump.json_fields import as_dict, as_int, as_list, as_text
from bots.marketplace.rooms.card import THUMB
from bots.marketplace.supporting.schedule import refresh_later
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.store import Store

Json = dict[str, Any]
log = logging.getLogger("wecreate.recount")

EVERY = 15.0
"""Seconds between two looks at what has changed."""
AFTER_A_GAP = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds after a sync left something out: the homeserver may still be fetching it."""
AT_ONCE = 50
MOST_PAGES = 200
# So many pages of 100 in a row that bring nothing new: what is older has been counted before.
NOTHING_NEW = 3
MOST_DOUBTED = 20
_DONE = "market.recounted"
_SPELLINGS = frozenset({THUMB, f"{THUMB}\ufe0f"})


@dataclass(frozen=True)
class Thumb:
    """A 👍 that stands below a card; `at` in milliseconds, as its server says."""

    user_id: str
    at: int


class Recount(Companion):
    """Adds what is missing; takes away what was withdrawn without a word."""

    def __init__(self, store: Store, homeserver: Homeserver, every: float = EVERY) -> None:
        self._store = store
        self._homeserver = homeserver
        self._every = every
        self._gaps: dict[str, list[float]] = {}
        self._news = asyncio.Event()
        self._no_thumbs: set[str] = set()

    def gap_in(self, room_ids: Collection[str]) -> None:
        """A sync has left events of these rooms out."""
        for room_id in room_ids:
            self._gaps[room_id] = [monotonic() + each for each in AFTER_A_GAP]
        self._news.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        changes_at = 0.0
        while True:
            self._news.clear()
            try:
                await self._look_at_gaps()
                if monotonic() >= changes_at:
                    changes_at = monotonic() + self._every
                    await self.look()
            except (MatrixError, Unreachable) as error:
                log.info("supports could not be counted again", extra={"why": str(error)})
            except Exception:
                # The loop's boundary: the next look tries again.
                log.exception("supports could not be counted again")
            following = min([changes_at, *(times[0] for times in self._gaps.values())])
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), max(0.0, following - monotonic()))

    async def look(self) -> None:
        """At what has changed since the last look, of an earlier start too.

        Raises MatrixError or Unreachable when the same is to be looked at again.
        """
        goal = await asyncio.to_thread(self._revision)
        while (batch := await asyncio.to_thread(self._changed, goal)) is not None:
            changed, upto = batch
            for listing in changed:
                await self._look_at(listing, whole=False)
            await asyncio.to_thread(self._done, upto)

    async def _look_at_gaps(self) -> None:
        for room_id in [each for each, times in self._gaps.items() if times[0] <= monotonic()]:
            # Before the look: a gap that comes meanwhile begins anew.
            last = len(self._gaps[room_id]) == 1
            if last:
                del self._gaps[room_id]
            else:
                self._gaps[room_id].pop(0)
            listing = await asyncio.to_thread(self._listing, room_id)
            if listing is None:
                self._gaps.pop(room_id, None)
            else:
                await self._look_at(listing, whole=last)

    async def _look_at(self, listing: Listing, *, whole: bool) -> None:
        try:
            await self.recount(listing, whole=whole)
        except MatrixError as error:
            if error.temporary:
                raise
            log.info("a room keeps its supports to itself", extra={"why": str(error)})

    async def recount(self, listing: Listing, *, whole: bool = True) -> int:
        """How many were missing or too many; `whole`: whatever was counted before."""
        known = await asyncio.to_thread(self._known, listing.room_id)
        thumbs, complete = await self._thumbs(listing, known, whole=whole)
        added = await asyncio.to_thread(self._add, listing, thumbs)
        gone = await self._withdrawn(listing.room_id, known - thumbs.keys()) if complete else []
        if gone:
            await asyncio.to_thread(self._take, listing, gone)
        return added + len(gone)

    async def _thumbs(
        self, listing: Listing, known: set[str], *, whole: bool
    ) -> tuple[dict[str, Thumb], bool]:
        """Every 👍 below the card that stands, by Matrix event; whether these are all."""
        room, card = quote(listing.room_id, safe=""), quote(listing.card, safe="")
        path = f"/_matrix/client/v1/rooms/{room}/relations/{card}/m.annotation/m.reaction"
        found: dict[str, Thumb] = {}
        params, in_vain = {"limit": "100"}, 0
        for _ in range(MOST_PAGES):
            page = await self._homeserver.request("GET", path, params=params)
            thumbs = dict(_thumb(event) for event in as_list(page.get("chunk")) if _is_thumb(event))
            found |= thumbs
            if not page.get("next_batch"):
                break
            in_vain = in_vain + 1 if thumbs.keys() <= known else 0
            if in_vain >= NOTHING_NEW and not whole:
                return self._of_people(found), False
            params = {"limit": "100", "from": str(page["next_batch"])}
        else:
            return self._of_people(found), False
        return self._of_people(found), True

    def _of_people(self, thumbs: dict[str, Thumb]) -> dict[str, Thumb]:
        """The bot's own is the button."""
        bot = self._homeserver.user_id
        return {each: thumb for each, thumb in thumbs.items() if thumb.user_id != bot}

    async def _withdrawn(self, room_id: str, doubted: set[str]) -> list[str]:
        """Which of these counted events are reactions that were taken back.

        Others stand for a typed command, or a button in another room.
        """
        gone = []
        for event_id in sorted(doubted - self._no_thumbs)[:MOST_DOUBTED]:
            try:
                event = await self._homeserver.get_event(room_id, event_id)
            except MatrixError as error:
                if error.temporary:
                    raise
                event = {}
            if event.get("type") == "m.reaction" and not event.get("content"):
                gone.append(event_id)
            else:
                self._no_thumbs.add(event_id)
        return gone

    # What follows runs in threads, each in a transaction of its own.

    def _revision(self) -> int:
        with self._store.read(datetime.now(UTC)) as uow:
            return uow.listings.revision()

    def _changed(self, goal: int) -> tuple[list[Listing], int] | None:
        """Our own of the next listings that were written, and how far that is; None at the goal.

        The very first look only marks: what was there before was counted as it came.
        """
        with self._store.read(datetime.now(UTC)) as uow:
            kept = uow.meta.get(_DONE)
            if kept is None:
                return [], goal
            changed = uow.listings.since(int(kept), AT_ONCE) if int(kept) < goal else []
        ours = [each for each in changed if _has_card(each)]
        return (ours, changed[-1].revision) if changed else None

    def _done(self, revision: int) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            uow.meta.set(_DONE, str(revision))

    def _listing(self, room_id: str) -> Listing | None:
        with self._store.read(datetime.now(UTC)) as uow:
            listing = uow.listings.get(room_id)
        return listing if listing is not None and _has_card(listing) else None

    def _known(self, room_id: str) -> set[str]:
        with self._store.read(datetime.now(UTC)) as uow:
            return uow.listings.support_events(room_id)

    def _add(self, listing: Listing, thumbs: dict[str, Thumb]) -> int:
        """What was withdrawn meanwhile stays so: the store knows that event."""
        with self._store.begin(datetime.now(UTC)) as uow:
            before = uow.listings.supports_known(list(thumbs))
            life = uow.listing_lives.get(listing)
            changed_at = life.changed_at.timestamp() * 1000 if life.changed_at else 0.0
            missing = [each for each in thumbs if each not in before]
            for event_id in missing:
                thumb = thumbs[event_id]
                version = life.version if thumb.at >= changed_at else max(1, life.version - 1)
                uow.listings.add_support(listing.room_id, thumb.user_id, event_id, version)
            if missing:
                refresh_later(uow, listing)
        return len(missing)

    def _take(self, listing: Listing, event_ids: list[str]) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            for event_id in event_ids:
                uow.listings.take_support(event_id)
            refresh_later(uow, listing)


def _has_card(listing: Listing) -> bool:
    return bool(not listing.origin and listing.card and listing.listed)


def _is_thumb(event: Json) -> bool:
    relation = as_dict(as_dict(event.get("content")).get("m.relates_to"))
    return as_text(relation.get("key")) in _SPELLINGS


def _thumb(event: Json) -> tuple[str, Thumb]:
    at = as_int(event.get("origin_server_ts"))
    return as_text(event.get("event_id")), Thumb(as_text(event.get("sender")), at)
