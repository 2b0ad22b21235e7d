from __future__ import annotations

import pytest

from tests.unit.chat import ANNA, BEN, CEM
from tests.unit.tasks.conftest import Chat
from wecreate_module.domain.tasks import Task


@pytest.fixture
def noted(chat: Chat) -> Task:
    chat.ask("!aufgabe Kuchen backen @ben bis Freitag #fest")
    task = chat.task(1)
    assert task is not None
    return task


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("bis Samstag 18 Uhr", "due", "2026-11-28T18:00:00+01:00"),
        ("due saturday 6pm", "due", "2026-11-28T18:00:00+01:00"),
        ("bis nie", "due", None),
        ("due never", "due", None),
        ("bis bis 24.12.", "due", "2026-12-24"),
        ("an mich", "assignees", [BEN, ANNA]),
        ("assign me", "assignees", [BEN, ANNA]),
        ("an @cem", "assignees", [BEN, CEM]),
        ("an Cem und Anna", "assignees", [BEN, CEM, ANNA]),
        ("an nur @cem", "assignees", [CEM]),
        ("an nicht @ben", "assignees", []),
        ("an niemand", "assignees", []),
        ("assign nobody", "assignees", []),
        ("titel Zwei Kuchen bis Freitag", "title", "Zwei Kuchen bis Freitag"),
        ("title Two cakes", "title", "Two cakes"),
        ("priorität hoch", "priority", "high"),
        ("prio niedrig", "priority", "low"),
        ("priority high", "priority", "high"),
        ("label essen #Sommer", "labels", ["fest", "essen", "Sommer"]),
        ("label FEST", "labels", ["fest"]),
        ("label -fest", "labels", []),
        ("label weg", "labels", []),
        ("wiederholen jede Woche", "rrule", "FREQ=WEEKLY"),
        ("repeat every first monday of the month", "rrule", "FREQ=MONTHLY;BYDAY=1MO"),
        ("wiederholen jede Woche bis 24.12.", "rrule", "FREQ=WEEKLY;UNTIL=20261224"),
        ("liste Mehl kaufen", "items", [{"text": "Mehl kaufen", "done": False}]),
        ("item 2 eggs", "items", [{"text": "2 eggs", "done": False}]),
        (
            "liste Mehl\nEier",
            "items",
            [{"text": "Mehl", "done": False}, {"text": "Eier", "done": False}],
        ),
    ],
)
def test_one_thing_is_changed(
    chat: Chat, noted: Task, text: str, field: str, expected: object
) -> None:
    before = chat.ask("!aufgabe 1").task
    answer = chat.ask(f"!aufgabe 1 {text}")
    if answer.result["ok"] is False:
        answer = chat.ask(f"!task 1 {text}")
    assert answer.task[field] == expected
    changed = {name for name in before if before[name] != answer.task[name]}
    assert changed <= {field, "due" if field == "rrule" else field}
    assert noted.number == answer.task["number"]


@pytest.mark.usefixtures("noted")
def test_items_are_ticked_unticked_and_removed(chat: Chat) -> None:
    chat.ask("!aufgabe 1 liste Mehl\nEier\nZucker")
    answer = chat.ask("!aufgabe 1 liste 2 fertig")
    assert [item["done"] for item in answer.task["items"]] == [False, True, False]
    assert "☑ Eier" in answer.text
    assert [i["done"] for i in chat.ask("!task 1 item 1,3 done").task["items"]] == [True] * 3
    assert chat.ask("!aufgabe 1 liste 1 offen").task["items"][0]["done"] is False
    assert [i["text"] for i in chat.ask("!aufgabe 1 liste 2 weg").task["items"]] == [
        "Mehl",
        "Zucker",
    ]
    assert chat.ask("!aufgabe 1 liste 3 fertig").code == "item-not-found"


def test_an_item_gets_another_name_and_keeps_its_tick(chat: Chat) -> None:
    chat.ask("!aufgabe Einkaufen")
    chat.ask("!aufgabe 1 liste Mehl\nEier")
    chat.ask("!aufgabe 1 liste 2 fertig")
    answer = chat.ask("!aufgabe 1 liste 2 titel Zwei Eier")
    assert answer.task["items"] == [
        {"text": "Mehl", "done": False},
        {"text": "Zwei Eier", "done": True},
    ]
    assert chat.ask("!task 1 item 1 rename Flour").task["items"][0]["text"] == "Flour"
    assert chat.ask("!aufgabe 1 liste 5 titel Öl").code == "item-not-found"
    assert chat.ask("!aufgabe 1 liste 2 titel " + "x" * 300).code == "item-too-long"


@pytest.mark.parametrize("word", ["weg", "fertig", "offen"])
def test_what_becomes_of_which_item_is_asked_back(chat: Chat, word: str) -> None:
    chat.ask("!aufgabe Einkaufen")
    assert chat.ask(f"!aufgabe 1 liste {word}").code == "item-missing"
    assert chat.ask("!aufgabe 1").task["items"] == []


@pytest.mark.usefixtures("noted")
def test_a_note_is_written_shown_and_taken_away(chat: Chat) -> None:
    answer = chat.ask("!aufgabe 1 notiz Ohne Nüsse,\n<b>bitte</b>")
    assert "Ohne Nüsse,\n<b>bitte</b>" in answer.text
    assert "&lt;b&gt;bitte" in answer.html
    chat.ask("!aufgabe 1 notiz weg")
    task = chat.task(1)
    assert task is not None
    assert task.description == ""


@pytest.mark.usefixtures("noted")
def test_whoever_gets_a_task_is_mentioned_and_nobody_else(chat: Chat) -> None:
    assert chat.ask("!aufgabe 1 an @cem").mentions == [CEM]
    assert chat.ask("!aufgabe 1 an @cem").mentions == []
    assert chat.ask("!aufgabe 1 an mich").mentions == []
    assert chat.ask("!aufgabe 1").mentions == []


@pytest.mark.usefixtures("noted")
def test_a_task_without_a_date_has_no_repetition(chat: Chat) -> None:
    chat.ask("!aufgabe 1 wiederholen jede Woche")
    assert chat.ask("!aufgabe 1 bis nie").task["rrule"] is None


@pytest.mark.usefixtures("noted")
def test_a_rule_with_days_of_its_own_sets_the_date(chat: Chat) -> None:
    answer = chat.ask("!aufgabe 1 wiederholen jeden 1. Montag im Monat um 19 Uhr")
    assert answer.task["due"] == "2026-12-07T19:00:00+01:00"
    assert "jeden ersten Montag im Monat" in answer.text
    assert chat.ask("!aufgabe 1 wiederholen nie").task["rrule"] is None


@pytest.mark.usefixtures("noted")
def test_what_is_missing_is_asked_for(chat: Chat) -> None:
    assert chat.ask("!aufgabe 1 bis").text.startswith("Bis wann?")
    assert chat.ask("Samstag").task["due"] == "2026-11-28"


@pytest.mark.usefixtures("noted")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bis 31.02.", "date-impossible"),
        ("bis irgendwann", "date-unknown"),
        ("bis 1.1.2020", "date-past"),
        ("an @niemandda", "unknown-person"),
        ("an @dora:fern.example", "not-a-member"),
        ("titel " + "x" * 300, "text-too-long"),
        ("notiz " + "x" * 5000, "text-too-long"),
        ("liste " + "x" * 300, "item-too-long"),
        ("label " + "x" * 50, "label-too-long"),
        ("priorität lila", "unknown-choice"),
        ("wiederholen manchmal", "recurrence-unknown"),
        ("wiederholen jeden 31.02.", "date-impossible"),
        ("liste 9 fertig", "item-not-found"),
        ("erinnern 31.02.", "date-impossible"),
        ("erinnern 24.12.2020", "time-past"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(chat: Chat, text: str, code: str) -> None:
    before = chat.task(1)
    answer = chat.ask(f"!aufgabe 1 {text}")
    assert answer.code == code
    assert "\n" not in answer.text
    assert len(answer.text) < 300
    assert chat.task(1) == before


@pytest.mark.usefixtures("noted")
def test_a_misspelt_change_is_asked_about_and_makes_no_new_task(chat: Chat) -> None:
    assert chat.ask("!aufgabe 1 erinern morgen").result["ok"] is False
    assert chat.task(2) is None


@pytest.mark.usefixtures("noted")
def test_changing_nothing_is_no_fault(chat: Chat) -> None:
    before = chat.task(1)
    assert chat.ask("!aufgabe 1 bis Freitag").result["ok"] is True
    assert chat.task(1) == before


def test_a_minus_takes_people_off_a_task(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @ben @mich")
    assert chat.ask("!aufgabe 1 an -@ben").task["assignees"] == [ANNA]
    assert chat.ask("!aufgabe 1 an -@niemandda").code == "unknown-person"
    assert chat.ask("!aufgabe 1").task["assignees"] == [ANNA]
