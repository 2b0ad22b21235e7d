"""The marketplace's Space and its districts: made once, and every listing stands in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Continuation, Scheduler, continuation, scheduled
from bots.kit.replies import Replies
from bots.marketplace.desk import facts, of_server, rules
from wecreate_module.domain.effects import CreateRoom, SetState
from wecreate_module.domain.listing_lives import Life
from wecreate_module.domain.listing_rooms import child_of, space_request
from wecreate_module.domain.listing_rules import plain_name
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.schedule import Scheduled

Json = dict[str, Any]
CHILD, PARENT = "m.space.child", "m.space.parent"
MAIN = ""
_KEY = "market.space:"
_COMING = "coming"
_TIDY = "market.tidy"


def place(ctx: Context, listing: Listing) -> None:
    """Into the Space it belongs to, out of any other; waits for a Space that is being made."""
    if listing.card:
        _place(ctx, listing, ctx.uow.listing_lives.get(listing), partial(_space, ctx))


def _place(
    ctx: Context, listing: Listing, life: Life, space_of: Callable[[str], str | None]
) -> None:
    wanted = space_of(rules(ctx).district(listing.district)) if listing.listed else ""
    if wanted is None or life.space == wanted:
        return
    outside = replace(ctx, box=None)
    if life.space:
        outside.put(SetState(life.space, CHILD, {}, listing.room_id))
        outside.put(SetState(listing.room_id, PARENT, {}, life.space))
    if wanted:
        _join_up(outside, wanted, listing.room_id)
    ctx.uow.listing_lives.put(replace(life, space=wanted))


def place_all(ctx: Context, ours: Sequence[Listing]) -> None:
    """Those that came otherwise (by import, say), or whose district got a Space meanwhile.

    And so again in an hour. `ours` are all that have a room.
    """
    space_of = cache(partial(_space, ctx))
    for listing, life in zip(ours, ctx.uow.listing_lives.some(ours), strict=True):
        _place(ctx, listing, life, space_of)
    main = address(ctx)
    if main is not None:
        hour = ctx.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        key = f"{_TIDY}:{hour.isoformat()}"
        ctx.uow.schedule.put(hour, _TIDY, key=key, payload={"room_id": main})


def forget_coming(ctx: Context) -> None:
    """At a start: a Space that never came is asked for anew, by the same name, so it is one."""
    for district in (MAIN, *rules(ctx).districts):
        if ctx.uow.meta.get(_meta(district)) == _COMING:
            ctx.uow.meta.set(_meta(district), None)


@scheduled(_TIDY)
def tidy(ctx: Context, item: Scheduled) -> Replies:
    """What an import has brought while the bot was running comes into its place."""
    del item
    place_all(ctx, ctx.uow.listings.with_room())
    return None


@continuation("market.space")
def space_made(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """It stands: into its place, and the listings that waited for it into theirs."""
    del effect
    room_id, district = str(result["room_id"]), str(ctx.extra["district"])
    ctx.uow.meta.set(_meta(district), room_id)
    if district != MAIN:
        main = _space(ctx, MAIN)
        if main is not None:
            _join_up(replace(ctx, box=None), main, room_id)
    else:
        for name in rules(ctx).districts:
            space = ctx.uow.meta.get(_meta(name))
            if space not in {None, _COMING}:
                _join_up(replace(ctx, box=None), room_id, str(space))
    place_all(ctx, ctx.uow.listings.with_room())
    return None


def address(ctx: Context) -> str | None:
    """The room of the marketplace's Space, once it stands."""
    found = ctx.uow.meta.get(_meta(MAIN))
    return found if found != _COMING else None


def _space(ctx: Context, district: str) -> str | None:
    """Its room; None while it is being made, which this begins where nobody has."""
    found = ctx.uow.meta.get(_meta(district))
    if found is not None:
        return None if found == _COMING else found
    ctx.uow.meta.set(_meta(district), _COMING)
    name = rules(ctx).name
    about = of_server(ctx).t("Ideas, events, requests and offers. Everybody can join in.")
    body = space_request(f"{name}: {district}" if district else name, about, ctx.bot_user_id)
    request = f"market:space:{plain_name(district)}"
    outside = replace(ctx, box=None)
    outside.put(CreateRoom(request, body), then="market.space", extra={"district": district})
    return None


def _join_up(ctx: Context, space: str, room_id: str) -> None:
    via = child_of(facts(ctx).server_name)
    ctx.put(SetState(space, CHILD, via, room_id))
    ctx.put(SetState(room_id, PARENT, {**via, "canonical": True}, space))


def _meta(district: str) -> str:
    return _KEY + plain_name(district)


CONTINUATIONS: tuple[Continuation, ...] = (space_made,)
SCHEDULED: tuple[Scheduler, ...] = (tidy,)
