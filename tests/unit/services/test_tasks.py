from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.domain.dates import parse_recurrence
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import Group, Priority, TaskFilter, TaskStatus
from wecreate_module.services import reminders, tasks
from wecreate_module.services.tasks import NewTask
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

BERLIN = ZoneInfo("Europe/Berlin")
ANNA, BEN = "@anna:w.example", "@ben:w.example"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BOX = Box("box1", "!box", "Sommerfest", "de", "Europe/Berlin", ANNA, NOW)
OTHER = Box("box2", "!other", "Verein", "de", "Europe/Berlin", BEN, NOW)


@pytest.fixture
def uow(store: Store) -> Iterator[UnitOfWork]:
    with store.begin(NOW) as unit:
        for box in (BOX, OTHER):
            unit.rooms.save(Room(box.room_id, encrypted=True))
            unit.boxes.add(box)
            unit.rooms.set_member(box.room_id, ANNA, "join", None)
        yield unit


def add(uow: UnitOfWork, title: str = "Kuchen", due: date | datetime | None = None) -> int:
    return tasks.add_task(uow, BOX, NewTask(title, due=due), actor=ANNA).number


def planned(uow: UnitOfWork) -> list[datetime]:
    """Local times, the zone left out for reading's sake."""
    far = NOW + timedelta(days=400)
    return [
        item.due_at.astimezone(BERLIN).replace(tzinfo=None) for item in uow.schedule.due(far, 50)
    ]


def local(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - as `planned` gives it


def test_numbers_count_for_each_box_by_itself(uow: UnitOfWork) -> None:
    assert [add(uow), add(uow)] == [1, 2]
    assert tasks.add_task(uow, OTHER, NewTask("Kasse"), actor=BEN).number == 1


def test_what_is_refused_takes_no_number(uow: UnitOfWork) -> None:
    for new in (NewTask(""), NewTask("x" * 251), NewTask("x", due=date(2020, 1, 1))):
        with pytest.raises(UserError):
            tasks.add_task(uow, BOX, new, actor=ANNA)
    assert add(uow) == 1


def test_each_change_counts_the_revision_and_stands_in_the_journal(uow: UnitOfWork) -> None:
    add(uow)
    tasks.set_title(uow, BOX, 1, "Torte", actor=BEN)
    tasks.finish_tasks(uow, BOX, (1,), actor=BEN)
    box = uow.boxes.get(BOX.id)
    assert box is not None
    assert box.revision == 3
    entries = uow.journal.of_box(BOX.id)
    assert [(entry.kind, entry.actor) for entry in entries] == [
        ("task.added", ANNA),
        ("task.changed", BEN),
        ("task.changed", BEN),
    ]


def test_changing_nothing_writes_nothing(uow: UnitOfWork) -> None:
    add(uow)
    tasks.set_title(uow, BOX, 1, "Kuchen", actor=BEN)
    tasks.set_priority(uow, BOX, 1, Priority.NORMAL, actor=BEN)
    assert len(uow.journal.of_box(BOX.id)) == 1


def test_an_archived_box_is_only_read(uow: UnitOfWork) -> None:
    number = add(uow)
    archived = replace(BOX, state=BoxState.ARCHIVED)
    for act in (
        lambda: tasks.add_task(uow, archived, NewTask("x"), actor=ANNA),
        lambda: tasks.set_title(uow, archived, number, "x", actor=ANNA),
        lambda: tasks.finish_tasks(uow, archived, (number,), actor=ANNA),
        lambda: tasks.delete_task(uow, archived, number, actor=ANNA),
    ):
        with pytest.raises(UserError) as refused:
            act()
        assert refused.value.code == "box-archived"
    assert len(tasks.list_tasks(uow, archived, TaskFilter(), BERLIN)) == 1


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (None, []),
        (date(2026, 11, 27), [local(11, 27, 8)]),
        (date(2026, 11, 25), []),  # its morning is over
        (datetime(2026, 11, 27, 17, tzinfo=UTC), [local(11, 27, 8), local(11, 27, 18)]),
        (datetime(2026, 11, 25, 17, tzinfo=UTC), [local(11, 25, 18)]),
        (datetime(2026, 11, 27, 6, tzinfo=UTC), [local(11, 27, 7)]),
    ],
)
def test_reminders_follow_from_the_date(
    uow: UnitOfWork, due: date | datetime | None, expected: list[datetime]
) -> None:
    add(uow, due=due)
    assert planned(uow) == expected


def test_reminders_move_with_the_date_and_go_with_the_task(uow: UnitOfWork) -> None:
    add(uow, due=date(2026, 11, 27))
    tasks.set_due(uow, BOX, 1, date(2026, 11, 28), actor=ANNA)
    assert planned(uow) == [local(11, 28, 8)]
    tasks.set_due(uow, BOX, 1, date(2026, 11, 27), actor=ANNA)
    assert planned(uow) == [local(11, 27, 8)]
    tasks.finish_tasks(uow, BOX, (1,), actor=ANNA)
    assert planned(uow) == []
    tasks.reopen_task(uow, BOX, 1, actor=ANNA)
    assert planned(uow) == [local(11, 27, 8)]
    tasks.delete_task(uow, BOX, 1, actor=ANNA)
    assert planned(uow) == []


def test_a_reminder_asked_for_is_kept_beside_the_others(uow: UnitOfWork) -> None:
    add(uow, due=date(2026, 11, 27))
    task = tasks.get_task(uow, BOX, 1)
    reminders.remind_at(uow, BOX, task, NOW + timedelta(hours=1), actor=BEN)
    tasks.set_due(uow, BOX, 1, date(2026, 11, 28), actor=ANNA)
    assert planned(uow) == [local(11, 25, 11), local(11, 28, 8)]
    with pytest.raises(UserError):
        reminders.remind_at(uow, BOX, task, NOW, actor=BEN)


@pytest.mark.parametrize(
    ("due", "rule", "expected"),
    [
        (date(2026, 11, 27), "jede Woche", "2026-11-27"),
        (date(2026, 11, 27), "jede Woche um 19 Uhr", "2026-11-27T19:00"),
        (date(2026, 11, 27), "jeden Montag", "2026-11-30"),
        (datetime(2026, 11, 27, 17, tzinfo=UTC), "jede Woche", "2026-11-27T18:00"),
        (datetime(2026, 11, 27, 17, tzinfo=UTC), "jeden Montag", "2026-11-30T18:00"),
        (datetime(2026, 11, 27, 17, tzinfo=UTC), "jeden Montag um 20 Uhr", "2026-11-30T20:00"),
        (None, "jeden Montag um 20 Uhr", "2026-11-30T20:00"),
        (date(2026, 11, 27), "jede Woche ab 1.12.", "2026-12-01"),
    ],
)
def test_a_series_starts_at_the_tasks_date_unless_the_rule_says_another(
    uow: UnitOfWork, due: date | datetime | None, rule: str, expected: str
) -> None:
    number = add(uow, due=due)
    recurrence = parse_recurrence(rule, NOW, BERLIN)
    task = tasks.set_recurrence(uow, BOX, number, recurrence, actor=ANNA)
    assert isinstance(task.due, date)
    local = task.due.astimezone(BERLIN) if isinstance(task.due, datetime) else task.due
    assert local.isoformat()[: len(expected)] == expected


def test_a_task_with_a_rule_of_another_program_can_be_finished(uow: UnitOfWork) -> None:
    number = add(uow, due=date(2026, 11, 27))
    task = tasks.get_task(uow, BOX, number)
    uow.tasks.update(BOX.id, replace(task, rrule="FREQ=HOURLY;INTERVAL=2"))
    (ended,) = tasks.finish_tasks(uow, BOX, (number,), actor=ANNA)
    assert ended.changed
    assert ended.again is None


def test_a_persons_tasks_come_from_all_their_boxes(uow: UnitOfWork) -> None:
    for box, due in ((BOX, date(2026, 11, 25)), (OTHER, date(2026, 12, 24))):
        new = NewTask("Kasse", due=due, assignees=(ANNA,))
        tasks.add_task(uow, box, new, actor=ANNA)
    found = tasks.tasks_of_person(uow, ANNA, TaskFilter(), BERLIN)
    assert [box.name for box, _ in found] == ["Sommerfest", "Verein"]
    today = tasks.tasks_of_person(uow, ANNA, TaskFilter(groups=(Group.TODAY,)), BERLIN)
    assert [box.name for box, _ in today] == ["Sommerfest"]
    assert tasks.tasks_of_person(uow, BEN, TaskFilter(), BERLIN) == []


def test_lists_are_of_the_statuses_asked_for(uow: UnitOfWork) -> None:
    for title in ("a", "b", "c"):
        add(uow, title)
    tasks.finish_tasks(uow, BOX, (1,), actor=ANNA)
    tasks.cancel_task(uow, BOX, 2, actor=ANNA)
    for status, number in ((TaskStatus.DONE, 1), (TaskStatus.CANCELLED, 2), (TaskStatus.OPEN, 3)):
        found = tasks.list_tasks(uow, BOX, TaskFilter(statuses=(status,)), BERLIN)
        assert [task.number for task in found] == [number]


def test_the_uid_can_not_be_guessed(uow: UnitOfWork) -> None:
    first, second = (tasks.get_task(uow, BOX, add(uow)).uid for _ in range(2))
    assert first != second
    assert len(first) == 32
