"""The end of a Box: rows, key, and the bot's place in the room."""

from __future__ import annotations

from bots.boxes import views
from bots.kit.context import Context
from bots.kit.render import Place, render
from bots.kit.replies import Replies
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import DestroyKey, Leave, Send
from wecreate_module.services import boxes


def delete_box(ctx: Context, box: Box, typed: str) -> Replies:
    """Delete it when its name was typed; the room hears of it before the key is destroyed."""
    boxes.delete(ctx.uow, box, typed)
    place = Place(ctx.origin.event_id, ctx.origin.thread_id)
    farewell = render(views.deleted(ctx, box.room_id), ctx.origin.command, place)
    ctx.put(Send(box.room_id, farewell))
    end(ctx, box)
    return None


def end(ctx: Context, box: Box) -> None:
    """The rows are gone: destroy the key, then leave."""
    ctx.put(DestroyKey(box.id, box.room_id))
    ctx.put(Leave(box.room_id, reason=ctx.t("This Box was deleted.")))
