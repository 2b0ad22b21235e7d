from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain import tasks as rules
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import (
    ChecklistItem,
    Group,
    Priority,
    Task,
    TaskFilter,
    TaskStatus,
)

BERLIN = ZoneInfo("Europe/Berlin")
ANNA, BEN = "@anna:w.example", "@ben:w.example"
# A Wednesday, 10:00 in Berlin.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TASK = Task(number=1, uid="u", title="Kuchen", created_by=ANNA, created_at=NOW)


def due(
    value: date | datetime | None, number: int = 1, priority: Priority = Priority.NORMAL
) -> Task:
    return Task(number, "u", "Kuchen", ANNA, NOW, due=value, priority=priority)


def berlin(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("when", "group"),
    [
        (None, Group.SOMEDAY),
        (date(2026, 11, 24), Group.OVERDUE),
        (date(2026, 11, 25), Group.TODAY),
        (berlin(25, 9), Group.OVERDUE),
        (berlin(25, 11), Group.TODAY),
        (date(2026, 11, 26), Group.TOMORROW),
        (date(2026, 11, 27), Group.WEEK),
        (date(2026, 11, 29), Group.WEEK),
        (date(2026, 11, 30), Group.LATER),
        (berlin(29, 23), Group.WEEK),
        (datetime(2026, 11, 25, 23, 30, tzinfo=UTC), Group.TOMORROW),  # 0:30 tomorrow in Berlin
    ],
)
def test_a_task_is_in_the_group_of_its_day_where_the_reader_is(
    when: date | datetime | None, group: Group
) -> None:
    assert rules.group_of(due(when), NOW, BERLIN) is group


def test_on_sunday_this_week_is_over_but_tomorrow_is_not_later() -> None:
    sunday = datetime(2026, 11, 29, 9, tzinfo=UTC)
    assert rules.group_of(due(date(2026, 12, 1)), sunday, BERLIN) is Group.LATER
    assert rules.group_of(due(date(2026, 11, 30)), sunday, BERLIN) is Group.TOMORROW
    assert rules.group_of(due(date(2026, 11, 29)), sunday, BERLIN) is Group.TODAY


def test_inside_a_group_days_come_before_their_times_and_urgent_tasks_first() -> None:
    tasks = [
        due(berlin(27, 18), 1),
        due(berlin(27, 8), 2),
        due(date(2026, 11, 27), 3),
        due(date(2026, 11, 27), 4, Priority.HIGH),
        due(date(2026, 11, 28), 5),
    ]
    (members,) = rules.grouped(tasks, NOW, BERLIN).values()
    assert [task.number for task in members] == [4, 3, 2, 1, 5]


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.dates(date(2020, 1, 1), date(2040, 1, 1)),
            st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
        )
    )
)
def test_every_task_is_in_exactly_one_group(dues: list[date | datetime | None]) -> None:
    tasks = [due(value, number) for number, value in enumerate(dues)]
    found = rules.grouped(tasks, NOW, BERLIN)
    assert sorted(task.number for group in found.values() for task in group) == list(
        range(len(dues))
    )
    for group, members in found.items():
        assert members
        assert all(rules.group_of(task, NOW, BERLIN) is group for task in members)
    order = list(Group)
    assert [order.index(group) for group in found] == sorted(order.index(group) for group in found)


def test_whoever_finished_it_first_stays_named() -> None:
    done = rules.finish(TASK, BEN, NOW)
    assert (done.status, done.finished_by, done.finished_at) == (TaskStatus.DONE, BEN, NOW)
    assert rules.finish(done, ANNA, NOW + timedelta(hours=1)) == done
    assert rules.reopen(done) == TASK


def test_the_next_of_a_series_starts_with_nothing_done() -> None:
    task = Task(
        number=1,
        uid="u",
        title="Gießen",
        created_by=ANNA,
        created_at=NOW,
        due=date(2026, 11, 27),
        items=(ChecklistItem("Kanne", done=True),),
        rrule="FREQ=WEEKLY",
        status=TaskStatus.DONE,
        finished_by=BEN,
        finished_at=NOW,
        revision=7,
    )
    again = rules.successor(task, 2, "v", date(2026, 12, 4), "FREQ=WEEKLY")
    assert again.status is TaskStatus.OPEN
    assert again.items == (ChecklistItem("Kanne"),)
    assert (again.number, again.uid, again.due, again.finished_by) == (
        2,
        "v",
        date(2026, 12, 4),
        None,
    )


def test_labels_are_the_same_whatever_their_case() -> None:
    task = rules.add_labels(TASK, ("Fest", "#fest", "Essen"))
    assert task.labels == ("Fest", "Essen")
    assert rules.has_labels(task, ("FEST",))
    assert rules.remove_labels(task, ("#FEST",)).labels == ("Essen",)


def test_assigning_keeps_each_person_once() -> None:
    task = rules.assign(rules.assign(TASK, (ANNA,)), (BEN, ANNA))
    assert task.assignees == (ANNA, BEN)
    assert rules.unassign(task, (ANNA,)).assignees == (BEN,)


def test_a_filter_wants_all_that_was_said() -> None:
    task = rules.add_labels(rules.assign(due(date(2026, 11, 25)), (BEN,)), ("fest",))
    assert TaskFilter(people=(BEN,), labels=("fest",), groups=(Group.TODAY,)).matches(
        task, NOW, BERLIN
    )
    for other in (
        TaskFilter(people=(ANNA,)),
        TaskFilter(labels=("fest", "essen")),
        TaskFilter(groups=(Group.LATER,)),
        TaskFilter(unassigned=True),
        TaskFilter(priority=Priority.HIGH),
    ):
        assert not other.matches(task, NOW, BERLIN)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Kuchen \t backen\n", "Kuchen backen"),
        ("Kuchen\x00\x1b[31m backen", "Kuchen [31m backen"),
        ("a\u202eb\u2066c\u200b", "abc"),
        ("👩\u200d👧 da", "👩\u200d👧 da"),
        ("\ud800x", "x"),
    ],
)
def test_titles_are_one_line_without_hidden_signs(raw: str, clean: str) -> None:
    assert rules.clean_title(raw) == clean


@pytest.mark.parametrize("raw", ["", " ", "\n\t", "\u202e", "\x00"])
def test_a_title_of_nothing_is_refused(raw: str) -> None:
    with pytest.raises(UserError) as refused:
        rules.clean_title(raw)
    assert refused.value.code == "title-missing"


@given(st.text(max_size=400))
def test_any_text_makes_a_clean_title_or_none(text: str) -> None:
    try:
        title = rules.clean_title(text)
    except UserError:
        return
    assert 0 < len(title) <= rules.MAX_TITLE
    assert rules.clean_title(title) == title
    title.encode()


def test_what_does_not_fit_is_refused() -> None:
    full = Task(1, "u", "t", ANNA, NOW, items=(ChecklistItem("x"),) * rules.MAX_ITEMS)
    cases: dict[str, Callable[[], object]] = {
        "too-many-items": lambda: rules.add_item(full, "y"),
        "too-many-labels": lambda: rules.add_labels(TASK, (f"l{n}" for n in range(11))),
        "too-many-assignees": lambda: rules.assign(TASK, (f"@u{n}:x" for n in range(21))),
        "label-too-long": lambda: rules.add_labels(TASK, ("x" * 41,)),
        "note-too-long": lambda: rules.clean_note("x" * 4001),
        "item-not-found": lambda: rules.tick_items(TASK, (1,)),
    }
    for code, act in cases.items():
        with pytest.raises(UserError) as refused:
            act()
        assert refused.value.code == code
