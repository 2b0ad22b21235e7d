from __future__ import annotations

from dataclasses import replace

import pytest

from bots.tasks.lists import MOST_SHOWN
from tests.unit.chat import ANNA, BEN, BOT, DIRECT, ROOM, words
from tests.unit.tasks.conftest import Chat
from wecreate_module.domain.effects import SetState
from wecreate_module.domain.matrix import RESULT
from wecreate_module.storage.rooms import Room


@pytest.fixture
def full(chat: Chat) -> Chat:
    """One of each kind; today is Wednesday."""
    chat.now = chat.now.replace(day=23)
    chat.ask("!aufgabe Überfälliges @anna bis Dienstag")
    chat.now = chat.now.replace(day=25)
    chat.ask("!aufgabe Heutiges @ben #fest bis heute 18 Uhr")
    chat.ask("!aufgabe Wochenende bis Sonntag")
    chat.ask("!aufgabe Montägliches @anna @ben !hoch bis nächsten Montag")
    chat.ask("!aufgabe Irgendwann #fest")
    chat.ask("!aufgabe Erledigtes @ben")
    chat.ask("!erledigt 6")
    return chat


def numbers(chat: Chat, text: str, sender: str = ANNA) -> list[int]:
    return [task["number"] for task in chat.ask(text, sender).data["tasks"]]


def test_open_tasks_stand_in_groups_in_their_order(full: Chat) -> None:
    answer = full.ask("!aufgaben")
    assert [task["number"] for task in answer.data["tasks"]] == [1, 2, 3, 4, 5]
    assert answer.result["command"] == "tasks"
    lines = answer.text.splitlines()
    assert lines[0] == "5 offene Aufgaben"
    headings = [line for line in lines if line[:1] in "🔴🟠🟡🟢🔵⚪" and line]
    assert headings == ["🔴 Überfällig", "🟠 Heute", "🟢 Diese Woche", "🔵 Später", "⚪ Ohne Datum"]
    assert "• #2 Heutiges · heute, 18:00 · Ben Meier · #fest" in lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!aufgaben ich", [1, 4]),
        ("!tasks me", [1, 4]),
        ("!aufgaben meine", [1, 4]),
        ("!aufgaben @ben", [2, 4]),
        ("!aufgaben für Ben", [2, 4]),
        ("!tasks for ben", [2, 4]),
        ("!aufgaben #fest", [2, 5]),
        ("!aufgaben #FEST", [2, 5]),
        ("!aufgaben erledigt", [6]),
        ("!tasks done", [6]),
        ("!aufgaben @ben erledigt", [6]),
        ("!aufgaben überfällig", [1]),
        ("!tasks overdue", [1]),
        ("!aufgaben heute", [2]),
        ("!aufgaben morgen", []),
        ("!tasks today", [2]),
        ("!aufgaben diese Woche", [2, 3]),
        ("!tasks this week", [2, 3]),
        ("!aufgaben später", [4]),
        ("!aufgaben ohne Datum", [5]),
        ("!tasks no date", [5]),
        ("!aufgaben hoch", [4]),
        ("!tasks !high", [4]),
        ("!aufgaben frei", [3, 5]),
        ("!tasks unassigned", [3, 5]),
        ("!aufgaben offen", [1, 2, 3, 4, 5]),
        ("!aufgaben alle", [1, 2, 3, 4, 5, 6]),
        ("!aufgaben @ben #fest heute", [2]),
        ("!aufgaben #gibtesnicht", []),
    ],
)
def test_a_filter_narrows_the_list_down(full: Chat, text: str, expected: list[int]) -> None:
    assert sorted(numbers(full, text)) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!aufgaben quatsch", "filter-unknown"),
        ("!aufgaben @niemandda", "unknown-person"),
        ("!aufgaben <b>", "filter-unknown"),
        ("!aufgaben " + "x" * 3000, "filter-unknown"),
    ],
)
def test_an_unknown_filter_is_answered_with_those_that_work(
    full: Chat, text: str, code: str
) -> None:
    answer = full.ask(text)
    assert answer.code == code
    assert len(answer.text) < 300


def test_an_empty_list_says_how_to_start(chat: Chat) -> None:
    answer = chat.ask("!aufgaben")
    assert answer.data == {"tasks": [], "total": 0}
    assert "!aufgabe Kuchen backen" in answer.text


def test_a_long_list_is_cut_and_says_so(chat: Chat) -> None:
    for number in range(MOST_SHOWN + 7):
        chat.ask(f"!aufgabe Nummer {number}")
    answer = chat.ask("!aufgaben")
    assert answer.data["total"] == MOST_SHOWN + 7
    assert "… und 7 weitere" in answer.text
    assert answer.text.count("•") == MOST_SHOWN


def test_in_the_direct_chat_people_see_their_own_in_all_boxes(full: Chat) -> None:
    with full.store.begin(full.now) as uow:
        uow.rooms.save(Room("!other", encrypted=True, creator=BEN))
        other = replace(full.box, id="box2", room_id="!other", name="Verein")
        uow.boxes.add(other)
        for user_id in (ANNA, BEN, BOT):
            uow.rooms.set_member("!other", user_id, "join", None)
    full.ask("!aufgabe Kasse prüfen @anna", BEN, "!other")
    answer = full.ask("aufgaben", ANNA, DIRECT)
    assert [(task["box"], task["number"]) for task in answer.data["tasks"]] == [
        ("Sommerfest", 1),
        ("Sommerfest", 4),
        ("Verein", 1),
    ]
    assert "📦 Verein" in answer.text


def test_somebody_in_no_box_sees_an_empty_list(chat: Chat) -> None:
    assert chat.ask("aufgaben", ANNA, DIRECT).data["tasks"] == []


def edits(chat: Chat, text: str) -> list[str]:
    return [m.content["m.new_content"]["body"] for m in chat.hear(text) if m.edits is not None]


def test_the_pinned_list_is_edited_after_each_change(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen backen")
    pinned = chat.ask("!aufgaben anheften")
    assert pinned.pinned
    assert pinned.data == {"pinned": True}
    assert "#1 Kuchen backen" in pinned.text
    (after,) = edits(chat, "!aufgabe Saft kaufen bis Freitag")
    assert "#2 Saft kaufen" in after
    (after,) = edits(chat, "!erledigt 1")
    assert "Kuchen" not in after
    for text in ("!aufgabe 2 an mich", "!aufgabe 2 bis Samstag", "!aufgabe 2 titel Wasser kaufen"):
        assert len(edits(chat, text)) == 1
    (after,) = edits(chat, "!aufgabe 2 löschen")
    assert "Wasser" not in after
    assert all(m.edits == pinned.event_id for m in chat.messages if m.edits)


def test_what_changed_while_the_list_was_sent_is_made_up_for(chat: Chat) -> None:
    chat.hand_in(chat.incoming(words("!aufgaben anheften")))
    chat.hand_in(chat.incoming(words("!aufgabe Kuchen")))
    chat.deliver()
    assert chat.messages[-1].edits == chat.messages[0].event_id
    assert "Kuchen" in chat.messages[-1].content["m.new_content"]["body"]
    assert chat.messages[0].pinned


def test_a_list_that_is_up_to_date_is_not_edited_at_once(chat: Chat) -> None:
    assert len(chat.hear("!aufgaben anheften")) == 1


def test_a_change_is_told_beside_the_edit(chat: Chat) -> None:
    chat.ask("!aufgaben anheften")
    answers = chat.hear("!aufgabe Kuchen")
    assert [m.edits is None for m in answers] == [True, False]
    assert answers[0].task["title"] == "Kuchen"
    assert RESULT not in answers[1].content["m.new_content"]  # one command, one result


def test_what_changes_nothing_edits_nothing(chat: Chat) -> None:
    chat.ask("!aufgaben anheften")
    assert edits(chat, "!aufgaben") == []
    assert edits(chat, "!aufgabe 999 bis morgen") == []
    assert edits(chat, "!aufgabe 1") == []


def test_pinning_again_takes_the_older_list_down(chat: Chat) -> None:
    first = chat.ask("!aufgaben anheften")
    with chat.store.begin(chat.now) as uow:
        room = uow.rooms.get(ROOM)
        assert room is not None
        uow.rooms.save(replace(room, pinned=["$welcome", first.event_id]))
    second, *_ = chat.hear("!tasks pin")
    (unpinned,) = [effect for effect in chat.done if isinstance(effect, SetState)]
    assert unpinned.content == {"pinned": ["$welcome", second.event_id]}
    chat.ask("!aufgabe Kuchen")
    assert chat.messages[-1].edits == second.event_id


def test_an_unpinned_list_is_left_alone(chat: Chat) -> None:
    chat.ask("!aufgaben anheften")
    assert chat.ask("!aufgaben loslösen").data == {"pinned": False}
    assert edits(chat, "!aufgabe Kuchen") == []
    assert chat.ask("!tasks unpin").code == "not-pinned"


def test_the_pinned_list_turns_its_page_at_midnight(chat: Chat) -> None:
    chat.ask("!aufgabe Kuchen bis morgen")
    chat.ask("!aufgaben anheften")
    (edit,) = [m for m in chat.wait(hours=15) if m.edits]
    body = edit.content["m.new_content"]["body"]
    assert "🟠 Heute" in body
    assert "Stand: Do 26.11." in body
    assert [m for m in chat.wait(days=1) if m.edits]


def test_the_pinned_list_speaks_as_the_box_does(chat: Chat) -> None:
    chat.ask("!aufgaben anheften")
    with chat.store.begin(chat.now) as uow:
        person = replace(uow.people.get(ANNA), language="en", timezone="America/New_York")
        uow.people.save(person)
    told, edit = chat.hear("!task Bake a cake due today 6pm")
    assert told.task["due"] == "2026-11-25T18:00:00-05:00"
    assert "Freitag" not in told.text
    assert "heute" not in told.text
    assert "morgen, 00:00" in edit.content["m.new_content"]["body"]
