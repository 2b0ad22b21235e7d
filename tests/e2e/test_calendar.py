"""A group plans an event: on the real stack, by words, buttons and the file for calendars."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar

from tests.clients import Message
from tests.e2e.groups import Group

BERLIN = ZoneInfo("Europe/Berlin")


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Somebody//EN
BEGIN:VEVENT
UID:somebodys-1
DTSTART;TZID=Europe/Berlin:{day}T190000
DTEND;TZID=Europe/Berlin:{day}T210000
RRULE:FREQ=WEEKLY
SUMMARY:Chor
END:VEVENT
END:VCALENDAR
"""


def days_ahead(days: int) -> str:
    return f"{datetime.now(BERLIN) + timedelta(days=days):%d.%m.%Y}"


async def test_an_event_from_a_sentence_to_who_comes(group: Group) -> None:
    day = days_ahead(20)
    card = await group.anna.ask(group.box, f"!termin Grillen {day} 15-18 Uhr in Garten")
    event = card.data["event"]
    assert (event["title"], event["location"]) == ("Grillen", "Garten")
    await group.ben.react(group.box, card.event_id, "👍")
    said = await group.anna.wait_for(
        lambda seen: seen.sender == group.bot and seen.result.get("command") == "event yes",
        what="that ben comes",
    )
    assert said.data["event"]["attendees"] == [{"user": group.ben.user_id, "status": "yes"}]
    edited = await group.anna.wait_for(
        lambda seen: (
            seen.relation.get("rel_type") == "m.replace"
            and seen.relation.get("event_id") == card.event_id
        ),
        what="the event's message as it is now",
    )
    assert "👍 1" in str(edited.content["m.new_content"]["body"])
    moved = await group.anna.ask(group.box, "!termin 1 verschieben auf 16 Uhr")
    assert datetime.fromisoformat(moved.data["event"]["start"]).hour == 16
    listed = await group.ben.ask(group.box, "!termine")
    assert [each["title"] for each in listed.data["events"]] == ["Grillen"]


async def test_the_file_for_calendars_comes_encrypted_into_the_box(group: Group) -> None:
    await group.anna.ask(group.box, f"!termin Chor {days_ahead(20)} 19 Uhr jede Woche")
    await group.anna.ask(group.box, "!termin 1 ics")
    file = await group.ben.wait_for(is_file, what="the file")
    assert file.content["body"] == "Chor.ics"
    assert "url" not in file.content
    (event,) = Calendar.from_ical(await group.ben.fetch_file(file)).walk("VEVENT")
    assert event["SUMMARY"] == "Chor"
    assert b"RRULE:FREQ=WEEKLY" in event.to_ical()


async def test_a_reminder_comes_at_its_time(group: Group) -> None:
    await group.anna.ask(group.box, "!erinnern in 1 Minute Nudeln abgießen")
    told = await group.anna.wait_for(
        lambda seen: (
            seen.sender == group.bot
            and "Nudeln" in seen.body
            and group.anna.user_id in seen.content.get("m.mentions", {}).get("user_ids", [])
        ),
        what="the reminder",
        deadline=120,
    )
    assert "Nudeln abgießen" in told.body


async def test_a_calendar_file_dropped_into_the_box_is_offered_and_taken_in(group: Group) -> None:
    text = ICS.format(day=f"{datetime.now(BERLIN) + timedelta(days=20):%Y%m%d}").encode()
    await group.ben.send_file(group.box, "chor.ics", text, "text/calendar")
    question = await group.ben.wait_for(
        lambda seen: seen.sender == group.bot and "In dieser Datei" in seen.body,
        what="the question",
    )
    assert "Chor" in question.body
    await group.ben.react(group.box, question.event_id, "✅")
    taken = await group.ben.wait_for(
        lambda seen: seen.sender == group.bot and "Steht jetzt im Kalender" in seen.body,
        what="the summary",
    )
    assert taken.data["event"]["title"] == "Chor"
    assert taken.data["event"]["rrule"] == "FREQ=WEEKLY"


def is_file(seen: Message) -> bool:
    return seen.content.get("msgtype") == "m.file"
