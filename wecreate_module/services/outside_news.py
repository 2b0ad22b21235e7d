"""What calendar programs changed, noted for the room: it is told once for many that come together.

A change is `{"kind", "number", "actor", "before", "after"}` with summaries or None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wecreate_module.domain.boxes import Box
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.uow import UnitOfWork

TELL = "caldav.tell"
# How long it must be still before the room is told: soon enough to feel at once, late enough for
# what one click in a program sends. The more was told in the last minute, the longer.
_STILL = (
    (3, timedelta(milliseconds=150)),
    (20, timedelta(milliseconds=250)),
)
_CROWDED = timedelta(seconds=10)
_LONGEST = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)

Json = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One object's summary before and after, and who did it."""

    kind: Kind
    number: int
    actor: str
    before: Json | None
    after: Json | None


def journal(uow: UnitOfWork, box: Box, change: Change) -> None:
    kind, subject = change.kind.value, str(change.number)
    before, after = change.before, change.after
    if after is None:
        uow.journal.add(box.id, f"{kind}.deleted", subject, change.actor, {})
    elif before is None:
        uow.journal.add(box.id, f"{kind}.added", subject, change.actor, after)
    else:
        names = [name for name in before | after if before.get(name) != after.get(name)]
        changed = {name: after.get(name) for name in names}
        uow.journal.add(box.id, f"{kind}.changed", subject, change.actor, changed)


def note(uow: UnitOfWork, box: Box, change: Change) -> None:
    """Keep a change for the room, and plan that it is told when no more come."""
    if change.before == change.after:
        return
    first = uow.outside_changes.add(box.id, {**vars(change), "kind": change.kind.value})
    waiting = [] if first else uow.schedule.ahead(box.id, TELL, TELL)
    if waiting:
        key, began = waiting[0].key, datetime.fromisoformat(waiting[0].payload["began"])
    else:
        key, began = f"{TELL}:{box.id}:{uow.calendar_objects.revision(box.id)}", uow.now
    due = min(uow.now + _still(uow, box), began + _LONGEST)
    payload = {"began": began.isoformat()}
    uow.schedule.put(due, TELL, key=key, box_id=box.id, subject=TELL, payload=payload)


def _still(uow: UnitOfWork, box: Box) -> timedelta:
    calendars = uow.calendars.get(box.id)
    told = calendars.told_at if calendars else None
    if told is None or told < uow.now - _MINUTE:
        return _STILL[0][1]
    count = uow.schedule.count_done(box.id, TELL, uow.now - _MINUTE)
    return next((still for most, still in _STILL if count < most), _CROWDED)
