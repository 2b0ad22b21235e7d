"""At each start: what the operator's settings or an import have changed becomes so."""

from __future__ import annotations

from dataclasses import replace

from bots.kit.context import Context
from bots.kit.replies import Replies, Reply
from bots.marketplace.desk import rules
from bots.marketplace.moderation import room
from bots.marketplace.rooms.changes import card_now
from bots.marketplace.rooms.spaces import forget_coming, place_all
from wecreate_module.services.listing_lives import BOX_COMES


def started(ctx: Context) -> Replies:
    """Listings into their Spaces, marks only where they are still due, moderators in their room."""
    forget_coming(ctx)
    _boxes_that_never_came(ctx)
    place_all(ctx)
    room.begin_again(ctx)
    room.let_in(ctx)
    return _marks(ctx)


def _boxes_that_never_came(ctx: Context) -> None:
    """The homeserver refused one for good: it can be asked for anew."""
    for listing in ctx.uow.listings.with_room():
        life = ctx.uow.listing_lives.get(listing)
        if BOX_COMES in life.reached:
            reached = tuple(name for name in life.reached if name != BOX_COMES)
            ctx.uow.listing_lives.put(replace(life, reached=reached))


def _marks(ctx: Context) -> list[Reply]:
    """Who is vouched for no more loses the mark; the name stays, it was theirs."""
    known = {(each.name, each.type) for each in rules(ctx).organisations}
    found: list[Reply] = []
    for listing in ctx.uow.listings.with_room():
        said = listing.publisher
        if said.verified and (said.name, said.type) not in known:
            plain = replace(listing, publisher=replace(said, verified=False))
            found += card_now(ctx, ctx.uow.listings.put(plain))
    return found
