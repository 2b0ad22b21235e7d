"""Events of a Box in calendar programs, and the same events in chat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.dav import ANNA, BEN, NOW, House, vevent
from tests.integration.caldav.test_hostile import query
from wecreate_module.domain.events import Answer, Attendee, Event
from wecreate_module.storage.calendar_objects import Kind

ATTENDEE = "ATTENDEE;PARTSTAT={answer}:matrix:u/{user}\n"


def said(user: str, answer: str) -> str:
    return ATTENDEE.format(user=user[1:], answer=answer)


def event(dav: House, number: int = 1) -> Event:
    with dav.store.read(NOW) as uow:
        found = uow.events.get(dav.box.id, number)
    assert found is not None
    return found


def test_an_answer_counts_for_who_gives_it_alone(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent(more=said(ANNA, "ACCEPTED") + said(BEN, "DECLINED")))
    assert event(dav).answers == (Attendee(ANNA, Answer.YES),)
    etag = dav.ask("GET", dav.events() + "a.ics").headers["etag"]
    body = vevent(more=said(ANNA, "DECLINED") + said(BEN, "TENTATIVE"))
    assert dav.put(dav.events(BEN) + "a.ics", body, who=BEN, If_Match=etag).status == 204
    assert event(dav).answers == (Attendee(ANNA, Answer.YES), Attendee(BEN, Answer.MAYBE))


def test_a_program_learns_how_a_person_is_called_as_attendee(dav: House) -> None:
    body = (
        '<propfind xmlns="DAV:"><prop><C:calendar-user-address-set '
        'xmlns:C="urn:ietf:params:xml:ns:caldav"/></prop></propfind>'
    )
    home = dav.events().rsplit("/", 2)[0] + "/"
    answer = dav.ask("PROPFIND", home, body, Depth="0", Accept_Encoding="gzip")
    assert "<href>matrix:u/anna:w.example</href>" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_series_with_an_exception_is_one_event(dav: House) -> None:
    change = (
        "RRULE:FREQ=WEEKLY\nEND:VEVENT\nBEGIN:VEVENT\nUID:one\nDTSTAMP:20261125T090000Z\n"
        "RECURRENCE-ID:20261208T180000Z\nDTSTART:20261209T180000Z\nDTEND:20261209T190000Z\n"
        "SUMMARY:Probe woanders\n"
    )
    assert dav.put(dav.events() + "a.ics", vevent(more=change)).status == 201
    found = event(dav)
    assert found.rrule == "FREQ=WEEKLY"
    (variant,) = found.variants
    assert variant.title == "Probe woanders"
    on_the_day = query("20261208T000000Z", "20261209T000000Z")
    assert dav.ask("REPORT", dav.events(), on_the_day, Depth="1").hrefs == []
    the_day_after = query("20261209T000000Z", "20261210T000000Z")
    assert len(dav.ask("REPORT", dav.events(), the_day_after, Depth="1").hrefs) == 1


def test_a_cancelled_event_is_still_found(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent(more="STATUS:CANCELLED\n"))
    window = query("20261201T000000Z", "20261202T000000Z")
    assert len(dav.ask("REPORT", dav.events(), window, Depth="1").hrefs) == 1


def test_an_event_from_outside_has_its_reminders(dav: House) -> None:
    soon = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y%m%dT%H%M%SZ")
    body = vevent().replace(b"20261201T180000Z", soon.encode())
    body = body.replace(b"DTEND:20261201T190000Z", b"DURATION:PT1H")
    dav.put(dav.events() + "a.ics", body)
    with dav.store.begin(NOW) as uow:
        planned = uow.schedule.due(datetime.now(UTC) + timedelta(days=40), 10)
        assert [item.kind for item in planned].count("calendar.remind") == 2
    dav.ask("DELETE", dav.events() + "a.ics", If_Match="*")
    with dav.store.begin(NOW) as uow:
        planned = uow.schedule.due(datetime.now(UTC) + timedelta(days=40), 10)
        assert [item.kind for item in planned] == ["caldav.tell"]


def test_a_program_that_deletes_all_takes_nothing_for_good(dav: House) -> None:
    for number in range(5):
        dav.put(f"{dav.events()}{number}.ics", vevent(str(number), f"Probe {number}"))
    for number in range(5):
        assert dav.ask("DELETE", f"{dav.events()}{number}.ics", If_Match="*").status == 200
    with dav.store.read(NOW) as uow:
        kept = uow.trash.of(dav.box.id, Kind.EVENT)
        assert uow.events.list(dav.box.id) == []
    assert {one.title for one in kept} == {f"Probe {number}" for number in range(5)}
