"""Lists of tasks in words: what `!aufgaben` answers, what is pinned, what comes each morning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import format_time, msgid
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text, render_template
from bots.kit.wording import due_words
from bots.tasks.views import STATUSES, task_data
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.tasks import (
    Group,
    Priority,
    Task,
    TaskFilter,
    TaskStatus,
    by_finish,
    grouped,
)

# More does not fit in a head.
MOST_SHOWN = 60
# Bytes of JSON: what fits in a message beside the words, without cutting anything short.
_LARGEST_DATA = 24_000
_LONGEST_TITLE = 120
_OPEN = (TaskStatus.OPEN,)

GROUPS: Mapping[Group, tuple[str, str]] = {
    Group.OVERDUE: ("🔴", msgid("Overdue")),
    Group.TODAY: ("🟠", msgid("Today")),
    Group.TOMORROW: ("🟡", msgid("Tomorrow")),
    Group.WEEK: ("🟢", msgid("This week")),
    Group.LATER: ("🔵", msgid("Later")),
    Group.SOMEDAY: ("⚪", msgid("Without a date")),
}


@dataclass(frozen=True)
class Row:
    """One task on one line."""

    number: int
    title: str
    more: str
    ended: bool


@dataclass(frozen=True)
class Section:
    """Tasks under one heading."""

    emoji: str
    title: str
    tasks: Sequence[Task]
    rows: Sequence[Row] = ()


def listing(ctx: Context, tasks: Sequence[Task], wanted: TaskFilter) -> Reply:
    """Open tasks by when they are due, ended ones the latest first."""
    sections = _sections(ctx, tasks, wanted)
    footer = [] if wanted != TaskFilter() or not tasks else [_how_to_narrow(ctx)]
    html = _page(ctx, _title(ctx, wanted, len(tasks)), sections, footer)
    every = (task_data(ctx, task) for section in sections for task in section.tasks)
    return Reply(html_to_text(html), html, data=_data(every, len(tasks)))


def live(ctx: Context, tasks: Sequence[Task]) -> tuple[str, str]:
    """Text and HTML of the pinned list; `ctx` reads as the Box does."""
    time = format_time(ctx.now, ctx.language, ctx.timezone)
    footer = [ctx.t("As of {day}, {time}. At any time: !tasks", day=ctx.when(ctx.today), time=time)]
    sections = _sections(ctx, tasks, TaskFilter())
    html = _page(ctx, f"📌 {_title(ctx, TaskFilter(), len(tasks))}", sections, footer)
    return html_to_text(html), html


def of_person(ctx: Context, found: Sequence[tuple[Box, Sequence[Task]]], title: str) -> Reply:
    """A person's tasks, Box by Box, for their direct chat."""
    sections = [
        Section(
            "📦",
            box.name,
            [task for group in grouped(tasks, ctx.now, ctx.timezone).values() for task in group],
        )
        for box, tasks in found
    ]
    html = _page(ctx, title, sections, [])
    every = ({**task_data(ctx, task), "box": box.name} for box, tasks in found for task in tasks)
    data = _data(every, sum(len(tasks) for _, tasks in found))
    return Reply(html_to_text(html), html, data=data)


def _data(every: Iterable[dict[str, Any]], total: int) -> dict[str, Any]:
    """As many as fit; `total` tells programs whether that is all."""
    found: list[dict[str, Any]] = []
    left = _LARGEST_DATA
    for task in every:
        left -= len(json.dumps(task, ensure_ascii=False).encode())
        if left < 0:
            break
        found.append(task)
    return {"tasks": found, "total": total}


def _title(ctx: Context, wanted: TaskFilter, count: int) -> str:
    if wanted.statuses == _OPEN:
        return ctx.ngettext("{n} open task", "{n} open tasks", count)
    return ctx.ngettext("{n} task", "{n} tasks", count)


def _how_to_narrow(ctx: Context) -> str:
    return ctx.t("Only some of them: !tasks me · @name · #label · today · overdue · done")


def _sections(ctx: Context, tasks: Sequence[Task], wanted: TaskFilter) -> list[Section]:
    if wanted.statuses == _OPEN:
        found = grouped(tasks, ctx.now, ctx.timezone)
        return [
            Section(GROUPS[group][0], ctx.t(GROUPS[group][1]), members)
            for group, members in found.items()
        ]
    by_status = [
        (status, by_finish([task for task in tasks if task.status is status]))
        for status in wanted.statuses
    ]
    return [
        Section(STATUSES[status][0], ctx.t(STATUSES[status][1]), members)
        for status, members in by_status
        if members
    ]


def _page(ctx: Context, title: str, sections: Iterable[Section], footer: Sequence[str]) -> str:
    """HTML, with MOST_SHOWN tasks on it."""
    left = MOST_SHOWN
    shown: list[Section] = []
    total = 0
    for section in sections:
        total += len(section.tasks)
        rows = [_row(ctx, task) for task in section.tasks[:left]]
        left -= len(rows)
        if rows:
            shown.append(Section(section.emoji, section.title, section.tasks, rows))
    return render_template(
        "tasks/list.html.j2",
        ctx,
        title=title,
        sections=shown,
        empty=ctx.t("Nothing here. Note something with !task Bake a cake"),
        left_out=total - (MOST_SHOWN - left),
        footer=footer,
    )


def _row(ctx: Context, task: Task) -> Row:
    title = task.title
    if len(title) > _LONGEST_TITLE:
        title = f"{title[: _LONGEST_TITLE - 1]}…"
    return Row(task.number, title, " · ".join(_more(ctx, task)), task.status is not TaskStatus.OPEN)


def _more(ctx: Context, task: Task) -> list[str]:
    more = []
    if task.priority is Priority.HIGH:
        more.append("❗")
    if task.due is not None:
        more.append(due_words(ctx, task.due))
    more.extend(ctx.display_name(who) for who in task.assignees)
    more.extend(f"#{label}" for label in task.labels)
    if task.items:
        more.append(f"☑ {sum(item.done for item in task.items)}/{len(task.items)}")
    if task.rrule is not None:
        more.append("🔁")
    return more
