"""At each start: what settings or an import have changed becomes so; what runs from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bots.kit.client import Homeserver
from bots.kit.companions import Companion
from bots.kit.context import Context, ServerFacts
from bots.kit.replies import Replies, Reply
from bots.marketplace.desk import rules
from bots.marketplace.farewells import Farewells
from bots.marketplace.moderation import room
from bots.marketplace.partners import Puller
from bots.marketplace.rooms.changes import card_now
from bots.marketplace.rooms.spaces import forget_coming, place_all
from bots.marketplace.supporting.recount import Recount
from wecreate_module.domain.listings import Listing
from wecreate_module.services.listing_lives import BOX_COMES
from wecreate_module.storage.store import Store


def started(ctx: Context) -> Replies:
    """Listings into their Spaces, marks only where they are still due, moderators in their room."""
    forget_coming(ctx)
    ours = ctx.uow.listings.with_room()
    _boxes_that_never_came(ctx, ours)
    place_all(ctx, ours)
    room.begin_again(ctx)
    room.let_in(ctx)
    return _marks(ctx, ours)


def companions(store: Store, homeserver: Homeserver, server: ServerFacts) -> tuple[Companion, ...]:
    """Partners' listings come in, supports that no sync told of too, who left is forgotten."""
    return (
        Puller(store, homeserver, server.partners, server.pull_seconds),
        Recount(store, homeserver),
        Farewells(store, homeserver),
    )


def _boxes_that_never_came(ctx: Context, ours: Sequence[Listing]) -> None:
    """The homeserver refused one for good: it can be asked for anew."""
    for life in ctx.uow.listing_lives.some(ours):
        if BOX_COMES in life.reached:
            reached = tuple(name for name in life.reached if name != BOX_COMES)
            ctx.uow.listing_lives.put(replace(life, reached=reached))


def _marks(ctx: Context, ours: Sequence[Listing]) -> list[Reply]:
    """Who is vouched for no more loses the mark; the name stays, it was theirs."""
    known = {(each.name, each.type) for each in rules(ctx).organisations}
    found: list[Reply] = []
    for listing in ours:
        said = listing.publisher
        if said.verified and (said.name, said.type) not in known:
            plain = replace(listing, publisher=replace(said, verified=False))
            found += card_now(ctx, ctx.uow.listings.put(plain))
    return found
