"""Calendar programs and the chat change the same things: each shows what the other did."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from bots.caldav import commands as caldav
from bots.calendar import commands as calendar
from bots.kit import basics
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.tasks import commands as tasks
from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA, BEN, BOT, CEM, Message
from wecreate_module.domain.events import Answer, Attendee, Event
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.services import live_messages, outside
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import CalendarObject, Kind

ALARM = (
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\n"
    "ACKNOWLEDGED:20261127T170000Z\r\nEND:VALARM"
)
ONCE = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;VALUE=DATE-TIME:20261127T170000Z\r\nEND:VALARM"


@pytest.fixture
def chat(chat: Chat) -> Chat:
    parts = (basics.PART, tasks.PART, calendar.PART, caldav.PART)
    chat.app = App.assemble(parts, bot_user_id=BOT, server=ServerFacts("w.example"))
    return chat


def stored(chat: Chat, kind: Kind, number: int) -> CalendarObject:
    with chat.store.read(chat.now) as uow:
        known = uow.calendar_objects.numbered(chat.box.id, kind, number)
    assert known is not None
    return known


def edit(chat: Chat, kind: Kind, number: int, *changes: tuple[str, str], actor: str = BEN) -> None:
    """As a program does it: the whole text, with some lines changed."""
    known = stored(chat, kind, number)
    text = known.text
    for old, new in changes:
        assert re.search(old, text), text
        text = re.sub(old, new, text, count=1)
    with chat.store.begin(chat.now) as uow:
        outside.put(uow, chat.box, kind, known.href, Written(known.uid, text), actor=actor)


def drop(chat: Chat, kind: Kind, number: int) -> None:
    known = stored(chat, kind, number)
    with chat.store.begin(chat.now) as uow:
        outside.delete(uow, chat.box, known, actor=BEN)


def attendee(user: str, answer: str) -> str:
    return f"ATTENDEE;PARTSTAT={answer}:matrix:u/{user[1:]}\r\n"


def event(chat: Chat, number: int = 1) -> Event:
    found = chat.event(number)
    assert found is not None
    return found


def task(chat: Chat, number: int) -> Task:
    with chat.store.read(chat.now) as uow:
        found = uow.tasks.get(chat.box.id, number)
    assert found is not None
    return found


def edits_of(card: Message, messages: list[Message]) -> list[str]:
    return [
        str(each.content["m.new_content"]["body"])
        for each in messages
        if each.edits == card.event_id
    ]


def test_the_card_shows_what_a_program_changed(chat: Chat) -> None:
    card = chat.ask("!termin Grillen 4.12. 18 Uhr")
    edit(
        chat,
        Kind.EVENT,
        1,
        ("SUMMARY:Grillen", "SUMMARY:Wintergrillen"),
        ("END:VEVENT", attendee(BEN, "ACCEPTED") + "END:VEVENT"),
    )
    messages = chat.wait(seconds=20)
    (told,) = [each for each in messages if each.edits is None]
    assert "„Grillen“ → „Wintergrillen“" in told.text
    assert "kommt" in told.text
    (shown,) = edits_of(card, messages)
    assert "Wintergrillen" in shown
    assert "👍 1: Ben Meier" in shown
    assert event(chat).answers == (Attendee(BEN, Answer.YES),)


def test_what_else_is_at_that_time_is_told_too(chat: Chat) -> None:
    chat.ask("!termin Grillen 4.12. 18 Uhr")
    chat.ask("!termin Chor 5.12. 18 Uhr")
    edit(
        chat,
        Kind.EVENT,
        2,
        ("DTSTART;TZID=Europe/Berlin:20261205", "DTSTART;TZID=Europe/Berlin:20261204"),
    )
    (told,) = [each for each in chat.wait(seconds=20) if each.edits is None]
    assert "⚠️ zur selben Zeit: #1 Grillen" in told.text
    edit(chat, Kind.EVENT, 2, ("SUMMARY:Chor", "SUMMARY:Singen"))
    (told,) = [each for each in chat.wait(seconds=20) if each.edits is None]
    assert "zur selben Zeit" not in told.text


def test_the_card_of_a_deleted_event_says_so_and_comes_back_with_it(chat: Chat) -> None:
    card = chat.ask("!termin Grillen 4.12. 18 Uhr")
    chat.ask("!termin 1 zusagen", CEM)
    before = event(chat)
    drop(chat, Kind.EVENT, 1)
    (gone,) = edits_of(card, chat.wait(seconds=20))
    assert "gelöscht" in gone
    assert chat.ask("!termin 1 zurückholen").data["restored"]["number"] == 1
    (back,) = edits_of(card, chat.wait(seconds=20))
    assert "👍 1: Cem" in back
    after = event(chat)
    assert (after.created_by, after.answers) == (before.created_by, before.answers)


def test_what_was_deleted_in_chat_comes_back_as_well(chat: Chat) -> None:
    card = chat.ask("!termin Grillen 4.12. 18 Uhr", BEN)
    edit(chat, Kind.EVENT, 1, ("END:VEVENT", "X-FOREIGN:1\r\nEND:VEVENT"))
    before = event(chat)
    (gone,) = edits_of(card, chat.hear("!termin 1 löschen"))
    assert "zurückholen" in gone
    (listed,) = chat.ask("!termine papierkorb").data["trash"]
    assert (listed["title"], listed["deleted_by"]) == ("Grillen", ANNA)
    chat.ask("!termin 1 zurückholen", CEM)
    after = event(chat)
    assert (after.title, after.start, after.created_by) == (before.title, before.start, BEN)
    assert "X-FOREIGN:1" in stored(chat, Kind.EVENT, 1).text
    reminded = chat.wait_until(datetime.fromisoformat("2026-12-04T16:01:00+00:00"))
    assert any("Grillen" in each.text for each in reminded)

    chat.ask("!aufgabe Zelt @cem")
    chat.ask("!aufgabe 1 löschen")
    assert [each["title"] for each in chat.ask("!aufgaben papierkorb").data["trash"]] == ["Zelt"]
    chat.ask("!aufgabe 1 zurückholen")
    assert (task(chat, 1).created_by, task(chat, 1).assignees) == (ANNA, (CEM,))


def test_after_a_month_it_is_gone(chat: Chat) -> None:
    chat.ask("!termin Grillen 4.12.2027 18 Uhr")
    chat.ask("!termin 1 löschen")
    chat.now += timedelta(days=31)
    assert chat.ask("!termine papierkorb").data["trash"] == []
    assert chat.ask("!termin 1 zurückholen").code == "not-in-trash"


def test_a_program_finishes_a_task_of_a_series_and_the_next_one_comes(chat: Chat) -> None:
    chat.ask("!aufgabe Blumen gießen bis 27.11. 18 Uhr jede Woche @ben #garten")
    edit(
        chat,
        Kind.TASK,
        1,
        ("STATUS:NEEDS-ACTION", "STATUS:COMPLETED"),
        ("END:VTODO", f"X-FOREIGN:1\r\n{ALARM}\r\n{ONCE}\r\nEND:VTODO"),
    )
    done, again = task(chat, 1), task(chat, 2)
    assert (done.status, done.finished_by, done.rrule) == (TaskStatus.DONE, BEN, None)
    assert (again.status, again.rrule, again.assignees) == (TaskStatus.OPEN, "FREQ=WEEKLY", (BEN,))
    assert isinstance(again.due, datetime)
    assert again.due.isoformat() == "2026-12-04T18:00:00+01:00"
    # What the program wrote goes along, but not what belonged to the first one alone.
    text = stored(chat, Kind.TASK, 2).text
    assert "X-FOREIGN:1" in text
    assert text.count("BEGIN:VALARM") == 1
    assert "ACKNOWLEDGED" not in text
    assert "COMPLETED" not in text
    assert stored(chat, Kind.TASK, 1).uid not in text
    assert "FREQ=WEEKLY" not in stored(chat, Kind.TASK, 1).text
    (told,) = chat.wait(seconds=20)
    changes = {(each["number"], each["change"]) for each in told.data["changes"]}
    assert changes == {(1, "changed"), (2, "added")}
    # Opened again, the first one is a task by itself: the series goes on only once.
    chat.ask("!aufgabe 1 offen")
    chat.ask("!erledigt 1")
    assert [each["number"] for each in chat.ask("!aufgaben").data["tasks"]] == [2]


def test_a_program_finishes_one_date_of_a_series_by_an_override(chat: Chat) -> None:
    """As Thunderbird does: the series stays open, and is due at its next date."""
    chat.ask("!aufgabe Blumen gießen bis 27.11. 18 Uhr jede Woche")
    uid = stored(chat, Kind.TASK, 1).uid

    def finish(day: str) -> None:
        override = (
            f"BEGIN:VTODO\r\nUID:{uid}\r\nDTSTAMP:20261125T090000Z\r\nSUMMARY:Blumen gießen\r\n"
            f"RECURRENCE-ID;TZID=Europe/Berlin:{day}T180000\r\nSTATUS:COMPLETED\r\nEND:VTODO\r\n"
        )
        edit(chat, Kind.TASK, 1, ("END:VCALENDAR", f"{override}END:VCALENDAR"))

    finish("20261127")
    (told,) = chat.wait(seconds=20)
    assert "→ Fr 4.12., 18:00" in told.text
    assert task(chat, 1).status is TaskStatus.OPEN
    finish("20261204")
    assert str(task(chat, 1).due).startswith("2026-12-11 18:00")
    # From here on it goes on in chat as ever.
    chat.ask("!erledigt 1")
    assert task(chat, 1).status is TaskStatus.DONE
    assert str(task(chat, 2).due).startswith("2026-12-18 18:00")
    assert "RECURRENCE-ID" not in stored(chat, Kind.TASK, 2).text


def test_a_series_finished_in_chat_keeps_the_alarms_of_programs(chat: Chat) -> None:
    chat.ask("!aufgabe Blumen gießen bis 27.11. 18 Uhr jede Woche")
    edit(chat, Kind.TASK, 1, ("END:VTODO", f"{ALARM}\r\nEND:VTODO"))
    chat.ask("!erledigt 1")
    assert "TRIGGER:-PT15M" in stored(chat, Kind.TASK, 2).text


def test_the_program_hears_of_what_was_changed_after_its_own_write(chat: Chat) -> None:
    chat.ask("!aufgabe Blumen gießen bis 27.11. 18 Uhr jede Woche")
    known = stored(chat, Kind.TASK, 1)
    text = known.text.replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED")
    with chat.store.begin(chat.now) as uow:
        acknowledged = outside.put(
            uow, chat.box, Kind.TASK, known.href, Written(known.uid, text), actor=BEN
        )
    assert acknowledged.text == text
    assert stored(chat, Kind.TASK, 1).etag != acknowledged.etag


def test_nobody_answers_for_others_not_even_for_one_date(chat: Chat) -> None:
    chat.ask("!termin Chor 27.11. 19 Uhr jede Woche")
    chat.ask("!termin 1 zusagen", CEM)
    chat.ask("!termin 1 ablehnen am 4.12.", CEM)
    override = (
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261125T090000Z\r\n"
        "RECURRENCE-ID;TZID=Europe/Berlin:20261211T190000\r\n"
        "DTSTART;TZID=Europe/Berlin:20261211T190000\r\nDTEND;TZID=Europe/Berlin:20261211T200000\r\n"
        "SUMMARY:Chor\r\n" + attendee(CEM, "DECLINED") + attendee(BEN, "TENTATIVE") + "END:VEVENT"
    ).format(uid=stored(chat, Kind.EVENT, 1).uid)
    edit(chat, Kind.EVENT, 1, ("END:VEVENT", override))
    answers = {each.at.isoformat()[:10]: each.answers for each in event(chat).variants}
    assert answers == {
        "2026-12-04": (Attendee(CEM, Answer.NO),),
        "2026-12-11": (Attendee(BEN, Answer.MAYBE),),
    }
    # What the text claims is not left standing in it either.
    assert stored(chat, Kind.EVENT, 1).text.count("PARTSTAT=DECLINED") == 1


def test_an_override_with_nothing_but_an_alarm_of_its_own_stays(chat: Chat) -> None:
    chat.ask("!termin Chor 27.11. 19 Uhr jede Woche")
    chat.ask("!termin 1 zusagen", CEM)
    override = (
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261125T090000Z\r\n"
        "RECURRENCE-ID;TZID=Europe/Berlin:20261211T190000\r\n"
        "DTSTART;TZID=Europe/Berlin:20261211T190000\r\nDTEND;TZID=Europe/Berlin:20261211T200000\r\n"
        "SUMMARY:Chor\r\n" + attendee(ANNA, "DECLINED") + ALARM + "\r\nEND:VEVENT"
    ).format(uid=stored(chat, Kind.EVENT, 1).uid)
    edit(chat, Kind.EVENT, 1, ("END:VEVENT", override))
    assert [each.answers for each in event(chat).variants] == [()]
    chat.ask("!termin 1 titel Singen")
    text = stored(chat, Kind.EVENT, 1).text
    assert "PARTSTAT=DECLINED" not in text
    assert "TRIGGER:-PT15M" in text


def test_all_that_is_refreshed_is_known_to_the_bot(chat: Chat) -> None:
    known = chat.app.schedulers.keys()
    assert {live_messages.REFRESH_TASKS, live_messages.REFRESH_EVENT} <= known
