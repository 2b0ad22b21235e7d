"""A task due when the clocks go forward: on 28 March 2027 Berlin has no time from 2 to 3."""

from __future__ import annotations

import pytest

from tests.unit.tasks.conftest import Chat

GERMAN = (
    "Am So 28.3.2027 gibt es 02:30 Uhr nicht, weil die Uhren vorgestellt werden. "
    "Ich habe 03:30 Uhr genommen."
)


@pytest.mark.parametrize(
    "said",
    [
        "!aufgabe Nachtwache am 28.3.2027 um 2:30",
        "!aufgabe Nachtwache bis 28.3.2027 2:30 Uhr",
        "!aufgabe Nachtwache jede Woche um 2:30 bis 28.3.2027",
    ],
)
def test_a_new_task_says_so(chat: Chat, said: str) -> None:
    card, *_ = chat.hear(said)
    assert card.task["due"] == "2027-03-28T03:30:00+02:00"
    assert card.text.count(GERMAN) == 1


def test_a_changed_due_says_so(chat: Chat) -> None:
    chat.hear("!aufgabe Nachtwache")
    card, *_ = chat.hear("!aufgabe 1 bis 28.3.2027 2:30")
    assert card.task["due"] == "2027-03-28T03:30:00+02:00"
    assert GERMAN in card.text


def test_a_reminder_says_so(chat: Chat) -> None:
    chat.hear("!aufgabe Nachtwache")
    card, *_ = chat.hear("!aufgabe 1 erinnern 28.3.2027 2:30")
    assert GERMAN in card.text


def test_a_time_that_comes_twice_is_the_first_and_needs_no_word(chat: Chat) -> None:
    card, *_ = chat.hear("!aufgabe Nachtwache bis 31.10.2027 2:30")
    assert card.task["due"] == "2027-10-31T02:30:00+02:00"
    assert "gibt es" not in card.text


def test_the_time_that_is_taken_needs_no_word_when_it_was_written(chat: Chat) -> None:
    card, *_ = chat.hear("!aufgabe Nachtwache bis 28.3.2027 3:30")
    assert card.task["due"] == "2027-03-28T03:30:00+02:00"
    assert "gibt es" not in card.text
