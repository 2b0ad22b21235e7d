"""What calendar programs changed, noted for the room: it is told once for many that come together.

A change is `{"kind", "number", "actor", "before", "after"}` with summaries or None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from wecreate_module.domain.boxes import Box
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.uow import UnitOfWork

TELL = "caldav.tell"
# Soon enough to feel at once, late enough for what one click in a program sends.
_AT_ONCE = timedelta(milliseconds=150)
_QUIET = timedelta(seconds=10)

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
    """Keep a change for the room, and plan when it is told."""
    if change.before == change.after:
        return
    if uow.outside_changes.add(box.id, {**vars(change), "kind": change.kind.value}):
        calendars = uow.calendars.get(box.id)
        told = calendars.told_at if calendars else None
        due = uow.now + _AT_ONCE if told is None else max(uow.now + _AT_ONCE, told + _QUIET)
        key = f"{TELL}:{box.id}:{uow.calendar_objects.revision(box.id)}"
        uow.schedule.put(due, TELL, key=key, box_id=box.id, subject=TELL)
