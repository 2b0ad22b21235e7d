"""Messages of other features that show what was changed: the pinned list, events' cards.

A slice knows no other: each brings its own messages up to date, as scheduled work.
"""

from __future__ import annotations

from collections.abc import Iterable

from bots.kit.context import Context
from wecreate_module.storage.calendar_objects import Kind

TASKS = "tasks.refresh"
EVENT = "calendar.refresh"


def plan(ctx: Context, key: str, changed: Iterable[tuple[Kind, int]]) -> None:
    """Soon, for all messages that show one of these; `key` names the occasion."""
    if ctx.box is None:
        return
    live_message = ctx.uow.boxes.live_message
    for kind, number in dict.fromkeys(changed):
        if kind is Kind.TASK and live_message(ctx.box.id, "tasks"):
            ctx.uow.schedule.put(ctx.now, TASKS, key=f"{TASKS}:{key}", box_id=ctx.box.id)
        elif kind is Kind.EVENT and live_message(ctx.box.id, f"event:{number}"):
            ctx.uow.schedule.put(
                ctx.now,
                EVENT,
                key=f"{EVENT}:{key}:{number}",
                box_id=ctx.box.id,
                payload={"number": number},
            )
