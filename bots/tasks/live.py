"""The pinned list of a Box: one message that the bot keeps up to date by editing it.

An edit alone tells nobody anything: clients neither notify of it nor mark the room unread. So every
change is also answered where it was made.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bots.kit.context import Context
from bots.kit.replies import Reply
from bots.tasks.lists import live
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.effects import SetState
from wecreate_module.domain.tasks import TaskFilter
from wecreate_module.services.tasks import list_tasks

KIND = "tasks"
REFRESH = "tasks.refresh"
PINNED = "tasks.pinned"
# Tomorrow's tasks become today's: a little after midnight, when few look.
_AFTER_MIDNIGHT = 5
_SUBJECT = "live:tasks"


def pin(ctx: Context, box: Box) -> Reply:
    """A new list, pinned when it is sent; `pinned` goes on from there."""
    text, html = _content(ctx, box)
    keep = {"revision": _revision(ctx, box)}
    return Reply(text, html, data={"pinned": True}, pin=True, then=PINNED, keep=keep)


def pinned(ctx: Context, box: Box, event_id: str) -> list[Reply]:
    """Keep this message up to date from now on, instead of an earlier one."""
    before = ctx.uow.boxes.live_message(box.id, KIND)
    ctx.uow.boxes.set_live_message(box.id, KIND, event_id)
    plan(ctx, box)
    stale = ctx.extra.get("revision") != _revision(ctx, box)
    replies = refresh(ctx, box) if stale else []
    if before is None or before == event_id:
        return replies
    _take_down(ctx, box, before, event_id)
    return [Reply(ctx.t("This list is now pinned further down."), edits=before), *replies]


def unpin(ctx: Context, box: Box) -> bool:
    """False if nothing was pinned."""
    before = ctx.uow.boxes.live_message(box.id, KIND)
    if before is None:
        return False
    ctx.uow.boxes.set_live_message(box.id, KIND, None)
    ctx.uow.schedule.cancel(box.id, _SUBJECT)
    _take_down(ctx, box, before)
    return True


def refresh(ctx: Context, box: Box) -> list[Reply]:
    """The edit that brings the pinned list up to date; nothing if there is none."""
    event_id = ctx.uow.boxes.live_message(box.id, KIND)
    if event_id is None:
        return []
    text, html = _content(ctx, box)
    return [Reply(text, html, edits=event_id, room_id=box.room_id)]


def plan(ctx: Context, box: Box) -> None:
    """Bring it up to date when the day changes in the Box."""
    zone = box.zone
    tomorrow = ctx.now.astimezone(zone).date() + timedelta(days=1)
    instant = at_time(tomorrow, _AFTER_MIDNIGHT, zone)
    ctx.uow.schedule.put(
        instant, REFRESH, key=f"{REFRESH}:{box.id}:{tomorrow}", box_id=box.id, subject=_SUBJECT
    )


def _content(ctx: Context, box: Box) -> tuple[str, str]:
    """As the Box reads it, whoever made the change."""
    zone = box.zone
    ctx = replace(ctx, timezone=zone)
    if ctx.app is not None and box.language in ctx.app.translators:
        ctx = ctx.in_language(ctx.app.translators[box.language])
    return live(ctx, list_tasks(ctx.uow, box, TaskFilter(), zone))


def _revision(ctx: Context, box: Box) -> int:
    """Counts every change in the Box."""
    now = ctx.uow.boxes.get(box.id)
    return box.revision if now is None else now.revision


def _take_down(ctx: Context, box: Box, event_id: str, *keep: str) -> None:
    room = ctx.uow.rooms.get(box.room_id)
    known = [] if room is None else room.pinned
    content: dict[str, Any] = {
        "pinned": [*(one for one in known if one != event_id and one not in keep), *keep]
    }
    ctx.put(SetState(box.room_id, "m.room.pinned_events", content))
