"""Supporting a listing and taking that back, for those who type rather than tap."""

from __future__ import annotations

from dataclasses import replace

from bots.kit.context import Context
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies
from bots.marketplace import views
from bots.marketplace.arguments import EVERYWHERE, ListingLink
from bots.marketplace.desk import own
from bots.marketplace.supporting.schedule import refresh_later
from wecreate_module.domain.effects import Redact
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import Listing


@command(
    "unterstützen",
    "support",
    area="marketplace",
    summary="Support a listing, in its room",
    where=EVERYWHERE,
    reading=True,
    examples=(("!unterstützen", "!support"),),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
def support(ctx: Context, listing: Listing | None) -> Replies:
    """No answer but the count on the card, so that the room stays quiet."""
    wanted = own(listing or ctx.uow.listings.get(ctx.room_id))
    version = ctx.uow.listing_lives.get(wanted).version
    # The outbox names rows by the Matrix event that led to them: here the 👍, or the command.
    ctx.uow.listings.add_support(wanted.room_id, ctx.sender, ctx.keys.base, version)
    refresh_later(ctx.uow, wanted)
    return None if wanted.room_id == ctx.room_id else views.supported(ctx, wanted)


@command(
    "unterstützung zurücknehmen",
    "support withdraw",
    area="marketplace",
    summary="Withdraw your support of a listing, in its room",
    where=EVERYWHERE,
    reading=True,
    examples=(("!unterstützung zurücknehmen", "!support withdraw"),),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
def withdraw(ctx: Context, listing: Listing | None) -> Replies:
    """Like taking the 👍 away."""
    wanted = own(listing or ctx.uow.listings.get(ctx.room_id))
    events = ctx.uow.listings.events_of_support(wanted.room_id, ctx.sender)
    if not events:
        raise UserError("no-support", "You don't support this, so there is nothing to withdraw.")
    for event_id in events:
        ctx.uow.listings.take_support(event_id)
        if event_id.startswith("$"):  # so that the reactions below the card tell the same
            replace(ctx, box=None).put(Redact(wanted.room_id, event_id))
    refresh_later(ctx.uow, wanted)
    return views.withdrawn(ctx, wanted)


COMMANDS: tuple[Command, ...] = (support, withdraw)
