from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA, BEN, CEM, DIRECT


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "text", "due", "rrule"),
    [
        ("morgen 9 Uhr Ben anrufen", "Ben anrufen", "2026-11-26T09:00", None),
        ("in 10 Minuten Nudeln abgießen", "Nudeln abgießen", "2026-11-25T10:10", None),
        ("mich Freitag an den Schlüssel", "den Schlüssel", "2026-11-27T08:00", None),
        ("me friday 6pm to call Ben", "call Ben", "2026-11-27T18:00", None),
        ("Kuchen backen morgen um 9", "Kuchen backen", "2026-11-26T09:00", None),
        (
            "um 18 Uhr Kuchen 30 Minuten backen",
            "Kuchen 30 Minuten backen",
            "2026-11-25T18:00",
            None,
        ),
        ("jeden Montag um 8 Müll", "Müll", "2026-11-30T08:00", "FREQ=WEEKLY;BYDAY=MO"),
        ("jeden Tag Tabletten", "Tabletten", "2026-11-26T08:00", "FREQ=DAILY"),
        (
            "alle 2 Wochen Blumen gießen",
            "Blumen gießen",
            "2026-11-25T08:00",
            "FREQ=WEEKLY;INTERVAL=2",
        ),
        ("morgen um 8 „jede Woche gießen“", "jede Woche gießen", "2026-11-26T08:00", None),
    ],
)
def test_when_and_what_are_understood(
    chat: Chat, said: str, text: str, due: str, rrule: str | None
) -> None:
    memo = chat.ask(f"!erinnern {said}").data["reminder"]
    assert memo["text"] == text
    assert memo["rrule"] == rrule
    assert memo["people"] == [ANNA]
    if rrule != "FREQ=WEEKLY;INTERVAL=2":
        assert memo["due"][:16] == due


def test_one_is_told_at_the_time(chat: Chat) -> None:
    chat.ask("!erinnern morgen 9 Uhr Anna anrufen", BEN)
    assert chat.wait_until(at(26, 7, 59)) == []
    (told,) = chat.wait_until(at(26, 8))
    assert told.mentions == [BEN]
    assert "Anna anrufen" in told.text
    later = chat.press(told, "⏰", CEM)
    assert later.data["reminder"]["people"] == [CEM]
    (again,) = chat.wait_until(at(26, 8, 10))
    assert again.mentions == [CEM]
    assert chat.wait_until(at(30, 8)) == []


def test_somebody_else_or_all_are_reminded(chat: Chat) -> None:
    answer = chat.ask("!erinnern @ben und @cem morgen 9 Uhr Schlüssel")
    assert answer.data["reminder"]["people"] == [BEN, CEM]
    assert answer.mentions == []
    (told,) = chat.wait_until(at(26, 8))
    assert told.mentions == [BEN, CEM]
    assert "gewünscht von Anna" in told.text
    chat.ask("!erinnern alle morgen 9 Uhr Müll")
    (told,) = chat.wait_until(at(27, 8))
    assert set(told.mentions) == {ANNA, BEN, CEM}


def test_a_repeating_one_comes_until_it_is_stopped(chat: Chat) -> None:
    chat.ask("!erinnern alle jeden Montag um 8 Müll rausstellen")
    first, second = chat.wait_until(at(7, 12, month=12))
    assert "wieder: Mo 7.12., 08:00" in first.text
    chat.press(second, "🔕")
    assert chat.wait_until(at(28, 0, month=12)) == []


def test_so_many_times_and_no_more(chat: Chat) -> None:
    chat.ask("!erinnern jeden Tag um 8 3 mal Tabletten")
    assert len(chat.wait_until(at(20, 0, month=12))) == 3


def test_what_was_missed_comes_once(chat: Chat) -> None:
    chat.ask("!erinnern jeden Tag um 8 Tabletten")
    chat.now = at(30, 12)
    assert len(chat.wait_until(at(30, 12))) == 1


def test_a_list_and_how_to_stop(chat: Chat) -> None:
    chat.ask("!erinnern morgen 9 Uhr Eins")
    chat.ask("!erinnern @ben Freitag 9 Uhr Zwei")
    answer = chat.ask("!erinnerungen")
    assert [each["text"] for each in answer.data["reminders"]] == ["Eins", "Zwei"]
    assert "Zwei" in chat.ask("!erinnerung 2 aus").text
    assert len(chat.ask("!reminders").data["reminders"]) == 1
    assert chat.ask("!erinnerung 2 aus").code == "memo-not-found"
    assert chat.ask("!erinnern morgen 9 Uhr Drei").data["reminder"]["number"] == 3


def test_in_a_direct_chat_it_stays_between_us(chat: Chat) -> None:
    chat.ask("erinnern morgen 9 Uhr Geschenk kaufen", ANNA, DIRECT)
    assert chat.ask("!erinnerungen").data["reminders"] == []
    (told,) = chat.wait_until(at(26, 8))
    assert told.room_id == DIRECT
    assert told.mentions == [ANNA]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!erinnern Kuchen", "when-missing-for-memo"),
        ("!erinnern morgen 9 Uhr", "text-missing-for-memo"),
        ("!erinnern 1.1.2020 Kuchen", "time-past"),
        ("!erinnern heute um 8 Kuchen", "time-past"),
        ("!erinnern @niemandda morgen Kuchen", "unknown-person"),
        ("!erinnern morgen " + "x" * 501, "text-too-long"),
    ],
)
def test_what_cannot_be_is_refused(chat: Chat, text: str, code: str) -> None:
    assert chat.ask(text).code == code
    assert chat.ask("!erinnerungen").data["reminders"] == []


def test_quotes_and_html_in_the_words_do_no_harm(chat: Chat) -> None:
    chat.ask('!erinnern morgen 9 Uhr Lied "Jeden Tag" <b>singen</b> @room')
    (told,) = chat.wait_until(at(26, 8))
    assert "<b>singen" not in told.html.replace("<b>Lied", "")
    assert "@room" not in told.text
    again = chat.press(told, "🕐")
    assert again.data["reminder"]["text"] == "Lied 'Jeden Tag' <b>singen</b> @room"
