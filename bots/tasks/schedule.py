"""What happens at its time: reminders, the daily list, the pinned list's new day."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from bots.kit.context import Context
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from bots.tasks import lists, live, views
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.tasks import Group, Task, TaskFilter, TaskStatus
from wecreate_module.services import reminders, tasks
from wecreate_module.storage.schedule import Scheduled

_SOON = TaskFilter(groups=(Group.OVERDUE, Group.TODAY, Group.TOMORROW, Group.WEEK))


@scheduled(reminders.REMIND)
def remind(ctx: Context, item: Scheduled) -> Replies:
    """On the due day: those who have the task, or whoever noted it."""
    task = _open_task(ctx, item)
    if task is None:
        return None
    return views.reminder(ctx, task, _here(ctx, task.assignees or (task.created_by,)))


@scheduled(reminders.NUDGE)
def nudge(ctx: Context, item: Scheduled) -> Replies:
    """As somebody asked for: that person."""
    task = _open_task(ctx, item)
    if task is None:
        return None
    return views.reminder(ctx, task, _here(ctx, (str(item.payload.get("user_id", "")),)))


@scheduled(reminders.DIGEST)
def digest(ctx: Context, item: Scheduled) -> Replies:
    """A person's tasks for the day; nothing is said when there are none."""
    user_id = str(item.payload.get("user_id", ""))
    at = ctx.uow.people.get(user_id).digest_at
    if at is None:
        return None
    reminders.plan_digest(ctx.uow, user_id, ctx.room_id, time.fromisoformat(at), ctx.timezone)
    found = tasks.tasks_of_person(ctx.uow, user_id, _SOON, ctx.timezone)
    if not found:
        return None
    title = ctx.t("☀️ Good morning! This is for you to do")
    return replace(lists.of_person(ctx, found, title), mentions=(user_id,))


def on_start(ctx: Context) -> Replies:
    """A daily list whose chain broke is planned anew."""
    for person in reminders.without_digest_ahead(ctx.uow):
        reader = ctx.for_person(person.user_id)
        room_id = ctx.uow.rooms.direct_with(person.user_id)
        if room_id is not None and person.digest_at is not None:
            at = time.fromisoformat(person.digest_at)
            reminders.plan_digest(ctx.uow, person.user_id, room_id, at, reader.timezone)
    return None


@scheduled(live.REFRESH)
def new_day(ctx: Context, item: Scheduled) -> Replies:  # noqa: ARG001 - the Box is all it needs
    """Tomorrow's tasks are today's now."""
    if ctx.box is None or ctx.uow.boxes.live_message(ctx.box.id, live.KIND) is None:
        return None
    live.plan(ctx, ctx.box)
    return live.refresh(ctx, ctx.box)


def _open_task(ctx: Context, item: Scheduled) -> Task | None:
    """None where there is nothing to remind of any more."""
    number = item.payload.get("number")
    if ctx.box is None or ctx.box.state is BoxState.ARCHIVED or not isinstance(number, int):
        return None
    task = ctx.uow.tasks.get(ctx.box.id, number)
    return task if task is not None and task.status is TaskStatus.OPEN else None


def _here(ctx: Context, people: tuple[str, ...]) -> tuple[str, ...]:
    """Those of them who are still in the Box."""
    members = {member.user_id for member in ctx.members()}
    return tuple(who for who in people if who in members)


SCHEDULED: tuple[Scheduler, ...] = (remind, nudge, digest, new_day)
