"""Events as iCalendar text (RFC 5545) and back, the whole series in one object.

As with tasks (`ical.py`): a write changes only what changed, so that alarms, foreign properties
and guests of other programs stay. Answers are ATTENDEEs with a `matrix:` URI (MSC2312).
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar import Event as VEvent
from icalendar.prop import vText

from wecreate_module.domain.events import Event, zone_of
from wecreate_module.storage.ical import CREATED_BY, PRODID, ICalendarError
from wecreate_module.storage.ical_event_reading import event_of
from wecreate_module.storage.ical_event_variants import write_variants
from wecreate_module.storage.ical_event_writing import WRITERS, bring_zones, comparable, stamp
from wecreate_module.storage.ical_parsing import read_calendar
from wecreate_module.storage.ical_values import set_values, text_of


def event_to_ical(event: Event, previous: str | None, now: datetime) -> str:
    """Write an event into its `previous` text, or into a new VCALENDAR."""
    if previous is None:
        calendar, master, before = _new(event)
    else:
        calendar, master, others = _parse(previous)
        before = event_of(master, others, _zone(event), event)
    changed = False
    for names, write in WRITERS.items():
        if before is None or any(
            comparable(before, name) != comparable(event, name) for name in names
        ):
            write(master, event)
            changed = True
    if changed or before is None:
        stamp(master, now, fresh=before is None)
    write_variants(calendar, master, before, event, now)
    for part in calendar.walk("VEVENT"):
        if text_of(part, "UID") != event.uid:
            set_values(part, "UID", event.uid)
    bring_zones(calendar, event)
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def ical_to_event(
    text: str | Calendar,
    *,
    number: int = 0,
    zone: ZoneInfo | None = None,
    known: Event | None = None,
) -> Event:
    """Read an event, of a text or of what was parsed of it already; raises ICalendarError.

    `zone` is meant by times without one (default UTC) and by zones that nobody knows. `known`
    is the event as it stands: it gives what another program's text leaves out.
    """
    _, master, others = _parse(text)
    epoch = datetime.fromtimestamp(0, UTC)
    fallback = known or Event(number, "", "", "", epoch, start=epoch, end=epoch)
    return event_of(master, others, zone or UTC, fallback)


def one_text(text: str) -> str:
    """An object's text as a file for other programs: with a METHOD."""
    calendar = read_calendar(text)
    set_values(calendar, "METHOD", "PUBLISH")
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def _parse(text: str | Calendar) -> tuple[Calendar, VEvent, list[VEvent]]:
    try:
        calendar = text if isinstance(text, Calendar) else read_calendar(text)
        events = [part for part in calendar.walk("VEVENT") if isinstance(part, VEvent)]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ICalendarError("this is no iCalendar text") from error
    masters = [part for part in events if "RECURRENCE-ID" not in part]
    if not masters or "DTSTART" not in masters[0]:
        raise ICalendarError("there is no VEVENT with a start in it")
    return calendar, masters[0], [part for part in events if "RECURRENCE-ID" in part]


def _new(event: Event) -> tuple[Calendar, VEvent, None]:
    calendar, master = Calendar(), VEvent()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add_component(master)
    master.add("UID", event.uid)
    master.add("CREATED", event.created_at.astimezone(UTC))
    master.add(CREATED_BY, vText(event.created_by))
    return calendar, master, None


def _zone(event: Event) -> tzinfo:
    return zone_of(event.start) or UTC
