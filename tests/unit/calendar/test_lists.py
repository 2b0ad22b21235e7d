from __future__ import annotations

from dataclasses import replace

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA, BEN, DIRECT


def test_events_stand_day_by_day(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr in Garten")
    chat.ask("!termin Plenum heute 19 Uhr")
    chat.ask("!termin Zeltlager 1.12. bis 3.12.")
    answer = chat.ask("!termine")
    assert [each["title"] for each in answer.data["events"]] == ["Plenum", "Grillen", "Zeltlager"]
    assert answer.data["total"] == 3
    assert "heute, Mi 25.11." in answer.text
    assert "15:00 Grillen #1" in answer.text
    assert "bis Do 3.12." in answer.text


def test_ranges_in_both_languages(chat: Chat) -> None:
    for day in ("heute 20 Uhr", "Freitag 20 Uhr", "1.12. 20 Uhr", "3.1.2027 20 Uhr", "4.5.2027"):
        chat.ask(f"!termin Treffen {day}")

    def numbers(wanted: str) -> list[int]:
        return [each["number"] for each in chat.ask(wanted).data["events"]]

    assert numbers("!termine heute") == numbers("!events today") == [1]
    assert numbers("!termine morgen") == []
    assert numbers("!termine woche") == numbers("!events this week") == [1, 2]
    assert numbers("!termine nächste Woche") == numbers("!events next week") == [3]
    assert numbers("!termine monat") == [1, 2]
    assert numbers("!termine nächsten Monat") == numbers("!events december") == [3]
    assert numbers("!termine 26.11.-3.1.") == [2, 3, 4]
    assert numbers("!termine mai") == [5]
    assert numbers("!termine 2027") == numbers("!events 2027") == [4, 5]
    assert numbers("!termine KW 49") == numbers("!events kw 49") == [3]
    assert numbers("!termine alle") == [1, 2, 3, 4, 5]
    assert numbers("!termine") == [1, 2, 3, 4]


def test_what_is_on_now_is_still_shown(chat: Chat) -> None:
    chat.ask("!termin Plenum heute 19-21 Uhr")
    chat.wait(hours=10)
    assert len(chat.ask("!termine").data["events"]) == 1
    chat.wait(hours=2)
    assert chat.ask("!termine").data["events"] == []


def test_an_empty_calendar_says_what_to_do(chat: Chat) -> None:
    assert "!termin Sommerfest" in chat.ask("!termine").text


def test_a_direct_chat_shows_all_boxes_but_not_what_one_declined(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    chat.ask("!termin Chor Sonntag 15 Uhr")
    chat.ask("!termin 2 ablehnen")
    answer = chat.ask("termine", ANNA, DIRECT)
    assert [(each["title"], each["box"]) for each in answer.data["events"]] == [
        ("Grillen", "Sommerfest")
    ]


def test_times_are_the_readers_own(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    with chat.store.begin(chat.now) as uow:
        uow.people.save(replace(uow.people.get(BEN), timezone="Europe/London", language="en"))
    answer = chat.ask("!event 1", BEN)
    assert "14:00" in answer.text
    assert "(15:00 Berlin)" in answer.text
    assert answer.event["start"] == "2026-11-28T15:00:00+01:00"
    assert answer.event["timezone"] == "Europe/Berlin"


def test_a_long_list_is_cut_and_says_so(chat: Chat) -> None:
    chat.ask("!termin Frühsport jeden Tag um 7 Uhr")
    answer = chat.ask("!termine alle")
    assert answer.data["total"] == 732
    assert "und 682 weitere" in answer.text


def test_a_series_does_not_hide_the_rest(chat: Chat) -> None:
    chat.ask("!termin Frühsport jeden Tag um 7 Uhr")
    chat.ask("!termin Grillen 20.12. 15 Uhr")
    answer = chat.ask("!termine")
    assert answer.text.count("Frühsport") == 3
    assert "Grillen" in answer.text
    assert answer.data["total"] == 93


def test_an_absurd_range_is_refused(chat: Chat) -> None:
    assert chat.ask("!termine 1.1.1970-31.12.2199").code == "range-too-long"
    assert chat.ask("!termine Quatsch").code == "date-unknown"
