"""What moderation's decisions do to a listing and its room."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from bots.kit.context import Context
from bots.kit.outgoing import say
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text
from bots.marketplace.desk import of_server
from bots.marketplace.rooms.card import Standing, card
from bots.marketplace.rooms.changes import card_now, write
from bots.marketplace.rooms.spaces import place
from wecreate_module.domain.effects import Publish, Redact, SetState
from wecreate_module.domain.listing_lives import Life
from wecreate_module.domain.listings import Listing
from wecreate_module.domain.matrix import LISTING
from wecreate_module.storage.listing_cases import Decision

_JOINS, _HISTORY = "m.room.join_rules", "m.room.history_visibility"


def carry_out(ctx: Context, listing: Listing, decision: Decision) -> None:
    """Warnings and dismissals are words only."""
    outside = replace(ctx, box=None)
    life = ctx.uow.listing_lives.get(listing)
    if listing.origin:
        if decision in {Decision.HIDE, Decision.RESTORE}:
            _show_here(ctx, listing, life, listed=decision is Decision.RESTORE)
        return
    match decision:
        case Decision.HIDE:
            _take_off(outside, listing, life)
            say(outside, _covered(outside, listing))
        case Decision.REMOVE:
            _take_off(outside, listing, replace(life, removed=True))
            _close(outside, listing)
        case Decision.RESTORE if not listing.listed:
            _bring_back(outside, listing, life)


def _show_here(ctx: Context, listing: Listing, life: Life, *, listed: bool) -> None:
    """A partner's: in our copy alone, and whatever the partner sends from now on."""
    ctx.uow.listings.put(replace(listing, listed=listed))
    ctx.uow.listing_lives.put(replace(life, hidden=not listed))


def _take_off(ctx: Context, listing: Listing, life: Life) -> None:
    """Out of the directory, the Space, the search, and the homeserver's list of rooms."""
    hidden = ctx.uow.listings.put(replace(listing, listed=False))
    ctx.uow.listing_lives.put(replace(life, hidden=True))
    place(ctx, hidden)
    ctx.put(Publish(listing.room_id, listed=False))


def _close(ctx: Context, listing: Listing) -> None:
    """Nobody comes in or reads on from outside, and nothing says what it was."""
    room_id, gone = listing.room_id, of_server(ctx).t("Removed")
    ctx.put(SetState(room_id, _JOINS, {"join_rule": "invite"}))
    ctx.put(SetState(room_id, _HISTORY, {"history_visibility": "joined"}))
    ctx.put(SetState(room_id, LISTING, {}))
    ctx.put(SetState(room_id, "m.room.name", {"name": gone}))
    ctx.put(SetState(room_id, "m.room.topic", {"topic": ""}))
    if listing.card:
        ctx.put(Redact(room_id, listing.card))


def _bring_back(ctx: Context, listing: Listing, life: Life) -> None:
    removed = life.removed
    back = ctx.uow.listings.put(replace(listing, listed=True))
    life = ctx.uow.listing_lives.put(replace(life, hidden=False, removed=False))
    ctx.put(Publish(listing.room_id, listed=True))
    place(ctx, back)
    if not removed:
        say(ctx, card_now(ctx, back))
        return
    room_id, here = listing.room_id, of_server(ctx)
    ctx.put(SetState(room_id, _JOINS, {"join_rule": "public"}))
    ctx.put(SetState(room_id, _HISTORY, {"history_visibility": "world_readable"}))
    write(ctx, back)
    standing = Standing.of(life, ctx.uow.listings.supports_of(room_id))
    fresh = card(here.translator, back, here.timezone, ctx.now, standing)
    kept = {"room_id": room_id}
    say(ctx, replace(fresh, room_id=room_id, then="market.announced", keep=kept))


def _covered(ctx: Context, listing: Listing) -> list[Reply]:
    """The card of what is hidden, in place of its text."""
    if not listing.card:
        return []
    here = of_server(ctx)
    text = here.t("This listing is not shown at the moment: the moderators have hidden it.")
    html = f"🙈 <i>{escape(text)}</i>"
    return [Reply(html_to_text(html), html, room_id=listing.room_id, edits=listing.card)]
