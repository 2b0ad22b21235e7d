"""Which listing somebody means, who may do what with it, and whose words are spoken there."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from bots.kit.context import Context, ServerFacts
from bots.kit.i18n import zone
from wecreate_module.domain.boxes import Box, BoxState, Power
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_lives import Life, is_open
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.domain.listings import Listing
from wecreate_module.domain.matrix import power_of
from wecreate_module.services import boxes

_FEW = 2


def rules(ctx: Context) -> MarketRules:
    return facts(ctx).market


def facts(ctx: Context) -> ServerFacts:
    if ctx.server is None:
        raise RuntimeError("this context was made without facts of the server")
    return ctx.server


def home(ctx: Context) -> ZoneInfo:
    """The server's time zone: a listing is for everybody."""
    return zone(facts(ctx).default_timezone)


def of_server(ctx: Context) -> Context:
    """A public card is in the server's language and time, whoever made it change."""
    if ctx.app is None:
        return ctx
    spoken = ctx.app.translators[facts(ctx).default_language]
    return replace(ctx.in_language(spoken), timezone=home(ctx))


def shown(listing: Listing | None) -> Listing:
    """One that stands on the marketplace, a partner's too; raises UserError for any other."""
    if listing is None or not listing.listed:
        raise UserError("no-listing", "This room is no listing of the marketplace.")
    return listing


def own(listing: Listing | None) -> Listing:
    """One of this server; raises UserError for any other, with where to go."""
    listing = shown(listing)
    if listing.origin:
        raise UserError(
            "listing-elsewhere",
            "That listing is at home on {server}. Open its room and do it there.",
            server=listing.origin,
        )
    return listing


def meant(ctx: Context, listing: Listing | None = None) -> Listing:
    """The listing of this room, of this Box, or the only one this person looks after."""
    if listing is not None:
        return own(listing)
    here = ctx.uow.listings.get(ctx.room_id)
    if here is not None or not (ctx.box or ctx.direct):
        return own(here)
    found = of_box(ctx, ctx.box) if ctx.box else ctx.uow.listings.by_author(ctx.sender, 50)
    still = [each for each in found if is_open(each)]
    candidates = still or found
    if not candidates:
        raise UserError("no-listing-here", "There is no listing of yours here. Begin: !market new")
    if len(candidates) >= _FEW:
        raise UserError(
            "which-listing",
            "Which one? Type it in the room of that listing: {titles}",
            titles=", ".join(f"“{each.title[:40]}”" for each in candidates[:4]),
        )
    return own(candidates[0])


def of_box(ctx: Context, box: Box) -> list[Listing]:
    """What is worked on in a Box."""
    found = ctx.uow.listings.some(ctx.uow.listing_lives.of_box(box.id))
    return [each for each in found if each.listed]


def box_of(ctx: Context, life: Life) -> Box | None:
    """The Box of a listing, if it can still be worked in."""
    box = ctx.uow.boxes.get(life.box_id) if life.box_id else None
    return box if box is not None and box.state is BoxState.ACTIVE else None


def is_admin(ctx: Context, box: Box, user_id: str) -> bool:
    """Whether somebody decides about a Box."""
    room = ctx.uow.rooms.get(box.room_id)
    if room is None or ctx.uow.rooms.member(box.room_id, user_id) is None:
        return False
    if user_id not in boxes.member_ids(ctx.uow, box, ctx.bot_user_id):
        return False
    power = power_of(user_id, room.create, room.creator, room.power_levels)
    return power >= Power.ADMIN


def admins(ctx: Context, box: Box) -> tuple[str, ...]:
    people = boxes.member_ids(ctx.uow, box, ctx.bot_user_id)
    return tuple(who for who in people if is_admin(ctx, box, who))


def is_steward(ctx: Context, listing: Listing, life: Life) -> bool:
    """Who published it, who decides in its Box, who speaks for the organisation it is by."""
    if ctx.sender == listing.author or ctx.sender in rules(ctx).moderators:
        return True
    box = box_of(ctx, life)
    if box is not None and is_admin(ctx, box, ctx.sender):
        return True
    speaks_for = {each.name for each in rules(ctx).of_member(ctx.sender)}
    return listing.publisher.verified and listing.publisher.name in speaks_for


def require_steward(ctx: Context, listing: Listing, life: Life) -> None:
    if not is_steward(ctx, listing, life):
        raise UserError(
            "not-your-listing",
            "Only those who published this can do that, or the admins of its Box.",
        )
