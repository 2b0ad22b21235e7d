"""What is said about tasks: each function turns results into one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from bots.kit.wording import due_words, recurrence_words
from wecreate_module.domain.tasks import Priority, Task, TaskStatus
from wecreate_module.services.tasks import Ended

SHOWN = "tasks.shown"
STATUSES: Mapping[TaskStatus, tuple[str, str]] = {
    TaskStatus.OPEN: ("📌", msgid("open")),
    TaskStatus.DONE: ("✅", msgid("done")),
    TaskStatus.CANCELLED: ("🚫", msgid("cancelled")),
}


def task_data(ctx: Context, task: Task) -> dict[str, Any]:
    """For programs. `due` is a date or an instant in the reader's zone, both ISO 8601."""
    due = task.due
    if isinstance(due, datetime):
        due = due.astimezone(ctx.timezone)
    return {
        "number": task.number,
        "title": task.title,
        "status": task.status.value,
        "due": None if due is None else due.isoformat(),
        "assignees": list(task.assignees),
        "labels": list(task.labels),
        "priority": task.priority.name.lower(),
        "rrule": task.rrule,
        "items": [{"text": item.text, "done": item.done} for item in task.items],
    }


def card(ctx: Context, task: Task, headline: str = "", *, mentions: Sequence[str] = ()) -> Reply:
    """One task with all that is known of it, and its buttons."""
    html = render_template(
        "tasks/task.html.j2",
        ctx,
        task=task,
        headline=headline,
        emoji=STATUSES[task.status][0],
        status=ctx.t(STATUSES[task.status][1]),
        is_open=task.status is TaskStatus.OPEN,
        facts=_facts(ctx, task),
        mentions=mentions,
    )
    return Reply(
        html_to_text(html),
        html,
        data={"task": task_data(ctx, task)},
        buttons=buttons(ctx, task),
        mentions=tuple(mentions),
        then=SHOWN,
        keep={"number": task.number},
    )


def buttons(ctx: Context, task: Task) -> tuple[Button, ...]:
    if task.status is not TaskStatus.OPEN:
        return (Button("↩️", ctx.t("!task {number} reopen", number=task.number)),)
    return (
        Button("✅", ctx.t("!done {number}", number=task.number)),
        Button("🙋", ctx.t("!task {number} assign me", number=task.number)),
    )


def ended(ctx: Context, results: Sequence[Ended]) -> Reply:
    """What was finished, and what comes again."""
    html = render_template("tasks/ended.html.j2", ctx, results=results, due=due_words)
    data: dict[str, Any] = {"tasks": [task_data(ctx, each.task) for each in results]}
    shown: tuple[Button, ...] = ()
    if len(results) == 1:
        data = {"task": task_data(ctx, results[0].task)}
        shown = buttons(ctx, results[0].task)
    again = [task_data(ctx, each.again) for each in results if each.again is not None]
    if again:
        data["next"] = again
    return Reply(html_to_text(html), html, data=data, buttons=shown)


def deleted(ctx: Context, task: Task) -> Reply:
    text = ctx.t(
        "🗑️ #{number} {title} is deleted. For 30 days it can be brought back: "
        "!task {number} restore",
        **_named(task),
    )
    return Reply(text, data={"task": task_data(ctx, task)})


def reminded(ctx: Context, task: Task, instant: datetime | None) -> Reply:
    """Promised to remind, or not to."""
    if instant is None:
        text = ctx.t("🔕 I won't remind you of #{number} {title}.", **_named(task))
    else:
        when = due_words(ctx, instant)
        text = ctx.t("⏰ I'll remind you of #{number} {title}: {when}.", when=when, **_named(task))
    data: dict[str, Any] = {"task": task_data(ctx, task)}
    if instant is not None:
        data["remind_at"] = instant.astimezone(ctx.timezone).isoformat()
    return Reply(text, data=data)


def reminder(ctx: Context, task: Task, people: Sequence[str]) -> Reply:
    """It is time: for the people who have the task."""
    html = render_template(
        "tasks/reminder.html.j2", ctx, task=task, people=people, facts=_facts(ctx, task)
    )
    return Reply(
        html_to_text(html),
        html,
        data={"task": task_data(ctx, task)},
        mentions=tuple(people),
        buttons=(
            Button("✅", ctx.t("!done {number}", number=task.number)),
            Button("⏰", ctx.t("!task {number} remind in 1 hour", number=task.number)),
            Button("🌙", ctx.t("!task {number} remind tomorrow", number=task.number)),
        ),
        then=SHOWN,
        keep={"number": task.number},
    )


def _facts(ctx: Context, task: Task) -> list[str]:
    """When, how often, how urgent and under which labels; who is the template's."""
    facts = []
    if task.due is not None:
        facts.append(f"📅 {due_words(ctx, task.due)}")
    if task.rrule is not None:
        facts.append(f"🔁 {recurrence_words(ctx, task.rrule)}")
    if task.priority is Priority.HIGH:
        facts.append("❗ " + ctx.t("important"))
    if task.priority is Priority.LOW:
        facts.append("💤 " + ctx.t("not urgent"))
    if task.labels:
        facts.append(" ".join(f"#{label}" for label in task.labels))
    return facts


def _named(task: Task) -> dict[str, Any]:
    return {"number": task.number, "title": task.title}
