"""The one message a day with what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bots.kit.context import Context
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace.desk import home, rules
from bots.marketplace.news import views
from bots.marketplace.searching import read_search
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_queries import Sort
from wecreate_module.domain.listings import Listing
from wecreate_module.services import listing_news
from wecreate_module.services.listings import search_listings
from wecreate_module.storage.listing_news import Follow, News
from wecreate_module.storage.schedule import Scheduled

_LOOKED_AT = 50


@dataclass(frozen=True)
class Fresh:
    """New listings that somebody follows, and the search that found them."""

    follow: Follow
    listings: tuple[Listing, ...]


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


SCHEDULED: tuple[Scheduler, ...] = (digest, plan)
