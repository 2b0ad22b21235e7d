"""A Box for a listing: made once, with who published it as its admin."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from bots.kit.context import Context, Origin
from bots.kit.outgoing import say
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Button, Replies, Reply
from bots.kit.templates import html_to_text
from bots.marketplace import letters
from bots.marketplace.desk import box_of, facts, home, of_server, rules
from bots.marketplace.joining import views as requests
from bots.marketplace.joining.continuations import take_in
from bots.marketplace.rooms.changes import changed
from bots.marketplace.views import link
from wecreate_module.domain.boxes import MAX_NAME, Box, clean_name, room_request
from wecreate_module.domain.effects import CreateRoom, Invite
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import Listing
from wecreate_module.services import boxes
from wecreate_module.services.listing_lives import BOX_COMES, got_box
from wecreate_module.storage.listing_requests import Asked

Json = dict[str, Any]


def make_box(ctx: Context, listing: Listing) -> bool:
    """Begin one, unless there is one or one is coming; True if it comes now.

    Raises UserError when nobody here could be its admin.
    """
    life = ctx.uow.listing_lives.get(listing)
    if box_of(ctx, life) is not None or BOX_COMES in life.reached:
        return False
    if not listing.author:
        raise UserError(
            "nobody-looks-after", "Nobody here looks after this listing, so I make no Box for it."
        )
    ctx.uow.listing_lives.put(replace(life, reached=(*life.reached, BOX_COMES)))
    there = of_server(ctx)
    body = room_request(
        name=_name(listing),
        topic=there.t("A Box: tasks and more with WeCreate. Type !help to see what it can do."),
        founder=listing.author,
        bot_user_id=ctx.bot_user_id,
        language=there.language,
        timezone=facts(ctx).default_timezone,
    )
    # Named for the Box before it (if that is gone): however often it is asked for, it is one.
    effect = CreateRoom(f"market:box:{listing.room_id}:{life.box_id}", body)
    kept = {"room_id": listing.room_id, "language": there.language}
    replace(ctx, box=None).put(effect, then="market.box", extra=kept)
    return True


@continuation("market.box")
def box_made(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """It stands: its admin is invited, those who were accepted too, and everybody can see it."""
    del effect
    listing = ctx.uow.listings.get(str(ctx.extra["room_id"]))
    if listing is None:
        return None
    box = boxes.found(
        ctx.uow,
        room_id=str(result["room_id"]),
        name=_name(listing),
        founder=listing.author,
        language=str(ctx.extra["language"]),
        timezone=facts(ctx).default_timezone,
    )
    if ctx.uow.listing_lives.get(listing).box_id == box.id:  # asked for twice, made once
        return None
    listing = got_box(ctx.uow, listing, box.id, rules(ctx), home(ctx))
    # The invites go first: whoever is invited gets the key of the welcome message.
    inside = _inside(ctx, box)
    inside.put(Invite(box.room_id, (listing.author,)))
    for request in ctx.uow.listing_requests.of_listing(listing.room_id, Asked.ACCEPTED):
        take_in(inside, box, listing, request)
    say(inside, _welcome(inside, listing))
    letters.tell(ctx, listing.author, lambda reader: _ready(reader, listing, box))
    for request in ctx.uow.listing_requests.of_listing(listing.room_id, Asked.OPEN):
        say(inside, requests.asked(inside, listing, request, (listing.author,)))
    return changed(ctx, listing)


def _inside(ctx: Context, box: Box) -> Context:
    """Speaking in the Box, to nobody's command."""
    origin = Origin(box.room_id, ctx.bot_user_id, language=box.language)
    return replace(of_server(ctx), box=box, origin=origin, direct=False, replied_to=None)


def _name(listing: Listing) -> str:
    return clean_name(listing.title[:MAX_NAME])


def _welcome(ctx: Context, listing: Listing) -> Reply:
    title = ctx.t("📦 This is the Box of “{title}”.", title=listing.title)
    count = ctx.ngettext("{n} person supports it.", "{n} people support it.", listing.support)
    more = ctx.t(
        "Plan here what becomes of it: everything in this Box is for its members only. Type !help "
        "to see what I can do."
    )
    html = (
        f"<b>{escape(title)}</b><br>{escape(count)} {escape(more)}<br>"
        f'<a href="{escape(link(listing))}">{escape(listing.title)}</a>'
    )
    return Reply(html_to_text(html), html, pin=True, buttons=(Button("💡", "!help"),))


def _ready(ctx: Context, listing: Listing, box: Box) -> Reply:
    text = ctx.t(
        "📦 There is a Box for “{title}” now, and you are its admin. The invitation is in your "
        "list of chats.",
        title=listing.title,
    )
    return Reply(text, data={"box": {"room_id": box.room_id}, "listing": listing.room_id})


CONTINUATIONS: tuple[Continuation, ...] = (box_made,)
