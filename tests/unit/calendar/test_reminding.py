from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import BEN, CEM
from wecreate_module.domain.effects import SendFile


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_those_who_come_are_reminded_a_day_and_an_hour_before(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr in Garten")
    chat.ask("!termin 1 zusagen", BEN)
    chat.ask("!termin 1 ablehnen", CEM)
    assert chat.wait_until(at(27, 13, 59)) == []
    (day_before,) = chat.wait_until(at(27, 14))
    assert day_before.mentions == [BEN]
    assert "Grillen" in day_before.text
    assert "morgen, 15:00" in day_before.text
    assert "Garten" in day_before.text
    (hour_before,) = chat.wait_until(at(28, 13))
    assert hour_before.mentions == [BEN]
    assert chat.wait_until(at(29, 13)) == []


def test_each_date_of_a_series_has_its_reminders(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    sent = chat.wait_until(at(20, 0, month=12))
    assert len(sent) == 8
    assert all("Chor" in each.text for each in sent)


def test_the_buttons_of_a_reminder_answer_for_that_date(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    (_, reminder) = chat.wait_until(at(27, 17, 30))
    assert reminder.buttons["👍"] == "!termin 1 zusagen am 2026-11-27"
    chat.press(reminder, "👎", BEN)
    event = chat.event(1)
    assert event is not None
    assert event.answers == ()
    assert len(event.variants) == 1


def test_what_moved_is_reminded_of_at_its_new_time_only(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    chat.ask("!termin 1 verschieben auf Sonntag 15 Uhr")
    assert chat.wait_until(at(28, 13, 59)) == []
    assert len(chat.wait_until(at(29, 14))) == 2


def test_what_falls_out_is_not_reminded_of(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 absagen am 27.11.")
    assert chat.wait_until(at(28, 0)) == []
    assert len(chat.wait_until(at(5, 0, month=12))) == 2
    chat.ask("!termin 1 absagen alle")
    assert chat.wait_until(at(25, 0, month=12)) == []


def test_reminders_of_choice(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    answer = chat.ask("!termin 1 erinnern 2 Tage, 30 Minuten vorher")
    assert answer.data["reminders"] == [2880, 30]
    assert "2 Tage vorher, 30 Minuten vorher" in answer.text
    assert len(chat.wait_until(at(26, 14))) == 1
    assert len(chat.wait_until(at(28, 13, 30))) == 1


def test_no_reminders_and_the_usual_ones_again(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    assert chat.ask("!termin 1 erinnern aus").data["reminders"] == []
    assert chat.wait_until(at(27, 14)) == []
    assert chat.ask("!termin 1 erinnern normal").data["reminders"] == [1440, 60]
    assert len(chat.wait_until(at(28, 14))) == 1


def test_whole_days_are_reminded_of_on_the_evening_before(chat: Chat) -> None:
    chat.ask("!termin Zeltlager 28.11. bis 30.11.")
    assert chat.wait_until(at(27, 16, 59)) == []
    assert len(chat.wait_until(at(27, 17))) == 1


def test_a_reminder_stays_at_its_hour_over_the_change_of_the_clocks(chat: Chat) -> None:
    # Clocks go forward on 28 March 2027: the day before at the same time of day.
    chat.ask("!termin Osterfeuer 28.3.2027 18 Uhr")
    assert chat.wait_until(datetime(2027, 3, 27, 16, 59, tzinfo=UTC)) == []
    assert len(chat.wait_until(datetime(2027, 3, 27, 17, 0, tzinfo=UTC))) == 1
    assert len(chat.wait_until(datetime(2027, 3, 28, 15, 0, tzinfo=UTC))) == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("irgendwann", "reminder-unknown"),
        ("100 Tage", "reminder-unknown"),
        ("1 Tag, 2 Tage, 3 Tage, 4 Tage, 5 Tage, 6 Tage", "too-many-reminders"),
    ],
)
def test_absurd_reminders_are_refused(chat: Chat, said: str, code: str) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    assert chat.ask(f"!termin 1 erinnern {said}").code == code


def test_the_file_for_calendars_comes_into_the_box(chat: Chat) -> None:
    chat.ask("!termin Grillen & Spaß Samstag 15 Uhr in Garten jede Woche")
    answer = chat.ask("!termin 1 ics")
    assert answer.data["file"] == "Grillen-Spaß.ics"
    (sent,) = [effect for effect in chat.done if isinstance(effect, SendFile)]
    assert sent.mimetype == "text/calendar"
    (event,) = Calendar.from_ical(base64.b64decode(sent.data)).walk("VEVENT")
    assert event["SUMMARY"] == "Grillen & Spaß"
    assert b"RRULE:FREQ=WEEKLY" in event.to_ical()
