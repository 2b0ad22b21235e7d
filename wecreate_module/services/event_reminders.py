"""When people are reminded of events: rows of the schedule, only those for what comes next.

Each reminder that was given plans the following ones, so that an endless series needs few rows.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import (
    Event,
    EventStatus,
    When,
    from_wall,
    instant,
    same,
    usual_reminders,
    wall,
)
from wecreate_module.domain.occurrences import HORIZON, Occurrence, occurrences
from wecreate_module.storage.uow import UnitOfWork
from wecreate_module.storage.whens import read_when, when_text

REMIND = "calendar.remind"
_DAY_MINUTES = 24 * 60
_MOST_LOOKED_AT = 100
# The earliest that somebody may want, and a bit.
LOOK_AHEAD = timedelta(days=70)


def plan(uow: UnitOfWork, box: Box, event: Event) -> None:
    """Plan the next reminder of each distance, in place of earlier ones."""
    uow.schedule.cancel(box.id, subject(event), REMIND)
    plan_next(uow, box, event)


def plan_next(uow: UnitOfWork, box: Box, event: Event) -> None:
    """The same, with earlier ones that are still to be given left in their place."""
    if event.status is not EventStatus.CONFIRMED:
        return
    zone = box.zone
    coming = occurrences(event, uow.now, uow.now + HORIZON, zone, _MOST_LOOKED_AT)
    for minutes in usual_reminders(event):
        for found in coming:
            moment = remind_at(found.start, minutes, zone)
            if moment > uow.now:
                _put(uow, box, event, found, minutes, moment)
                break


def remind_at(start: When, minutes: int, zone: tzinfo) -> datetime:
    """So many minutes before; whole days by the clock on the wall."""
    if not isinstance(start, datetime):
        midnight = instant(start, zone).astimezone(zone)
        return instant(from_wall(wall(midnight) - timedelta(minutes=minutes), midnight), zone)
    days, rest = divmod(minutes, _DAY_MINUTES)
    earlier = from_wall(wall(start) - timedelta(days=days), start)
    return instant(earlier, zone) - timedelta(minutes=rest)


def meant(payload: dict[str, object]) -> When | None:
    """Which occurrence a reminder was for."""
    try:
        return read_when(str(payload.get("at", "")))
    except (ValueError, KeyError):
        return None


def is_for(found: Occurrence, at: When) -> bool:
    return same(found.at, at)


def subject(event: Event) -> str:
    return f"event:{event.number}"


def _put(
    uow: UnitOfWork, box: Box, event: Event, found: Occurrence, minutes: int, moment: datetime
) -> None:
    uow.schedule.put(
        moment,
        REMIND,
        key=f"{REMIND}:{box.id}:{event.number}:{_name(found.at)}:{minutes}:{moment.timestamp():.0f}",
        box_id=box.id,
        subject=subject(event),
        payload={"number": event.number, "at": when_text(found.at), "minutes": minutes},
    )


def _name(at: date | datetime) -> str:
    return at.isoformat()
