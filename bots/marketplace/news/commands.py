"""`!markt folgen`, and what the digest asks."""

from __future__ import annotations

from bots.kit.arguments import Number, Rest
from bots.kit.context import Context
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies
from bots.marketplace.desk import home, own, rules
from bots.marketplace.news import views
from bots.marketplace.searching import read_search
from bots.marketplace.supporting.schedule import refresh_later
from wecreate_module.domain.errors import UserError
from wecreate_module.services import listing_news

MOST_FOLLOWS = 20
MAX_TEXT = 200


@command(
    "markt folgen",
    "market follow",
    area="marketplace",
    summary="Hear once a day of new listings: by words, kind, #tag, district; alone: your list",
    where=Where.ANY,
    reading=True,
    examples=(
        ("!markt folgen #rad in Süd", "!market follow #bike district:South"),
        ("!markt folgen", "!market follow"),
    ),
    aliases=("folgen", "follow"),
)
@argument("text", Rest(MAX_TEXT), "wörter", "words", optional=True)
def follow(ctx: Context, text: str | None) -> Replies:
    """`{"follows": [{"number", "text"}]}`, and `{"follow": {…}}` if it is new."""
    known = ctx.uow.listing_news.follows(ctx.sender)
    if text is None:
        return views.follows(ctx, known)
    search = read_search(text, ctx)
    if any(each.text == search.text for each in known):
        raise UserError("followed-before", "You follow that already. See all: !market follow")
    if len(known) >= MOST_FOLLOWS:
        raise UserError(
            "too-many-follows",
            "You follow {most} searches; end one first: !market unfollow 1",
            most=MOST_FOLLOWS,
        )
    added = ctx.uow.listing_news.follow(ctx.sender, search.text)
    listing_news.plan(ctx.uow, rules(ctx), home(ctx), ctx.sender, ctx.room_id)
    return views.followed(ctx, added)


@command(
    "markt entfolgen",
    "market unfollow",
    area="marketplace",
    summary="Hear no more of what you follow",
    where=Where.ANY,
    reading=True,
    examples=(("!markt entfolgen 1", "!market unfollow 1"),),
    aliases=("entfolgen", "unfollow"),
)
@argument("number", Number(), "nummer", "number", ask="Which one? Type its number.")
def unfollow(ctx: Context, number: int) -> Replies:
    """`{"follows": [{"number", "text"}]}`, those that are left."""
    if not ctx.uow.listing_news.unfollow(ctx.sender, number):
        raise UserError("no-such-follow", "You follow no #{number}. See all: !market follow",
                        number=number)  # fmt: skip
    return views.unfollowed(ctx, ctx.uow.listing_news.follows(ctx.sender))


@command(
    "markt weiter dafür",
    "market still for",
    area="marketplace",
    summary="Support the new text of a listing too",
    where=Where.DIRECT,
    reading=True,
    listed=False,
)
@argument("room_id", Rest(255), "eintrag", "listing", ask="Which one?")
def still(ctx: Context, room_id: str) -> Replies:
    """From the digest: who was for the old text is for the new one."""
    listing = own(ctx.uow.listings.get(room_id))
    version = ctx.uow.listing_lives.get(listing).version
    ctx.uow.listings.add_support(listing.room_id, ctx.sender, ctx.keys.base, version)
    refresh_later(ctx.uow, listing)
    return views.still(ctx, listing)


COMMANDS: tuple[Command, ...] = (follow, unfollow, still)
