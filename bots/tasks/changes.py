"""`!aufgabe 3 …`: changes to one task. Each answers with the task as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bots.kit.arguments import Choice, Text
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies
from bots.tasks import live, views
from bots.tasks.arguments import (
    Assignment,
    AssignmentText,
    Change,
    DueText,
    ItemChange,
    ItemText,
    LabelChange,
    LabelText,
    NoteText,
    RecurrenceText,
    ReminderText,
)
from wecreate_module.domain import tasks as rules
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.dates import Recurrence
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import MAX_DESCRIPTION, MAX_TITLE, Priority, Task
from wecreate_module.services import reminders, tasks
from wecreate_module.services.recurrence import Due


def _changed(ctx: Context, task: Task, mentions: Sequence[str] = ()) -> Replies:
    return [
        views.card(ctx, task, ctx.t("Changed:"), mentions=mentions),
        *live.refresh(ctx, box_of(ctx)),
    ]


@command(
    "aufgabe # bis",
    "task # due",
    area="tasks",
    summary="Set when a task is due",
    examples=(
        ("!aufgabe 3 bis Freitag 18 Uhr", "!task 3 due friday 6pm"),
        ("!aufgabe 3 bis nie", "!task 3 due never"),
    ),
    aliases=("task # by",),
)
@argument(
    "due", DueText(), "wann", "when", ask="Until when? For example: friday 6pm, 24.12. or never"
)
def due(ctx: Context, number: int, due: Due | None) -> Replies:
    task = tasks.set_due(ctx.uow, box_of(ctx), number, due, actor=ctx.sender, zone=ctx.timezone)
    return _changed(ctx, task)


@command(
    "aufgabe # an",
    "task # assign",
    area="tasks",
    summary="Say who does a task",
    examples=(
        ("!aufgabe 3 an @ben", "!task 3 assign @ben"),
        ("!aufgabe 3 an mich", "!task 3 assign me"),
        ("!aufgabe 3 an nur @ben", "!task 3 assign only @ben"),
        ("!aufgabe 3 an niemand", "!task 3 assign nobody"),
    ),
)
@argument("who", AssignmentText(), "@wer", "@who", ask="Who does it? Type a name like @ben, or me.")
def assign(ctx: Context, number: int, who: Assignment) -> Replies:
    """Those who have it now and did not before are mentioned."""

    def change(task: Task) -> Task:
        if who.change is Change.REMOVE:
            return rules.unassign(task, who.people)
        if who.change is Change.ONLY:
            return rules.assign(rules.unassign(task, task.assignees), who.people)
        return rules.assign(task, who.people)

    before = set(tasks.get_task(ctx.uow, box_of(ctx), number).assignees) | {ctx.sender}
    task = tasks.edit_task(ctx.uow, box_of(ctx), number, change, actor=ctx.sender)
    return _changed(ctx, task, tuple(one for one in task.assignees if one not in before))


@command(
    "aufgabe # titel",
    "task # title",
    area="tasks",
    summary="Give a task another title",
    examples=(("!aufgabe 3 titel Zwei Kuchen backen", "!task 3 title Bake two cakes"),),
)
@argument("title", Text(MAX_TITLE), "titel", "title", ask="What shall it be called?")
def title(ctx: Context, number: int, title: str) -> Replies:
    return _changed(ctx, tasks.set_title(ctx.uow, box_of(ctx), number, title, actor=ctx.sender))


@command(
    "aufgabe # notiz",
    "task # note",
    area="tasks",
    summary="Write a note on a task",
    examples=(
        ("!aufgabe 3 notiz Ohne Nüsse bitte", "!task 3 note No nuts please"),
        ("!aufgabe 3 notiz weg", "!task 3 note remove"),
    ),
)
@argument("note", NoteText(MAX_DESCRIPTION), "text", "text", ask="What shall I note?")
def note(ctx: Context, number: int, note: str) -> Replies:
    return _changed(ctx, tasks.set_note(ctx.uow, box_of(ctx), number, note, actor=ctx.sender))


@command(
    "aufgabe # liste",
    "task # item",
    area="tasks",
    summary="Keep a list of small steps in a task",
    examples=(
        ("!aufgabe 3 liste Mehl kaufen", "!task 3 item Buy flour"),
        ("!aufgabe 3 liste 2 fertig", "!task 3 item 2 done"),
        ("!aufgabe 3 liste 2 titel Zwei Eier", "!task 3 item 2 title Two eggs"),
        ("!aufgabe 3 liste 2 weg", "!task 3 item 2 remove"),
    ),
    aliases=("task # list", "aufgabe # punkt"),
)
@argument("change", ItemText(), "punkt", "item", ask="What shall I put on the list?")
def item(ctx: Context, number: int, change: ItemChange) -> Replies:
    """Adds lines; `2 fertig` ticks, `2 offen` unticks, `2 titel Öl` renames, `2 weg` removes."""

    def apply(task: Task) -> Task:
        for text in change.add:
            task = rules.add_item(task, text)
        task = rules.tick_items(task, change.tick)
        task = rules.tick_items(task, change.untick, done=False)
        if change.rename is not None:
            task = rules.rename_item(task, *change.rename)
        return rules.remove_items(task, change.remove)

    return _changed(ctx, tasks.edit_task(ctx.uow, box_of(ctx), number, apply, actor=ctx.sender))


@command(
    "aufgabe # label",
    "task # label",
    area="tasks",
    summary="Put labels on a task, or take them off",
    examples=(
        ("!aufgabe 3 label fest essen", "!task 3 label party food"),
        ("!aufgabe 3 label -essen", "!task 3 label -food"),
    ),
    aliases=("aufgabe # labels", "task # labels"),
)
@argument(
    "change", LabelText(), "#label", "#label", ask="Which label? For example: party, or -party"
)
def label(ctx: Context, number: int, change: LabelChange) -> Replies:
    def apply(task: Task) -> Task:
        gone = task.labels if change.clear else change.remove
        return rules.add_labels(rules.remove_labels(task, gone), change.add)

    return _changed(ctx, tasks.edit_task(ctx.uow, box_of(ctx), number, apply, actor=ctx.sender))


@command(
    "aufgabe # priorität",
    "task # priority",
    area="tasks",
    summary="Say how urgent a task is",
    examples=(("!aufgabe 3 priorität hoch", "!task 3 priority high"),),
    aliases=("aufgabe # prio", "task # prio"),
)
@argument(
    "level",
    Choice({"HIGH": ("hoch", "wichtig", "high"), "NORMAL": ("normal",), "LOW": ("niedrig", "low")}),
    "hoch|normal|niedrig",
    "high|normal|low",
    ask="How urgent is it: high, normal or low?",
)
def priority(ctx: Context, number: int, level: str) -> Replies:
    task = tasks.set_priority(ctx.uow, box_of(ctx), number, Priority[level], actor=ctx.sender)
    return _changed(ctx, task)


@command(
    "aufgabe # wiederholen",
    "task # repeat",
    area="tasks",
    summary="Let a task come again: the next one appears when it is done",
    examples=(
        ("!aufgabe 3 wiederholen jede Woche", "!task 3 repeat every week"),
        (
            "!aufgabe 3 wiederholen jeden 1. Montag im Monat",
            "!task 3 repeat every first monday of the month",
        ),
        ("!aufgabe 3 wiederholen nie", "!task 3 repeat never"),
    ),
)
@argument(
    "recurrence",
    RecurrenceText(),
    "wie oft",
    "how often",
    ask="How often? For example: every week, every friday at 11, or never",
)
def repeat(ctx: Context, number: int, recurrence: Recurrence | None) -> Replies:
    task = tasks.set_recurrence(
        ctx.uow, box_of(ctx), number, recurrence, actor=ctx.sender, zone=ctx.timezone
    )
    return _changed(ctx, task)


@command(
    "aufgabe # erinnern",
    "task # remind",
    area="tasks",
    summary="Be reminded of a task",
    examples=(
        ("!aufgabe 3 erinnern morgen 8 Uhr", "!task 3 remind tomorrow 8am"),
        ("!aufgabe 3 erinnern in 1 Stunde", "!task 3 remind in 1 hour"),
        ("!aufgabe 3 erinnern aus", "!task 3 remind off"),
    ),
    aliases=("aufgabe # erinnere", "task # snooze"),
)
@argument(
    "when",
    ReminderText(),
    "wann",
    "when",
    ask="When shall I remind you? For example: tomorrow 8am, or off",
)
def remind(ctx: Context, number: int, when: datetime | None) -> Replies:
    """`{"task": {…}, "remind_at"}`; "aus" takes all reminders of the task away."""
    task = tasks.get_task(ctx.uow, box_of(ctx), number)
    if when is None:
        reminders.forget(ctx.uow, box_of(ctx), task)
    else:
        reminders.remind_at(ctx.uow, box_of(ctx), task, when, actor=ctx.sender)
    return views.reminded(ctx, task, when)


@command(
    "aufgabe # erledigt",
    "task # done",
    area="tasks",
    summary="Finish a task",
    examples=(("!aufgabe 3 erledigt", "!task 3 done"),),
    aliases=("aufgabe # fertig",),
    listed=False,
)
def finish(ctx: Context, number: int) -> Replies:
    """As `!erledigt 3`."""
    results = tasks.finish_tasks(ctx.uow, box_of(ctx), (number,), actor=ctx.sender)
    return [views.ended(ctx, results), *live.refresh(ctx, box_of(ctx))]


@command(
    "aufgabe # offen",
    "task # reopen",
    area="tasks",
    summary="Open a task again",
    examples=(("!aufgabe 3 offen", "!task 3 reopen"),),
    aliases=("aufgabe # öffnen", "task # open"),
)
def reopen(ctx: Context, number: int) -> Replies:
    return _changed(ctx, tasks.reopen_task(ctx.uow, box_of(ctx), number, actor=ctx.sender))


@command(
    "aufgabe # streichen",
    "task # cancel",
    area="tasks",
    summary="Call a task off; it stays in the history",
    examples=(("!aufgabe 3 streichen", "!task 3 cancel"),),
    aliases=("aufgabe # abbrechen", "aufgabe # absagen"),
)
def cancel(ctx: Context, number: int) -> Replies:
    result = tasks.cancel_task(ctx.uow, box_of(ctx), number, actor=ctx.sender)
    return [views.ended(ctx, [result]), *live.refresh(ctx, box_of(ctx))]


@command(
    "aufgabe # löschen",
    "task # delete",
    area="tasks",
    summary="Delete a task; for 30 days it can be brought back",
    examples=(("!aufgabe 3 löschen", "!task 3 delete"),),
)
def delete(ctx: Context, number: int) -> Replies:
    """Whoever noted it may, and moderators."""
    task = tasks.get_task(ctx.uow, box_of(ctx), number)
    if ctx.sender != task.created_by and ctx.power < Power.MODERATOR:
        raise UserError(
            "task-delete-not-allowed",
            "Only {person} or a moderator may delete #{number}. You can call it off instead: "
            "!task {number} cancel",
            person=ctx.display_name(task.created_by),
            number=number,
        )
    task = tasks.delete_task(ctx.uow, box_of(ctx), number, actor=ctx.sender)
    return [views.deleted(ctx, task), *live.refresh(ctx, box_of(ctx))]


COMMANDS: tuple[Command, ...] = (
    due,
    assign,
    title,
    note,
    item,
    label,
    priority,
    repeat,
    remind,
    finish,
    reopen,
    cancel,
    delete,
)
