"""Zones that a text brings itself, under a name that nobody else knows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wecreate_module.domain.occurrences import occurrences
from wecreate_module.storage.ical import ICalendarError
from wecreate_module.storage.ical_events import ical_to_event
from wecreate_module.storage.ical_import import pieces_of

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
EUROPE = (
    *("BEGIN:VTIMEZONE", "TZID:Heim", "BEGIN:STANDARD", "DTSTART:16010101T030000"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"),
    *("END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:16010101T020000"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"),
    *("END:DAYLIGHT", "END:VTIMEZONE"),
)


def fixed(offset: str) -> tuple[str, ...]:
    return (
        *("BEGIN:VTIMEZONE", "TZID:Heim", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
        *(f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE"),
    )


def text(zone: tuple[str, ...], *, last: bool = False) -> str:
    """At seven on the first of each quarter."""
    event = (
        *("BEGIN:VEVENT", "UID:u", "DTSTAMP:20261125T090000Z", "SUMMARY:x"),
        *("DTSTART;TZID=Heim:20270110T190000", "RRULE:FREQ=MONTHLY;INTERVAL=3;COUNT=4"),
        "END:VEVENT",
    )
    inside = (*event, *zone) if last else (*zone, *event)
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:t", *inside, "END:VCALENDAR")
    return "".join(f"{line}\r\n" for line in lines)


def starts(said: str) -> list[str]:
    event = ical_to_event(said, zone=BERLIN)
    return [each.start.isoformat()[5:] for each in occurrences(event, FIRST, LAST, BERLIN)]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (EUROPE, ["+01:00", "+02:00", "+02:00", "+02:00"]),
        (fixed("+0530"), ["+05:30"] * 4),
        (fixed("+0100"), ["+01:00"] * 4),
        (fixed("-0930"), ["-09:30"] * 4),
    ],
)
def test_a_zone_of_its_own_holds_for_the_whole_series(
    zone: tuple[str, ...],
    expected: list[str],
    last: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    days = ("01-10", "04-10", "07-10", "10-10")
    wanted = [f"{day}T19:00:00{offset}" for day, offset in zip(days, expected, strict=True)]
    assert starts(text(zone, last=last)) == wanted


def test_no_text_changes_what_another_means_by_a_name() -> None:
    assert starts(text(fixed("+1100")))[0] == "01-10T19:00:00+11:00"
    assert starts(text(fixed("+0530")))[0] == "01-10T19:00:00+05:30"
    assert starts(text(()))[0] == "01-10T19:00:00+01:00"  # where the Box is


def test_a_zone_with_odd_clocks_is_read_by_the_instant() -> None:
    assert starts(text(fixed("+0317")))[0] == "01-10T16:43:00+01:00"


def test_a_file_that_holds_a_path_reads_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ics"
    secret.write_text(text(EUROPE))
    with pytest.raises(ICalendarError):
        pieces_of(str(secret).encode())
    with pytest.raises(ICalendarError):
        ical_to_event(str(secret))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=2",
        "FREQ=YEARLY;INTERVAL=0",
        "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2",
        "FREQ=YEARLY;BYDAY=9SU",
        "FREQ=YEARLY;BYSETPOS=400",
    ],
)
def test_a_zone_whose_clocks_never_rest_is_refused(rule: str) -> None:
    zone = tuple(f"RRULE:{rule}" if line.startswith("RRULE") else line for line in EUROPE)
    with pytest.raises(ICalendarError):
        ical_to_event(text(zone))
    with pytest.raises(ICalendarError):
        pieces_of(text(zone).encode())


def test_too_many_zones_are_refused() -> None:
    with pytest.raises(ICalendarError):
        ical_to_event(text(EUROPE * 201))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=10;BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31",
        "FREQ=YEARLY;INTERVAL=1;BYMONTH=10;BYDAY=-1SU;UNTIL=20371031T010000Z;WKST=MO",
        "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1",
        "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11;COUNT=700",
    ],
)
def test_zones_as_programs_write_them_are_read(rule: str) -> None:
    zone = tuple(f"RRULE:{rule}" if "BYMONTH=10" in line else line for line in EUROPE)
    assert starts(text(zone))[0] == "01-10T19:00:00+01:00"
