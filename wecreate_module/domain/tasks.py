"""What a task is, and what can be done with one: pure functions from a task to the next.

Each raises UserError where it can't be done. `who` is a user id, `now` the instant it happens.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import IntEnum, StrEnum

from wecreate_module.domain.boxes import JOINER
from wecreate_module.domain.errors import UserError

MAX_TITLE = 250
MAX_DESCRIPTION = 4000
MAX_ITEMS = 100
MAX_ITEM = 250
MAX_LABELS = 10
MAX_LABEL = 40
MAX_ASSIGNEES = 20


class TaskStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(IntEnum):
    """As in VTODO's PRIORITY: 1 is high, 5 normal, 9 low (RFC 5545, 3.8.1.9)."""

    HIGH = 1
    NORMAL = 5
    LOW = 9


@dataclass(frozen=True)
class ChecklistItem:
    text: str
    done: bool = False


@dataclass(frozen=True)
class Task:
    """A VTODO of the Box. `due` is a date, or an aware instant; `rrule` as in RFC 5545."""

    number: int
    uid: str
    title: str
    created_by: str
    created_at: datetime
    description: str = ""
    status: TaskStatus = TaskStatus.OPEN
    due: date | datetime | None = None
    assignees: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    items: tuple[ChecklistItem, ...] = ()
    rrule: str | None = None
    finished_by: str | None = None
    finished_at: datetime | None = None
    revision: int = 0


class Group(StrEnum):
    """Where an open task stands in the list, in this order."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"
    WEEK = "week"
    LATER = "later"
    SOMEDAY = "someday"


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks to list; what is left empty does not narrow it down."""

    statuses: tuple[TaskStatus, ...] = (TaskStatus.OPEN,)
    people: tuple[str, ...] = ()
    unassigned: bool = False
    labels: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    priority: Priority | None = None

    def matches(self, task: Task, now: datetime, zone: tzinfo) -> bool:
        if self.people and not set(self.people) & set(task.assignees):
            return False
        if self.unassigned and task.assignees:
            return False
        if self.labels and not has_labels(task, self.labels):
            return False
        if self.priority is not None and task.priority is not self.priority:
            return False
        return not self.groups or group_of(task, now, zone) in self.groups


# What people type, made fit to keep


def clean_line(text: str, most: int, what: str) -> str:
    """One line without control characters; `what` is the code's beginning ("title")."""
    line = " ".join("".join(map(_visible, text)).split())
    if not line:
        raise UserError(f"{what}-missing", "There is no text in it. Write a few words.")
    if len(line) > most:
        raise too_long(what, len(line), most)
    return line


def _visible(char: str) -> str:
    """Breaks become spaces, and what turns text around or hides in it goes."""
    if char.isprintable() or char == JOINER:
        return char
    return "" if unicodedata.category(char) in {"Cf", "Cs", "Co", "Cn"} else " "


def too_long(what: str, length: int, most: int) -> UserError:
    return UserError(
        f"{what}-too-long",
        "That is too long: {length} characters, at most {most} fit.",
        length=length,
        most=most,
    )


def clean_title(text: str) -> str:
    return clean_line(text, MAX_TITLE, "title")


def clean_label(text: str) -> str:
    """Without its #."""
    return clean_line(text.strip().lstrip("#"), MAX_LABEL, "label")


def clean_note(text: str) -> str:
    """Lines are kept; empty takes the note away."""
    note = "".join(c if c in "\n\t" else _visible(c) for c in text).strip()
    if len(note) > MAX_DESCRIPTION:
        raise too_long("note", len(note), MAX_DESCRIPTION)
    return note


# Changes


def finish(task: Task, who: str, now: datetime) -> Task:
    return _end(task, TaskStatus.DONE, who, now)


def cancel(task: Task, who: str, now: datetime) -> Task:
    return _end(task, TaskStatus.CANCELLED, who, now)


def _end(task: Task, status: TaskStatus, who: str, now: datetime) -> Task:
    """The one who ended it first stays named when it is ended again."""
    if task.status is status:
        return task
    return replace(task, status=status, finished_by=who, finished_at=now)


def reopen(task: Task) -> Task:
    return replace(task, status=TaskStatus.OPEN, finished_by=None, finished_at=None)


def successor(task: Task, number: int, uid: str, due: date | datetime, rrule: str | None) -> Task:
    """The next task of a series: the same, with nothing done yet."""
    return replace(
        reopen(task),
        number=number,
        uid=uid,
        due=due,
        rrule=rrule,
        items=tuple(replace(item, done=False) for item in task.items),
        revision=0,
    )


def assign(task: Task, people: Iterable[str]) -> Task:
    """These people as well as those who have it already."""
    everyone = tuple(dict.fromkeys((*task.assignees, *people)))
    require_room_for(everyone)
    return replace(task, assignees=everyone)


def require_room_for(people: Collection[str]) -> None:
    """Raise UserError for more people than fit on one task."""
    if len(people) > MAX_ASSIGNEES:
        raise UserError(
            "too-many-assignees", "At most {most} people fit on one task.", most=MAX_ASSIGNEES
        )


def unassign(task: Task, people: Collection[str]) -> Task:
    return replace(task, assignees=tuple(who for who in task.assignees if who not in people))


def has_labels(task: Task, labels: Iterable[str]) -> bool:
    """All of these; "Fest" is the same label as "fest"."""
    folded = {label.casefold() for label in task.labels}
    return all(label.casefold() in folded for label in labels)


def add_labels(task: Task, labels: Iterable[str]) -> Task:
    known = {label.casefold(): label for label in task.labels}
    for label in map(clean_label, labels):
        known.setdefault(label.casefold(), label)
    if len(known) > MAX_LABELS:
        raise UserError(
            "too-many-labels", "At most {most} labels fit on one task.", most=MAX_LABELS
        )
    return replace(task, labels=tuple(known.values()))


def remove_labels(task: Task, labels: Iterable[str]) -> Task:
    gone = {clean_label(label).casefold() for label in labels}
    return replace(
        task, labels=tuple(label for label in task.labels if label.casefold() not in gone)
    )


def add_item(task: Task, text: str) -> Task:
    if len(task.items) >= MAX_ITEMS:
        raise UserError("too-many-items", "At most {most} items fit on one list.", most=MAX_ITEMS)
    item = ChecklistItem(clean_line(text, MAX_ITEM, "item"))
    return replace(task, items=(*task.items, item))


def tick_items(task: Task, places: Iterable[int], *, done: bool = True) -> Task:
    """`places` count from 1."""
    items = list(task.items)
    for place in places:
        _require_item(task, place)
        items[place - 1] = replace(items[place - 1], done=done)
    return replace(task, items=tuple(items))


def rename_item(task: Task, place: int, text: str) -> Task:
    """`place` counts from 1."""
    _require_item(task, place)
    items = list(task.items)
    items[place - 1] = replace(items[place - 1], text=clean_line(text, MAX_ITEM, "item"))
    return replace(task, items=tuple(items))


def remove_items(task: Task, places: Collection[int]) -> Task:
    for place in places:
        _require_item(task, place)
    kept = (item for place, item in enumerate(task.items, start=1) if place not in places)
    return replace(task, items=tuple(kept))


def _require_item(task: Task, place: int) -> None:
    if not 1 <= place <= len(task.items):
        raise UserError(
            "item-not-found",
            "The list of #{number} has no item {place}. See it with !task {number}",
            number=task.number,
            place=place,
        )


# Lists


def due_day(task: Task, zone: tzinfo) -> date | None:
    """The day it is due where the reader is."""
    return task.due.astimezone(zone).date() if isinstance(task.due, datetime) else task.due


def group_of(task: Task, now: datetime, zone: tzinfo) -> Group:
    """By the reader's calendar; weeks end on Sunday."""
    return _group(task.due, due_day(task, zone), now, now.astimezone(zone).date())


def _group(due: date | datetime | None, day: date | None, now: datetime, today: date) -> Group:
    if due is None or day is None:
        return Group.SOMEDAY
    if day < today or (isinstance(due, datetime) and due < now):
        return Group.OVERDUE
    if day == today:
        return Group.TODAY
    if (day - today).days == 1:  # on a Sunday that is no more this week, and not "later" either
        return Group.TOMORROW
    return Group.WEEK if (day - today).days < 7 - today.weekday() else Group.LATER


def grouped(tasks: Iterable[Task], now: datetime, zone: tzinfo) -> dict[Group, list[Task]]:
    """Groups in their order, none empty; inside by day, then time, urgency and number."""
    today = now.astimezone(zone).date()
    found: dict[Group, list[tuple[int, int, int, int, Task]]] = {group: [] for group in Group}
    for task in tasks:
        due, day, minute = task.due, None, -1  # a whole day stands before its times
        if isinstance(due, datetime):
            local = due.astimezone(zone)
            day, minute = local.date(), local.hour * 60 + local.minute
        elif due is not None:
            day = due
        key = (day.toordinal() if day else 0, minute, int(task.priority), task.number)
        found[_group(due, day, now, today)].append((*key, task))
    # Numbers differ, so tasks themselves are never compared.
    return {group: [row[-1] for row in sorted(rows)] for group, rows in found.items() if rows}


def by_finish(tasks: Sequence[Task]) -> list[Task]:
    """Ended tasks, the latest first."""
    return sorted(
        tasks,
        key=lambda task: (task.finished_at or task.created_at, task.number),
        reverse=True,
    )
