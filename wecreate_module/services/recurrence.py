"""When a series goes on: recurrence rules (RFC 5545) expanded by dateutil, in local time.

Rules run on the clock on the wall: "Fridays at 18:00" stays 18:00 when the clocks change.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice

from dateutil.rrule import rrulestr

from wecreate_module.domain.dates import Recurrence, rule_parts
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.errors import UserError

_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "WKST"}
_ENDS = {"COUNT", "UNTIL"}
_LEAP_YEAR = 2028
# More than a daily task that nobody touched for fifty years.
_MOST_STEPS = 20_000

Due = date | datetime


def first_due(recurrence: Recurrence, now: datetime, zone: tzinfo) -> Due:
    """The first date of a series for which no other was said; today counts."""
    local = now.astimezone(zone)
    start = local.date() if recurrence.start is None else recurrence.start.day
    at = recurrence.time
    if at is None and recurrence.start is not None and recurrence.start.timed:
        at = _wall(recurrence.start.value, zone).time()
    begin = datetime.combine(start, at or time())
    for wall in _walls(recurrence.rrule, begin):
        due = wall.date() if at is None else _instant(wall, zone)
        if not isinstance(due, datetime) or due > now:
            return due
    raise _no_such_rule(recurrence.rrule)


def next_due(rrule: str, due: Due, now: datetime, zone: tzinfo) -> tuple[Due, str] | None:
    """The next date after `due` that is still to come, and the rule that holds from there.

    What was missed is left out. COUNT counts down; None at the end of the series.
    """
    parts = rule_parts(rrule)
    rule = ";".join(f"{name}={value}" for name, value in parts.items() if name not in _ENDS)
    begin = _wall(due, zone)
    last = _until(parts.get("UNTIL"), zone)
    left = _number(parts["COUNT"]) if "COUNT" in parts else None
    reached = max(begin, _reached(due, now, zone))
    for wall in _walls(rule, begin):
        if wall <= begin:
            continue
        if left is not None:
            left -= 1
        if (last is not None and wall > last) or (left is not None and left <= 0):
            return None
        if wall > reached:
            found = _instant(wall, zone) if isinstance(due, datetime) else wall.date()
            return found, _with_end(rule, parts, left)
    return None


def check_rule(rrule: str) -> None:
    """Raise UserError for a rule that can't be expanded, or not within reason."""
    parts = rule_parts(rrule)
    month_days = [abs(_number(day)) for day in _values(parts, "BYMONTHDAY")]
    months = [_number(month) for month in _values(parts, "BYMONTH")] or [1]
    sound = (
        parts.keys() <= _PARTS | _ENDS
        and parts.get("FREQ") in _FREQUENCIES
        and _number(parts.get("INTERVAL", "1")) > 0
        and all(month in range(1, 13) for month in months)
        and (
            not month_days
            or min(month_days) <= max(monthrange(_LEAP_YEAR, month)[1] for month in months)
        )
    )
    if not sound:
        raise _no_such_rule(rrule)


def _walls(rule: str, begin: datetime) -> Iterator[datetime]:
    """Dates of the rule by the clock on the wall, a bounded number of them."""
    check_rule(rule)
    try:
        expanded = rrulestr(rule, dtstart=begin)
    except (ValueError, TypeError, KeyError) as error:
        raise _no_such_rule(rule) from error
    return islice(iter(expanded), _MOST_STEPS)


def _wall(due: Due, zone: tzinfo) -> datetime:
    if isinstance(due, datetime):
        return due.astimezone(zone).replace(tzinfo=None)
    return datetime.combine(due, time())


def _reached(due: Due, now: datetime, zone: tzinfo) -> datetime:
    """What comes next is after this: a whole day is over only when it has passed."""
    local = now.astimezone(zone).replace(tzinfo=None)
    return local if isinstance(due, datetime) else datetime.combine(local.date(), time())


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    return at_time(wall.date(), wall.hour * 60 + wall.minute, zone)


def _until(text: str | None, zone: tzinfo) -> datetime | None:
    """The last moment of the series by the clock on the wall; a date is its whole day."""
    if not text:
        return None
    try:
        if "T" not in text:
            return datetime.combine(date.fromisoformat(text), time.max)
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise _no_such_rule(text) from error
    if instant.tzinfo is None:
        return instant
    return instant.astimezone(zone).replace(tzinfo=None) + timedelta(microseconds=1)


def _with_end(rule: str, parts: dict[str, str], left: int | None) -> str:
    if left is not None:
        return f"{rule};COUNT={left}"
    return f"{rule};UNTIL={parts['UNTIL']}" if "UNTIL" in parts else rule


def _values(parts: dict[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _number(text: str) -> int:
    """0 for what is no number of a sensible length."""
    digits = text.lstrip("+-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0  # noqa: PLR2004 - bounded


def _no_such_rule(rrule: str) -> UserError:
    return UserError(
        "recurrence-unsupported",
        "I can't repeat a task by “{rule}”. Write it for example like every week.",
        rule=rrule[:60],
    )
