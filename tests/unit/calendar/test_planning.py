from __future__ import annotations

import pytest

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA, BEN


def test_an_event_is_planned_with_all_that_was_said(chat: Chat) -> None:
    answer = chat.ask("!termin Grillen Samstag 15-18 Uhr in Garten jede Woche\nBringt Teller mit")
    assert answer.event == {
        "number": 1,
        "title": "Grillen",
        "start": "2026-11-28T15:00:00+01:00",
        "end": "2026-11-28T18:00:00+01:00",
        "all_day": False,
        "location": "Garten",
        "rrule": "FREQ=WEEKLY",
        "timezone": "Europe/Berlin",
        "attendees": [],
        "status": "confirmed",
        "description": "Bringt Teller mit",
    }
    assert answer.result["command"] == "event"
    assert "#1 Grillen" in answer.text
    assert "Sa 28.11., 15:00\u201318:00" in answer.text
    assert "jede Woche" in answer.text
    assert answer.buttons == {
        "👍": "!termin 1 zusagen",
        "👎": "!termin 1 ablehnen",
        "🤔": "!termin 1 vielleicht",
    }


def test_the_same_in_english(chat: Chat) -> None:
    answer = chat.ask("!event Barbecue saturday 3-6pm at the garden every week")
    assert answer.event["title"] == "Barbecue"
    assert answer.event["start"] == "2026-11-28T15:00:00+01:00"
    assert answer.event["end"] == "2026-11-28T18:00:00+01:00"
    assert answer.event["location"] == "garden"
    assert answer.event["rrule"] == "FREQ=WEEKLY"


@pytest.mark.parametrize(
    ("text", "title", "start", "end", "place", "rrule"),
    [
        (
            "Vorstand letzter Donnerstag im Monat 19 Uhr",
            "Vorstand",
            "2026-11-26T19:00:00+01:00",
            "2026-11-26T20:00:00+01:00",
            "",
            "FREQ=MONTHLY;BYDAY=-1TH",
        ),
        (
            "Kaffee jeden Freitag um 11",
            "Kaffee",
            "2026-11-27T11:00:00+01:00",
            "2026-11-27T12:00:00+01:00",
            "",
            "FREQ=WEEKLY;BYDAY=FR",
        ),
        (
            "Chorprobe jeden Dienstag 19-21 Uhr im Gemeindehaus",
            "Chorprobe",
            "2026-12-01T19:00:00+01:00",
            "2026-12-01T21:00:00+01:00",
            "Gemeindehaus",
            "FREQ=WEEKLY;BYDAY=TU",
        ),
        ("Zeltlager 1.-3.5. am See", "Zeltlager", "2027-05-01", "2027-05-04", "am See", None),
        ("Weihnachten 24.12. ganztägig", "Weihnachten", "2026-12-24", "2026-12-25", "", None),
        ("Silvester 31.12. bis 1.1.", "Silvester", "2026-12-31", "2027-01-02", "", None),
        (
            "Nachtwache Samstag 22 Uhr bis 2 Uhr",
            "Nachtwache",
            "2026-11-28T22:00:00+01:00",
            "2026-11-29T02:00:00+01:00",
            "",
            None,
        ),
        (
            "Lesung in 2 Wochen 19 Uhr 2 Stunden in der Bücherei",
            "Lesung",
            "2026-12-09T19:00:00+01:00",
            "2026-12-09T21:00:00+01:00",
            "Bücherei",
            None,
        ),
        (
            "morgen 18 Uhr Treffen im Saal",
            "Treffen",
            "2026-11-26T18:00:00+01:00",
            "2026-11-26T19:00:00+01:00",
            "Saal",
            None,
        ),
        (
            "Grillen Samstag 15 Uhr mit Kindern im Garten",
            "Grillen mit Kindern",
            "2026-11-28T15:00:00+01:00",
            "2026-11-28T16:00:00+01:00",
            "Garten",
            None,
        ),
    ],
)
def test_title_time_place_and_repetition_are_understood(
    chat: Chat, text: str, title: str, start: str, end: str, place: str, rrule: str | None
) -> None:
    event = chat.ask(f"!termin {text}").event
    assert (event["title"], event["start"], event["end"]) == (title, start, end)
    assert (event["location"], event["rrule"]) == (place, rrule)


def test_without_a_date_it_is_asked_for(chat: Chat) -> None:
    question = chat.ask("!termin Grillen")
    assert question.text.startswith("Wann ist „Grillen“?")
    assert chat.event(1) is None
    answer = chat.ask("Samstag 15 Uhr")
    assert answer.event["title"] == "Grillen"
    assert answer.event["start"] == "2026-11-28T15:00:00+01:00"


def test_another_event_at_the_same_time_is_mentioned(chat: Chat) -> None:
    chat.ask("!termin Chor jeden Freitag 19-21 Uhr")
    answer = chat.ask("!termin Vorstand 4.12. 20 Uhr", BEN)
    assert "Zur selben Zeit: #1 Chor" in answer.text
    assert [each["number"] for each in answer.data["conflicts"]] == [1]
    assert "conflicts" not in chat.ask("!termin Vorstand 4.12. 21 Uhr").data


def test_an_event_is_shown_again(chat: Chat) -> None:
    planned = chat.ask("!termin Grillen Samstag 15 Uhr")
    assert chat.ask("!termin 1").event == planned.event


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!termin Samstag 15 Uhr", "title-missing"),
        ("!termin Grillen 31.02. 15 Uhr", "date-impossible"),
        ("!termin Grillen 1.1.2020", "date-past"),
        ("!termin Grillen 5.12.2026 bis 3.12.2026", "end-before-start"),
        ("!termin Grillen 1.1.2027 bis 3.3.2029", "event-too-long"),
        ("!termin Grillen Samstag 15 Uhr alle 0 Tage", "interval-impossible"),
        ("!termin " + "x" * 251 + " Samstag", "title-too-long"),
        ("!termin Grillen Samstag\n" + "x" * 4001, "note-too-long"),
        ("!termin 99", "event-not-found"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_changes_nothing(
    chat: Chat, text: str, code: str
) -> None:
    answer = chat.ask(text)
    assert answer.code == code
    assert "\n" not in answer.text
    assert chat.event(1) is None


def test_html_and_mentions_in_titles_stay_text(chat: Chat) -> None:
    answer = chat.ask("!termin <script>x</script> @room {title} Samstag 15 Uhr in <b>Ort</b>", ANNA)
    assert "<script>" not in answer.html
    assert "<b>Ort" not in answer.html
    assert "@room" not in answer.text
    assert "{title}" in answer.text
