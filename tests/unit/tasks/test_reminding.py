from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bots.kit import dispatch
from tests.unit.chat import ANNA, BEN, BOT, CEM, DIRECT, ROOM
from tests.unit.tasks.conftest import Chat
from wecreate_module.domain.boxes import BoxState


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, before which the clocks went back."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


def test_people_are_reminded_on_the_morning_of_the_day(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @ben @cem bis Freitag")
    assert chat.wait_until(berlin(27, 7, 59)) == []
    (message,) = chat.wait_until(berlin(27, 8))
    assert message.room_id == ROOM
    assert message.mentions == [BEN, CEM]
    assert "#1 Kuchen" in message.text
    assert "heute" in message.text
    assert message.data["task"]["number"] == 1
    assert chat.wait(days=30) == []


def test_with_a_time_they_are_reminded_then_as_well(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @ben bis Freitag 18 Uhr")
    assert len(chat.wait_until(berlin(27, 8))) == 1
    assert chat.wait_until(berlin(27, 17, 59)) == []
    assert len(chat.wait_until(berlin(27, 18))) == 1


def test_nobody_is_reminded_twice_within_an_hour(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen bis Freitag 8:30")
    assert len(chat.wait(days=7)) == 1


def test_without_assignees_the_author_is_reminded(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen bis morgen", CEM)
    (message,) = chat.wait(days=1)
    assert message.mentions == [CEM]


def test_whoever_left_the_box_is_not_mentioned(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @ben @cem bis morgen")
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(ROOM, BEN, "leave", None)
    (message,) = chat.wait(days=1)
    assert message.mentions == [CEM]


@pytest.mark.parametrize(
    "text",
    [
        "!erledigt 1",
        "!aufgabe 1 löschen",
        "!aufgabe 1 streichen",
        "!aufgabe 1 bis nie",
        "!aufgabe 1 erinnern aus",
    ],
)
def test_what_is_settled_reminds_nobody(chat: Chat, text: str) -> None:
    chat.ask("!aufgabe Kuchen bis Freitag 18 Uhr")
    chat.ask("!aufgabe 1 bis Samstag 18 Uhr")
    chat.ask(text)
    assert chat.wait(days=30) == []


def test_reminders_follow_the_date(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen bis Freitag")
    chat.ask("!aufgabe 1 bis Samstag")
    assert chat.wait_until(berlin(27, 23)) == []
    assert len(chat.wait_until(berlin(28, 8))) == 1


def test_opening_again_reminds_again(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen bis Freitag")
    chat.ask("!erledigt 1")
    chat.ask("!aufgabe 1 offen")
    assert len(chat.wait(days=7)) == 1


def test_the_next_of_a_series_reminds_too(chat: Chat) -> None:
    chat.ask("!aufgabe Gießen jeden Freitag")
    chat.ask("!erledigt 1")
    assert chat.wait_until(berlin(30, 12)) == []
    (message,) = chat.wait(days=7)
    assert message.data["task"]["number"] == 2


def test_a_reminder_can_be_put_off(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @ben bis morgen")
    (message,) = chat.wait_until(berlin(26, 8))
    assert list(message.buttons) == ["✅", "⏰", "🌙"]
    answer = chat.press(message, "⏰", CEM)
    assert answer.data["remind_at"] == "2026-11-26T09:00:00+01:00"
    (again,) = chat.wait_until(berlin(26, 9))
    assert again.mentions == [CEM]
    answer = chat.press(again, "🌙", CEM)
    assert answer.data["remind_at"] == "2026-11-27T08:00:00+01:00"
    assert len(chat.wait(days=2)) == 1


def test_putting_off_twice_reminds_once(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen")
    for _ in range(3):
        chat.ask("!aufgabe 1 erinnern morgen 9 Uhr")
    assert len(chat.wait(days=2)) == 1


def test_a_reminder_asked_for_stays_when_the_date_changes(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen bis Samstag")
    chat.ask("!aufgabe 1 erinnern morgen 9 Uhr", BEN)
    chat.ask("!aufgabe 1 bis Sonntag")
    (message,) = chat.wait_until(berlin(26, 9))
    assert message.mentions == [BEN]


def test_a_finished_task_has_no_reminder(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen")
    chat.ask("!erledigt 1")
    assert chat.ask("!aufgabe 1 erinnern morgen").code == "task-not-open"


def test_an_archived_box_keeps_quiet(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen bis morgen")
    with chat.store.begin(chat.now) as uow:
        uow.boxes.update(replace(chat.box, state=BoxState.ARCHIVED))
    assert chat.wait(days=3) == []
    assert chat.ask("!aufgabe Saft").code == "box-archived"
    assert chat.ask("!aufgaben").data["total"] == 1


def test_reminders_are_at_the_same_time_when_the_clocks_change(chat: Chat) -> None:
    chat.now = datetime(2027, 3, 26, 12, tzinfo=UTC)
    chat.ask("!aufgabe Kuchen bis Sonntag")  # the night the clocks go forward
    assert chat.wait_until(datetime(2027, 3, 28, 5, 59, tzinfo=UTC)) == []
    assert len(chat.wait_until(datetime(2027, 3, 28, 6, 0, tzinfo=UTC))) == 1


def test_each_morning_people_hear_what_is_due_if_they_wish(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @anna bis Freitag")
    chat.ask("!aufgabe Fernes @anna bis 24.12.")
    chat.ask("!aufgabe Fremdes @ben bis Freitag")
    answer = chat.ask("!aufgaben täglich 7:30")
    assert answer.data == {"daily": "07:30"}
    (message,) = [m for m in chat.wait_until(berlin(26, 7, 30)) if m.room_id == DIRECT]
    assert [task["number"] for task in message.data["tasks"]] == [1]
    assert "Guten Morgen" in message.text
    assert message.mentions == [ANNA]
    assert [m for m in chat.wait(days=1) if m.room_id == DIRECT]


def test_on_mornings_without_tasks_nothing_is_said_and_the_next_is_planned(chat: Chat) -> None:
    chat.ask("!tasks daily 7:30")
    assert chat.wait(days=2) == []
    chat.ask("!aufgabe Kuchen @anna bis morgen")
    assert [m for m in chat.wait(days=1) if m.room_id == DIRECT]


@pytest.mark.parametrize("text", ["!aufgaben täglich aus", "!tasks daily off"])
def test_the_daily_list_ends_on_wish(chat: Chat, text: str) -> None:
    chat.ask("!aufgabe Kuchen @anna bis Freitag")
    chat.ask("!aufgaben täglich 7:30")
    assert chat.ask(text).data == {"daily": None}
    assert [m for m in chat.wait(days=1) if m.room_id == DIRECT] == []


def test_the_daily_list_needs_a_direct_chat_and_a_time(chat: Chat) -> None:
    assert chat.ask("!aufgaben täglich 7:30", BEN).code == "no-direct-chat"
    assert chat.ask("!aufgaben täglich 25:00").code == "time-impossible"
    assert chat.ask("!aufgaben täglich Freitag").code in {"time-missing", "date-unknown"}
    assert chat.ask("!aufgaben täglich 7 Uhr").data == {"daily": "07:00"}
    assert chat.ask("!aufgaben täglich 7").data == {"daily": "07:00"}


def test_a_daily_list_whose_chain_broke_goes_on_after_the_next_start(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @anna bis Freitag")
    chat.ask("!aufgaben täglich 7:30")
    with chat.store.begin(chat.now) as uow:
        uow.schedule.cancel(None, f"digest:{ANNA}")
    for _ in range(2):
        with chat.store.begin(chat.now) as uow:
            dispatch.started(chat.app, uow, chat.now)
    assert len([m for m in chat.wait_until(berlin(26, 7, 30)) if m.room_id == DIRECT]) == 1


def test_setting_the_daily_time_anew_replaces_the_old_one(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen @anna bis Freitag")
    chat.ask("!aufgaben täglich 7:30")
    chat.ask("!aufgaben täglich 6")
    sent = [m for m in chat.wait_until(berlin(26, 7, 59)) if m.room_id == DIRECT]
    assert len(sent) == 1
    assert BOT not in sent[0].mentions
