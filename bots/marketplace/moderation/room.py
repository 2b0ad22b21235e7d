"""The moderators' room: private, made with the first report, its people are the operator's word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bots.kit.context import Context, Origin
from bots.kit.outgoing import say
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from bots.marketplace.desk import of_server, rules
from bots.marketplace.moderation import views
from wecreate_module.domain.effects import CreateRoom, Invite, SetState
from wecreate_module.domain.errors import UserError
from wecreate_module.storage.listing_cases import Case

Json = dict[str, Any]
_ROOM = "market.moderation"
_COMING = "coming"


@continuation("market.moderation")
def room_made(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """It stands: the moderators come in and find what has been reported meanwhile."""
    del effect
    room_id = str(result["room_id"])
    if ctx.uow.meta.get(_ROOM) == room_id:  # asked for twice, made once
        return None
    ctx.uow.meta.set(_ROOM, room_id)
    inside = _inside(ctx, room_id)
    inside.put(Invite(room_id, rules(ctx).moderators))
    say(inside, views.what_this_is(inside))
    for case in ctx.uow.listing_cases.still_open():
        _say_case(inside, case, new=True)
    return None


def to_moderators(ctx: Context, case: Case, *, new: bool) -> None:
    """Into their room; while it is being made, it waits for it."""
    room_id = ctx.uow.meta.get(_ROOM)
    if room_id is None:
        ctx.uow.meta.set(_ROOM, _COMING)
        there = of_server(ctx)
        body = views.room_request(there)
        replace(ctx, box=None).put(CreateRoom("market:moderation", body), then="market.moderation")
    elif room_id != _COMING:
        let_in(ctx)
        _say_case(_inside(ctx, room_id), case, new=new)


def inside_room(ctx: Context) -> Context | None:
    """Speaking there, to nobody's command; None while there is no such room."""
    room_id = ctx.uow.meta.get(_ROOM)
    return None if room_id is None or room_id == _COMING else _inside(ctx, room_id)


def begin_again(ctx: Context) -> None:
    """At a start: a room that never came is asked for anew, by the same name, so it is one."""
    waiting = ctx.uow.listing_cases.still_open()
    if ctx.uow.meta.get(_ROOM) == _COMING and waiting:
        ctx.uow.meta.set(_ROOM, None)
        to_moderators(ctx, waiting[0], new=True)


def let_in(ctx: Context) -> None:
    """Who became a moderator is invited, who is none any more goes."""
    room_id = ctx.uow.meta.get(_ROOM)
    if room_id is None or room_id == _COMING:
        return
    ctx = _inside(ctx, room_id)
    wanted = set(rules(ctx).moderators)
    there = {one.user_id for one in ctx.uow.rooms.members(room_id, ("join", "invite"))}
    if missing := tuple(sorted(wanted - there)):
        ctx.put(Invite(room_id, missing))
    for user_id in sorted(there - wanted - {ctx.bot_user_id}):
        ctx.put(SetState(room_id, "m.room.member", {"membership": "leave"}, user_id))


def _say_case(ctx: Context, case: Case, *, new: bool) -> None:
    listing = ctx.uow.listings.get(case.room_id)
    if listing is not None:
        earlier = [e for e in ctx.uow.listing_cases.last(200) if e.room_id == case.room_id]
        say(ctx, views.case(ctx, case, listing, earlier, new=new))


def _inside(ctx: Context, room_id: str) -> Context:
    origin = Origin(room_id, ctx.bot_user_id)
    return replace(of_server(ctx), origin=origin, box=None, direct=False, replied_to=None)


def require_moderator(ctx: Context) -> None:
    """Elsewhere, and to anybody else, these commands are none."""
    if ctx.room_id != ctx.uow.meta.get(_ROOM) or ctx.sender not in rules(ctx).moderators:
        raise UserError("not-moderator", "Only the marketplace's moderators can do that.")


CONTINUATIONS: tuple[Continuation, ...] = (room_made,)
