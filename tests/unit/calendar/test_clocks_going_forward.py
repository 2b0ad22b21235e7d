"""The night in which the clocks go forward has no time from 2 to 3; people write it all the same.

In Berlin that is on 28 March 2027; on 31 October 2027 the hour from 2 to 3 comes twice.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.calendar.conftest import Chat

GERMAN = (
    "Am So 28.3.2027 gibt es 02:30 Uhr nicht, weil die Uhren vorgestellt werden. "
    "Ich habe 03:30 Uhr genommen."
)
ENGLISH = "On Sun 28 Mar 2027 there is no 02:30, because the clocks go forward. I took 03:30."
TAKEN = "2027-03-28T03:30:00+02:00"


@pytest.mark.parametrize(
    "said",
    [
        "!termin Nachtwache am 28.3.2027 um 2:30",
        "!termin Nachtwache 28.3.2027 2:30-5 Uhr",
        "!termin Nachtwache 2027-03-28T02:30",
    ],
)
def test_an_event_says_that_its_time_does_not_exist(chat: Chat, said: str) -> None:
    card = chat.ask(said)
    assert card.event["start"] == TAKEN
    assert GERMAN in card.text
    assert GERMAN in card.html


def test_it_is_said_in_english_too(chat: Chat) -> None:
    with chat.store.begin(chat.now) as uow:
        uow.boxes.update(replace(chat.box, language="en"))
    assert ENGLISH in chat.ask("!event Night watch on 28.3.2027 at 2:30").text


def test_an_end_that_does_not_exist_is_said(chat: Chat) -> None:
    card = chat.ask("!termin Nachtwache am 27.3.2027 von 22 Uhr bis 2:30 Uhr")
    assert card.event["end"] == TAKEN
    assert GERMAN in card.text


@pytest.mark.parametrize(
    ("planned", "moved"),
    [
        ("28.3.2027 18 Uhr", "auf 2:30 Uhr"),
        ("27.3.2027 2:30 Uhr", "auf 28.3.2027"),
        ("27.3.2027 2:30 Uhr", "1 Tag später"),
        ("27.3.2027 18 Uhr", "auf 28.3.2027 2:30 Uhr"),
    ],
)
def test_an_event_moved_there_says_so(chat: Chat, planned: str, moved: str) -> None:
    chat.ask(f"!termin Nachtwache {planned}")
    card = chat.ask(f"!termin 1 verschieben {moved}")
    assert card.event["start"] == TAKEN
    assert card.text.count(GERMAN) == 1


def test_one_date_of_a_series_moved_there_says_so_when_it_is_moved(chat: Chat) -> None:
    chat.ask("!termin Nachtwache ab 20.3.2027 jeden Samstag 18 Uhr")
    asked = chat.ask("!termin 1 verschieben auf 28.3.2027 2:30 Uhr")
    assert GERMAN not in asked.text
    assert GERMAN in chat.ask("nur").text


def test_a_date_that_was_asked_for_says_so(chat: Chat) -> None:
    asked = chat.ask("!termin Nachtwache")
    assert asked.text
    assert GERMAN in chat.ask("28.3.2027 2:30").text


def test_a_reminder_says_so(chat: Chat) -> None:
    assert GERMAN in chat.ask("!erinnern 28.3.2027 2:30 Wachwechsel").text


def test_an_end_that_follows_from_the_length_needs_no_word(chat: Chat) -> None:
    card = chat.ask("!termin Nachtwache 28.3.2027 1:30 Uhr")
    assert card.event["end"] == TAKEN
    assert "gibt es" not in card.text


def test_of_an_hour_that_comes_twice_the_first_is_taken_and_stays(chat: Chat) -> None:
    card = chat.ask("!termin Nachtwache 31.10.2027 2:30 Uhr")
    assert card.event["start"] == "2027-10-31T02:30:00+02:00"
    assert "gibt es" not in card.text
    again = chat.ask("!termin 1")
    assert again.event["start"] == "2027-10-31T02:30:00+02:00"
    moved = chat.ask("!termin 1 verschieben auf 2:45 Uhr")
    assert moved.event["start"] == "2027-10-31T02:45:00+02:00"


def test_a_refusal_says_nothing_of_it(chat: Chat) -> None:
    refused = chat.ask("!termin Nachtwache 28.3.2027 2:30 bis 20.3.2027 2:30")
    assert refused.result["ok"] is False
    assert "gibt es 02:30" not in refused.text
