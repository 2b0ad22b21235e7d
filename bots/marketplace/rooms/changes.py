"""A listing's room says what is so: its record, its name, its card."""

from __future__ import annotations

from dataclasses import replace

from bots.kit.context import Context
from bots.kit.replies import Reply
from bots.marketplace.desk import of_server
from bots.marketplace.rooms.card import Standing, card
from wecreate_module.domain.effects import SetState
from wecreate_module.domain.listing_rooms import topic
from wecreate_module.domain.listings import Listing, to_record
from wecreate_module.domain.matrix import LISTING


def card_now(ctx: Context, listing: Listing) -> list[Reply]:
    """The card as an edit; nothing where none is known."""
    if not listing.card:
        return []
    life = ctx.uow.listing_lives.get(listing)
    standing = Standing.of(life, ctx.uow.listings.supports_of(listing.room_id))
    here = of_server(ctx)
    shown = card(here.translator, listing, here.timezone, ctx.now, standing)
    edit = replace(shown, room_id=listing.room_id, edits=listing.card, pin=False)
    return [edit]


def changed(ctx: Context, listing: Listing) -> list[Reply]:
    """After a change that everybody may know: the record for programs, the card for people."""
    write(ctx, listing)
    return card_now(ctx, listing)


def write(ctx: Context, listing: Listing) -> None:
    """The room's state; what stands already is not sent again."""
    outside = replace(ctx, box=None)
    room_id = listing.room_id
    outside.put(SetState(room_id, LISTING, to_record(listing)))
    outside.put(SetState(room_id, "m.room.name", {"name": listing.title}))
    outside.put(SetState(room_id, "m.room.topic", {"topic": topic(listing)}))
