"""What follows when Matrix has done what a command asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bots.boxes import views
from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from wecreate_module.domain.effects import CreateRoom, Invite, Leave, SendFile, SetState
from wecreate_module.services import boxes


@continuation("boxes.created")
def created(ctx: Context, effect: CreateRoom, result: dict[str, Any]) -> Replies:
    """The room stands: write the Box down, invite its founder, greet, answer the command."""
    del effect
    if "error" in result:
        return views.not_created(ctx)
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
    if _outcomes(result).get(ctx.sender) in {"invited", "member"}:
        return None
    return views.founder_not_invited(ctx)


@continuation("boxes.invited")
def invited(ctx: Context, effect: Invite, result: dict[str, Any]) -> Replies:
    """Say for each person, in the order they were named, what happened."""
    del effect
    outcomes = _outcomes(result)
    known: dict[str, str] = dict(ctx.extra["known"])
    said = {user: before or outcomes.get(user, "refused") for user, before in known.items()}
    return views.invited(ctx, said)


@continuation("boxes.adopted")
def adopted(ctx: Context, effect: SetState, result: dict[str, Any]) -> Replies:
    """The room carries the marker: it is a Box now, or the Box goes on in it."""
    if "error" in result:
        return views.adoption_failed(ctx)
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
    del effect
    if "error" in result:
        return views.not_exported(ctx)
    return views.exported(ctx, str(ctx.extra["name"]), int(ctx.extra["size"]))


@continuation("boxes.left")
def left(ctx: Context, effect: Leave, result: dict[str, Any]) -> Replies:
    """Nothing is kept of the room of a deleted Box."""
    del result
    ctx.uow.rooms.forget(effect.room_id)
    return None


CONTINUATIONS: tuple[Continuation, ...] = (
    created,
    founder_invited,
    invited,
    adopted,
    exported,
    left,
)


def _outcomes(result: dict[str, Any]) -> dict[str, str]:
    """By user id; none when the homeserver refused the whole request."""
    return dict(result.get("outcomes", {}))
