"""Recurrence rules as RFC 5545 writes them, and their ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from wecreate_module.domain.dates.moments import Moment

DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKDAYS = DAY_CODES[:5]
_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31
_FEBRUARY = 2


@dataclass(frozen=True)
class Recurrence:
    """A rule without its end, and what else was said about the series.

    `own_day`: the rule itself says which days; otherwise they follow from the first one.
    """

    rrule: str
    own_day: bool = False
    time: time | None = None
    start: Moment | None = None
    until: Moment | None = None
    count: int | None = None


def rule_parts(rrule: str) -> dict[str, str]:
    """FREQ, INTERVAL … by name; what has no "=" is passed over."""
    pairs = (part.partition("=") for part in rrule.upper().split(";"))
    return {name: value for name, sign, value in pairs if sign}


def full_rule(recurrence: Recurrence, first: date | datetime, zone: tzinfo) -> str:
    """The rule of a series that begins at `first`, with its end."""
    rrule = _anchored(recurrence.rrule, first)
    if recurrence.count is not None:
        return f"{rrule};COUNT={recurrence.count}"
    if recurrence.until is None:
        return rrule
    return f"{rrule};UNTIL={_until(recurrence.until, first, zone)}"


def _until(until: Moment, first: date | datetime, zone: tzinfo) -> str:
    """In the form of the first date: a day, or an instant in UTC (RFC 5545, 3.3.10)."""
    if not isinstance(first, datetime):
        return f"{until.day:%Y%m%d}"
    last = until.value
    if not isinstance(last, datetime):
        last = datetime.combine(last, time(23, 59, 59), zone)
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _anchored(rrule: str, first: date) -> str:
    """A monthly or yearly rule tied to its day: from the 31st it means each month's last.

    Without that RFC 5545 leaves out the months that have no such day.
    """
    parts = rule_parts(rrule)
    if parts.keys() - {"FREQ", "INTERVAL"} or first.day <= _SHORTEST_MONTH:
        return rrule
    if parts["FREQ"] == "YEARLY" and first.month == _FEBRUARY:
        return f"{rrule};BYMONTH=2;BYMONTHDAY=-1"
    if parts["FREQ"] != "MONTHLY":
        return rrule
    if first.day == _LONGEST_MONTH:
        return f"{rrule};BYMONTHDAY=-1"
    days = ",".join(str(day) for day in range(_SHORTEST_MONTH, first.day + 1))
    return f"{rrule};BYMONTHDAY={days};BYSETPOS=-1"
