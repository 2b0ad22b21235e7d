"""Somebody who was accepted comes into the Box, and their offer becomes a task there."""

from __future__ import annotations

from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace.joining import views
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Invite
from wecreate_module.domain.listings import Listing
from wecreate_module.domain.tasks import MAX_TITLE
from wecreate_module.services import boxes, tasks
from wecreate_module.services.listing_people import PLEDGE
from wecreate_module.storage.listing_requests import JoinRequest

Json = dict[str, Any]


def take_in(ctx: Context, box: Box, listing: Listing, request: JoinRequest) -> None:
    """Invite, note the pledge, tell the person. Raises UserError where the bot may not invite."""
    room = ctx.uow.rooms.get(box.room_id)
    if room is not None:
        boxes.require_bot_may_invite(room, ctx.bot_user_id)
    title = f"{request.name}: {request.offer}"
    new = tasks.NewTask(
        title=title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…",
        assignees=(request.user_id,),
        labels=(PLEDGE,),
        description=request.offer if len(title) > MAX_TITLE else "",
    )
    task = tasks.add_task(ctx.uow, box, new, actor=request.user_id)
    kept = {"number": request.number, "task": task.number}
    invite = Invite(box.room_id, (request.user_id,))
    ctx.put(invite, then="market.invited", extra=kept, box_id=box.id)
    letters.tell(ctx, request.user_id, lambda reader: views.welcome(reader, listing, box))


@continuation("market.invited")
def invited(ctx: Context, effect: Invite, result: Json) -> Replies:
    """What became of the invite, said where it was decided."""
    del effect
    request = ctx.uow.listing_requests.get(int(ctx.extra["number"]))
    if request is None:
        return None
    outcome = dict(result["outcomes"]).get(request.user_id, "refused")
    return views.taken_in(ctx, request, outcome, int(ctx.extra["task"]))


CONTINUATIONS: tuple[Continuation, ...] = (invited,)
