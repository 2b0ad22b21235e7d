"""What falls due in a Box without anybody asking."""

from __future__ import annotations

from bots.boxes.deletion import end
from bots.kit.context import Context
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from wecreate_module.services import boxes
from wecreate_module.storage.schedule import Scheduled


@scheduled(boxes.CHECK, reading=True)
def check(ctx: Context, item: Scheduled) -> Replies:
    """A Box that all have left is deleted after a month or two; nobody is there to be told."""
    if ctx.box is None:
        return None
    count, empty = int(item.payload["count"]), bool(item.payload["empty"])
    if boxes.check(ctx.uow, ctx.box, ctx.bot_user_id, count=count, empty=empty):
        end(ctx, ctx.box)
    return None


SCHEDULED: tuple[Scheduler, ...] = (check,)
