from __future__ import annotations

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA, BEN, CEM


def test_the_buttons_say_who_comes_and_the_message_is_kept_up_to_date(chat: Chat) -> None:
    card = chat.ask("!termin Grillen Samstag 15 Uhr")
    answer = chat.press(card, "👍", BEN)
    assert answer.text.startswith("👍 Ben Meier kommt zu #1 Grillen")
    assert answer.event["attendees"] == [{"user": BEN, "status": "yes"}]
    chat.press(card, "🤔", CEM)
    edit = chat.messages[-1]
    assert edit.edits == card.event_id
    new = edit.content["m.new_content"]
    assert "👍 1: Ben Meier" in new["body"]
    assert "🤔 1: Cem" in new["body"]


def test_the_last_word_counts(chat: Chat) -> None:
    card = chat.ask("!termin Grillen Samstag 15 Uhr")
    chat.press(card, "👍", BEN)
    answer = chat.press(card, "👎", BEN)
    assert answer.event["attendees"] == [{"user": BEN, "status": "no"}]
    assert answer.text.startswith("👎 Ben Meier kann nicht")


def test_saying_the_same_twice_counts_once(chat: Chat) -> None:
    card = chat.ask("!termin Grillen Samstag 15 Uhr")
    chat.press(card, "👍", BEN)
    assert len(chat.press(card, "👍", BEN).event["attendees"]) == 1


def test_words_do_as_well_as_buttons_in_both_languages(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    assert chat.ask("!termin 1 zusagen", BEN).event["attendees"][0]["status"] == "yes"
    assert chat.ask("!event 1 maybe", BEN).event["attendees"][0]["status"] == "maybe"
    assert chat.ask("!termin 1 ablehnen", BEN).event["attendees"][0]["status"] == "no"


def test_for_one_date_of_a_series_only(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 zusagen", BEN)
    answer = chat.ask("!termin 1 ablehnen am 4.12.", BEN)
    assert answer.event["start"] == "2026-12-04T19:00:00+01:00"
    assert answer.event["attendees"] == [{"user": BEN, "status": "no"}]
    listed = chat.ask("!termine 27.11.-11.12.").data["events"]
    assert [each["attendees"][0]["status"] for each in listed] == ["yes", "no", "yes"]


def test_a_word_for_all_takes_back_the_one_for_a_date(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 ablehnen am 4.12.", BEN)
    chat.ask("!termin 1 zusagen", BEN)
    event = chat.event(1)
    assert event is not None
    assert not any(each.answers for each in event.variants)


def test_a_day_on_which_it_is_not_is_refused(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19 Uhr")
    assert chat.ask("!termin 1 zusagen am 5.12.", BEN).code == "no-such-occurrence"


def test_what_is_called_off_needs_no_answer(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr")
    chat.ask("!termin 1 absagen")
    assert chat.ask("!termin 1 zusagen", BEN).code == "event-cancelled"


def test_ones_own_events_are_those_one_comes_to_or_planned(chat: Chat) -> None:
    chat.ask("!termin Grillen Samstag 15 Uhr", ANNA)
    chat.ask("!termin Vorstand Sonntag 15 Uhr", ANNA)
    chat.ask("!termin Chor Montag 15 Uhr", CEM)
    chat.ask("!termin 1 ablehnen", ANNA)
    chat.ask("!termin 3 vielleicht", ANNA)
    mine = chat.ask("!termine ich", ANNA).data["events"]
    assert [each["number"] for each in mine] == [2, 3]


def test_the_message_shows_who_answered_for_one_date_alone(chat: Chat) -> None:
    card = chat.ask("!termin Chor jeden Freitag 19 Uhr")
    chat.ask("!termin 1 ablehnen am 4.12.", CEM)
    edit = chat.messages[-1]
    assert edit.edits == card.event_id
    assert "Fr 4.12.: 👎 1: Cem" in edit.content["m.new_content"]["body"]
