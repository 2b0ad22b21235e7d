"""A series moved as a whole, or cut in two: its rule, exceptions and end go along."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from wecreate_module.domain.dates.rules import DAY_CODES, rule_parts
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import (
    Event,
    Variant,
    When,
    from_wall,
    in_order,
    instant,
    require_span,
    same,
    wall,
    zone_of,
)
from wecreate_module.domain.series import read_rule, walls

_NEAR = timedelta(days=16)
_WEEK = 7


def move_all(event: Event, start: When, end: When) -> Event:
    """The whole series begins at another time; each occurrence goes as far."""
    require_span(start, end)
    moved = replace(event, start=start, end=end, floating=False)
    if not event.repeats:
        return moved
    shift = wall(start) - wall(event.start)
    if event.rrule is not None:
        moved = replace(moved, rrule=_moved_rule(event, start, shift))
    return replace(
        moved,
        added=tuple(
            from_wall(wall(each, zone_of(event.start)) + shift, start) for each in event.added
        ),
        excluded=tuple(_moved_to(event, moved, each, shift) for each in event.excluded),
        variants=in_order(_moved_variant(event, moved, each, shift) for each in event.variants),
    )


def cut_before(event: Event, at: When) -> Event:
    """The series up to but without the occurrence `at`."""
    first = wall(at)
    return replace(
        event,
        rrule=None if event.rrule is None else _ending_before(event.rrule, at),
        added=tuple(each for each in event.added if wall(each, zone_of(at)) < first),
        excluded=tuple(each for each in event.excluded if wall(each) < first),
        variants=tuple(each for each in event.variants if wall(each.at) < first),
    )


def rest_from(event: Event, at: When, number: int, uid: str) -> Event:
    """The series from the occurrence `at` on, as an event of its own."""
    first = wall(at)
    rrule = event.rrule
    if rrule is not None and (rule := read_rule(rrule)).count is not None:
        begin = wall(event.start)
        before = sum(1 for _ in walls(rule, begin, begin, first))
        rrule = _with(rrule, "COUNT", str(max(1, rule.count - before)))
    return replace(
        event,
        number=number,
        uid=uid,
        start=at,
        end=from_wall(first + event.length, at),
        rrule=rrule,
        added=tuple(each for each in event.added if wall(each, zone_of(at)) > first),
        excluded=tuple(each for each in event.excluded if wall(each) >= first),
        variants=tuple(each for each in event.variants if wall(each.at) >= first),
        revision=0,
    )


def is_first(event: Event, at: When) -> bool:
    """Whether nothing of the series is before this occurrence."""
    return same(event.start, at)


def _ending_before(rrule: str, at: When) -> str:
    parts = {name: value for name, value in rule_parts(rrule).items() if name != "COUNT"}
    if isinstance(at, datetime):
        # The evening before reads well; unless the series comes several times a day.
        often = len(read_rule(rrule).hours) + len(read_rule(rrule).minutes) > 1
        before = at if often else from_wall(datetime.combine(at.date(), time()), at)
        last = instant(before, UTC) - timedelta(seconds=1)
        parts["UNTIL"] = f"{last:%Y%m%dT%H%M%SZ}"
    else:
        parts["UNTIL"] = f"{at - timedelta(days=1):%Y%m%d}"
    return _joined(parts)


def _moved_rule(event: Event, start: When, shift: timedelta) -> str:
    parts = rule_parts(event.rrule or "")
    until = parts.get("UNTIL")
    if until is not None:
        parts["UNTIL"] = _moved_until(until, start, shift)
    days = (wall(start).date() - wall(event.start).date()).days
    if days:
        _move_days(event, parts, wall(start).date(), days)
    if not isinstance(start, datetime) or wall(start).time() != wall(event.start).time():
        for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            parts.pop(name, None)
    return _joined(parts)


def _moved_until(text: str, start: When, shift: timedelta) -> str:
    """In the form of the new start (RFC 5545, 3.3.10)."""
    try:
        last = datetime.fromisoformat(text) if "T" in text else None
        day = date.fromisoformat(text[:8])
    except ValueError:
        return text
    if not isinstance(start, datetime):
        return f"{day + timedelta(days=shift.days):%Y%m%d}"
    if last is None:
        end = from_wall(datetime.combine(day, datetime.max.time()) + shift, start)
        return f"{instant(end, UTC):%Y%m%dT%H%M%SZ}"
    return f"{last + shift:%Y%m%dT%H%M%S}{'Z' if last.tzinfo else ''}"


def _move_days(event: Event, parts: dict[str, str], first: date, days: int) -> None:
    """What the rule says of days, moved with the first; UserError where that can't be said."""
    rule = read_rule(event.rrule or "")
    named = rule.weeks or rule.year_days or rule.places
    if named or (rule.days and rule.month_days) or (rule.months and rule.freq != "YEARLY"):
        raise _say_anew(event)
    if rule.months:
        if len(rule.months) > 1:
            raise _say_anew(event)
        parts["BYMONTH"] = str(first.month)
    if rule.month_days:
        if len(rule.month_days) > 1:
            raise _say_anew(event)
        length = monthrange(first.year, first.month)[1]
        from_end = min(rule.month_days) < 0
        parts["BYMONTHDAY"] = str(first.day - length - 1 if from_end else first.day)
    elif rule.days and all(place == 0 for place, _ in rule.days):
        moved = sorted((weekday + days) % _WEEK for _, weekday in rule.days)
        parts["BYDAY"] = ",".join(DAY_CODES[weekday] for weekday in moved)
    elif rule.days:
        if len(rule.days) > 1 or (rule.freq == "YEARLY" and not rule.months):
            raise _say_anew(event)
        parts["BYDAY"] = _nth_of_month(first, from_end=rule.days[0][0] < 0)


def _nth_of_month(day: date, *, from_end: bool) -> str:
    length = monthrange(day.year, day.month)[1]
    place = -((length - day.day) // _WEEK + 1) if from_end else (day.day - 1) // _WEEK + 1
    return f"{place}{DAY_CODES[day.weekday()]}"


def _moved_variant(event: Event, moved: Event, variant: Variant, shift: timedelta) -> Variant:
    """Its own time it keeps, if that was one."""
    return replace(variant, at=_moved_to(event, moved, variant.at, shift))


def _moved_to(event: Event, moved: Event, at: When, shift: timedelta) -> When:
    """The occurrence of the moved series that was `at` before: months move unlike weeks."""
    guess = wall(at, zone_of(event.start)) + shift
    if not isinstance(at, datetime) and isinstance(event.start, datetime):
        guess = datetime.combine(at, wall(event.start).time()) + shift
    if moved.rrule is not None and shift.days:
        near = walls(read_rule(moved.rrule), wall(moved.start), guess - _NEAR, guess + _NEAR)
        guess = min(near, key=lambda each: abs(each - guess), default=guess)
    return from_wall(guess, moved.start)


def _with(rrule: str, name: str, value: str) -> str:
    return _joined({**rule_parts(rrule), name: value})


def _joined(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _say_anew(event: Event) -> UserError:
    return UserError(
        "recurrence-not-movable",
        "On another day #{number} repeats differently. Say it anew with "
        "!event {number} repeat every friday",
        number=event.number,
    )
