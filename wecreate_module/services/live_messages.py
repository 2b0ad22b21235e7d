"""Messages in the room that show what is now: the pinned list of tasks, events' cards.

Who changes something does not know how it is shown, so each feature brings its own messages up
to date, as scheduled work of these kinds.
"""

from __future__ import annotations

from collections.abc import Iterable

from wecreate_module.domain.boxes import Box
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.uow import UnitOfWork

REFRESH_TASKS = "tasks.refresh"
REFRESH_EVENT = "calendar.refresh"
TASKS = "tasks"


def of_event(number: int) -> str:
    """Under which name an event's message is remembered."""
    return f"event:{number}"


def plan(uow: UnitOfWork, box: Box, key: str, changed: Iterable[tuple[Kind, int]]) -> None:
    """Soon, for all messages that show one of these; `key` names the occasion."""
    for kind, number in dict.fromkeys(changed):
        if kind is Kind.TASK and uow.boxes.live_message(box.id, TASKS):
            uow.schedule.put(uow.now, REFRESH_TASKS, key=f"{REFRESH_TASKS}:{key}", box_id=box.id)
        elif kind is Kind.EVENT and uow.boxes.live_message(box.id, of_event(number)):
            uow.schedule.put(
                uow.now,
                REFRESH_EVENT,
                key=f"{REFRESH_EVENT}:{key}:{number}",
                box_id=box.id,
                payload={"number": number},
            )
