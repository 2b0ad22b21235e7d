"""Calendar objects as other programs write them: kept whole, and understood as ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.services import reminders
from wecreate_module.storage.calendar_objects import CalendarObject, Indexed, Kind
from wecreate_module.storage.ical import ical_to_task
from wecreate_module.storage.tasks import to_json
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Written:
    """`uid` and `text` of an object that a program sent; both checked already."""

    uid: str
    text: str


def put(
    uow: UnitOfWork, box: Box, kind: Kind, href: str, written: Written, *, actor: str
) -> CalendarObject:
    """Keep an object under a name, new or over the old one. Raises ICalendarError."""
    return _PUT[kind](uow, box, href, written, actor)


def _put_task(uow: UnitOfWork, box: Box, href: str, written: Written, actor: str) -> CalendarObject:
    known = uow.calendar_objects.named(box.id, Kind.TASK, [href])
    number = known[0].number if known else uow.calendar_objects.next_number(box.id, Kind.TASK)
    before = uow.tasks.get(box.id, number) if known else None
    start = before or Task(number, written.uid, "", actor, uow.now)
    task = ical_to_task(written.text, zone=ZoneInfo(box.timezone), known=start)
    task = _signed(task, start, actor, uow.now)
    new = Indexed(
        status=task.status.value,
        summary=to_json(task),
        due_at=_instant(task.due),
        due_is_date=task.due is not None and not isinstance(task.due, datetime),
        rrule=task.rrule,
    )
    if known:
        stored = uow.calendar_objects.rewrite(known[0], written.text, new)
    else:
        names = (written.uid, href)
        stored = uow.calendar_objects.add(box.id, Kind.TASK, number, names, written.text, new)
    _note(uow, box, before, task, actor)
    if before is None or (task.due, task.status) != (before.due, before.status):
        reminders.plan(uow, box, task)
    return stored


def delete(uow: UnitOfWork, box: Box, known: CalendarObject, *, actor: str) -> None:
    uow.calendar_objects.delete(known)
    uow.journal.add(box.id, f"{known.kind.value}.deleted", str(known.number), actor, {})
    if known.kind is Kind.TASK:
        uow.schedule.cancel(box.id, f"task:{known.number}")


def _signed(task: Task, before: Task, actor: str, now: datetime) -> Task:
    """Who made and who ended a task is known here; a program can't claim somebody else."""
    task = replace(task, uid=before.uid, created_by=before.created_by)
    if task.status is TaskStatus.OPEN:
        return task
    if task.status is before.status:
        return replace(task, finished_by=before.finished_by)
    return replace(task, finished_by=actor, finished_at=task.finished_at or now)


def _note(uow: UnitOfWork, box: Box, before: Task | None, task: Task, actor: str) -> None:
    new = to_json(task)
    if before is None:
        uow.journal.add(box.id, "task.added", str(task.number), actor, new)
        return
    old = to_json(before)
    changed = {name: new.get(name) for name in old | new if old.get(name) != new.get(name)}
    uow.journal.add(box.id, "task.changed", str(task.number), actor, changed)


def _instant(due: date | datetime | None) -> datetime | None:
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, time(), UTC)


_PUT = {Kind.TASK: _put_task}
