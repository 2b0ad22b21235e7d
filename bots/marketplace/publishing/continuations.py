"""The room of a new listing stands: what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from bots.marketplace import views
from bots.marketplace.desk import of_server
from bots.marketplace.publishing.questions import read_draft
from bots.marketplace.rooms.card import Standing, card
from bots.marketplace.rooms.spaces import place
from wecreate_module.domain.effects import CreateRoom, Send, SetState
from wecreate_module.domain.listing_lives import born
from wecreate_module.domain.listing_rooms import local_alias

Json = dict[str, Any]


@continuation("market.created")
def created(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """The room stands: its address, its card, its place in the directory, the answer."""
    room_id = str(result["room_id"])
    draft = read_draft(ctx, dict(ctx.extra["record"]))
    alias = f"#{local_alias(effect.request)}:{draft.server}"
    listing = replace(draft, room_id=room_id, alias=alias, author=ctx.sender)
    ctx.uow.listings.put(listing)
    life = ctx.uow.listing_lives.put(
        replace(born(listing), box_id=str(ctx.extra.get("box_id", "")))
    )
    outside = replace(ctx, box=None)
    outside.put(SetState(room_id, "m.room.canonical_alias", {"alias": alias}))
    here = of_server(ctx)
    shown = card(here.translator, listing, here.timezone, ctx.now, Standing(life))
    announced = replace(shown, room_id=room_id, then="market.announced", keep={"room_id": room_id})
    return [announced, views.published(ctx, listing)]


@continuation("market.announced")
def announced(ctx: Context, effect: Send, result: Json) -> Replies:
    """Remember the card: supports are counted below it, and it is kept up to date."""
    del effect
    listing = ctx.uow.listings.get(str(ctx.extra["room_id"]))
    if listing is not None:
        listing = ctx.uow.listings.put(replace(listing, card=str(result["event_id"])))
        place(ctx, listing)
    return None


CONTINUATIONS: tuple[Continuation, ...] = (created, announced)
