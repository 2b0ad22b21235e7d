"""Which task a message is about: whoever replies to it need not type the number."""

from __future__ import annotations

from bots.kit.context import Context
from wecreate_module.domain.boxes import Box


def remember(ctx: Context, box: Box, event_id: str, number: int) -> None:
    ctx.uow.boxes.set_subject(box.id, event_id, f"task:{number}")


def numbers(ctx: Context) -> tuple[int, ...] | None:
    """Of the task whose message was replied to; None if it was no task's."""
    if ctx.box is None or ctx.replied_to is None:
        return None
    kind, _, number = (ctx.uow.boxes.subject_of(ctx.box.id, ctx.replied_to) or "").partition(":")
    return (int(number),) if kind == "task" and number.isdigit() else None
