"""What enough support leads to, as the operator's settings say."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from html import escape

from bots.kit.context import Context, Origin
from bots.kit.outgoing import say
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text
from bots.marketplace import letters
from bots.marketplace.desk import box_of, home, of_server, rules
from bots.marketplace.life.boxmaking import make_box
from bots.marketplace.views import link_html
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_lives import Life, is_open, way_to_box
from wecreate_module.domain.listing_rules import Then, Threshold
from wecreate_module.domain.listings import Listing, Status
from wecreate_module.services.listing_lives import gather, got_box


def consider(ctx: Context, listing: Listing) -> Listing:
    """After a count: the first support makes an idea gather, each threshold acts once."""
    if listing.status is Status.IDEA and listing.support:
        listing = gather(ctx.uow, listing)
    if not is_open(listing):
        return listing
    for threshold in rules(ctx).reached(listing, listing.support):
        life = ctx.uow.listing_lives.get(listing)
        if threshold.name not in life.reached:
            ctx.uow.listing_lives.put(replace(life, reached=(*life.reached, threshold.name)))
            listing = _act(ctx, listing, life, threshold)
    return listing


def _act(ctx: Context, listing: Listing, life: Life, threshold: Threshold) -> Listing:
    box = box_of(ctx, life)
    match threshold.then:
        case Then.BOX if box is not None:  # a Box published it: there it is worked on from now on
            return got_box(ctx.uow, listing, box.id, rules(ctx), home(ctx))
        case Then.BOX:
            with suppress(UserError):  # imported, and nobody to be its admin
                make_box(ctx, listing)
        case Then.SUGGEST_BOX:
            if way_to_box(listing) and box is None:
                letters.tell(ctx, listing.author, lambda reader: _suggest_box(reader, listing))
        case Then.SUGGEST_MOTION:
            if listing.status in {Status.IDEA, Status.GATHERING, Status.BOX}:
                _to_those_who_work_on_it(ctx, listing, life)
    return listing


def _to_those_who_work_on_it(ctx: Context, listing: Listing, life: Life) -> None:
    box = box_of(ctx, life)
    if box is None:
        letters.tell(ctx, listing.author, lambda reader: _suggest_motion(reader, listing))
        return
    origin = Origin(box.room_id, ctx.bot_user_id)
    inside = replace(of_server(ctx), box=box, origin=origin, replied_to=None)
    say(inside, _suggest_motion(inside, listing))


def _suggest_box(ctx: Context, listing: Listing) -> Reply:
    said = _so_many(ctx, listing)
    what = ctx.t("Shall I make a Box, where you plan it together? Tap 📦")
    html = f"<b>{escape(said)}</b> {link_html(listing)}<br>{escape(what)}"
    button = Button("📦", f"!markt box {listing.room_id}")
    data = {"listing": listing.room_id, "support": listing.support, "suggested": "box"}
    return Reply(html_to_text(html), html, data=data, buttons=(button,))


def _suggest_motion(ctx: Context, listing: Listing) -> Reply:
    said = _so_many(ctx, listing)
    what = ctx.t("That is enough for a motion. Begin it in your Box: !motion new")
    html = f"<b>{escape(said)}</b> {link_html(listing)}<br>{escape(what)}"
    data = {"listing": listing.room_id, "support": listing.support, "suggested": "motion"}
    return Reply(html_to_text(html), html, data=data)


def _so_many(ctx: Context, listing: Listing) -> str:
    return ctx.ngettext(
        "📣 {n} person supports this:", "📣 {n} people support this:", listing.support
    )
