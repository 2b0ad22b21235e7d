"""What follows when something about tasks was done on Matrix."""

from __future__ import annotations

from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from bots.tasks import live, replied, views
from wecreate_module.domain.effects import Effect


@continuation(live.PINNED)
def pinned(ctx: Context, effect: Effect, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - where it went is known
    """The list stands in the room: from now on it is kept up to date."""
    event_id = result.get("event_id")
    if ctx.box is None or not isinstance(event_id, str):
        return None
    return live.pinned(ctx, ctx.box, event_id)


@continuation(views.SHOWN)
def shown(ctx: Context, effect: Effect, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - where it went is known
    """A reply to this message is about its task."""
    event_id, number = result.get("event_id"), ctx.extra.get("number")
    if ctx.box is not None and isinstance(event_id, str) and isinstance(number, int):
        replied.remember(ctx, ctx.box, event_id, number)
    return None


CONTINUATIONS: tuple[Continuation, ...] = (pinned, shown)
