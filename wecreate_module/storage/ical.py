"""Tasks as iCalendar text (RFC 5545) and back.

A write changes only the properties whose value changed: what another program wrote into the
text, alarms and unknown properties and their order included, stays. What VTODO has no word
for stands in X-WECREATE properties; assignees are ATTENDEEs with a `matrix:` URI (MSC2312).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Todo
from icalendar.prop import vCalAddress, vCategory, vRecur, vText

from wecreate_module.domain.tasks import ChecklistItem, Priority, Task, TaskStatus
from wecreate_module.storage.ical_parsing import read_calendar
from wecreate_module.storage.ical_values import (
    MATRIX,
    all_of,
    clean,
    rrule_of,
    sayable,
    set_values,
    text_of,
    unescaped,
    user_of,
    whole,
    zone_name,
)
from wecreate_module.storage.timezones import timezone_component

PRODID = "-//WeCreate//WeCreate//EN"
CREATED_BY = "X-WECREATE-CREATED-BY"
FINISHED_BY = "X-WECREATE-FINISHED-BY"
ITEM = "X-WECREATE-ITEM"
ITEM_DONE = "X-WECREATE-DONE"

_STATUS = {
    TaskStatus.OPEN: "NEEDS-ACTION",
    TaskStatus.DONE: "COMPLETED",
    TaskStatus.CANCELLED: "CANCELLED",
}


class ICalendarError(ValueError):
    """The text is no iCalendar object with a VTODO in it."""


def task_to_ical(task: Task, previous: str | None, now: datetime) -> str:
    """Write a task into its `previous` text, or into a new VCALENDAR."""
    if previous is None:
        calendar, todo, before = _new(task)
    else:
        calendar, todo = _parse(previous)
        floating = task.due.tzinfo if isinstance(task.due, datetime) else None
        unfinished = replace(task, finished_by=None, finished_at=None)
        before = _task_of(todo, floating or UTC, unfinished)
        if before.uid != task.uid:
            _begin_anew(calendar, todo, task)
    for name, write in _WRITERS.items():
        if before is None or getattr(before, name) != getattr(task, name):
            write(todo, task)
    if before is None or _due_changed(before, task):
        _write_due(todo, task, before)
        _bring_zone(calendar, task)
    set_values(todo, "DTSTAMP", now)
    if before is not None:
        set_values(todo, "LAST-MODIFIED", now)
        set_values(todo, "SEQUENCE", whole(todo.get("SEQUENCE")) + 1)
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def ical_to_task(
    text: str | Calendar,
    *,
    number: int = 0,
    zone: ZoneInfo | None = None,
    known: Task | None = None,
) -> Task:
    """Read a task, of a text or of what was parsed of it already; raises ICalendarError.

    `zone` is meant by times without one (default UTC). `known` is the task as it stands:
    it gives what another program's text leaves out (number, creator, who finished it).
    """
    _, todo = _parse(text)
    fallback = known or Task(
        number=number, uid="", title="", created_by="", created_at=datetime.fromtimestamp(0, UTC)
    )
    return _task_of(todo, zone or UTC, fallback)


@dataclass(frozen=True)
class SingleDates:
    """When a series begins, and which of its dates a program has ended or taken out."""

    start: date | datetime
    ended: tuple[date | datetime, ...]


def single_dates_of(text: str | Calendar, zone: tzinfo) -> SingleDates | None:
    """Some programs finish one date of a series by an override; None where none did."""
    calendar, todo = _parse(text)
    overrides = [part for part in calendar.walk("VTODO") if "RECURRENCE-ID" in part]
    ended = [
        _with_zone(_moment(part, "RECURRENCE-ID"), zone)
        for part in overrides
        if _status_of(part) is not TaskStatus.OPEN
    ]
    ended += [
        _with_zone(each.dt, zone)
        for dates in all_of(todo, "EXDATE")
        for each in getattr(dates, "dts", ())
        if isinstance(each.dt, date)
    ]
    start = _with_zone(_moment(todo, "DTSTART") or _moment(todo, "DUE"), zone)
    known = tuple(each for each in ended if each is not None)
    return SingleDates(start, known) if start is not None and known else None


def _with_zone(moment: date | datetime | None, zone: tzinfo) -> date | datetime | None:
    floating = isinstance(moment, datetime) and moment.tzinfo is None
    return moment.replace(tzinfo=zone) if floating and isinstance(moment, datetime) else moment


def _parse(text: str | Calendar) -> tuple[Calendar, Todo]:
    try:
        calendar = text if isinstance(text, Calendar) else read_calendar(text)
        todos = [part for part in calendar.walk("VTODO") if "RECURRENCE-ID" not in part]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ICalendarError("this is no iCalendar text") from error
    if not todos or not isinstance(todos[0], Todo):
        raise ICalendarError("there is no VTODO in it")
    return calendar, todos[0]


def _new(task: Task) -> tuple[Calendar, Todo, None]:
    calendar, todo = Calendar(), Todo()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add_component(todo)
    todo.add("UID", task.uid)
    todo.add("CREATED", task.created_at.astimezone(UTC))
    todo.add(CREATED_BY, vText(task.created_by))
    return calendar, todo, None


def _begin_anew(calendar: Calendar, todo: Todo, task: Task) -> None:
    """The text is another task's, of the same series: what belongs to that one alone goes."""
    for other in [part for part in calendar.walk("VTODO") if part is not todo]:
        calendar.subcomponents.remove(other)
    set_values(todo, "UID", task.uid)
    set_values(todo, "CREATED", task.created_at.astimezone(UTC))
    for name in ("EXDATE", "RDATE", "SEQUENCE", "LAST-MODIFIED"):
        set_values(todo, name)
    for alarm in todo.walk("VALARM"):
        trigger = getattr(alarm.get("TRIGGER"), "dt", None)
        if not isinstance(trigger, timedelta):
            todo.subcomponents.remove(alarm)
        alarm.pop("ACKNOWLEDGED", None)


# Reading


def _task_of(todo: Todo, zone: tzinfo, known: Task) -> Task:
    status = _status_of(todo)
    open_still = status is TaskStatus.OPEN
    return Task(
        number=known.number,
        uid=text_of(todo, "UID") or known.uid,
        title=text_of(todo, "SUMMARY"),
        created_by=text_of(todo, CREATED_BY) or known.created_by,
        created_at=_instant(todo, "CREATED") or known.created_at,
        description=text_of(todo, "DESCRIPTION"),
        status=status,
        due=_due_of(todo, zone),
        assignees=tuple(user for one in all_of(todo, "ATTENDEE") if (user := user_of(one))),
        labels=tuple(str(label) for one in all_of(todo, "CATEGORIES") for label in _labels(one)),
        priority=_priority_of(todo),
        items=tuple(_item_of(one) for one in all_of(todo, ITEM)),
        rrule=rrule_of(todo),
        finished_by=None if open_still else text_of(todo, FINISHED_BY) or known.finished_by,
        finished_at=None if open_still else _instant(todo, "COMPLETED") or known.finished_at,
        revision=known.revision,
    )


def _labels(value: Any) -> list[str]:  # noqa: ANN401  a property of icalendar
    return list(value.cats) if isinstance(value, vCategory) else [str(value)]


def _moment(todo: Component, name: str) -> date | datetime | None:
    found = all_of(todo, name)
    value = getattr(found[0], "dt", None) if found else None
    return value if isinstance(value, date) else None


def _instant(todo: Todo, name: str) -> datetime | None:
    value = _moment(todo, name)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _due_of(todo: Todo, zone: tzinfo) -> date | datetime | None:
    due = _moment(todo, "DUE")
    if due is None:
        start, lasting = _moment(todo, "DTSTART"), all_of(todo, "DURATION")
        length = getattr(lasting[0], "dt", None) if lasting else None
        due = start + length if start is not None and isinstance(length, timedelta) else None
    if not isinstance(due, datetime):
        return due
    if due.tzinfo is None:
        return due.replace(tzinfo=zone)
    return due if isinstance(due.tzinfo, ZoneInfo) else due.astimezone(UTC)


def _status_of(todo: Component) -> TaskStatus:
    word = text_of(todo, "STATUS").upper()
    if word == "CANCELLED":
        return TaskStatus.CANCELLED
    return TaskStatus.DONE if word == "COMPLETED" else TaskStatus.OPEN


def _priority_of(todo: Todo) -> Priority:
    value = whole(todo.get("PRIORITY"))
    if 1 <= value < Priority.NORMAL:
        return Priority.HIGH
    return Priority.LOW if value > Priority.NORMAL else Priority.NORMAL


def _item_of(value: Any) -> ChecklistItem:  # noqa: ANN401  a property of icalendar
    done = str(getattr(value, "params", {}).get(ITEM_DONE, "")).upper() == "TRUE"
    return ChecklistItem(unescaped(value), done)


# Writing


def _write_title(todo: Todo, task: Task) -> None:
    set_values(todo, "SUMMARY", task.title)


def _write_description(todo: Todo, task: Task) -> None:
    set_values(todo, "DESCRIPTION", *filter(None, [task.description]))


def _write_status(todo: Todo, task: Task) -> None:
    set_values(todo, "STATUS", _STATUS[task.status])
    set_values(todo, "PERCENT-COMPLETE", *([100] if task.status is TaskStatus.DONE else []))


def _write_finished_at(todo: Todo, task: Task) -> None:
    set_values(todo, "COMPLETED", *([task.finished_at.astimezone(UTC)] if task.finished_at else []))


def _write_finished_by(todo: Todo, task: Task) -> None:
    set_values(todo, FINISHED_BY, *([vText(task.finished_by)] if task.finished_by else []))


def _write_assignees(todo: Todo, task: Task) -> None:
    others = [one for one in all_of(todo, "ATTENDEE") if user_of(one) is None]
    ours = [vCalAddress(MATRIX + quote(user[1:], safe=":")) for user in task.assignees]
    todo.pop("ATTENDEE", None)
    for one in [*others, *ours]:
        todo.add("ATTENDEE", one)


def _write_labels(todo: Todo, task: Task) -> None:
    todo.pop("CATEGORIES", None)
    if task.labels:
        todo.add("CATEGORIES", vCategory([clean(label) for label in task.labels]))


def _write_priority(todo: Todo, task: Task) -> None:
    standard = task.priority is Priority.NORMAL
    set_values(todo, "PRIORITY", *([] if standard else [task.priority.value]))


def _write_items(todo: Todo, task: Task) -> None:
    done = {ITEM_DONE: "TRUE"}
    items = [vText(item.text, params=done if item.done else {}) for item in task.items]
    set_values(todo, ITEM, *items)


def _write_rrule(todo: Todo, task: Task) -> None:
    set_values(todo, "RRULE", *([vRecur.from_ical(task.rrule)] if task.rrule else []))


_WRITERS: dict[str, Callable[[Todo, Task], None]] = {
    "title": _write_title,
    "description": _write_description,
    "status": _write_status,
    "finished_at": _write_finished_at,
    "finished_by": _write_finished_by,
    "assignees": _write_assignees,
    "labels": _write_labels,
    "priority": _write_priority,
    "items": _write_items,
    "rrule": _write_rrule,
}


def _due_changed(before: Task, task: Task) -> bool:
    return (_comparable(before.due), before.rrule) != (_comparable(task.due), task.rrule)


def _comparable(due: date | datetime | None) -> date | datetime | None:
    # In UTC: two times of one zone are compared by the clock, which shows some hours twice.
    return due.astimezone(UTC).replace(microsecond=0) if isinstance(due, datetime) else due


def _write_due(todo: Todo, task: Task, before: Task | None) -> None:
    """Write DUE, and DTSTART where a recurrence needs one or an old one would contradict."""
    start, due = _moment(todo, "DTSTART"), sayable(task.due)
    followed = start is not None and before is not None and start == before.due
    set_values(todo, "DURATION")
    set_values(todo, "DUE", *([due] if due else []))
    if due is None:
        if followed:
            set_values(todo, "DTSTART")
    elif followed or (start is None and task.rrule) or _contradicts(start, due):
        set_values(todo, "DTSTART", due)


def _contradicts(start: date | datetime | None, due: date | datetime) -> bool:
    """Whether a start can't stand beside this due (RFC 5545, 3.8.2.3)."""
    if start is None:
        return False
    if isinstance(start, datetime) and isinstance(due, datetime):
        return (start.tzinfo is None) or start > due
    return isinstance(start, datetime) or isinstance(due, datetime) or start > due


def _bring_zone(calendar: Calendar, task: Task) -> None:
    due = sayable(task.due)
    name = zone_name(due)
    if name is None or not isinstance(due, datetime):
        return
    if any(str(zone.get("TZID")) == name for zone in calendar.walk("VTIMEZONE")):
        return
    component = timezone_component(name, due)
    if component is not None:
        calendar.subcomponents.insert(0, component)
