from __future__ import annotations

import pytest

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA, BEN, CEM

FIND = "!termin finden Sommerfest Fr 18 Uhr, Sa 15-17 Uhr oder 6.12."


def test_dates_are_proposed_and_everybody_votes(chat: Chat) -> None:
    poll = chat.ask(FIND)
    assert poll.event["title"] == "Sommerfest"
    assert poll.event["status"] == "tentative"
    assert [each["start"] for each in poll.event["proposals"]] == [
        "2026-11-27T18:00:00+01:00",
        "2026-11-28T15:00:00+01:00",
        "2026-12-06",
    ]
    assert poll.buttons["2️⃣"] == "!termin 1 stimme 2"
    answer = chat.press(poll, "2️⃣", BEN)
    assert answer.event["proposals"][1]["voters"] == [BEN]
    edit = chat.messages[-1]
    assert edit.edits == poll.event_id
    assert "1: Ben Meier" in edit.content["m.new_content"]["body"]


def test_a_second_press_takes_the_vote_back(chat: Chat) -> None:
    poll = chat.ask(FIND)
    chat.press(poll, "1️⃣", BEN)
    answer = chat.press(poll, "1️⃣", BEN)
    assert answer.event["proposals"][0]["voters"] == []
    assert "kann doch nicht" in answer.text


def test_the_winner_becomes_the_event_and_its_voters_come(chat: Chat) -> None:
    poll = chat.ask(FIND)
    chat.press(poll, "2️⃣", BEN)
    chat.press(poll, "2️⃣", CEM)
    answer = chat.ask("!fest 2")
    assert answer.event["number"] == 1
    assert answer.event["start"] == "2026-11-28T15:00:00+01:00"
    assert answer.event["end"] == "2026-11-28T17:00:00+01:00"
    assert answer.event["status"] == "confirmed"
    assert answer.event["attendees"] == [
        {"user": BEN, "status": "yes"},
        {"user": CEM, "status": "yes"},
    ]
    assert "proposals" not in answer.event
    assert answer.mentions == [BEN, CEM]
    assert answer.buttons["👍"] == "!termin 1 zusagen"


def test_what_else_is_at_the_fixed_time_is_mentioned(chat: Chat) -> None:
    chat.ask("!termin Grillen 28.11. 16 Uhr")
    chat.ask(FIND)
    answer = chat.ask("!fest 2")
    assert "⚠️ Zur selben Zeit: #1 Grillen" in answer.text
    assert [each["number"] for each in answer.data["conflicts"]] == [1]


def test_the_same_by_the_number_and_in_english(chat: Chat) -> None:
    chat.ask("!event find Party friday 6pm, saturday 3pm")
    chat.ask("!event find Choir friday 7pm, saturday 7pm")
    assert chat.ask("!event 1 fix 1").event["start"] == "2026-11-27T18:00:00+01:00"
    assert chat.ask("!fix 2").event["start"] == "2026-11-28T19:00:00+01:00"


def test_lists_say_that_the_date_is_being_found(chat: Chat) -> None:
    chat.ask(FIND)
    assert "Termin wird noch gesucht" in chat.ask("!termine").text


def test_nobody_is_reminded_before_the_date_stands(chat: Chat) -> None:
    chat.ask(FIND)
    assert chat.wait(days=8) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!termin finden Sommerfest Freitag 18 Uhr", "proposals-count"),
        ("!termin finden Sommerfest", "proposals-count"),
        ("!termin finden Freitag, Samstag", "proposals-missing"),
        ("!termin finden Fest Freitag, 1.1.2020", "date-past"),
        ("!termin finden Fest Freitag, Quatsch", "date-unknown"),
        ("!fest 1", "nothing-to-fix"),
    ],
)
def test_what_cannot_be_found_is_refused(chat: Chat, text: str, code: str) -> None:
    assert chat.ask(text).code == code


def test_a_poll_is_no_event_yet(chat: Chat) -> None:
    chat.ask(FIND)
    assert chat.ask("!fest 4").code == "no-such-proposal"
    assert chat.ask("!termin 1 zusagen").code == "date-is-open"
    assert chat.ask("!termin 1 verschieben auf Sonntag").code == "date-is-open"
    chat.ask("!fest 1", ANNA)
    assert chat.ask("!termin 1 fest 1").code == "date-is-fixed"
