"""`!aufgabe`, `!aufgaben`, `!erledigt`: what people do with tasks. Changes to one: changes.py."""

from __future__ import annotations

from datetime import time

from bots.kit.app import Part
from bots.kit.arguments import Numbers
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies, Reply
from bots.tasks import changes, lists, live, replied, views
from bots.tasks.arguments import DailyTime, FilterText, NewTaskText
from bots.tasks.continuations import CONTINUATIONS
from bots.tasks.schedule import SCHEDULED, on_start
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import TaskFilter
from wecreate_module.services import reminders, tasks


@command(
    "aufgabe",
    "task",
    area="tasks",
    summary="Note a task",
    examples=(
        ("!aufgabe Kuchen backen", "!task Bake a cake"),
        (
            "!aufgabe Kuchen backen @ben bis Freitag 18 Uhr #fest !hoch",
            "!task Bake a cake @ben due friday 6pm #party !high",
        ),
        ("!aufgabe Blumen gießen jede Woche", "!task Water the plants every week"),
    ),
    aliases=("aufgabe neu", "task new", "task add", "todo"),
)
@argument("new", NewTaskText(), "titel", "title", ask="What is to be done?")
def add(ctx: Context, new: tasks.NewTask) -> Replies:
    """`{"task": {…}}`; whoever gets the task is mentioned."""
    task = tasks.add_task(ctx.uow, box_of(ctx), new, actor=ctx.sender, zone=ctx.timezone)
    others = tuple(who for who in task.assignees if who != ctx.sender)
    if ctx.origin.event_id is not None:
        replied.remember(ctx, box_of(ctx), ctx.origin.event_id, task.number)
    noted = views.card(ctx, task, ctx.t("Noted:"), mentions=others)
    return [noted, *live.refresh(ctx, box_of(ctx))]


@command(
    "aufgabe #",
    "task #",
    area="tasks",
    summary="Show a task",
    examples=(("!aufgabe 3", "!task 3"),),
    reading=True,
)
def show(ctx: Context, number: int) -> Replies:
    """`{"task": {…}}`."""
    return views.card(ctx, tasks.get_task(ctx.uow, box_of(ctx), number))


@command(
    "aufgaben",
    "tasks",
    area="tasks",
    summary="See the tasks of this Box; in our direct chat your own in all Boxes",
    where=Where.ANY,
    examples=(
        ("!aufgaben", "!tasks"),
        ("!aufgaben ich", "!tasks me"),
        ("!aufgaben @ben überfällig", "!tasks @ben overdue"),
        ("!aufgaben #fest erledigt", "!tasks #party done"),
    ),
    reading=True,
)
@argument("wanted", FilterText(), "filter", "filter", optional=True)
def show_all(ctx: Context, wanted: TaskFilter | None) -> Replies:
    """`{"tasks": [{…}], "total"}`; in a direct chat each with the name of its `box`."""
    wanted = wanted or TaskFilter()
    if ctx.box is None:
        found = tasks.tasks_of_person(ctx.uow, ctx.sender, wanted, ctx.timezone)
        return lists.of_person(ctx, found, ctx.t("Your tasks"))
    return lists.listing(ctx, tasks.list_tasks(ctx.uow, ctx.box, wanted, ctx.timezone), wanted)


@command(
    "erledigt",
    "done",
    area="tasks",
    summary="Finish tasks",
    examples=(("!erledigt 3", "!done 3"), ("!erledigt 3 4 7", "!done 3 4 7")),
    aliases=("fertig",),
)
@argument(
    "numbers",
    Numbers(),
    "nummer",
    "number",
    ask="Which task is done? Type its number.",
    infer=replied.numbers,
)
def done(ctx: Context, numbers: tuple[int, ...]) -> Replies:
    """`{"task": {…}}`, for several `{"tasks": […]}`; `next` are those that come again.

    As a reply to a task's message it needs no number.
    """
    box = box_of(ctx)
    results = tasks.finish_tasks(ctx.uow, box, numbers, actor=ctx.sender)
    return [views.ended(ctx, results), *live.refresh(ctx, box)]


@command(
    "aufgaben anheften",
    "tasks pin",
    area="tasks",
    summary="Pin a list of the open tasks that I keep up to date",
    examples=(("!aufgaben anheften", "!tasks pin"),),
)
def pin(ctx: Context) -> Replies:
    """`{"pinned": true}`."""
    return live.pin(ctx, box_of(ctx))


@command(
    "aufgaben loslösen",
    "tasks unpin",
    area="tasks",
    summary="Take the pinned list down",
    examples=(("!aufgaben loslösen", "!tasks unpin"),),
)
def unpin(ctx: Context) -> Replies:
    """`{"pinned": false}`."""
    if not live.unpin(ctx, box_of(ctx)):
        raise UserError("not-pinned", "There is no pinned list here. Pin one with !tasks pin")
    text = ctx.t("The list is no longer pinned, and I leave it as it is.")
    return Reply(text, data={"pinned": False})


@command(
    "aufgaben täglich",
    "tasks daily",
    area="tasks",
    summary="Get your tasks each morning in our direct chat",
    where=Where.ANY,
    examples=(
        ("!aufgaben täglich 7:30", "!tasks daily 7:30"),
        ("!aufgaben täglich aus", "!tasks daily off"),
    ),
    reading=True,
)
@argument(
    "at",
    DailyTime(),
    "uhrzeit",
    "time",
    ask="At what time each day? For example 7:30; “off” ends it.",
)
def daily(ctx: Context, at: time | None) -> Replies:
    """`{"daily": "07:30"}`, or null."""
    room_id = ctx.uow.rooms.direct_with(ctx.sender)
    if room_id is None:
        raise UserError(
            "no-direct-chat",
            "First open a direct chat with me and say hello; your tasks come there each day.",
        )
    reminders.set_digest(ctx.uow, ctx.sender, room_id, at, ctx.timezone)
    if at is None:
        return Reply(ctx.t("I no longer send you your tasks each day."), data={"daily": None})
    text = ctx.t(
        "☀️ Each day at {time} I'll tell you in our direct chat what is due. On days without, "
        "I keep quiet.",
        time=f"{at:%H:%M}",
    )
    return Reply(text, data={"daily": f"{at:%H:%M}"})


COMMANDS: tuple[Command, ...] = (add, show, show_all, done, pin, unpin, daily, *changes.COMMANDS)

PART = Part(commands=COMMANDS, continuations=CONTINUATIONS, scheduled=SCHEDULED, on_start=on_start)
