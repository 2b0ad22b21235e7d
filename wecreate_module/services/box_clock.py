"""A Box goes by another clock: what was planned by the old one is planned anew.

Times with a zone of their own stay the instants that they are. Whole days, and times that a
program wrote without a zone, follow the Box.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.occurrences import HORIZON
from wecreate_module.services import event_reminders, live_messages, reminders
from wecreate_module.services.outside_texts import index_event, index_task, read_task
from wecreate_module.storage.calendar_objects import Indexed, Kind
from wecreate_module.storage.ical_events import ical_to_event
from wecreate_module.storage.uow import UnitOfWork

# What is on now began a little while ago.
_ON = timedelta(days=366)


def follow(uow: UnitOfWork, box: Box) -> None:
    """`box` has its new time zone already."""
    zone = box.zone
    shown: list[tuple[Kind, int]] = [(Kind.TASK, 0)]
    for task in uow.tasks.list(box.id):
        if isinstance(task.due, datetime) and (text := uow.tasks.ical(box.id, task.number)):
            read = read_task(text, box, task, actor=task.created_by, now=uow.now)
            if read.due != task.due:
                _rewrite(uow, box, Kind.TASK, task.number, index_task(read))
                task = read  # noqa: PLW2901 - as it is from now on
        if task.due is not None:
            reminders.plan(uow, box, task)
    for event in uow.events.between(box.id, uow.now - _ON, uow.now + HORIZON):
        if event.floating and (text := uow.events.ical(box.id, event.number)):
            read_event = ical_to_event(text, zone=zone, known=event)
            _rewrite(uow, box, Kind.EVENT, event.number, index_event(read_event))
            event = read_event  # noqa: PLW2901 - as it is from now on
        if event.floating or event.all_day:
            event_reminders.plan(uow, box, event)
        shown.append((Kind.EVENT, event.number))
    live_messages.plan(uow, box, f"clock:{box.id}:{box.timezone}:{uow.now.isoformat()}", shown)


def _rewrite(uow: UnitOfWork, box: Box, kind: Kind, number: int, new: Indexed) -> None:
    """The same text, read by another clock."""
    known = uow.calendar_objects.numbered(box.id, kind, number)
    if known is not None:
        uow.calendar_objects.rewrite(known, known.text, new)
