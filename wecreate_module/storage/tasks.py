"""Tasks as rows: iCalendar text, whole, beside a summary that lists are made from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from wecreate_module.domain.tasks import ChecklistItem, Priority, Task, TaskStatus
from wecreate_module.storage.boxes import BoxRepository
from wecreate_module.storage.ical import task_to_ical
from wecreate_module.storage.journal import Journal
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import insert_returning, upsert
from wecreate_module.storage.tables import counters, objects, tombstones

Json = dict[str, Any]
_KIND = "task"


_OF_KIND = (objects.c.box_id == bindparam("box"), objects.c.kind == _KIND)
_ONE = (*_OF_KIND, objects.c.number == bindparam("num"))
_SUMMARIES = select(objects.c.number, objects.c.revision, objects.c.summary)
_GET = _SUMMARIES.where(*_ONE)
_LIST = _SUMMARIES.where(
    *_OF_KIND, objects.c.status.in_(bindparam("statuses", expanding=True))
).order_by(objects.c.number)
_ICAL = select(objects.c.ical).where(*_ONE)
_ADD = insert(objects)
_UPDATE = update(objects).where(*_ONE)
_DELETE = delete(objects).where(*_ONE).returning(objects.c.uid, objects.c.href)
_COUNT_UP = (
    update(counters)
    .where(counters.c.box_id == bindparam("box"), counters.c.kind == _KIND)
    .values(last=counters.c.last + 1)
    .returning(counters.c.last)
)


class TaskRepository:
    """Every write counts the Box's revision up and leaves a journal entry."""

    def __init__(
        self,
        connection: Connection,
        keys: KeyStore,
        now: datetime,
        boxes: BoxRepository,
        journal: Journal,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self._boxes = boxes
        self._journal = journal

    def next_number(self, box_id: str) -> int:
        """Take the Box's next number; never given twice, not even after a deletion."""
        first = {"box_id": box_id, "kind": _KIND, "last": 1}
        fresh = insert_returning(self._connection, counters, first, counters.c.last)
        if fresh is not None:
            return int(fresh)
        number: int = self._connection.execute(_COUNT_UP, {"box": box_id}).scalar_one()
        return number

    def add(self, box_id: str, task: Task, actor: str | None = None) -> Task:
        """Keep a new task; the same with its revision. `actor`: its creator if not given."""
        task = replace(task, revision=self._boxes.bump(box_id))
        text = task_to_ical(task, None, self._now)
        row = {
            "box_id": box_id,
            "kind": _KIND,
            "number": task.number,
            "uid": task.uid,
            "href": f"{task.uid}.ics",
            "created_at": task.created_at,
        }
        self._connection.execute(_ADD, {**row, **self._values(box_id, task, text)})
        self._tell(box_id, "task.added", task.number, actor or task.created_by, to_json(task))
        return task

    def get(self, box_id: str, number: int) -> Task | None:
        row = self._connection.execute(_GET, {"box": box_id, "num": number}).first()
        return self._task(box_id, row[0], row[1], row[2]) if row else None

    def update(self, box_id: str, task: Task, actor: str | None = None) -> Task:
        """Write a task over what is there; the same with its revision.

        What other programs wrote into its iCalendar text stays. KeyError for an unknown task.
        """
        before, text = self.get(box_id, task.number), self.ical(box_id, task.number)
        if before is None:
            raise KeyError(task.number)
        task = replace(task, revision=self._boxes.bump(box_id))
        values = self._values(box_id, task, task_to_ical(task, text, self._now))
        self._connection.execute(_UPDATE, {"box": box_id, "num": task.number, **values})
        old, new = to_json(before), to_json(task)
        changed = {name: new.get(name) for name in old | new if old.get(name) != new.get(name)}
        self._tell(box_id, "task.changed", task.number, actor, changed)
        return task

    def delete(self, box_id: str, number: int, actor: str | None = None) -> None:
        """Delete a task and leave a tombstone; nothing happens if there is no such task."""
        gone = self._connection.execute(_DELETE, {"box": box_id, "num": number}).first()
        if gone is None:
            return
        values = {
            "box_id": box_id,
            "kind": _KIND,
            "number": number,
            "uid": gone.uid,
            "href": gone.href,
            "revision": self._boxes.bump(box_id),
            "deleted_at": self._now,
        }
        upsert(self._connection, tombstones, values)
        self._tell(box_id, "task.deleted", number, actor, {})

    def list(
        self, box_id: str, statuses: Collection[TaskStatus] = (TaskStatus.OPEN,)
    ) -> list[Task]:
        """Tasks of these statuses by number. Reads summaries only: fast for thousands."""
        given = {"box": box_id, "statuses": [status.value for status in statuses]}
        rows = self._connection.execute(_LIST, given)
        return [self._task(box_id, *row) for row in rows.all()]

    def ical(self, box_id: str, number: int) -> str | None:
        """Give the task's iCalendar text: a whole VCALENDAR."""
        sealed = self._connection.execute(_ICAL, {"box": box_id, "num": number}).scalar()
        if sealed is None:
            return None
        return self._keys.unseal(box_id, _place(box_id, number, "ical"), sealed).decode()

    def _values(self, box_id: str, task: Task, text: str) -> Json:
        place = _place(box_id, task.number, "summary")
        return {
            "status": task.status.value,
            "due_at": _due_at(task.due),
            "due_is_date": task.due is not None and not isinstance(task.due, datetime),
            "rrule": task.rrule,
            "revision": task.revision,
            "updated_at": self._now,
            "ical": self._keys.seal(box_id, _place(box_id, task.number, "ical"), text.encode()),
            "summary": self._keys.seal_json(box_id, place, to_json(task)),
        }

    def _tell(self, box_id: str, kind: str, number: int, actor: str | None, data: Json) -> None:
        self._journal.add(box_id, kind, str(number), actor, data)

    def _task(self, box_id: str, number: int, revision: int, sealed: bytes) -> Task:
        stored = self._keys.unseal_json(box_id, _place(box_id, number, "summary"), sealed)
        return from_json(number, revision, stored)


def _place(box_id: str, number: int, column: str) -> str:
    return f"objects:{box_id}:{_KIND}:{number}:{column}"


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
