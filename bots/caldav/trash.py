"""`!termine papierkorb`: what was deleted comes back."""

from __future__ import annotations

from bots.caldav import views
from bots.kit.context import Context
from bots.kit.registry import Command, command
from bots.kit.replies import Replies
from wecreate_module.services import live_messages, outside, trash
from wecreate_module.storage.calendar_objects import Kind


@command(
    "termine papierkorb",
    "events trash",
    area="calendar",
    summary="See events that were deleted in the last 30 days",
    examples=(("!termine papierkorb", "!events trash"),),
    reading=True,
)
def events(ctx: Context) -> Replies:
    """`{"trash": [{"kind", "number", "title", "deleted_at", "deleted_by"}]}`."""
    return _listed(ctx, Kind.EVENT)


@command(
    "termin # zurückholen",
    "event # restore",
    area="calendar",
    summary="Bring a deleted event back",
    examples=(("!termin 3 zurückholen", "!event 3 restore"),),
)
def restore_event(ctx: Context, number: int) -> Replies:
    """`{"restored": {"kind", "number", "title"}}`."""
    return _restored(ctx, Kind.EVENT, number)


@command(
    "aufgaben papierkorb",
    "tasks trash",
    area="tasks",
    summary="See tasks that were deleted in the last 30 days",
    examples=(("!aufgaben papierkorb", "!tasks trash"),),
    reading=True,
)
def tasks(ctx: Context) -> Replies:
    """As `!termine papierkorb`."""
    return _listed(ctx, Kind.TASK)


@command(
    "aufgabe # zurückholen",
    "task # restore",
    area="tasks",
    summary="Bring a deleted task back",
    examples=(("!aufgabe 3 zurückholen", "!task 3 restore"),),
)
def restore_task(ctx: Context, number: int) -> Replies:
    """As `!termin 3 zurückholen`."""
    return _restored(ctx, Kind.TASK, number)


def _listed(ctx: Context, kind: Kind) -> Replies:
    if ctx.box is None:
        raise RuntimeError("a command for Boxes ran outside of one")
    return views.trash(ctx, kind, trash.deleted(ctx.uow, ctx.box, kind))


def _restored(ctx: Context, kind: Kind, number: int) -> Replies:
    if ctx.box is None:
        raise RuntimeError("a command for Boxes ran outside of one")
    found = outside.restore(ctx.uow, ctx.box, kind, number, actor=ctx.sender)
    key = f"restored:{ctx.origin.event_id}"
    live_messages.plan(ctx.uow, ctx.box, key, [(kind, number)])
    return views.restored(ctx, found)


COMMANDS: tuple[Command, ...] = (events, restore_event, tasks, restore_task)
