"""Whether an event takes place in a time range: by its columns, else by its summary.

Nothing here parses iCalendar text. Series are remembered as they were read, by revision.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from wecreate_module.domain.events import Event, EventStatus, Variant
from wecreate_module.domain.occurrences import occurrences
from wecreate_module.storage.calendar_objects import CalendarObject
from wecreate_module.storage.events import from_json

# Whole days and floating times begin at another moment in each zone.
_ZONES = timedelta(hours=26)
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
        start = None if self.start is None else self.start - _ZONES
        return start, None if self.end is None else self.end + _ZONES

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def has(self, stored: CalendarObject) -> bool:
        """Whether it takes place then; whatever its status is (RFC 4791, 9.9)."""
        if stored.rrule is None and self._surely(stored):
            return True
        event = _TIMES.of(stored)
        start, end = self.start or _FIRST, min(self.end or _LAST, _LAST)
        return bool(occurrences(event, start, end, self._zone, most=1))

    def _surely(self, stored: CalendarObject) -> bool:
        """Well inside, so that no zone matters. A range of dates may have gaps, one has not."""
        first, last = stored.starts_at, stored.ends_at
        if first is None or last is None or last - first > _ZONES:
            return False
        after = self.start is None or first >= self.start + _ZONES
        return after and (self.end is None or last <= self.end - _ZONES)


class _Times:
    """When events take place, by revision; their words are not kept."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int, str], Event] = OrderedDict()

    def of(self, stored: CalendarObject) -> Event:
        key = (stored.box_id, stored.number, stored.etag)
        found = self._known.get(key)
        if found is None:
            found = _times_alone(from_json(stored.number, stored.revision, stored.summary))
            with self._lock:
                self._known[key] = found
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
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


_TIMES = _Times()
