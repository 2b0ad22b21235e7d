"""Until when a motion has to be handed in, for which sitting, and when to say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from wecreate_module.domain.bodies import Body
from wecreate_module.domain.motions import Motion

_AHEAD = (14, 7, 2, 0)
"""Days before the last day on which people are reminded."""
_MORNING = time(9)


@dataclass(frozen=True)
class Deadline:
    """`last` is the last day to hand in, `until` the time on it ("12:00"); None: not known."""

    sitting: date
    last: date | None
    until: str | None = None

    @property
    def day(self) -> date:
        """Afterwards it is too late for sure."""
        return self.last or self.sitting


def next_deadline(motion: Motion, body: Body, today: date) -> Deadline | None:
    """For the next sitting that can still be reached: the group's own dates, else the body's."""
    if motion.sitting is not None:
        found = _deadline(body, motion.sitting, motion.closes)
        return found if found.day >= today else None
    every = (_deadline(body, sitting, None) for sitting in body.sittings)
    return next((each for each in every if each.day >= today), None)


def _deadline(body: Body, sitting: date, last: date | None) -> Deadline:
    if last is None and body.days_before is not None:
        last = sitting - timedelta(days=body.days_before)
    return Deadline(sitting, last, body.closing_time)


def next_reminder(deadline: Deadline, after: datetime, zone: tzinfo) -> datetime | None:
    """When to remind next: in the morning, two weeks, a week and two days before, and that day."""
    mornings = (
        datetime.combine(deadline.day - timedelta(days=days), _MORNING, zone).astimezone(UTC)
        for days in _AHEAD
    )
    return next((morning for morning in mornings if morning > after), None)
