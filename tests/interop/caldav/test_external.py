"""A Box tied to a calendar on plain Radicale, and on Xandikos: two ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dav import ANNA, BEN, NOW, vevent, vtodo
from tests.external import TiedBox, tied_box
from tests.interop.caldav.far_servers import SERVERS
from wecreate_module.services import external_calendars, tasks
from wecreate_module.services.external_sync import keep_one
from wecreate_module.storage.calendar_objects import Kind


@pytest.fixture(params=sorted(SERVERS))
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TiedBox]:
    """Tied, and synced once."""
    with SERVERS[request.param](tmp_path / "far") as far, tied_box(tmp_path, far.open()) as box:
        box.tie(far.start, far.username, far.password)
        box.sync()
        assert [one["what"] for one in box.said()] == ["tied-owner", "tied"]
        box.sync()
        yield box


def test_what_is_made_on_one_side_appears_on_the_other(box: TiedBox) -> None:
    box.add("Probe")
    box.put_there("x", vevent("x", "Sitzung"))
    box.sync()
    assert box.titles() == box.titles_there() == ["Probe", "Sitzung"]


def test_what_is_changed_on_one_side_is_changed_on_the_other(box: TiedBox) -> None:
    box.add("Probe")
    box.put_there("x", vevent("x", "Sitzung"))
    box.sync()
    box.rename(1, "Generalprobe")
    box.put_there("x", vevent("x", "Lange Sitzung"))
    box.sync()
    assert box.titles() == box.titles_there() == ["Generalprobe", "Lange Sitzung"]


SERIES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Other//Other//EN
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:series
DTSTAMP:20261125T090000Z
DTSTART;TZID=Europe/Berlin:20261201T190000
DTEND;TZID=Europe/Berlin:20261201T203000
RRULE:FREQ=WEEKLY;BYDAY=TU
SUMMARY:Chorprobe
LOCATION:Aula\\, Hof
X-FOREIGN-COLOUR;X-SHADE=dark:teal
ATTENDEE;CN=Dora;PARTSTAT=ACCEPTED:mailto:dora@example.org
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:gleich
TRIGGER:-PT15M
X-ALARM-OF:another program
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:series
RECURRENCE-ID;TZID=Europe/Berlin:20261208T190000
DTSTAMP:20261125T090000Z
DTSTART;TZID=Europe/Berlin:20261209T200000
DTEND;TZID=Europe/Berlin:20261209T213000
SUMMARY:Chorprobe am Mittwoch
END:VEVENT
END:VCALENDAR
"""


def test_a_series_with_an_exception_alarms_and_foreign_properties_comes_whole_and_goes_back(
    box: TiedBox,
) -> None:
    box.put_there("series", SERIES.replace("\n", "\r\n").encode())
    box.sync()
    with box.store.read(NOW) as uow:
        (event,) = uow.events.list(box.box.id)
    assert event.rrule == "FREQ=WEEKLY;BYDAY=TU"
    assert [variant.title for variant in event.variants] == ["Chorprobe am Mittwoch"]

    box.rename(event.number, "Probe")
    box.sync()
    (text,) = box.there().values()
    assert text.count("BEGIN:VEVENT") == 2
    for kept in ("X-FOREIGN-COLOUR;X-SHADE=dark:teal", "mailto:dora@example.org", "TRIGGER:-PT15M"):
        assert kept in text.replace("\r\n ", "").replace("\n ", "")
    assert "X-ALARM-OF" in text
    assert "SUMMARY:Probe" in text
    box.sync()
    assert box.titles() == ["Probe"]


def test_what_is_deleted_on_one_side_goes_on_the_other(box: TiedBox) -> None:
    for uid in "abcdef":
        box.put_there(uid, vevent(uid, uid.upper()))
    box.sync()
    box.delete("a")
    box.delete_there("b")
    box.sync()
    assert box.titles() == box.titles_there() == ["C", "D", "E", "F"]
    with box.store.read(NOW) as uow:
        trash = uow.trash.of(box.box.id, Kind.EVENT)
    assert {one.title for one in trash} == {"A", "B"}


def test_an_edit_counts_more_than_a_deletion(box: TiedBox) -> None:
    for uid in "abcdef":
        box.put_there(uid, vevent(uid, uid.upper()))
    box.sync()
    box.delete("a")
    box.put_there("a", vevent("a", "A anders"))
    box.delete_there("b")
    box.put("b", vevent("b", "B anders"))
    box.sync()
    assert box.titles() == box.titles_there() == ["A anders", "B anders", "C", "D", "E", "F"]


def test_two_edits_are_both_there_and_the_room_is_asked(box: TiedBox) -> None:
    box.add("Probe")
    box.sync()
    (uid,) = box.objects()
    box.rename(1, "Probe in der Aula")
    box.put_there(uid, vevent(uid, "Probe im Hof"))
    box.sync()
    assert box.titles() == box.titles_there() == ["Probe im Hof", "Probe in der Aula"]
    (asked,) = box.said()
    assert (asked["what"], asked["pairs"]) == ("conflicts", [[1, 2]])

    with box.store.begin(NOW) as uow:
        keep_one(uow, box.box, 2, 1, actor=BEN)
    box.sync()
    assert box.titles() == box.titles_there() == ["Probe im Hof"]
    assert list(box.objects()) == [uid]


def test_the_same_edit_on_both_sides_is_none(box: TiedBox) -> None:
    box.put_there("x", vevent("x", "Sitzung"))
    box.sync()
    box.put("x", vevent("x", "Sitzung im Mai"))
    box.put_there("x", vevent("x", "Sitzung im Mai"))
    box.sync()
    assert box.titles() == box.titles_there() == ["Sitzung im Mai"]
    assert box.said() == []


def test_many_deletions_at_once_wait_for_an_admin(box: TiedBox) -> None:
    for uid in "abcdefgh":
        box.put_there(uid, vevent(uid, uid.upper()))
    box.sync()
    box.delete_there()
    box.put_there("new", vevent("new", "Neu"))
    box.sync()
    box.sync()
    assert len(box.titles()) == 9
    (stopped,) = box.said()
    assert (stopped["what"], stopped["count"], stopped["gone"]) == ("stopped", 8, "there")

    with box.store.begin(NOW) as uow:
        external_calendars.answer_stop(uow, box.box, delete=True)
    box.sync()
    assert box.titles() == box.titles_there() == ["Neu"]
    assert box.state.stopped == 0


def test_what_went_by_mistake_comes_back(box: TiedBox) -> None:
    for uid in "abcdefgh":
        box.put_there(uid, vevent(uid, uid.upper()))
    box.sync()
    for uid in "abcdefgh":
        box.delete(uid)
    box.sync()
    assert len(box.titles_there()) == 8
    (stopped,) = box.said()
    assert stopped["gone"] == "here"
    with box.store.begin(NOW) as uow:
        external_calendars.answer_stop(uow, box.box, delete=False)
    box.sync()
    assert box.titles() == box.titles_there() == list("ABCDEFGH")
    box.sync()
    assert box.said() == []


def test_nothing_is_doubled_when_a_calendar_is_tied_again(box: TiedBox) -> None:
    box.add("Probe")
    box.put_there("series", SERIES.replace("\n", "\r\n").encode())
    box.sync()
    known = box.state
    with box.store.begin(NOW) as uow:
        external_calendars.untie(uow, box.box, actor=ANNA)
    box.tie(known.url, known.username, known.password)
    box.sync()
    box.sync()
    assert box.titles() == box.titles_there() == ["Chorprobe", "Probe"]
    assert [one["what"] for one in box.said()] == ["tied-owner", "tied"]


def test_what_was_done_and_not_noted_is_seen_to_be_done(box: TiedBox) -> None:
    """A kill between their server's yes and our note."""
    box.add("Probe")
    box.sync()
    box.rename(1, "Generalprobe")
    (uid,) = box.objects()
    before = box.objects_in_common()[uid]
    box.sync()
    with box.store.begin(NOW) as uow:
        uow.external_calendars.put_object(box.box.id, Kind.EVENT, before)
    box.sync()
    assert box.titles() == box.titles_there() == ["Generalprobe"]
    assert box.said() == []


def test_changes_there_are_told_in_the_room_like_all_from_outside(box: TiedBox) -> None:
    box.put_there("x", vevent("x", "Sitzung"))
    box.put_there("y", vevent("y", "Ausflug"))
    box.sync()
    with box.store.begin(NOW) as uow:
        changes = uow.outside_changes.take(box.box.id)
    assert {one["after"]["title"] for one in changes} == {"Sitzung", "Ausflug"}
    assert {one["actor"] for one in changes} == {"@127.0.0.1:calendar.invalid"}


def test_what_is_broken_or_hostile_there_stays_there(box: TiedBox) -> None:
    box.put_there("good", vevent("good", "Gut"))
    endless = "RRULE:FREQ=SECONDLY\r\n"
    box.put_there("endless", vevent("endless", "Ohne Ende", endless))
    guests = "".join(f"ATTENDEE:mailto:g{n}@example.org\r\n" for n in range(1100))
    box.put_there("crowd", vevent("crowd", "Alle", guests))
    box.sync()
    assert box.titles() == ["Gut"]
    assert len(box.state.unreadable) == 2
    assert box.titles_there() == ["Alle", "Gut", "Ohne Ende"]

    box.put_there("endless", vevent("endless", "Mit Ende"))
    box.sync()
    assert box.titles() == ["Gut", "Mit Ende"]


def test_who_is_logged_in_nowhere_is_told(box: TiedBox) -> None:
    with box.store.begin(NOW) as uow:
        gone = replace(box.state, url=f"{box.state.url}nowhere/")
        uow.external_calendars.put(gone)
    box.add("Probe")
    box.sync()
    (told,) = box.said()
    assert (told["what"], told["trouble"]) == ("trouble", "gone")
    assert box.titles() == ["Probe"]


@pytest.mark.parametrize("server", sorted(SERVERS))
def test_tasks_go_both_ways_too(server: str, tmp_path: Path) -> None:
    with SERVERS[server](tmp_path / "far") as far, tied_box(tmp_path, far.open()) as box:
        box.kind = Kind.TASK
        box.tie(far.start, far.username, far.password)
        box.sync()
        with box.store.begin(NOW) as uow:
            tasks.add_task(uow, box.box, tasks.NewTask("Zelt aufbauen"), actor=BEN)
        box.put_there("x", vtodo("x", "Kuchen backen", "X-FOREIGN:1\r\n"))
        box.put_there("y", vevent("y", "Sitzung"))
        box.sync()
        assert box.titles() == box.titles_there() == ["Kuchen backen", "Zelt aufbauen"]

        box.put_there("x", vtodo("x", "Kuchen backen", "X-FOREIGN:1\r\nSTATUS:COMPLETED\r\n"))
        with box.store.begin(NOW) as uow:
            tasks.finish_tasks(uow, box.box, [1], actor=ANNA)
        box.sync()
        with box.store.read(NOW) as uow:
            assert uow.tasks.list(box.box.id) == []
        assert all("STATUS:COMPLETED" in text for text in box.there().values())
        assert "X-FOREIGN:1" in str(box.there())
