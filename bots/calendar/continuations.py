"""What follows when something about events was done on Matrix."""

from __future__ import annotations

from typing import Any

from bots.calendar import live, views
from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from wecreate_module.domain.effects import Effect


@continuation(views.SHOWN)
def shown(ctx: Context, effect: Effect, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - where it went is known
    """The event's message stands in the room: from now on it is kept up to date."""
    event_id, number = result.get("event_id"), ctx.extra.get("number")
    if ctx.box is None or not isinstance(event_id, str) or not isinstance(number, int):
        return None
    return live.shown(ctx, ctx.box, number, event_id)


CONTINUATIONS: tuple[Continuation, ...] = (shown,)
