from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from wecreate_module.domain.events import (
    Answer,
    Attendee,
    Event,
    EventStatus,
    Variant,
    When,
    call_off,
    drop_one,
    from_wall,
    move_one,
    respond,
    wall,
    with_fields,
)
from wecreate_module.domain.occurrences import occurrences
from wecreate_module.domain.splitting import cut_before, move_all, rest_from
from wecreate_module.storage.events import from_json, to_json
from wecreate_module.storage.ical import ICalendarError
from wecreate_module.storage.ical_events import event_to_ical, ical_to_event

unhurried = settings(deadline=None, max_examples=80)

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 27, 19, tzinfo=BERLIN)
PLAIN = Event(3, "uid-3", "Chor", "@anna:x.org", NOW, START, START + timedelta(hours=2))
SERIES = replace(PLAIN, rrule="FREQ=WEEKLY")

FOREIGN = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
X-WR-CALNAME:Garten
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTAMP:20261101T100000Z
UID:uid-3
SUMMARY;LANGUAGE=de:Chor
DESCRIPTION;ALTREP="http://example.org/1":lang und breit
LOCATION:Rathaus
DTSTART;TZID=Europe/Berlin:20261127T190000
DURATION:PT2H
RRULE:FREQ=WEEKLY
GEO:48.2;16.3
CLASS:PRIVATE
TRANSP:TRANSPARENT
ORGANIZER:mailto:fritz@example.org
ATTENDEE;CN=Fritz;PARTSTAT=ACCEPTED:mailto:fritz@example.org
ATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:matrix:u/ben:x.org
X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M
SEQUENCE:4
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Klingeling
X-FOO:bar
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20261101T100000Z
UID:uid-3
RECURRENCE-ID;TZID=Europe/Berlin:20261204T190000
SUMMARY:Generalprobe
DTSTART;TZID=Europe/Berlin:20261204T180000
DTEND;TZID=Europe/Berlin:20261204T200000
LOCATION:Rathaus
DESCRIPTION:lang und breit
X-MINE:yes
BEGIN:VALARM
TRIGGER:-PT5M
ACTION:AUDIO
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")

KEPT = (
    "X-WR-CALNAME:Garten",
    "GEO:48.2;16.3",
    "CLASS:PRIVATE",
    "TRANSP:TRANSPARENT",
    "ORGANIZER:mailto:fritz@example.org",
    "ATTENDEE;CN=Fritz;PARTSTAT=ACCEPTED:mailto:fritz@example.org",
    "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M",
    "TRIGGER:-PT15M",
    "DESCRIPTION:Klingeling",
    "X-FOO:bar",
    "X-MINE:yes",
    "TRIGGER:-PT5M",
)


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def from_foreign() -> Event:
    return ical_to_event(FOREIGN, number=3, zone=BERLIN)


def test_a_foreign_event_is_understood() -> None:
    event = from_foreign()
    assert (event.title, event.place, event.description) == ("Chor", "Rathaus", "lang und breit")
    assert (event.start, event.end) == (START, START + timedelta(hours=2))
    assert event.rrule == "FREQ=WEEKLY"
    assert event.answers == ()
    (variant,) = event.variants
    assert variant.at == START + timedelta(days=7)
    assert variant.title == "Generalprobe"
    assert variant.place is None
    assert variant.start == START + timedelta(days=7, hours=-1)


@pytest.mark.parametrize(
    "change",
    [
        lambda event: with_fields(event, title="Probe"),
        lambda event: with_fields(event, place="", description="kurz"),
        lambda event: respond(event, "@ben:x.org", Answer.YES),
        lambda event: respond(event, "@ben:x.org", Answer.NO, START + timedelta(days=7)),
        lambda event: respond(event, "@ben:x.org", Answer.NO, START + timedelta(days=14)),
        lambda event: move_one(
            event,
            START + timedelta(days=7),
            START + timedelta(days=8),
            START + timedelta(days=8, hours=1),
        ),
        lambda event: move_all(event, START + timedelta(hours=1), START + timedelta(hours=2)),
        lambda event: drop_one(event, START + timedelta(days=14)),
        lambda event: replace(event, reminders=(30,)),
        lambda event: cut_before(event, START + timedelta(days=21)),
        call_off,
    ],
)
def test_what_other_programs_wrote_survives_changes_in_the_chat(change) -> None:  # type: ignore[no-untyped-def]  # lambdas of a table
    event = change(from_foreign())
    text = event_to_ical(event, FOREIGN, LATER)
    for line in KEPT:
        assert line in unfolded(text), line
    assert Calendar.from_ical(text).errors == []
    back = ical_to_event(text, number=3, zone=BERLIN)
    assert back == replace(event, created_at=back.created_at)


def test_nothing_changed_writes_the_same_but_for_nothing() -> None:
    text = event_to_ical(from_foreign(), FOREIGN, LATER)
    assert unfolded(text) == unfolded(FOREIGN)


def test_a_change_counts_the_sequence_up() -> None:
    text = event_to_ical(with_fields(from_foreign(), title="Probe"), FOREIGN, LATER)
    assert "SEQUENCE:5" in text
    assert "LAST-MODIFIED:20261122T193000Z" in text


def test_an_answer_keeps_what_a_client_wrote_about_the_guest() -> None:
    text = event_to_ical(respond(from_foreign(), "@ben:x.org", Answer.YES), FOREIGN, LATER)
    assert "ATTENDEE;CN=Ben;PARTSTAT=ACCEPTED;RSVP=TRUE:matrix:u/ben:x.org" in unfolded(text)


def test_a_new_exception_carries_the_series_alarms() -> None:
    at = START + timedelta(days=14)
    event = move_one(from_foreign(), at, at + timedelta(hours=1), at + timedelta(hours=3))
    text = event_to_ical(event, FOREIGN, LATER)
    parts = Calendar.from_ical(text).walk("VEVENT")
    (new,) = [part for part in parts if b"20261211T190000" in part.to_ical()]
    assert b"TRIGGER:-PT15M" in new.to_ical()
    assert b"RRULE" not in new.to_ical()
    assert new["UID"] == "uid-3"


def test_the_rest_of_a_series_takes_its_text_along() -> None:
    rest = rest_from(from_foreign(), START + timedelta(days=14), 4, "uid-4")
    text = event_to_ical(rest, FOREIGN, LATER)
    assert "uid-3" not in text
    assert "X-APPLE-TRAVEL-DURATION" in text
    assert "RECURRENCE-ID" not in text
    assert ical_to_event(text, number=4, zone=BERLIN).start == START + timedelta(days=14)


def test_floating_times_are_the_boxs_and_stay_floating() -> None:
    text = FOREIGN.replace(";TZID=Europe/Berlin", "")
    event = ical_to_event(text, number=3, zone=BERLIN)
    assert event.floating
    assert event.start == START
    again = event_to_ical(with_fields(event, title="Probe"), text, LATER)
    assert "DTSTART:20261127T190000\r\n" in again
    assert ical_to_event(again, number=3, zone=BERLIN).floating


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("DTSTART:20261127T180000Z", START),
        ('DTSTART;TZID="W. Europe Standard Time":20261127T190000', START),
        ("DTSTART;TZID=America/New_York:20261127T130000", START),
        ("DTSTART;VALUE=DATE:20261127", date(2026, 11, 27)),
    ],
)
def test_starts_of_all_kinds(line: str, start: When) -> None:
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:u", line)
    text = "\r\n".join((*lines, "END:VEVENT", "END:VCALENDAR", ""))
    event = ical_to_event(text, zone=BERLIN)
    assert event.start == start
    assert event.all_day == (not isinstance(start, datetime))
    if event.all_day:
        assert event.end == date(2026, 11, 28)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hallo",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:gestern\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VEVENT\r\nDTSTART:20261127T180000Z\r\n",
        FOREIGN.replace("20261127T190000", "99991231T235959"),
        "\x00\xff" * 100,
    ],
)
def test_what_is_no_event_is_an_error_of_its_own(text: str) -> None:
    with pytest.raises(ICalendarError):
        ical_to_event(text, zone=BERLIN)


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0", "FREQ=NEVER"])
def test_a_rule_that_cannot_be_expanded_is_left_alone(rule: str) -> None:
    text = FOREIGN.replace("RRULE:FREQ=WEEKLY\r\nGEO", f"RRULE:{rule}\r\nGEO")
    event = ical_to_event(text, number=3, zone=BERLIN)
    assert event.rrule is None
    again = event_to_ical(with_fields(event, title="Probe"), text, LATER)
    assert rule in again


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    lambda text: text == text.strip()
)
USERS = st.from_regex(r"@[a-z0-9._=/-]{1,10}:[a-z]{1,5}\.org", fullmatch=True)
ANSWERS = st.lists(
    st.builds(Attendee, USERS, st.sampled_from(Answer)), max_size=3, unique_by=lambda one: one.user
).map(tuple)


@st.composite
def events(draw: st.DrawFn) -> Event:
    zone = draw(st.sampled_from([BERLIN, ZoneInfo("America/New_York"), UTC]))
    local = START.replace(tzinfo=None) + timedelta(hours=draw(st.integers(-9000, 9000)))
    start: When = from_wall(local, datetime(2020, 1, 1, tzinfo=zone))
    if draw(st.booleans()):
        start = local.date()
    days = draw(st.integers(1, 3))
    end = from_wall(wall(start) + timedelta(days=days), start)
    event = replace(
        PLAIN,
        title=draw(TEXTS),
        place=draw(st.just("") | TEXTS),
        description=draw(st.just("") | TEXTS),
        start=start,
        end=end,
        rrule=draw(st.sampled_from([None, "FREQ=DAILY", "FREQ=WEEKLY;COUNT=30"])),
        status=draw(st.sampled_from(EventStatus)),
        answers=draw(ANSWERS),
        reminders=draw(st.none() | st.just(()) | st.just((60, 10))),
    )
    if event.rrule is None:
        return event
    for days in draw(st.lists(st.integers(1, 20), max_size=4, unique=True)):
        at = from_wall(wall(start) + timedelta(days=days), start)
        kind = draw(st.sampled_from(["drop", "move", "own", "answer"]))
        if kind == "drop":
            event = replace(event, excluded=(*event.excluded, at))
        elif kind == "move":
            later = from_wall(wall(at) + timedelta(hours=24), at)
            until = from_wall(wall(later) + timedelta(days=1), later)
            event = replace(event, variants=(*event.variants, Variant(at, later, until)))
        elif kind == "own":
            event = replace(event, variants=(*event.variants, Variant(at, title=draw(TEXTS) + "!")))
        else:
            new = Attendee("@neu:x.org", draw(st.sampled_from(Answer)))
            event = replace(event, variants=(*event.variants, Variant(at, answers=(new,))))
    return replace(
        event,
        excluded=tuple(sorted(event.excluded, key=wall)),
        variants=tuple(sorted(event.variants, key=lambda each: wall(each.at))),
    )


@unhurried
@given(events())
def test_every_event_comes_back_from_its_text_and_its_summary(event: Event) -> None:
    text = event_to_ical(event, None, NOW)
    assert ical_to_event(text, number=3, zone=BERLIN) == event
    assert from_json(3, 0, to_json(event)) == event


@unhurried
@given(events(), events())
def test_one_event_written_over_another_is_that_event(before: Event, after: Event) -> None:
    text = event_to_ical(after, event_to_ical(before, None, NOW), LATER)
    assert ical_to_event(text, number=3, zone=BERLIN) == after


@unhurried
@given(events(), st.integers(1, 25))
def test_a_series_cut_in_two_keeps_every_date(event: Event, days: int) -> None:
    if event.rrule is None or event.status is EventStatus.CANCELLED:
        return
    begin, end = NOW - timedelta(days=450), NOW + timedelta(days=450)
    every = occurrences(event, begin, end, UTC)
    usual = [each for each in every if each.variant is None]
    if len(usual) < 2:
        return
    at = usual[min(days, len(usual) - 1)].at
    halves = (cut_before(event, at), rest_from(event, at, 4, "uid-4"))
    found = [each for half in halves for each in occurrences(half, begin, end, UTC)]
    assert {(each.at, each.start) for each in found} == {(each.at, each.start) for each in every}
