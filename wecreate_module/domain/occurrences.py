"""The single times at which an event takes place, found within bounds whatever its rule says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import (
    Attendee,
    Event,
    EventStatus,
    Variant,
    When,
    from_wall,
    instant,
    wall,
    zone_of,
)
from wecreate_module.domain.series import read_rule, walls

MOST = 1000
# A series is looked at so far ahead for its next time.
HORIZON = timedelta(days=366 * 30)
_A_DAY = timedelta(days=1)
_FAR = datetime(9990, 1, 1)  # noqa: DTZ001 - by the clock on the wall


@dataclass(frozen=True)
class Occurrence:
    """One time of an event; `at` names it within the series (RECURRENCE-ID)."""

    event: Event
    at: When
    start: When
    end: When
    variant: Variant | None = None

    @property
    def title(self) -> str:
        return _own(None if self.variant is None else self.variant.title, self.event.title)

    @property
    def place(self) -> str:
        return _own(None if self.variant is None else self.variant.place, self.event.place)

    @property
    def description(self) -> str:
        return _own(
            None if self.variant is None else self.variant.description, self.event.description
        )

    @property
    def cancelled(self) -> bool:
        called_off = self.event.status is EventStatus.CANCELLED
        return called_off or (self.variant is not None and self.variant.cancelled)

    @property
    def answers(self) -> tuple[Attendee, ...]:
        """The series' answers, with those for this time in their place."""
        if self.variant is None:
            return self.event.answers
        known = {one.user: one for one in (*self.event.answers, *self.variant.answers)}
        return tuple(known.values())


def occurrences(
    event: Event, begin: datetime, end: datetime, zone: tzinfo, most: int = MOST
) -> list[Occurrence]:
    """Those that overlap the time from `begin` to `end`, in order, at most `most`.

    `zone` says when whole days begin. Cancelled ones are left out.
    """
    found = list(islice(_overlapping(event, begin, end, zone), most))
    return sorted(found, key=lambda each: instant(each.start, zone))[:most]


def upcoming(event: Event, now: datetime, zone: tzinfo) -> Occurrence | None:
    """The one that is on or comes next; None when all is over."""
    found = occurrences(event, now, now + HORIZON, zone, most=1 + len(event.variants))
    return found[0] if found else None


def starting(event: Event, now: datetime, zone: tzinfo) -> Occurrence | None:
    """The next one to begin."""
    found = occurrences(event, now, now + HORIZON, zone, most=64 + len(event.variants))
    return next((each for each in found if instant(each.start, zone) > now), None)


def at_day(event: Event, day: date, zone: tzinfo) -> Occurrence:
    """The occurrence on a day where the reader is; UserError when there is none."""
    begin = datetime.combine(day, time(), zone)
    found = occurrences(event, begin, begin + _A_DAY, zone)
    starting_then = [each for each in found if _day(each.start, zone) == day]
    if not starting_then and not found:
        raise UserError(
            "no-such-occurrence",
            "#{number} is not on {day}.{month}.{year}. See its dates with !event {number}",
            number=event.number,
            day=day.day,
            month=day.month,
            year=day.year,
        )
    return (starting_then or found)[0]


def last_end(event: Event) -> datetime | None:
    """When all is over, in UTC, at the latest; None for an endless series."""
    ends = [event.end, *(each.end for each in event.variants if each.end is not None)]
    known = [instant(each, UTC) for each in ends]
    known += [instant(each, UTC) + event.length for each in event.added]
    if event.rrule is not None:
        rule = read_rule(event.rrule)
        last = None if rule.until is None else _until(rule.until, zone_of(event.start))
        if rule.count is not None and rule.count <= MOST:
            begin = wall(event.start)
            last = max(walls(rule, begin, begin, last or _FAR), default=begin)
        if last is None:
            return None
        known.append(last.replace(tzinfo=UTC) + event.length + 2 * _A_DAY)
    return max(known)


def _overlapping(
    event: Event, begin: datetime, end: datetime, zone: tzinfo
) -> Iterator[Occurrence]:
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    for variant in event.variants:
        varied = None if variant.cancelled else _varied(event, variant)
        if varied is not None and _overlaps(varied, begin, end, zone):
            yield varied
    varies = _varying(event)
    for start in _starts(event, begin, end, zone):
        if varies(start):
            continue
        found = Occurrence(event, start, start, from_wall(wall(start) + event.length, start))
        if _overlaps(found, begin, end, zone):
            yield found


def _varying(event: Event) -> Callable[[When], bool]:
    """Whether a variant takes the place of a start, as `same` says it; fast for a thousand."""
    instants = {each.at.astimezone(UTC) for each in event.variants if isinstance(each.at, datetime)}
    days = {each.at for each in event.variants if not isinstance(each.at, datetime)}
    every_day = days | {wall(each.at).date() for each in event.variants}

    def varies(start: When) -> bool:
        if isinstance(start, datetime):
            return start.astimezone(UTC) in instants or wall(start).date() in days
        return start in every_day

    return varies


def _varied(event: Event, variant: Variant) -> Occurrence | None:
    if event.status is EventStatus.CANCELLED:
        return None
    start = variant.at if variant.start is None else variant.start
    end = variant.end
    if end is None:
        end = from_wall(wall(start) + event.length, start)
    return Occurrence(event, variant.at, start, end, variant)


def _starts(event: Event, begin: datetime, end: datetime, zone: tzinfo) -> Iterator[When]:
    """By the rule and the added dates, without the excluded; a little more than the window."""
    if event.status is EventStatus.CANCELLED:
        return
    clock = zone_of(event.start) or zone
    # A day more on each side: clocks of other zones, changes of the clocks.
    first = _wall_of(begin, clock) - event.length - _A_DAY
    last = _wall_of(end, clock) + _A_DAY
    excluded = {wall(each) for each in event.excluded if isinstance(each, datetime)}
    free_days = {each for each in event.excluded if not isinstance(each, datetime)}
    if not isinstance(event.start, datetime):
        free_days |= {each.date() for each in excluded}
    if isinstance(event.start, datetime):
        excluded = {wall(each, clock) for each in event.excluded if isinstance(each, datetime)}
    for local in _walls(event, first, last):
        if local not in excluded and local.date() not in free_days:
            yield from_wall(local, event.start)


def _walls(event: Event, first: datetime, last: datetime) -> Iterator[datetime]:
    begin = wall(event.start)
    extra = sorted({wall(each, zone_of(event.start)) for each in event.added} - {begin})
    if event.rrule is None:
        yield from (each for each in (begin, *extra) if first <= each < last)
        return
    rule = read_rule(event.rrule)
    until = _FAR if rule.until is None else _until(rule.until, zone_of(event.start))
    more = {each for each in extra if first <= each < last}
    for local in walls(rule, begin, first, last):
        if local > until and local != begin:
            break
        more.discard(local)
        yield local
    yield from sorted(more)


def _until(text: str, zone: tzinfo | None) -> datetime:
    """The last moment of the series by the clock on the wall; a date is its whole day."""
    try:
        if "T" not in text:
            return datetime.combine(date.fromisoformat(text), time.max)
        last = datetime.fromisoformat(text)
    except ValueError:
        return _FAR
    if last.tzinfo is None:
        return last
    return wall(last, zone) if zone is not None else datetime.combine(last.date(), time.max)


def _overlaps(found: Occurrence, begin: datetime, end: datetime, zone: tzinfo) -> bool:
    starts, ends = instant(found.start, zone), instant(found.end, zone)
    return starts < end and (ends > begin or starts == ends == begin or starts >= begin)


def _wall_of(moment: datetime, zone: tzinfo) -> datetime:
    """Naive, and not beyond what a calendar can say."""
    if moment.year >= _FAR.year:
        return _FAR
    return max(wall(moment, zone), datetime(2, 1, 1)) if moment.year > 1 else datetime(2, 1, 1)  # noqa: DTZ001 - by the clock on the wall


def _day(when: When, zone: tzinfo) -> date:
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def _own(own: str | None, of_series: str) -> str:
    return of_series if own is None else own
