"""What people do with tasks: one function for each verb, in the transaction of the caller.

Each takes the open unit of work, the Box, who acts, and what is wanted; writes the change and
plans the reminders that follow from it; raises UserError and then has changed nothing.
`zone` is that of who acts, for what "today" and "11 o'clock" are; the Box's if not given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from wecreate_module.domain import tasks as rules
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.dates import Recurrence, full_rule
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import Priority, Task, TaskFilter, TaskStatus
from wecreate_module.services import reminders, trash
from wecreate_module.services.calendar_entries import new_uid, require_to_come
from wecreate_module.services.recurrence import Due, first_due, next_due
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class NewTask:
    """What was said about a task that is to be."""

    title: str
    due: Due | None = None
    assignees: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    description: str = ""
    recurrence: Recurrence | None = None


@dataclass(frozen=True)
class Ended:
    """A task that was finished or cancelled. `again` is the next one of its series.

    `changed` is False if it had ended before.
    """

    task: Task
    changed: bool
    again: Task | None = None


def add_task(
    uow: UnitOfWork, box: Box, new: NewTask, *, actor: str, zone: tzinfo | None = None
) -> Task:
    require_active(box)
    zone = zone or box.zone
    due = new.due
    if new.recurrence is not None and due is None:
        due = first_due(new.recurrence, uow.now, zone)
    require_to_come(due, uow.now, zone)
    task = Task(
        number=0,
        uid=new_uid(),
        title=rules.clean_title(new.title),
        created_by=actor,
        created_at=uow.now,
        description=rules.clean_note(new.description),
        due=due,
        priority=new.priority,
        rrule=_rule(new.recurrence, due, zone),
    )
    task = rules.add_labels(rules.assign(task, new.assignees), new.labels)
    task = replace(task, number=uow.tasks.next_number(box.id))
    return _keep_new(uow, box, task, actor)


def get_task(uow: UnitOfWork, box: Box, number: int) -> Task:
    task = uow.tasks.get(box.id, number)
    if task is None:
        raise UserError(
            "task-not-found",
            "There is no task #{number} here. See all with !tasks",
            number=number,
        )
    return task


def list_tasks(uow: UnitOfWork, box: Box, wanted: TaskFilter, zone: tzinfo) -> list[Task]:
    """By number. `zone` is the reader's, for what "today" is."""
    found = uow.tasks.list(box.id, wanted.statuses)
    if wanted == TaskFilter(statuses=wanted.statuses):
        return found
    return [task for task in found if wanted.matches(task, uow.now, zone)]


def finish_tasks(uow: UnitOfWork, box: Box, numbers: Sequence[int], *, actor: str) -> list[Ended]:
    """All of them or, if one does not exist, none."""
    tasks = [get_task(uow, box, number) for number in numbers]
    return [_end(uow, box, task, rules.finish, actor) for task in tasks]


def cancel_task(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Ended:
    """It will not be done; a series ends with it."""
    task = get_task(uow, box, number)
    return _end(uow, box, replace(task, rrule=None), rules.cancel, actor)


def reopen_task(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Task:
    return edit_task(uow, box, number, rules.reopen, actor=actor)


def delete_task(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Task:
    """The task as it was; for a month it can be brought back."""
    require_active(box)
    task = get_task(uow, box, number)
    trash.keep_numbered(uow, box, Kind.TASK, number, actor=actor)
    uow.tasks.delete(box.id, number, actor)
    reminders.forget(uow, box, task)
    return task


def edit_task(
    uow: UnitOfWork, box: Box, number: int, change: Callable[[Task], Task], *, actor: str
) -> Task:
    """Apply a rule of domain/tasks.py to a task."""
    return _write(uow, box, get_task(uow, box, number), change, actor)


def set_due(
    uow: UnitOfWork,
    box: Box,
    number: int,
    due: Due | None,
    *,
    actor: str,
    zone: tzinfo | None = None,
) -> Task:
    """None takes the date away, and a repetition with it."""
    require_to_come(due, uow.now, zone or box.zone)
    return edit_task(
        uow,
        box,
        number,
        lambda task: replace(task, due=due, rrule=None if due is None else task.rrule),
        actor=actor,
    )


def set_title(uow: UnitOfWork, box: Box, number: int, title: str, *, actor: str) -> Task:
    clean = rules.clean_title(title)
    return edit_task(uow, box, number, lambda task: replace(task, title=clean), actor=actor)


def set_note(uow: UnitOfWork, box: Box, number: int, note: str, *, actor: str) -> Task:
    """An empty note takes it away."""
    clean = rules.clean_note(note)
    return edit_task(uow, box, number, lambda task: replace(task, description=clean), actor=actor)


def set_priority(uow: UnitOfWork, box: Box, number: int, priority: Priority, *, actor: str) -> Task:
    return edit_task(uow, box, number, lambda task: replace(task, priority=priority), actor=actor)


def set_recurrence(
    uow: UnitOfWork,
    box: Box,
    number: int,
    recurrence: Recurrence | None,
    *,
    actor: str,
    zone: tzinfo | None = None,
) -> Task:
    """Repeat it from its date on, or from the rule's first; None: not any more."""
    here = zone or box.zone

    def repeat(task: Task) -> Task:
        if recurrence is None:
            return replace(task, rrule=None)
        due = _start_of_series(task.due, recurrence, uow.now, here)
        if recurrence.start is not None:
            require_to_come(due, uow.now, here)
        return replace(task, due=due, rrule=_rule(recurrence, due, here))

    return edit_task(uow, box, number, repeat, actor=actor)


def _start_of_series(due: Due | None, recurrence: Recurrence, now: datetime, zone: tzinfo) -> Due:
    """The date it has, unless the rule says another; its time stays unless another is said."""
    at = recurrence.time
    if at is None and isinstance(due, datetime):
        at = due.astimezone(zone).time()
    if due is None or recurrence.own_day or recurrence.start is not None:
        return first_due(replace(recurrence, time=at), now, zone)
    day = due.astimezone(zone).date() if isinstance(due, datetime) else due
    return day if at is None else at_time(day, at.hour * 60 + at.minute, zone)


def tasks_of_person(
    uow: UnitOfWork, user_id: str, wanted: TaskFilter, zone: tzinfo
) -> list[tuple[Box, list[Task]]]:
    """What somebody has to do in all their Boxes; Boxes without anything are left out."""
    wanted = replace(wanted, people=(user_id,))
    found = ((box, list_tasks(uow, box, wanted, zone)) for box in uow.boxes.of_member(user_id))
    return [(box, tasks) for box, tasks in found if tasks]


def _keep_new(uow: UnitOfWork, box: Box, task: Task, actor: str, text: str | None = None) -> Task:
    task = uow.tasks.add(box.id, task, actor, text)
    reminders.plan(uow, box, task)
    return task


def _write(
    uow: UnitOfWork, box: Box, before: Task, change: Callable[[Task], Task], actor: str
) -> Task:
    require_active(box)
    task = change(before)
    if task == before:
        return before
    task = uow.tasks.update(box.id, task, actor)
    if (task.due, task.status) != (before.due, before.status):
        reminders.plan(uow, box, task)
    return task


def _end(
    uow: UnitOfWork,
    box: Box,
    task: Task,
    end: Callable[[Task, str, datetime], Task],
    actor: str,
) -> Ended:
    """The rule goes on with the next task of the series, so that reopening this one is safe."""
    require_active(box)
    if task.status is not TaskStatus.OPEN and end(task, actor, uow.now).status is task.status:
        return Ended(task, changed=False)
    again = next_of_series(uow, box, task, actor)
    ended = uow.tasks.update(box.id, replace(end(task, actor, uow.now), rrule=None), actor)
    reminders.forget(uow, box, ended)
    return Ended(ended, changed=True, again=again)


def next_of_series(uow: UnitOfWork, box: Box, task: Task, actor: str) -> Task | None:
    """Note the task that follows; what other programs wrote into this one goes along."""
    if task.rrule is None or task.due is None:
        return None
    try:
        found = next_due(task.rrule, task.due, uow.now, _zone_of_series(task.due, box))
    except UserError:
        found = None  # another program's rule, beyond us: the task can be finished all the same
    if found is None:
        return None
    due, rrule = found
    number = uow.tasks.next_number(box.id)
    again = rules.successor(task, number, new_uid(), due, rrule)
    return _keep_new(uow, box, again, actor, uow.tasks.ical(box.id, task.number))


def _zone_of_series(due: Due, box: Box) -> tzinfo:
    """The zone it was made in; an instant in UTC (of another program) has no place of its own."""
    made_in = due.tzinfo if isinstance(due, datetime) else None
    return made_in if isinstance(made_in, ZoneInfo) else box.zone


def _rule(recurrence: Recurrence | None, due: Due | None, zone: tzinfo) -> str | None:
    return None if recurrence is None or due is None else full_rule(recurrence, due, zone)
