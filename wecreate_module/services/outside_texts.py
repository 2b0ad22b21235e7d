"""What the text that a calendar program wrote means: the task or event it is from now on.

Who made, who ended and who comes is known here: a program speaks for its own person alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import (
    Attendee,
    Event,
    Variant,
    When,
    from_wall,
    instant,
    variant_at,
    wall,
)
from wecreate_module.domain.occurrences import HORIZON, occurrences
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.storage.calendar_objects import Indexed
from wecreate_module.storage.events import columns
from wecreate_module.storage.events import to_json as event_to_json
from wecreate_module.storage.ical import ical_to_task, single_dates_of
from wecreate_module.storage.ical_events import ical_to_event
from wecreate_module.storage.tasks import to_json as task_to_json


def read_task(text: str | Calendar, box: Box, before: Task, *, actor: str, now: datetime) -> Task:
    """`before` is the task as it stands, or a blank one with number and UID."""
    task = ical_to_task(text, zone=box.zone, known=before)
    task = replace(task, uid=before.uid, created_by=before.created_by)
    if task.status is TaskStatus.OPEN:
        return _at_its_next_date(task, text, box.zone)
    if task.status is before.status:
        return replace(task, finished_by=before.finished_by)
    return replace(task, finished_by=actor, finished_at=task.finished_at or now)


def read_event(text: str | Calendar, box: Box, before: Event, *, actor: str) -> tuple[Event, bool]:
    """The event, and whether its text says of others what they didn't say themselves."""
    read = ical_to_event(text, zone=box.zone, known=before)
    event = replace(
        read,
        uid=before.uid,
        created_by=before.created_by,
        answers=_own_answer(before.answers, read.answers, actor),
    )
    # One that differs in nothing we know stays too: it may have an alarm of its own.
    variants = tuple(_own_variant(before, event, each, actor) for each in read.variants)
    event = replace(event, variants=variants)
    return event, (event.answers, _said(event)) != (read.answers, _said(read))


def index_task(task: Task) -> Indexed:
    return Indexed(
        status=task.status.value,
        summary=task_to_json(task),
        due_at=_instant(task.due),
        due_is_date=task.due is not None and not isinstance(task.due, datetime),
        rrule=task.rrule,
    )


def index_event(event: Event) -> Indexed:
    known = columns(event)
    del known["due_at"], known["due_is_date"]
    return Indexed(summary=event_to_json(event), **known)


def _at_its_next_date(task: Task, text: str | Calendar, zone: ZoneInfo) -> Task:
    """Of a series whose first dates a program finished one by one: due when the next one is."""
    single = single_dates_of(text, zone) if task.rrule and task.due else None
    if single is None or task.due is None:
        return task
    start, ended = single.start, {_key(each) for each in single.ended}
    series = Event(0, "", task.title, "", task.created_at, start=start, end=start, rrule=task.rrule)
    begin = instant(start, zone) - timedelta(days=2)
    try:
        dates = occurrences(series, begin, begin + HORIZON, zone, most=len(ended) + 1)
    except UserError:
        return task  # a rule that is beyond us
    left = next((each.start for each in dates if _key(each.start) not in ended), None)
    if left is None:
        return task
    return replace(task, due=from_wall(wall(task.due) + (wall(left) - wall(start)), task.due))


def _key(at: When) -> When:
    return at.astimezone(UTC) if isinstance(at, datetime) else at


def _own_answer(
    before: tuple[Attendee, ...], after: tuple[Attendee, ...], actor: str
) -> tuple[Attendee, ...]:
    """Whoever writes speaks for themselves; what others answered stays."""
    own = {one.user: one for one in after if one.user == actor}
    kept = tuple(own.pop(one.user, one) for one in before)
    return (*kept, *own.values())


def _own_variant(before: Event, event: Event, variant: Variant, actor: str) -> Variant:
    """The same for one occurrence, where only what differs from the series stands.

    A series that was moved takes along what others had answered for its single dates.
    """
    moved = event.start != before.start
    said_once = {one for each in before.variants for one in each.answers} if moved else set()
    known = {one.user: one for one in variant.answers if one in said_once or one.user == actor}
    known |= {one.user: one for one in variant_at(before, variant.at).answers if one.user != actor}
    series = {one.user: one for one in event.answers}
    return replace(
        variant, answers=tuple(one for one in known.values() if series.get(one.user) != one)
    )


def _said(event: Event) -> list[tuple[Attendee, ...]]:
    return [each.answers for each in event.variants]


def _instant(due: date | datetime | None) -> datetime | None:
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, time(), UTC)
