"""Calendar objects as other programs write them: kept whole, and understood as ours.

Each change is noted for the room (outside_news.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from icalendar import Calendar

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import Event
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.services import event_reminders, outside_news, reminders, tasks, trash
from wecreate_module.services.outside_news import TELL, Change
from wecreate_module.services.outside_texts import (
    index_event,
    index_task,
    read_event,
    read_task,
)
from wecreate_module.storage import events as event_rows
from wecreate_module.storage import tasks as task_rows
from wecreate_module.storage.calendar_objects import CalendarObject, Indexed, Kind
from wecreate_module.storage.trash import Deleted
from wecreate_module.storage.uow import UnitOfWork

__all__ = ["TELL", "Written", "delete", "put", "restore"]


@dataclass(frozen=True)
class Written:
    """`uid` and `text` of an object that a program sent; both checked already.

    `parsed` is what was read of the text for that, and spares reading it again.
    """

    uid: str
    text: str
    parsed: Calendar | None = field(default=None, compare=False, repr=False)

    @property
    def source(self) -> str | Calendar:
        return self.parsed or self.text


def put(
    uow: UnitOfWork, box: Box, kind: Kind, href: str, written: Written, *, actor: str
) -> CalendarObject:
    """Keep an object under a name, new or over the old one. Raises ICalendarError.

    What is given back has the etag of the text as it was sent. Where that can't stay (others'
    answers, a series that goes on) it is changed right after, and the program gets it anew.
    """
    known = next(iter(uow.calendar_objects.named(box.id, kind, [href])), None)
    before = known.summary if known else None
    number = known.number if known else uow.calendar_objects.next_number(box.id, kind)
    keep = _put_task if kind is Kind.TASK else _put_event
    stored, after = keep(uow, box, _Place(number, href, known), written, actor)
    change = Change(kind, number, actor, before, after)
    outside_news.journal(uow, box, change)
    outside_news.note(uow, box, change)
    return stored


def delete(uow: UnitOfWork, box: Box, known: CalendarObject, *, actor: str) -> None:
    """Delete an object; for a month it can be brought back."""
    before = known.summary
    trash.keep(uow, known, actor=actor)
    uow.calendar_objects.delete(known)
    change = Change(known.kind, known.number, actor, before, None)
    outside_news.journal(uow, box, change)
    outside_news.note(uow, box, change)
    uow.schedule.cancel(box.id, f"{known.kind.value}:{known.number}")


def restore(uow: UnitOfWork, box: Box, kind: Kind, number: int, *, actor: str) -> Deleted:
    """Bring a deleted object back, under its number; raises UserError."""
    found = next((one for one in trash.deleted(uow, box, kind) if one.number == number), None)
    if found is None:
        raise UserError(
            "not-in-trash", "There is no #{number} among what was deleted.", number=number
        )
    if uow.calendar_objects.href_of(box.id, kind, found.uid) is not None:
        raise UserError("back-already", "“{title}” is there again already.", title=found.title)
    href = found.href
    if uow.calendar_objects.named(box.id, kind, [href]):
        href = f"{number}-{href}"
    new = _as_it_was(uow, box, found)
    uow.calendar_objects.add(box.id, kind, number, (found.uid, href), found.text, new)
    uow.trash.drop(box.id, kind, number)
    outside_news.journal(uow, box, Change(kind, number, actor, None, new.summary))
    return found


@dataclass(frozen=True)
class _Place:
    number: int
    href: str
    known: CalendarObject | None


def _put_task(
    uow: UnitOfWork, box: Box, place: _Place, written: Written, actor: str
) -> tuple[CalendarObject, dict[str, object]]:
    before = uow.tasks.get(box.id, place.number) if place.known else None
    start = before or Task(place.number, written.uid, "", actor, uow.now)
    task = read_task(written.source, box, start, actor=actor, now=uow.now)
    stored = _keep(uow, box, Kind.TASK, place, written, index_task(task))
    was_open = before is not None and before.status is TaskStatus.OPEN
    if was_open and task.status is TaskStatus.DONE and task.rrule is not None:
        task = _go_on(uow, box, task, actor)
    if before is None or (task.due, task.status) != (before.due, before.status):
        reminders.plan(uow, box, task)
    return stored, task_rows.to_json(task)


def _go_on(uow: UnitOfWork, box: Box, task: Task, actor: str) -> Task:
    """A program finished a task of a series: the rule goes on with the next one, as in chat."""
    again = tasks.next_of_series(uow, box, task, actor)
    if again is not None:
        added = Change(Kind.TASK, again.number, actor, None, task_rows.to_json(again))
        outside_news.note(uow, box, added)
    return uow.tasks.update(box.id, replace(task, rrule=None), actor)


def _put_event(
    uow: UnitOfWork, box: Box, place: _Place, written: Written, actor: str
) -> tuple[CalendarObject, dict[str, object]]:
    before = uow.events.get(box.id, place.number) if place.known else None
    epoch = datetime.fromtimestamp(0, UTC)
    start = before or Event(place.number, written.uid, "", actor, uow.now, start=epoch, end=epoch)
    event, claims = read_event(written.source, box, start, actor=actor)
    stored = _keep(uow, box, Kind.EVENT, place, written, index_event(event))
    if claims:
        uow.events.update(box.id, event, actor)
    event_reminders.plan(uow, box, event)
    return stored, event_rows.to_json(event)


def _keep(
    uow: UnitOfWork, box: Box, kind: Kind, place: _Place, written: Written, new: Indexed
) -> CalendarObject:
    if place.known is not None:
        return uow.calendar_objects.rewrite(place.known, written.text, new)
    names = (written.uid, place.href)
    return uow.calendar_objects.add(box.id, kind, place.number, names, written.text, new)


def _as_it_was(uow: UnitOfWork, box: Box, found: Deleted) -> Indexed:
    """By its summary: the text alone does not say who made it or who comes."""
    if found.kind is Kind.TASK:
        blank = Task(found.number, found.uid, "", found.actor, uow.now)
        task = (
            task_rows.from_json(found.number, 0, dict(found.summary))
            if found.summary
            else read_task(found.text, box, blank, actor=found.actor, now=uow.now)
        )
        reminders.plan(uow, box, task)
        return index_task(task)
    epoch = datetime.fromtimestamp(0, UTC)
    start = Event(found.number, found.uid, "", found.actor, uow.now, start=epoch, end=epoch)
    event = (
        event_rows.from_json(found.number, 0, dict(found.summary))
        if found.summary
        else read_event(found.text, box, start, actor=found.actor)[0]
    )
    event_reminders.plan(uow, box, event)
    return index_event(event)
