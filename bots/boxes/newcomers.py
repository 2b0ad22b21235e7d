"""A short welcome for people who come into a Box later.

What was written before someone's invitation is encrypted for others, the pinned welcome too.
So newcomers are told once what can be done here: all who come within a minute together, and
nobody who was already invited when the last such welcome was said.
"""

from __future__ import annotations

from datetime import timedelta

from bots.boxes import views
from bots.kit.context import Context
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.services import boxes
from wecreate_module.storage.schedule import Scheduled

WELCOME = "boxes.newcomers"
TOGETHER = timedelta(minutes=1)
"""So long others may come who are welcomed in the same message."""


def came(ctx: Context) -> Replies:
    """Somebody (the sender) joined the Box: plan their welcome if none was for them yet."""
    box = ctx.box
    if box is None or box.state is BoxState.ARCHIVED:
        return None
    if not boxes.was_welcomed(ctx.uow, box, ctx.sender):
        ctx.uow.schedule.put(
            ctx.now + TOGETHER,
            WELCOME,
            key=f"{WELCOME}:{ctx.keys.base}",
            box_id=box.id,
            subject=WELCOME,
            payload={"user_id": ctx.sender},
        )
    return None


@scheduled(WELCOME)
def welcome(ctx: Context, item: Scheduled) -> Replies:
    """Say it to all who came meanwhile and are still here."""
    box = ctx.box
    if box is None:
        return None
    waiting = [item, *ctx.uow.schedule.ahead(box.id, WELCOME, WELCOME)]
    ctx.uow.schedule.cancel(box.id, WELCOME, WELCOME)
    people = _to_be_welcomed(ctx, box, waiting)
    if not people:
        return None
    boxes.note_welcome(ctx.uow, box)
    return views.newcomers(ctx, box, people)


def _to_be_welcomed(ctx: Context, box: Box, waiting: list[Scheduled]) -> list[str]:
    here = boxes.member_ids(ctx.uow, box, ctx.bot_user_id)
    named = dict.fromkeys(str(each.payload["user_id"]) for each in waiting)
    return [who for who in named if who in here and not boxes.was_welcomed(ctx.uow, box, who)]


NEWCOMERS: tuple[Scheduler, ...] = (welcome,)
