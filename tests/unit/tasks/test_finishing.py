from __future__ import annotations

import pytest

from tests.unit.chat import ANNA, BEN
from tests.unit.tasks.conftest import Chat
from wecreate_module.domain.tasks import TaskStatus


def test_a_task_is_finished_by_its_number(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen backen")
    answer = chat.ask("!erledigt 1", BEN)
    assert answer.task["status"] == "done"
    assert answer.text.startswith("✅ #1 Kuchen backen ist erledigt.")
    task = chat.task(1)
    assert task is not None
    assert (task.finished_by, task.finished_at) == (BEN, chat.now)


@pytest.mark.parametrize("text", ["!done 1", "!done #1", "!task 1 done", "!aufgabe 1 erledigt"])
def test_there_are_several_ways_to_say_it(chat: Chat, text: str) -> None:
    chat.ask("!aufgabe Kuchen backen")
    assert chat.ask(text).task["status"] == "done"


def test_several_are_finished_at_once(chat: Chat) -> None:
    for title in ("eins", "zwei", "drei"):
        chat.ask(f"!aufgabe {title}")
    answer = chat.ask("!erledigt 1, 3")
    assert [(task["number"], task["status"]) for task in answer.data["tasks"]] == [
        (1, "done"),
        (3, "done"),
    ]
    assert answer.text.count("ist erledigt") == 2
    assert [task["number"] for task in chat.ask("!aufgaben").data["tasks"]] == [2]


def test_when_one_of_several_does_not_exist_none_is_finished(chat: Chat) -> None:
    chat.ask("!aufgabe eins")
    assert chat.ask("!erledigt 1 999").code == "task-not-found"
    task = chat.task(1)
    assert task is not None
    assert task.status is TaskStatus.OPEN


def test_finishing_twice_is_no_fault_and_names_the_first(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen backen")
    chat.ask("!erledigt 1", BEN)
    answer = chat.ask("!erledigt 1", ANNA)
    assert "war schon erledigt" in answer.text
    task = chat.task(1)
    assert task is not None
    assert task.finished_by == BEN


def test_the_buttons_finish_and_take_and_open_again(chat: Chat) -> None:
    noted = chat.ask("!aufgabe Kuchen backen")
    assert noted.buttons == {"✅": "!erledigt 1", "🙋": "!aufgabe 1 an mich"}
    assert chat.press(noted, "🙋", BEN).task["assignees"] == [BEN]
    assert chat.press(noted, "🙋", ANNA).task["assignees"] == [BEN, ANNA]
    finished = chat.press(noted, "✅", BEN)
    assert finished.task["status"] == "done"
    assert finished.buttons == {"↩️": "!aufgabe 1 offen"}
    assert chat.press(finished, "↩️").task["status"] == "open"


def test_a_finished_task_is_opened_again(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen backen")
    chat.ask("!erledigt 1")
    assert chat.ask("!task 1 reopen").task["status"] == "open"
    task = chat.task(1)
    assert task is not None
    assert task.finished_by is None
    assert task.finished_at is None


def test_the_next_of_a_series_appears_with_a_new_number(chat: Chat) -> None:
    chat.ask("!aufgabe Gießen @ben #garten jeden Freitag um 18 Uhr")
    chat.ask("!aufgabe 1 liste Kanne füllen")
    chat.ask("!aufgabe 1 liste 1 fertig")
    answer = chat.ask("!erledigt 1")
    assert answer.task["status"] == "done"
    (again,) = answer.data["next"]
    assert again["number"] == 2
    assert again["due"] == "2026-12-04T18:00:00+01:00"
    assert again["assignees"] == [BEN]
    assert again["labels"] == ["garten"]
    assert again["rrule"] == "FREQ=WEEKLY;BYDAY=FR"
    assert again["items"] == [{"text": "Kanne füllen", "done": False}]
    assert "#2" in answer.text


def test_opening_one_of_a_series_again_does_not_double_it(chat: Chat) -> None:
    chat.ask("!aufgabe Gießen jeden Freitag")
    chat.ask("!erledigt 1")
    chat.ask("!aufgabe 1 offen")
    assert "next" not in chat.ask("!erledigt 1").data
    assert [task["number"] for task in chat.ask("!aufgaben").data["tasks"]] == [2]


def test_a_series_ends_after_its_count(chat: Chat) -> None:
    chat.ask("!aufgabe Gießen täglich 2 mal")
    assert chat.ask("!erledigt 1").data["next"][0]["rrule"] == "FREQ=DAILY;COUNT=1"
    assert "next" not in chat.ask("!erledigt 2").data


def test_a_cancelled_task_stays_to_be_read_and_ends_its_series(chat: Chat) -> None:
    chat.ask("!aufgabe Gießen jeden Freitag")
    answer = chat.ask("!aufgabe 1 streichen")
    assert answer.task["status"] == "cancelled"
    assert "next" not in answer.data
    assert chat.ask("!tasks cancelled").data["tasks"][0]["number"] == 1
    assert chat.ask("!aufgaben").data["tasks"] == []


def test_a_deleted_task_is_gone_and_its_number_is_not_used_again(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen")
    assert "gelöscht" in chat.ask("!aufgabe 1 löschen").text
    assert chat.ask("!aufgabe 1").code == "task-not-found"
    assert chat.ask("!aufgabe Torte").task["number"] == 2


def test_only_its_author_or_a_moderator_deletes_a_task(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen", ANNA)
    answer = chat.ask("!aufgabe 1 löschen", BEN)
    assert answer.code == "task-delete-not-allowed"
    assert "Anna" in answer.text
    chat.ask("!aufgabe Torte", BEN)
    assert chat.ask("!aufgabe 2 löschen", ANNA).task["title"] == "Torte"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!erledigt 999", "task-not-found"),
        ("!erledigt eins", "not-a-number"),
        ("!erledigt 99999999999999999999", "not-a-number"),
        ("!erledigt 0", "task-not-found"),
        ("!aufgabe 999", "task-not-found"),
        ("!aufgabe 999 bis morgen", "task-not-found"),
        ("!aufgabe 999 löschen", "task-not-found"),
        ("!aufgabe 999 offen", "task-not-found"),
    ],
)
def test_a_task_that_does_not_exist_is_said_to(chat: Chat, text: str, code: str) -> None:
    answer = chat.ask(text)
    assert answer.code == code
    assert "\n" not in answer.text


def test_a_reply_to_a_tasks_message_needs_no_number(chat: Chat) -> None:
    chat.ask("!aufgabe Zelt")
    card = chat.ask("!aufgabe Kuchen backen bis 26.11.")
    shown = chat.ask("!aufgabe 1")
    assert chat.reply(card.event_id, "!erledigt", BEN).task["number"] == 2
    assert chat.reply(shown.event_id, "!erledigt", BEN).task["number"] == 1


def test_so_does_one_to_the_message_that_noted_it_and_to_its_reminder(chat: Chat) -> None:
    chat.ask("!aufgabe Zelt")
    assert chat.reply("$in1", "!erledigt").task["number"] == 1
    chat.ask("!aufgabe Kuchen backen bis 26.11.")
    (reminder,) = chat.wait(days=1)
    assert chat.reply(reminder.event_id, "!erledigt").task["number"] == 2


def test_a_reply_to_something_else_is_asked_which(chat: Chat) -> None:
    chat.ask("!aufgabe Zelt")
    answer = chat.reply("$somebody", "!erledigt")
    assert answer.text.startswith("Welche Aufgabe")
    assert chat.ask("1").task["status"] == "done"


def test_a_typed_number_counts_more_than_what_was_replied_to(chat: Chat) -> None:
    card = chat.ask("!aufgabe Zelt")
    chat.ask("!aufgabe Kuchen")
    assert chat.reply(card.event_id, "!erledigt 2").task["number"] == 2
