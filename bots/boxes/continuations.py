"""What follows when Matrix has done what a command asked for; of a refusal the kit tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bots.boxes import views
from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from wecreate_module.domain.effects import CreateRoom, Invite, SendFile, SetState
from wecreate_module.services import boxes


@continuation("boxes.created")
def created(ctx: Context, effect: CreateRoom, result: dict[str, Any]) -> Replies:
    """The room stands: write the Box down, invite its founder, greet, answer the command."""
    del effect
    box = boxes.found(
        ctx.uow,
        room_id=str(result["room_id"]),
        name=str(ctx.extra["name"]),
        founder=ctx.sender,
        language=str(ctx.extra["language"]),
        timezone=str(ctx.extra["timezone"]),
    )
    # The invite goes first: whoever is invited gets the key of the welcome message.
    inside = replace(ctx, box=box)
    inside.put(Invite(box.room_id, (ctx.sender,)), then="boxes.founder_invited")
    return [views.welcome(ctx, box, room_id=box.room_id), views.created(ctx, box)]


@continuation("boxes.founder_invited")
def founder_invited(ctx: Context, effect: Invite, result: dict[str, Any]) -> Replies:
    """Silent when all is well; the answer to the command said what comes."""
    del effect
    if dict(result["outcomes"]).get(ctx.sender) in {"invited", "member"}:
        return None
    return views.founder_not_invited(ctx)


@continuation("boxes.invited")
def invited(ctx: Context, effect: Invite, result: dict[str, Any]) -> Replies:
    """Say for each person, in the order they were named, what happened."""
    del effect
    outcomes = dict(result["outcomes"])
    known: dict[str, str] = dict(ctx.extra["known"])
    said = {user: before or outcomes.get(user, "refused") for user, before in known.items()}
    return views.invited(ctx, said)


@continuation("boxes.adopted")
def adopted(ctx: Context, effect: SetState, result: dict[str, Any]) -> Replies:
    """The room carries the marker: it is a Box now, or the Box goes on in it."""
    del result
    room = ctx.uow.rooms.get(effect.room_id)
    if room is None or ctx.uow.boxes.by_room(effect.room_id) is not None:
        return None
    before = boxes.moved_from(ctx.uow, room, ctx.sender)
    if before is not None:
        box = boxes.move(ctx.uow, before, effect.room_id, ctx.sender)
        return views.moved(ctx, box)
    box = boxes.found(
        ctx.uow,
        room_id=effect.room_id,
        name=str(ctx.extra["name"]),
        founder=ctx.sender,
        language=str(ctx.extra["language"]),
        timezone=str(ctx.extra["timezone"]),
        adopted=True,
    )
    may_pin = boxes.may_send_state(room, ctx.bot_user_id, "m.room.pinned_events")
    return views.welcome(ctx, box, room_id=None, pin=may_pin)


@continuation("boxes.exported")
def exported(ctx: Context, effect: SendFile, result: dict[str, Any]) -> Replies:
    """Say what the file is, in a line of its own: some clients hide captions."""
    del effect, result
    return views.exported(ctx, str(ctx.extra["name"]), int(ctx.extra["size"]))


CONTINUATIONS: tuple[Continuation, ...] = (created, founder_invited, invited, adopted, exported)
