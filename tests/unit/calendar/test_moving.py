from __future__ import annotations

import pytest

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import BEN, CEM, Message


def starts(chat: Chat, wanted: str = "25.11.-20.12.") -> list[str]:
    return [each["start"][5:16] for each in chat.ask(f"!termine {wanted}").data["events"]]


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("auf Sonntag 16 Uhr", "2026-11-29T16:00:00+01:00", "2026-11-29T18:00:00+01:00"),
        ("Sonntag", "2026-11-29T15:00:00+01:00", "2026-11-29T17:00:00+01:00"),
        ("auf 16 Uhr", "2026-11-28T16:00:00+01:00", "2026-11-28T18:00:00+01:00"),
        ("16-17 Uhr", "2026-11-28T16:00:00+01:00", "2026-11-28T17:00:00+01:00"),
        ("1 Stunde später", "2026-11-28T16:00:00+01:00", "2026-11-28T18:00:00+01:00"),
        ("eine Woche später", "2026-12-05T15:00:00+01:00", "2026-12-05T17:00:00+01:00"),
        ("auf 3.5.2027 ganztägig", "2027-05-03T15:00:00+02:00", "2027-05-03T17:00:00+02:00"),
    ],
)
def test_an_event_moves_and_keeps_what_was_not_said(
    chat: Chat, said: str, start: str, end: str
) -> None:
    chat.ask("!termin Grillen Samstag 15-17 Uhr")
    event = chat.ask(f"!termin 1 verschieben {said}").event
    assert (event["start"], event["end"]) == (start, end)


def test_those_who_come_are_told_and_the_others_are_not(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    chat.ask("!termin 1 zusagen", BEN)
    chat.ask("!termin 1 ablehnen", CEM)
    answer = chat.ask("!termin 1 verschieben auf 16 Uhr")
    assert answer.mentions == [BEN]
    assert "15:00" in answer.text
    assert "16:00" in answer.text


def test_of_a_series_it_is_asked_which_one_is_meant(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    question = chat.ask("!termin 1 verschieben auf 20 Uhr")
    assert question.buttons == {
        "1️⃣": "!termin 1 verschieben am 2026-11-27 auf 20 Uhr",
        "2️⃣": "!termin 1 verschieben ab 2026-11-27 auf 20 Uhr",
        "3️⃣": "!termin 1 verschieben alle auf 20 Uhr",
    }
    chat.press(question, "1️⃣")
    assert starts(chat)[:2] == ["11-27T20:00", "12-04T19:00"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("nur den", ["11-27T20:00", "12-04T19:00"]),
        ("alle", ["11-27T20:00", "12-04T20:00"]),
        ("am 4.12.", ["11-27T19:00", "12-04T20:00"]),
    ],
)
def test_the_question_may_be_answered_in_words(chat: Chat, said: str, found: list[str]) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 verschieben auf 20 Uhr")
    chat.ask(said)
    assert starts(chat)[:2] == found


def test_one_date_moves_to_another_day(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    answer = chat.ask("!termin 1 verschieben am 4.12. auf 5.12. 18 Uhr")
    assert answer.event["start"] == "2026-12-05T18:00:00+01:00"
    assert starts(chat)[:3] == ["11-27T19:00", "12-05T18:00", "12-11T19:00"]
    event = chat.event(1)
    assert event is not None
    assert len(event.variants) == 1
    # and once more, named by the day it is on now
    chat.ask("!termin 1 verschieben am 5.12. auf 6.12.")
    assert starts(chat)[:3] == ["11-27T19:00", "12-06T18:00", "12-11T19:00"]


def test_from_a_date_on_the_series_goes_on_as_another_event(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr in Saal")
    answer = chat.ask("!termin 1 verschieben ab 11.12. auf 20 Uhr")
    assert answer.event["number"] == 2
    assert answer.event["location"] == "Saal"
    assert starts(chat) == ["11-27T19:00", "12-04T19:00", "12-11T20:00", "12-18T20:00"]


def test_those_who_come_hear_of_it_and_the_old_message_shows_where_it_ends(chat: Chat) -> None:
    card = chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 zusagen", BEN)
    before = len(chat.messages)
    assert chat.ask("!termin 1 verschieben ab 11.12. auf 20 Uhr").mentions == [BEN]
    (edit,) = [each for each in chat.messages[before:] if each.edits == card.event_id]
    assert "bis Do 10.12." in str(edit.content["m.new_content"]["body"])


def test_a_series_keeps_its_exceptions_when_it_moves(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 absagen am 4.12.")
    chat.ask("!termin 1 verschieben am 11.12. auf 12.12. 10 Uhr")
    answer = chat.ask("!termin 1 verschieben alle auf Samstag 18 Uhr")
    assert answer.event["rrule"] == "FREQ=WEEKLY;BYDAY=SA"
    assert starts(chat) == ["11-28T18:00", "12-12T10:00", "12-19T18:00"]


def test_the_end_of_a_series_moves_with_it(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr bis 11.12.")
    assert len(starts(chat)) == 3
    chat.ask("!termin 1 verschieben alle auf Samstag 23 Uhr")
    assert starts(chat) == ["11-28T23:00", "12-05T23:00", "12-12T23:00"]


def test_the_last_thursday_becomes_the_last_friday(chat: Chat) -> None:
    chat.ask("!termin Vorstand letzter Donnerstag im Monat 19 Uhr")
    answer = chat.ask("!termin 1 verschieben alle auf 27.11.")
    assert answer.event["rrule"] == "FREQ=MONTHLY;BYDAY=-1FR"


def test_ten_times_stay_ten_times_when_cut_in_two(chat: Chat) -> None:
    chat.ask("!termin Kurs jeden Freitag 19 Uhr 10 mal")
    chat.ask("!termin 1 verschieben ab 18.12. auf 20 Uhr")
    assert len(starts(chat, "25.11.2026-30.6.2027")) == 10


def test_one_date_falls_out(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 zusagen", BEN)
    answer = chat.ask("!termin 1 absagen am 4.12.")
    assert "fällt einmal aus (Fr 4.12.)" in answer.text
    assert answer.mentions == [BEN]
    assert starts(chat)[:2] == ["11-27T19:00", "12-11T19:00"]
    assert "fällt aus: Fr 4.12." in chat.ask("!termin 1").text


def test_from_a_date_on_it_ends(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 absagen ab 11.12.")
    assert starts(chat) == ["11-27T19:00", "12-04T19:00"]


def test_all_is_called_off_and_comes_back(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    question = chat.ask("!termin 1 absagen")
    assert list(question.buttons) == ["1️⃣", "2️⃣", "3️⃣"]
    gone = chat.press(question, "3️⃣")
    assert gone.event["status"] == "cancelled"
    assert starts(chat) == []
    back = chat.press(gone, "↩️")
    assert back.event["status"] == "confirmed"
    assert len(starts(chat)) == 4


def test_a_single_event_is_called_off_at_once(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    assert chat.ask("!termin 1 absagen").event["status"] == "cancelled"


def edit_of(messages: list[Message]) -> Message:
    (found,) = [each for each in messages if each.edits is not None]
    return found


def test_its_message_shows_that_it_is_called_off(chat: Chat) -> None:
    card = chat.ask("!termin Grillen Samstag 15 Uhr")
    edit = edit_of(chat.hear("!termin 1 absagen"))
    assert edit.edits == card.event_id
    assert "(abgesagt)" in edit.content["m.new_content"]["body"]


@pytest.mark.parametrize(
    ("command", "field", "value"),
    [
        ("titel Herbstfest", "title", "Herbstfest"),
        ("ort Rathaus", "location", "Rathaus"),
        ("notiz Bringt Teller mit", "description", "Bringt Teller mit"),
        ("dauer 3 Stunden", "end", "2026-11-28T18:00:00+01:00"),
        ("wiederholen jede Woche", "rrule", "FREQ=WEEKLY"),
    ],
)
def test_everything_else_can_be_changed_too(
    chat: Chat, command: str, field: str, value: str
) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    assert chat.ask(f"!termin 1 {command}").event[field] == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!termin 9 verschieben auf Sonntag", "event-not-found"),
        ("!termin 1 verschieben alle auf 1.1.2020", "date-past"),
        ("!termin 1 verschieben auf Quatsch", "date-unknown"),
        ("!termin 1 verschieben am 5.12. auf 6.12.", "no-such-occurrence"),
        ("!termin 1 absagen am 5.12.", "no-such-occurrence"),
        ("!termin 1 dauer Quatsch", "length-unknown"),
    ],
)
def test_what_cannot_be_changes_nothing(chat: Chat, text: str, code: str) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    before = chat.event(1)
    assert chat.ask(text).code == code
    assert chat.event(1) == before
