"""Telling the room what was changed in calendar programs: once for many that come together."""

from __future__ import annotations

from bots.caldav import changes
from bots.kit.context import Context
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from wecreate_module.services import live_messages, outside
from wecreate_module.storage.schedule import Scheduled


@scheduled(outside.TELL, reading=True)
def tell(ctx: Context, item: Scheduled) -> Replies:
    """`{"changes": [{"kind", "number", "title", "change", "actor"}]}`."""
    if ctx.box is None:
        return None
    found = changes.merged(ctx.uow.outside_changes.take(ctx.box.id))
    if not found:
        return None
    ctx.uow.calendars.told(ctx.box.id, ctx.now)
    live_messages.plan(ctx.uow, ctx.box, item.key, ((one.kind, one.number) for one in found))
    return changes.message(ctx, found)


SCHEDULED: tuple[Scheduler, ...] = (tell,)
