"""When people are reminded: of a task on its day, when they asked for it, and each morning.

Reminders are rows of the schedule. Those that follow from the due date ("tasks.remind") are
planned anew with it; those that somebody asked for ("tasks.nudge") stay until the task ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta, tzinfo

from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import Task, TaskStatus, due_day
from wecreate_module.storage.people import Person
from wecreate_module.storage.uow import UnitOfWork

REMIND = "tasks.remind"
NUDGE = "tasks.nudge"
DIGEST = "tasks.digest"
MORNING = time(8, 0)
# Whoever is reminded at the time itself needs no reminder shortly before.
_TWICE = timedelta(hours=1)


def plan(uow: UnitOfWork, box: Box, task: Task) -> None:
    """Plan the reminders that follow from the due date, in place of earlier ones."""
    uow.schedule.cancel(box.id, subject(task), REMIND)
    if task.status is not TaskStatus.OPEN:
        forget(uow, box, task)
        return
    for instant in default_times(task, box.zone):
        if instant > uow.now:
            _put(uow, box, task, instant, REMIND, {})


def default_times(task: Task, zone: tzinfo) -> Iterator[datetime]:
    """On the morning of the due day, and at the time if there is one."""
    day = due_day(task, zone)
    if day is None:
        return
    morning = at_time(day, MORNING.hour * 60 + MORNING.minute, zone)
    if not isinstance(task.due, datetime):
        yield morning
        return
    if morning + _TWICE <= task.due:
        yield morning
    yield task.due


def remind_at(uow: UnitOfWork, box: Box, task: Task, instant: datetime, *, actor: str) -> None:
    """Remind the one who asks, at that time."""
    require_active(box)
    if task.status is not TaskStatus.OPEN:
        raise UserError(
            "task-not-open",
            "Task #{number} is not open any more. Open it again with !task {number} reopen",
            number=task.number,
        )
    if instant <= uow.now:
        raise UserError("time-past", "That time is over. Write one that is still to come.")
    _put(uow, box, task, instant, NUDGE, {"user_id": actor})


def forget(uow: UnitOfWork, box: Box, task: Task) -> None:
    """No reminders of this task any more."""
    uow.schedule.cancel(box.id, subject(task))


def subject(task: Task) -> str:
    return f"task:{task.number}"


def set_digest(uow: UnitOfWork, user_id: str, room_id: str, at: time | None, zone: tzinfo) -> None:
    """Tell a person each day at that local time, in their direct chat, what is to be done."""
    person = uow.people.get(user_id)
    uow.people.save(replace(person, digest_at=None if at is None else f"{at:%H:%M}"))
    uow.schedule.cancel(None, _digest_subject(user_id), DIGEST)
    if at is not None:
        plan_digest(uow, user_id, room_id, at, zone)


def plan_digest(uow: UnitOfWork, user_id: str, room_id: str, at: time, zone: tzinfo) -> None:
    """The next one; each plans the one after it."""
    today = uow.now.astimezone(zone).date()
    minutes = at.hour * 60 + at.minute
    instant = at_time(today, minutes, zone)
    if instant <= uow.now:
        instant = at_time(today + timedelta(days=1), minutes, zone)
    uow.schedule.put(
        instant,
        DIGEST,
        key=f"{DIGEST}:{user_id}:{instant.isoformat()}",
        subject=_digest_subject(user_id),
        payload={"user_id": user_id, "room_id": room_id},
    )


def without_digest_ahead(uow: UnitOfWork) -> list[Person]:
    """Those who wish a daily list and have none planned."""
    planned = uow.schedule.subjects_ahead(DIGEST)
    wishing = uow.people.with_digest()
    return [person for person in wishing if _digest_subject(person.user_id) not in planned]


def _digest_subject(user_id: str) -> str:
    return f"digest:{user_id}"


def _put(
    uow: UnitOfWork, box: Box, task: Task, instant: datetime, kind: str, payload: dict[str, str]
) -> None:
    who = payload.get("user_id", "")
    uow.schedule.put(
        instant,
        kind,
        key=f"{kind}:{box.id}:{task.number}:{instant.timestamp():.0f}:{who}",
        box_id=box.id,
        subject=subject(task),
        payload={"number": task.number, **payload},
    )
