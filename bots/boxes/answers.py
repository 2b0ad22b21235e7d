"""What people say when the bot has asked."""

from __future__ import annotations

from typing import Any

from bots.boxes import views
from bots.boxes.deletion import delete_box
from bots.kit.context import Context
from bots.kit.registry import Answer, answer
from bots.kit.replies import Replies
from wecreate_module.domain.boxes import Power, same_name
from wecreate_module.services import boxes


@answer("boxes.delete")
def confirm(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """The name deletes; anything else ends the question, so that a slip is no second chance."""
    box = ctx.box
    if box is None or box.id != data.get("box_id") or ctx.power < Power.ADMIN:
        return views.not_deleted(ctx)
    if same_name(text, box.name) or same_name(text, boxes.title(ctx.uow, box)):
        return delete_box(ctx, box, text)
    return views.not_deleted(ctx)


ANSWERS: tuple[Answer, ...] = (confirm,)
