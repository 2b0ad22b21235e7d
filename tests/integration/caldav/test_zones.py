"""Clocks: each program sees an event when it is, whatever zone its text brings."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.dav import ANNA, NOW, House
from tests.integration.caldav.test_hostile import event, query
from wecreate_module.domain.events import Event
from wecreate_module.storage.store import Store

BERLIN = ZoneInfo("Europe/Berlin")
# As icalendar's add_missing_timezones writes it; vobject keeps the first date of each alone.
LISTED = (
    *("BEGIN:VTIMEZONE", "TZID:{tzid}"),
    *("BEGIN:STANDARD", "DTSTART:20261025T030000", "RDATE:20261025T030000,20271031T030000"),
    *("TZNAME:CET", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD"),
    *("BEGIN:DAYLIGHT", "DTSTART:20260329T020000", "RDATE:20260329T020000,20270328T020000"),
    *("TZNAME:CEST", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:DAYLIGHT", "END:VTIMEZONE"),
)
LYING = (
    *("BEGIN:VTIMEZONE", "TZID:{tzid}", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
    *("TZOFFSETFROM:+1100", "TZOFFSETTO:+1100", "END:STANDARD", "END:VTIMEZONE"),
)


def zoned(tzid: str, zone: tuple[str, ...], uid: str = "one") -> bytes:
    """Each week at 19:00 from June 2027 on, with this VTIMEZONE."""
    body = event(
        f"DTSTART;TZID={tzid}:20270601T190000",
        f"DTEND;TZID={tzid}:20270601T200000",
        "RRULE:FREQ=WEEKLY",
        uid=uid,
    ).decode()
    lines = "".join(f"{line.format(tzid=tzid)}\r\n" for line in zone)
    return body.replace("BEGIN:VEVENT", f"{lines}BEGIN:VEVENT", 1).encode()


def starts(dav: House, start: str, end: str) -> list[str]:
    """Of the occurrences in a window, as a program gets them expanded."""
    answer = dav.ask("REPORT", dav.events(), query(start, end, expand=True), Depth="1")
    assert answer.status == 207, answer.text
    return re.findall(r"DTSTART[^:]*:(\d{8}T\d{6}Z)", answer.text)


@pytest.mark.parametrize("tzid", ["Europe/Berlin", "W. Europe Standard Time"])
@pytest.mark.parametrize("zone", [LISTED, LYING], ids=["listed", "lying"])
def test_seven_in_berlin_is_five_in_summer_and_six_in_winter(
    dav: House, tzid: str, zone: tuple[str, ...]
) -> None:
    assert dav.put(dav.events() + "a.ics", zoned(tzid, zone)).status == 201
    assert starts(dav, "20270810T000000Z", "20270811T000000Z") == ["20270810T170000Z"]
    assert starts(dav, "20271102T000000Z", "20271103T000000Z") == ["20271102T180000Z"]


def test_a_zone_of_one_object_changes_no_other(dav: House) -> None:
    dav.put(dav.events() + "a.ics", zoned("Europe/Berlin", LYING, "a"))
    dav.put(dav.events() + "b.ics", zoned("Europe/Berlin", LISTED, "b"))
    found = starts(dav, "20270810T000000Z", "20270811T000000Z")
    assert found == ["20270810T170000Z"] * 2


def test_an_event_from_chat_has_a_zone_that_programs_read(dav: House) -> None:
    start = datetime(2027, 6, 1, 19, tzinfo=BERLIN)
    add(dav.store, dav.box.id, start)
    text = dav.ask("GET", dav.events() + "chat.ics").text
    assert "RDATE" not in text
    assert text.count("RRULE:FREQ=YEARLY") == 2
    assert starts(dav, "20270810T000000Z", "20270811T000000Z") == ["20270810T170000Z"]


def add(store: Store, box_id: str, start: datetime) -> None:
    with store.begin(NOW) as uow:
        number = uow.events.next_number(box_id)
        end = start.replace(hour=20)
        made = Event(number, "chat", "x", ANNA, NOW, start, end, rrule="FREQ=WEEKLY")
        uow.events.add(box_id, made)


@pytest.mark.parametrize(
    ("lines", "inside", "outside"),
    [
        # A whole day lies where the Box is.
        (("DTSTART;VALUE=DATE:20270601",), "20270601T210000Z", "20270601T223000Z"),
        # A floating time too.
        (("DTSTART:20270601T190000", "DURATION:PT1H"), "20270601T173000Z", "20270601T190000Z"),
        # An hour that the clocks skip is the one after it.
        (
            ("DTSTART;TZID=Europe/Berlin:20270328T023000", "DURATION:PT30M"),
            "20270328T014000Z",
            "20270328T021000Z",
        ),
        # Over new year.
        (
            ("DTSTART:20271231T230000Z", "DTEND:20280101T010000Z"),
            "20280101T003000Z",
            "20280101T013000Z",
        ),
    ],
)
def test_a_window_finds_what_is_on_then(
    dav: House, lines: tuple[str, ...], inside: str, outside: str
) -> None:
    assert dav.put(dav.events() + "a.ics", event(*lines)).status == 201
    for moment, count in ((inside, 1), (outside, 0)):
        end = f"{moment[:9]}{int(moment[9:11]) + 1:02}{moment[11:]}"
        answer = dav.ask("REPORT", dav.events(), query(moment, end), Depth="1")
        assert len(answer.hrefs) == count, moment
