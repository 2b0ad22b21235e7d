"""`!markt folgen`, and the one message a day with what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bots.kit.arguments import Number, Rest
from bots.kit.context import Context
from bots.kit.registry import Command, Scheduler, Where, argument, command, scheduled
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace import news_views as views
from bots.marketplace.desk import home, own, rules
from bots.marketplace.searching import read_search
from bots.marketplace.support import refresh_later
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_queries import Sort
from wecreate_module.domain.listings import Listing
from wecreate_module.services import listing_news
from wecreate_module.services.listings import search_listings
from wecreate_module.storage.listing_news import Follow, News
from wecreate_module.storage.schedule import Scheduled

MOST_FOLLOWS = 20
MAX_TEXT = 200
_LOOKED_AT = 50


@dataclass(frozen=True)
class Fresh:
    """New listings that somebody follows, and the search that found them."""

    follow: Follow
    listings: tuple[Listing, ...]


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


@scheduled(listing_news.DIGEST)
def digest(ctx: Context, item: Scheduled) -> Replies:
    """Everything that is new for one person, once a day at most; nothing is said of nothing."""
    user_id = str(item.payload.get("user_id", ""))
    follows = ctx.uow.listing_news.follows(user_id)
    again = (ctx.uow, rules(ctx), home(ctx), user_id, ctx.room_id)
    if not listing_news.may_tell_now(ctx.uow, user_id):
        listing_news.plan(*again)
        return None
    news = ctx.uow.listing_news.take(user_id)
    told = {each.room_id for each in news}
    fresh = [_fresh(ctx, each, told) for each in follows]
    by_room = _listings(ctx, news)
    if by_room or any(each.listings for each in fresh):
        listing_news.note_told(ctx.uow, user_id)
        letters.tell(
            ctx,
            user_id,
            lambda reader: views.digest(
                reader, news, by_room, [(each.follow, each.listings) for each in fresh]
            ),
            unasked=True,
        )
    if follows:
        listing_news.plan(*again)
    return None


@scheduled(listing_news.PLAN)
def plan(ctx: Context, item: Scheduled) -> Replies:
    """Digests of a listing with a great many supporters, some at a time."""
    after = str(item.payload.get("after", ""))
    listing_news.plan_some(ctx.uow, rules(ctx), home(ctx), ctx.room_id, after)
    return None


def _fresh(ctx: Context, follow: Follow, told: set[str]) -> Fresh:
    """What came since they follow and they don't know yet; `told` grows by it."""
    try:
        query = read_search(follow.text, ctx).query
    except UserError:  # words of an earlier version
        return Fresh(follow, ())
    newest = replace(query, sort=Sort.NEWEST, limit=_LOOKED_AT)
    found = search_listings(ctx.uow, newest).listings
    known = ctx.uow.listing_news.told(follow.user_id, [each.room_id for each in found]) | told
    new = tuple(
        each
        for each in found
        if each.published_at > follow.created_at
        and each.room_id not in known
        and each.author != follow.user_id
    )
    ids = [each.room_id for each in new]
    ctx.uow.listing_news.note_told(follow.user_id, ids)
    told.update(ids)
    return Fresh(follow, new)


def _listings(ctx: Context, news: Sequence[News]) -> dict[str, Listing]:
    ids = list(dict.fromkeys(each.room_id for each in news))
    return {each.room_id: each for each in ctx.uow.listings.some(ids) if each.listed}


COMMANDS: tuple[Command, ...] = (follow, unfollow, still)
SCHEDULED: tuple[Scheduler, ...] = (digest, plan)
