"""👍 below a card: counted, taken back, and shown on the card."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bots.kit.context import Context
from bots.kit.incoming import Incoming
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from bots.marketplace.rooms.changes import card_now, changed
from bots.marketplace.supporting import thresholds
from wecreate_module.domain.listings import Listing
from wecreate_module.domain.matrix import power_of, required_power
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.uow import UnitOfWork

# A burst of supports is one change of the card.
TOGETHER = timedelta(seconds=1)


def refresh_later(uow: UnitOfWork, listing: Listing) -> None:
    """Count anew: at once, or in a moment for all that came since the last time.

    What is still ahead will see this one. Whether it is says the schedule, not the clock: this
    transaction may have waited while that work was done.
    """
    if uow.schedule.ahead(None, "market.count", listing.room_id):
        return
    key = f"market.counted:{listing.room_id}"
    known = uow.meta.get(key)
    last = datetime.fromisoformat(known) if known else None
    lately = last is not None and abs(last - uow.now) < TOGETHER
    due = last + TOGETHER if last is not None and lately else uow.now
    uow.meta.set(key, due.isoformat())
    uow.schedule.put(
        due,
        "market.count",
        key=f"market.count:{listing.room_id}:{due.isoformat()}",
        box_id=None,
        subject=listing.room_id,
        payload={"room_id": listing.room_id},
    )


def withdrawn(ctx: Context, incoming: Incoming) -> Replies:
    """A 👍 was removed, by its giver or by a moderator of the room."""
    event_id = str(incoming.content.get("redacts", ""))
    supporter = ctx.uow.listings.supporter(event_id)
    if supporter is None or not _may_remove(ctx, supporter):
        return None
    room_id = ctx.uow.listings.take_support(event_id)
    listing = ctx.uow.listings.get(room_id) if room_id == ctx.room_id else None
    if listing is not None:
        refresh_later(ctx.uow, listing)
    return None


def _may_remove(ctx: Context, supporter: str) -> bool:
    """Servers hand on redactions that change nothing: of somebody without the power."""
    if ctx.sender == supporter:
        return True
    room = ctx.uow.rooms.get(ctx.room_id)
    if room is None:
        return False
    power = power_of(ctx.sender, room.create, room.creator, room.power_levels)
    return power >= required_power("redact", room.power_levels)


@scheduled("market.count")
def count(ctx: Context, item: Scheduled) -> Replies:
    """The number on the card and in the directory, and what it leads to."""
    listing = ctx.uow.listings.get(item.subject)
    if listing is None or not listing.listed:
        return None
    life = ctx.uow.listing_lives.get(listing)
    support = ctx.uow.listings.supporters(listing.room_id)
    # Who has read a new text changes the card, though not the number.
    if support == listing.support and life.version == 1:
        return None
    before = listing.status
    listing = ctx.uow.listings.put(replace(listing, support=support))
    listing = thresholds.consider(ctx, listing)
    return changed(ctx, listing) if listing.status is not before else card_now(ctx, listing)


SCHEDULED: tuple[Scheduler, ...] = (count,)
