"""Tasks as rows: iCalendar text, whole, beside a summary that lists are made from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from wecreate_module.domain.tasks import ChecklistItem, Priority, Task, TaskStatus
from wecreate_module.storage.entries import Entries
from wecreate_module.storage.ical import task_to_ical

Json = dict[str, Any]


class TaskRepository(Entries[Task]):
    kind = "task"

    def list(
        self, box_id: str, statuses: Collection[TaskStatus] = (TaskStatus.OPEN,)
    ) -> list[Task]:
        """Tasks of these statuses by number."""
        return self._listed(box_id, statuses)

    def _to_json(self, entry: Task) -> Json:
        return to_json(entry)

    def _from_json(self, number: int, revision: int, stored: Json) -> Task:
        return from_json(number, revision, stored)

    def _to_ical(self, entry: Task, previous: str | None) -> str:
        return task_to_ical(entry, previous, self._now)

    def _columns(self, entry: Task) -> Json:
        return {
            "status": entry.status.value,
            "due_at": _due_at(entry.due),
            "due_is_date": entry.due is not None and not isinstance(entry.due, datetime),
            "rrule": entry.rrule,
        }


def _due_at(due: date | datetime | None) -> datetime | None:
    """When a task is due, to sort by: a date is its first moment in UTC."""
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, time(), UTC)


def to_json(task: Task) -> Json:
    """Summarize: everything but number and revision, which are columns; defaults left out."""
    stored: Json = {
        "uid": task.uid,
        "title": task.title,
        "created_by": task.created_by,
        "created_at": task.created_at.isoformat(),
    }
    optional: Json = {
        "description": task.description,
        "status": "" if task.status is TaskStatus.OPEN else task.status.value,
        "due": _due_text(task.due),
        "assignees": list(task.assignees),
        "labels": list(task.labels),
        "priority": 0 if task.priority is Priority.NORMAL else task.priority.value,
        "items": [[item.text, item.done] for item in task.items],
        "rrule": task.rrule,
        "finished_by": task.finished_by,
        "finished_at": task.finished_at and task.finished_at.isoformat(),
    }
    return stored | {name: value for name, value in optional.items() if value}


def from_json(number: int, revision: int, stored: Json) -> Task:
    """Read a summary. It is read a thousand times for one list: only what it holds is touched."""
    for name in _READ.keys() & stored.keys():
        stored[name] = _READ[name](stored[name])
    return Task(number=number, revision=revision, **stored)


def _due_text(due: date | datetime | None) -> str | None:
    """Write a due with its zone's name, as RFC 9557 does: `2026-12-01T18:00:00+01:00[…]`."""
    if due is None:
        return None
    zone = due.tzinfo if isinstance(due, datetime) else None
    return f"{due.isoformat()}[{zone.key}]" if isinstance(zone, ZoneInfo) else due.isoformat()


def _read_due(text: str) -> date | datetime:
    if "T" not in text:
        return date.fromisoformat(text)
    if not text.endswith("]"):
        return datetime.fromisoformat(text)
    instant, _, zone = text[:-1].partition("[")
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))


def _read_items(items: Iterable[tuple[str, bool]]) -> tuple[ChecklistItem, ...]:
    return tuple(ChecklistItem(text, done) for text, done in items)


_READ: dict[str, Callable[[Any], object]] = {
    "created_at": datetime.fromisoformat,
    "status": TaskStatus,
    "due": _read_due,
    "assignees": tuple,
    "labels": tuple,
    "priority": Priority,
    "items": _read_items,
    "finished_at": datetime.fromisoformat,
}
