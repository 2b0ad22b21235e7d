from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.chat import ANNA, BEN, CEM
from tests.unit.tasks.conftest import Chat


def test_a_task_is_noted_with_all_that_was_said(chat: Chat) -> None:
    answer = chat.ask("!aufgabe Kuchen backen @ben bis Freitag 18 Uhr #fest !hoch jede Woche")
    assert answer.task == {
        "number": 1,
        "title": "Kuchen backen",
        "status": "open",
        "due": "2026-11-27T18:00:00+01:00",
        "assignees": [BEN],
        "labels": ["fest"],
        "priority": "high",
        "rrule": "FREQ=WEEKLY",
        "items": [],
    }
    assert answer.result["command"] == "task"
    assert "#1 Kuchen backen" in answer.text
    assert "Fr 27.11., 18:00" in answer.text
    assert "jede Woche" in answer.text
    assert answer.mentions == [BEN]


def test_the_same_in_english(chat: Chat) -> None:
    answer = chat.ask("!task Bake a cake @ben due friday 6pm #party !high every week")
    assert answer.task["title"] == "Bake a cake"
    assert answer.task["due"] == "2026-11-27T18:00:00+01:00"
    assert answer.task["rrule"] == "FREQ=WEEKLY"
    assert answer.task["priority"] == "high"


def test_a_title_is_enough(chat: Chat) -> None:
    answer = chat.ask("!aufgabe Kuchen backen")
    assert answer.task["due"] is None
    assert answer.task["assignees"] == []
    assert answer.task["priority"] == "normal"
    assert answer.mentions == []


@pytest.mark.parametrize(
    ("text", "title", "due", "rrule"),
    [
        ("Gießen jede Woche", "Gießen", "2026-11-25", "FREQ=WEEKLY"),
        ("Gießen bis Freitag jede Woche", "Gießen", "2026-11-27", "FREQ=WEEKLY"),
        ("Gießen jede Woche bis Freitag", "Gießen", "2026-11-27", "FREQ=WEEKLY"),
        ("Gießen täglich bis Freitag", "Gießen", "2026-11-25", "FREQ=DAILY;UNTIL=20261127"),
        (
            "Gießen jeden Freitag um 11",
            "Gießen",
            "2026-11-27T11:00:00+01:00",
            "FREQ=WEEKLY;BYDAY=FR",
        ),
        ("jeden Montag Müll raus", "Müll raus", "2026-11-30", "FREQ=WEEKLY;BYDAY=MO"),
        (
            "Vorstand letzter Donnerstag im Monat 19 Uhr",
            "Vorstand",
            "2026-11-26T19:00:00+01:00",
            "FREQ=MONTHLY;BYDAY=-1TH",
        ),
        ("Miete jeden Monat bis 31.12.", "Miete", "2026-12-31", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        (
            "Miete bis 1.12. 18 Uhr jeden Monat",
            "Miete",
            "2026-12-01T18:00:00+01:00",
            "FREQ=MONTHLY",
        ),
        (
            "Gießen bis Freitag jede Woche um 18 Uhr",
            "Gießen",
            "2026-11-27T18:00:00+01:00",
            "FREQ=WEEKLY",
        ),
        ("bis Freitag Kuchen backen", "Kuchen backen", "2026-11-27", None),
        ("Kuchen für Samstag", "Kuchen für Samstag", None, None),
        ("3 Kuchen backen", "3 Kuchen backen", None, None),
    ],
)
def test_dates_and_repetitions_may_stand_anywhere(
    chat: Chat, text: str, title: str, due: str | None, rrule: str | None
) -> None:
    task = chat.ask(f"!aufgabe {text}").task
    assert (task["title"], task["due"], task["rrule"]) == (title, due, rrule)


def test_marks_may_stand_anywhere(chat: Chat) -> None:
    task = chat.ask("!aufgabe #fest @ben Kuchen !niedrig backen @cem #essen bis morgen").task
    assert task["title"] == "Kuchen backen"
    assert task["assignees"] == [BEN, CEM]
    assert task["labels"] == ["fest", "essen"]
    assert task["priority"] == "low"
    assert task["due"] == "2026-11-26"


def test_further_lines_are_the_note(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen backen bis morgen\nOhne Nüsse\nbitte")
    task = chat.task(1)
    assert task is not None
    assert task.title == "Kuchen backen"
    assert task.description == "Ohne Nüsse\nbitte"


def test_a_name_of_two_words_is_one_person(chat: Chat) -> None:
    task = chat.ask("!aufgabe Kuchen @Ben Meier backen @Cem").task
    assert task["assignees"] == [BEN, CEM]
    assert task["title"] == "Kuchen backen"


def test_a_link_to_a_person_is_that_person(chat: Chat) -> None:
    html = '!aufgabe Kuchen <a href="https://matrix.to/#/@ben:w.example">Ben M.</a> bis morgen'
    task = chat.ask_formatted("!aufgabe Kuchen Ben M. bis morgen", html).task
    assert (task["title"], task["assignees"], task["due"]) == ("Kuchen", [BEN], "2026-11-26")


def test_me_is_whoever_writes(chat: Chat) -> None:
    answer = chat.ask("!aufgabe Kuchen backen @mich", BEN)
    assert answer.task["assignees"] == [BEN]
    assert answer.mentions == []


def test_an_emoji_may_be_in_a_title_but_not_alone_a_sign(chat: Chat) -> None:
    assert chat.ask("!aufgabe 🎂 backen").task["title"] == "🎂 backen"
    assert chat.ask("!aufgabe ???").code == "title-missing"


def test_a_number_that_is_none_is_no_title(chat: Chat) -> None:
    assert chat.ask("!aufgabe -1").code == "title-missing"
    assert chat.ask("!aufgabe 12345678901").code == "title-missing"


def test_the_and_between_two_people_is_not_of_the_title(chat: Chat) -> None:
    task = chat.ask("!aufgabe Tisch @ben und @mich bis morgen").task
    assert (task["title"], task["assignees"]) == ("Tisch", [BEN, ANNA])
    task = chat.ask("!aufgabe Tisch @ben und Stühle").task
    assert (task["title"], task["assignees"]) == ("Tisch und Stühle", [BEN])


def test_words_of_the_title_are_no_second_date(chat: Chat) -> None:
    task = chat.ask("!aufgabe Band 1 bis Ende lesen bis Freitag !hoch !wichtig").task
    assert (task["title"], task["due"]) == ("Band 1 bis Ende lesen", "2026-11-27")
    assert task["priority"] == "high"
    assert chat.ask("!aufgabe Plan Montag bis Freitag bis 1.12.").task["title"] == (
        "Plan Montag bis Freitag"
    )


def test_a_missing_title_is_asked_for_and_the_answer_taken(chat: Chat) -> None:
    question = chat.ask("!aufgabe")
    assert question.text.startswith("Was ist zu tun?")
    answer = chat.ask("Kuchen backen bis morgen")
    assert answer.task["title"] == "Kuchen backen"
    assert answer.task["due"] == "2026-11-26"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!aufgabe bis Freitag", "title-missing"),
        ("!aufgabe Kuchen bis 31.02.", "date-impossible"),
        ("!aufgabe Kuchen bis 25 Uhr", "time-impossible"),
        ("!aufgabe Kuchen bis morgen bis Freitag", "two-dates"),
        ("!task Cake due tomorrow by friday 6pm", "two-dates"),
        ("!aufgabe Kuchen !hoch !niedrig", "two-priorities"),
        ("!aufgabe Kuchen bis 24.12.99999", "year-impossible"),
        ("!aufgabe Kuchen bis 24.12.2020", "date-past"),
        ("!aufgabe Kuchen bis Fritag", "date-unknown"),
        ("!aufgabe Kuchen alle 0 Tage", "interval-impossible"),
        ("!aufgabe Kuchen @niemandda", "unknown-person"),
        ("!aufgabe Kuchen @dora:fern.example", "not-a-member"),
        ("!aufgabe Kuchen @room", "unknown-person"),
        ("!aufgabe Kuchen " + "@ben " * 21, "too-many-assignees"),
        ("!aufgabe " + "x" * 251, "title-too-long"),
        ("!aufgabe " + "x " * 3000, "title-too-long"),
        ("!aufgabe Kuchen #" + "a" * 41, "label-too-long"),
        ("!aufgabe Kuchen " + " ".join(f"#l{n}" for n in range(11)), "too-many-labels"),
        ("!aufgabe Kuchen\n" + "x" * 4001, "note-too-long"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_changes_nothing(
    chat: Chat, text: str, code: str
) -> None:
    answer = chat.ask(text)
    assert answer.code == code
    assert answer.result["error"]["message"] == answer.text.replace("\u200b", "")
    assert len(answer.text) < 300
    assert "\n" not in answer.text
    assert chat.task(1) is None
    assert chat.ask("!aufgabe Kuchen").task["number"] == 1


def test_ten_thousand_signs_are_refused(chat: Chat) -> None:
    answer = chat.ask("!aufgabe " + "Kuchen " * 1500)
    assert answer.result["ok"] is False
    assert chat.task(1) is None


def test_html_and_mentions_in_a_title_stay_text(chat: Chat) -> None:
    answer = chat.ask('!aufgabe <script>alert(1)</script> <a href="x">@room</a> & {title} %s {0}')
    assert "<script>" not in answer.html
    assert "&lt;script&gt;" in answer.html
    assert answer.content["m.mentions"] == {}
    assert "@room" not in answer.text
    listing = chat.ask("!aufgaben")
    assert "<script>" not in listing.html
    assert "{title} %s {0}" in listing.text


def test_signs_that_turn_text_around_are_taken_out(chat: Chat) -> None:
    assert chat.ask("!aufgabe Kuchen \u202egnagsua\u202c da").task["title"] == "Kuchen gnagsua da"


def test_the_answer_is_in_the_language_of_the_reader(chat: Chat) -> None:
    with chat.store.begin(chat.now) as uow:
        uow.people.save(replace(uow.people.get(ANNA), language="en"))
    assert chat.ask("!aufgabe Kuchen bis Freitag").text.startswith("Noted:")
    assert chat.ask("!aufgabe Kuchen bis Freitag", BEN).text.startswith("Notiert:")


def test_dates_are_those_of_the_person_who_writes(chat: Chat) -> None:
    with chat.store.begin(chat.now) as uow:
        uow.people.save(replace(uow.people.get(ANNA), timezone="America/New_York"))
    chat.now = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # Wednesday evening there, Thursday here
    assert chat.ask("!aufgabe Kuchen bis heute").task["due"] == "2026-11-25"
    series = chat.ask("!aufgabe Gießen jeden Freitag um 18 Uhr").task
    assert series["due"] == "2026-11-27T18:00:00-05:00"
    (again,) = chat.ask("!erledigt 2", BEN).data["next"]
    assert again["due"] == "2026-12-05T00:00:00+01:00"
    task = chat.task(3)
    assert task is not None
    assert isinstance(task.due, datetime)
    assert task.due == datetime(2026, 12, 4, 23, tzinfo=UTC)
