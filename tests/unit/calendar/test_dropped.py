"""A calendar file is dropped into the Box; the delivery's part is played here."""

from __future__ import annotations

import base64

import pytest

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA, BEN, Message
from wecreate_module.domain.effects import FetchFile
from wecreate_module.storage.ical_import import MOST_EVENTS

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Somebody//EN\r\n"
TAIL = "END:VCALENDAR\r\n"
FILE = {
    "v": "v2",
    "url": "mxc://w.example/abc",
    "key": {"kty": "oct", "alg": "A256CTR", "k": "A" * 43, "key_ops": ["decrypt"], "ext": True},
    "iv": "A" * 22,
    "hashes": {"sha256": "A" * 43},
}


def event(uid: str, *lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""))


def drop(chat: Chat, data: str | bytes, name: str = "chor.ics", sender: str = BEN) -> list[Message]:
    """What the bot says to a file with this in it."""
    raw = data.encode() if isinstance(data, str) else data
    content = {"msgtype": "m.file", "body": name, "filename": name, "file": FILE}
    chat.fetched = {"data": base64.b64encode(raw).decode()}
    return chat.drop(content, sender)


CHOIR = event(
    "u1",
    "DTSTART;TZID=Europe/Berlin:20261204T190000",
    "DTEND;TZID=Europe/Berlin:20261204T210000",
    "RRULE:FREQ=WEEKLY;COUNT=10",
    "EXDATE;TZID=Europe/Berlin:20261211T190000",
    "SUMMARY:Chor",
    "LOCATION:Saal",
    "X-MINE:bleibt",
    "BEGIN:VALARM",
    "TRIGGER:-PT15M",
    "ACTION:DISPLAY",
    "END:VALARM",
)
CAMP = event("u2", "DTSTART;VALUE=DATE:20270501", "DTEND;VALUE=DATE:20270504", "SUMMARY:Zeltlager")


def test_one_question_and_one_summary(chat: Chat) -> None:
    (question,) = drop(chat, HEAD + CHOIR + CAMP + TAIL)
    assert "In dieser Datei sind 2 Termine" in question.text
    assert "Chor" in question.text
    assert chat.event(1) is None
    summary = chat.ask("ja", BEN)
    assert "2 Termine stehen jetzt im Kalender" in summary.text
    first, second = summary.data["events"]
    assert (first["rrule"], first["location"]) == ("FREQ=WEEKLY;COUNT=10", "Saal")
    assert first["start"] == "2026-12-04T19:00:00+01:00"
    assert (second["start"], second["end"], second["all_day"]) == ("2027-05-01", "2027-05-04", True)
    assert len(chat.ask("!termine alle").data["events"]) == 10


def test_the_button_does_it_too_and_alarms_stay(chat: Chat) -> None:
    (question,) = drop(chat, HEAD + CHOIR + TAIL)
    card = chat.press(question, "✅", BEN)
    assert card.event["title"] == "Chor"
    with chat.store.begin(chat.now) as uow:
        text = uow.events.ical("box1", 1) or ""
    assert "X-MINE:bleibt" in text
    assert "TRIGGER:-PT15M" in text


def test_a_no_leaves_it(chat: Chat) -> None:
    drop(chat, HEAD + CHOIR + TAIL)
    assert chat.ask("nein danke", BEN).text == "Gut, ich lasse es."
    assert chat.event(1) is None


def test_what_is_there_already_is_not_taken_in_twice(chat: Chat) -> None:
    drop(chat, HEAD + CHOIR + TAIL)
    chat.ask("ja", BEN)
    (told,) = drop(chat, HEAD + CHOIR + TAIL)
    assert "schon im Kalender" in told.text
    (question,) = drop(chat, HEAD + CHOIR + CAMP + TAIL)
    assert "1 ist schon da." in question.text


def test_nobody_is_made_to_come_by_a_file(chat: Chat) -> None:
    forged = event(
        "u3",
        "DTSTART:20261204T180000Z",
        "SUMMARY:Fest",
        f"ATTENDEE;PARTSTAT=ACCEPTED:matrix:u/{ANNA[1:]}",
        'X-WECREATE-PROPOSAL:["2026-12-04"\\,"2026-12-05"\\,["@anna:w.example"]]',
    )
    drop(chat, HEAD + forged + TAIL)
    card = chat.ask("ja", BEN)
    assert card.event["attendees"] == []
    assert card.event["status"] == "confirmed"
    kept = chat.event(1)
    assert kept is not None
    assert kept.created_by == BEN


@pytest.mark.parametrize(
    "data",
    [
        "",
        "Hallo",
        HEAD + TAIL,
        HEAD + "BEGIN:VEVENT\r\n" * 5000,
        "BEGIN:VCALENDAR\r\n" * 20_000,
        HEAD + "".join(event(f"u{n}", "DTSTART:20261204T180000Z") for n in range(MOST_EVENTS + 1)),
        b"\xff\xfe\x00" * 1000,
        HEAD + event("u", "DTSTART:20261204T180000Z", "SUMMARY:" + "x" * 600_000) + TAIL,
    ],
    ids=["empty", "words", "nothing", "unclosed", "nested", "many", "binary", "huge"],
)
def test_what_is_no_calendar_is_said_in_one_sentence(chat: Chat, data: str | bytes) -> None:
    (told,) = drop(chat, data)
    assert told.code == "ics-unreadable"
    assert chat.event(1) is None


def test_hostile_parts_are_tamed_or_counted(chat: Chat) -> None:
    hostile = [
        event("a/../../b", "DTSTART:20261204T180000Z", "SUMMARY:<b>fett</b> @room"),
        event("u5", "DTSTART:20261204T180000Z", "RRULE:FREQ=SECONDLY", "SUMMARY:Endlos"),
        event("u6", "DTSTART:20261204T180000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        event("u7", "DTSTART:gestern", "SUMMARY:Kaputt"),
        event("u8", "DTSTART:20261204T180000Z", "DTEND:20291204T180000Z", "SUMMARY:Ewig"),
        event("u9", "SUMMARY:Ohne Anfang"),
        event("u10", "DTSTART:20261204T180000Z", "SUMMARY:" + "lang " * 200),
        event("", "DTSTART;TZID=Nirgendwo/Nie:20261204T180000", "SUMMARY:Irgendwo"),
    ]
    (question,) = drop(chat, HEAD + "".join(hostile) + TAIL)
    assert "3 kann ich nicht lesen" in question.text
    assert "@room" not in question.text
    summary = chat.ask("ja", BEN)
    assert summary.data["total"] == 5
    assert "<b>fett" not in summary.html
    assert len(chat.ask("!termine").data["events"]) == 5


def test_other_files_and_other_peoples_silence(chat: Chat) -> None:
    assert drop(chat, "irgendwas", "bild.png") == []
    assert not any(isinstance(effect, FetchFile) for effect in chat.done)


def test_a_file_that_was_altered_is_left_alone(chat: Chat) -> None:
    content = {"msgtype": "m.file", "body": "a.ics", "file": FILE}
    chat.fetched = {"failed": "altered"}
    assert chat.drop(content) == []


NOW_AND = ("DTSTART:20270101T100000Z", "DTEND:20270101T110000Z")


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYHOUR="
        + ",".join(map(str, range(24)))
        + ";BYMINUTE="
        + ",".join(map(str, range(60))),
    ],
)
def test_a_repetition_that_nobody_can_follow_is_left_out_and_that_is_said(
    chat: Chat, rule: str
) -> None:
    (question,) = drop(chat, HEAD + event("u1", *NOW_AND, rule, "SUMMARY:Chor", "X-A:1") + TAIL)
    assert "wiederholen sich auf eine Weise" in question.text
    chat.ask("ja", BEN)
    found = chat.event(1)
    assert found is not None
    assert found.rrule is None
    with chat.store.read(chat.now) as uow:
        text = uow.events.ical(chat.box.id, 1)
    assert text is not None
    # It would make calendar programs and their server count for hours.
    assert "RRULE:FREQ" not in text
    assert "X-A:1" in text


@pytest.mark.parametrize(
    "lines",
    [
        ("SUMMARY:no start",),
        ("DTSTART:00000101T100000Z", "SUMMARY:a"),
        ("DTSTART:99991231T235959Z", "DURATION:P9999999D", "SUMMARY:a"),
        ("DTSTART:20270101T100000Z", "DTEND:20260101T100000Z", "SUMMARY:a"),
        ("DTSTART:20270101T100000Z", "RECURRENCE-ID:20270101T100000Z", "SUMMARY:a"),
    ],
)
def test_a_file_with_nothing_readable_in_it_is_answered(chat: Chat, lines: tuple[str, ...]) -> None:
    (answer,) = drop(chat, HEAD + event("u1", *lines) + TAIL)
    assert answer.code == "ics-unreadable"


def test_hundreds_of_overrides_are_one_series(chat: Chat) -> None:
    days = [f"2027{1 + n // 28:02}{1 + n % 28:02}" for n in range(330)]
    overrides = [
        event("u1", f"RECURRENCE-ID:{day}T100000Z", f"DTSTART:{day}T110000Z", "SUMMARY:Chor")
        for day in days
    ]
    series = event("u1", *NOW_AND, "RRULE:FREQ=DAILY", "SUMMARY:Chor")
    drop(chat, HEAD + series + "".join(overrides) + TAIL)
    chat.ask("ja", BEN)
    chat.ask("!termin 1 titel Singen")
    found = chat.event(1)
    assert found is not None
    assert len(found.variants) == 330
