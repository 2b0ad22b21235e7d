"""What tasks and events have in common when they are planned."""

from __future__ import annotations

import secrets
from datetime import date, datetime, tzinfo

from wecreate_module.domain.errors import UserError


def require_to_come(when: date | datetime | None, now: datetime, zone: tzinfo) -> None:
    """A day that has passed is a slip of the pen; an hour that has passed today may be meant."""
    if when is None:
        return
    day = when.astimezone(zone).date() if isinstance(when, datetime) else when
    if day < now.astimezone(zone).date():
        raise UserError(
            "date-past",
            "The {day}.{month}.{year} is over. Write a day that is still to come.",
            day=day.day,
            month=day.month,
            year=day.year,
        )


def new_uid() -> str:
    """Unguessable: it is the name that calendar programs know."""
    return secrets.token_hex(16)
