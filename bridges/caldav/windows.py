"""Whether an event takes place in a time range: by its columns, else by its summary.

Nothing here parses iCalendar text. Series are remembered as they were read, by revision.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from wecreate_module.domain.events import Event, EventStatus, Variant, instant
from wecreate_module.domain.occurrences import occurrences
from wecreate_module.domain.series import Rule, read_rule
from wecreate_module.storage.calendar_objects import CalendarObject, Kind
from wecreate_module.storage.calendar_rows import CalendarRows, ObjectRow, TimedRow
from wecreate_module.storage.events import from_json
from wecreate_module.storage.tables import to_microseconds

# Whole days and floating times begin at another moment in each zone.
_ZONES = timedelta(hours=26)
_ZONES_LONG = _ZONES // timedelta(microseconds=1)
_DAY = timedelta(days=1) // timedelta(microseconds=1)
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """From `start` (None: always) to before `end`; `timezone` says when whole days begin."""

    start: datetime | None
    end: datetime | None
    timezone: str

    @property
    def endless(self) -> bool:
        return self.start is None and self.end is None

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """For the columns: a little wider, so that nothing is missed."""
        start = None if self.start is None else _within_time(self.start) - _ZONES
        return start, None if self.end is None else _within_time(self.end) + _ZONES

    def widened(self) -> Window:
        """A day and a bit more on each side."""
        return Window(*self.bounds, self.timezone)

    def has(self, stored: CalendarObject) -> bool:
        """Whether it takes place then; whatever its status is (RFC 4791, 9.9)."""
        first, last = (
            None if at is None else to_microseconds(at) for at in (stored.starts_at, stored.ends_at)
        )
        if stored.rrule is None and self._surely(first, last):
            return True
        key = (stored.box_id, stored.number, stored.etag)
        times = _KNOWN.get(key)
        if times is None:
            event = from_json(stored.number, stored.revision, stored.summary)
            times = _KNOWN.learn(key, times_of(event))
        return self.happens(times)

    def choose(self, rows: CalendarRows, box_id: str) -> Iterator[ObjectRow]:
        """Those events of a Box that take place then, by number; as `has` says of each."""
        start, end = self.bounds
        since = None if start is None else to_microseconds(start)
        until = None if end is None else to_microseconds(end)
        found = sorted(rows.between(box_id, Kind.EVENT, since, until))
        if self.endless:
            return (one.row for one in found)
        known = _times(rows, box_id, [one.row for one in found if not self._at_once(one)])
        return (
            one.row
            for one in found
            if self._at_once(one)
            or ((times := known.get(one.row.number)) is not None and self.happens(times))
        )

    def _at_once(self, one: TimedRow) -> bool:
        return not one.repeats and self._surely(one.starts_at, one.ends_at)

    def _surely(self, first: int | None, last: int | None) -> bool:
        """Well inside, so that no zone matters. A range of dates may have gaps, one has not."""
        if first is None or last is None or last - first > _ZONES_LONG:
            return False
        earliest, latest = self._inner
        return first >= earliest and last <= latest

    def happens(self, times: Times) -> bool:
        """Whether it takes place then, by a short cut where there is one."""
        earliest, latest = self._inner
        if times.gap is not None and max(earliest, times.first) + times.gap <= latest:
            return True
        start, end = self.start or _FIRST, min(self.end or _LAST, _LAST)
        return bool(occurrences(times.event, start, end, self._zone, most=1))

    @cached_property
    def _inner(self) -> tuple[int, int]:
        """From when to when no zone matters, in microseconds."""
        start, end = _within_time(self.start or _FIRST), _within_time(self.end or _LAST)
        earliest = to_microseconds(start) + (0 if self.start is None else _ZONES_LONG)
        return earliest, to_microseconds(end) - (0 if self.end is None else _ZONES_LONG)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def _within_time(moment: datetime) -> datetime:
    return min(max(moment, _FIRST), _LAST)


@dataclass(frozen=True)
class Times:
    """When an event takes place. In any `gap` of time after `first` it begins; None: perhaps.

    Both are microseconds, and leave room for zones and changes of clocks.
    """

    event: Event
    first: int
    gap: int | None


def times_of(event: Event) -> Times:
    first = to_microseconds(instant(event.start, UTC)) + _ZONES_LONG
    bare = _times_alone(event)
    if event.excluded or event.variants or event.rrule is None:
        return Times(bare, first, None)
    rule = read_rule(event.rrule)
    days = _longest_gap(rule)
    return Times(bare, first, None if days is None else days * _DAY)


def _longest_gap(rule: Rule) -> int | None:
    """Days within which a plain endless rule begins at least once; None for all others."""
    picky = rule.months or rule.month_days or rule.year_days or rule.weeks or rule.places
    if picky or rule.count is not None or rule.until is not None:
        return None
    if rule.freq == "WEEKLY":
        return 7 * (rule.interval + 1)
    return rule.interval + 1 if rule.freq == "DAILY" and not rule.days else None


Key = tuple[str, int, str]
"""Box, number, etag: what a program wrote, as it was then."""


class _Known:
    """Times by revision; no words of events are kept."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._times: OrderedDict[Key, Times] = OrderedDict()

    def get(self, key: Key) -> Times | None:
        return self._times.get(key)

    def learn(self, key: Key, times: Times) -> Times:
        with self._lock:
            self._times[key] = times
            while len(self._times) > self._most:
                self._times.popitem(last=False)
        return times


def _times(rows: CalendarRows, box_id: str, wanted: Iterable[ObjectRow]) -> dict[int, Times]:
    """Read those that are not known yet, many at once."""
    found: dict[int, Times] = {}
    unknown: dict[int, Key] = {}
    for one in wanted:
        key = (box_id, one.number, one.etag)
        times = _KNOWN.get(key)
        if times is None:
            unknown[one.number] = key
        else:
            found[one.number] = times
    for number, revision, summary in rows.summaries(box_id, Kind.EVENT, unknown):
        times, key = times_of(from_json(number, revision, summary)), unknown[number]
        # Another process may have written in between, where reading is no snapshot.
        as_listed = key[2].startswith(f'"{revision:x}-')
        found[number] = _KNOWN.learn(key, times) if as_listed else times
    return found


def _times_alone(event: Event) -> Event:
    bare = {"title": None, "place": None, "description": None, "cancelled": False, "answers": ()}
    variants = tuple(Variant(**{**vars(each), **bare}) for each in event.variants)
    return replace(
        event,
        title="",
        place="",
        description="",
        answers=(),
        status=EventStatus.CONFIRMED,
        variants=variants,
    )


_KNOWN = _Known()
