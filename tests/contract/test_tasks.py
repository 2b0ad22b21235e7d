from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.contract.conftest import NOW, interrupted
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.tasks import ChecklistItem, Priority, Task, TaskStatus
from wecreate_module.storage.ical import ical_to_task
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = Task(0, "", "Kuchen backen", "@anna:x.org", NOW)
FULL = replace(
    PLAIN,
    description="mit Äpfeln\nund Zimt",
    due=datetime(2026, 12, 1, 18, 0, tzinfo=BERLIN),
    assignees=("@ben:x.org", "@anna:x.org"),
    labels=("fest", "küche, groß"),
    priority=Priority.HIGH,
    items=(ChecklistItem("Mehl", done=True), ChecklistItem("Zucker; braun")),
    rrule="FREQ=WEEKLY;BYDAY=MO",
)


def add(uow: UnitOfWork, box: Box, task: Task = PLAIN) -> Task:
    number = uow.tasks.next_number(box.id)
    return uow.tasks.add(box.id, replace(task, number=number, uid=f"uid-{number}"))


class TestTasks:
    def test_a_task_comes_back_as_it_was(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            plain, full = add(uow, box), add(uow, box, FULL)
        with store.begin(NOW) as uow:
            assert uow.tasks.get(box.id, 1) == plain
            assert uow.tasks.get(box.id, 2) == full
            assert uow.tasks.get(box.id, 3) is None
            assert uow.tasks.list(box.id) == [plain, full]

    def test_a_due_time_keeps_its_zone_and_a_due_date_stays_a_date(
        self, store: Store, box: Box
    ) -> None:
        folded = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)
        dues = [folded, date(2026, 12, 24), datetime(2026, 12, 1, 18, tzinfo=NOW.tzinfo)]
        with store.begin(NOW) as uow:
            for due in dues:
                add(uow, box, replace(PLAIN, due=due))
        with store.begin(NOW) as uow:
            found = [task.due for task in uow.tasks.list(box.id)]
        assert found == dues
        assert [type(due) for due in found] == [datetime, date, datetime]
        assert isinstance(found[0], datetime)
        assert found[0].tzinfo == BERLIN
        assert found[0].fold == 1

    def test_numbers_are_per_box_and_never_used_again(self, store: Store, box: Box) -> None:
        other = replace(box, id="box2", room_id="!other:x")
        with store.begin(NOW) as uow:
            uow.boxes.add(other)
            task = add(uow, box)
            uow.tasks.delete(box.id, task.number)
        with store.begin(NOW) as uow:
            assert uow.tasks.next_number(box.id) == 2
            assert uow.tasks.next_number(box.id) == 3
            assert uow.tasks.next_number(other.id) == 1

    def test_a_number_that_was_rolled_back_is_free_again(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            with interrupted(uow.savepoint()):
                assert uow.tasks.next_number(box.id) == 1
            assert uow.tasks.next_number(box.id) == 1

    def test_lists_are_by_status(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            one, two, three = (add(uow, box) for _ in range(3))
            done = uow.tasks.update(box.id, replace(two, status=TaskStatus.DONE))
            gone = uow.tasks.update(box.id, replace(three, status=TaskStatus.CANCELLED))
            assert uow.tasks.list(box.id) == [one]
            assert uow.tasks.list(box.id, (TaskStatus.DONE,)) == [done]
            assert uow.tasks.list(box.id, tuple(TaskStatus)) == [one, done, gone]
            assert uow.tasks.list(box.id, ()) == []

    def test_each_write_counts_the_revision_up_and_is_in_the_journal(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            task = add(uow, box)
            task = uow.tasks.update(box.id, replace(task, title="Torte"), actor="@ben:x.org")
            assert task.revision == 2
            uow.tasks.delete(box.id, task.number, actor="@cem:x.org")
        with store.begin(NOW) as uow:
            found = uow.boxes.get(box.id)
            assert found is not None
            assert found.revision == 3
            told = [(one.kind, one.subject, one.actor) for one in uow.journal.of_box(box.id)]
            assert told == [
                ("task.added", "1", "@anna:x.org"),
                ("task.changed", "1", "@ben:x.org"),
                ("task.deleted", "1", "@cem:x.org"),
            ]
            assert uow.journal.of_box(box.id)[1].data == {"title": "Torte"}

    def test_the_icalendar_text_says_the_same_as_the_row(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            task = add(uow, box, FULL)
            text = uow.tasks.ical(box.id, task.number)
            assert text is not None
            assert ical_to_task(text, number=1, known=task) == replace(
                task, created_at=NOW.replace(microsecond=0)
            )
            done = replace(task, status=TaskStatus.DONE, finished_by="@ben:x.org", finished_at=NOW)
            uow.tasks.update(box.id, done)
            text = uow.tasks.ical(box.id, task.number)
            assert text is not None
            assert "STATUS:COMPLETED" in text
            assert "PERCENT-COMPLETE:100" in text
            assert "COMPLETED:20261122T183015Z" in text
            assert uow.tasks.ical(box.id, 77) is None

    def test_an_unknown_task_can_be_neither_changed_nor_deleted(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            with pytest.raises(KeyError):
                uow.tasks.update(box.id, replace(PLAIN, number=9))
            uow.tasks.delete(box.id, 9)
            assert uow.journal.of_box(box.id) == []

    def test_a_box_never_sees_the_tasks_of_another(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.boxes.add(replace(box, id="box2", room_id="!other:x"))
            add(uow, box)
            assert uow.tasks.list("box2") == []
            assert uow.tasks.get("box2", 1) is None
            assert uow.tasks.ical("box2", 1) is None

    def test_what_was_changed_later_is_what_is_read(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            task = add(uow, box, FULL)
        with store.begin(NOW + timedelta(hours=1)) as uow:
            bare = replace(PLAIN, number=task.number, uid=task.uid)
            bare = uow.tasks.update(box.id, bare)
            assert uow.tasks.get(box.id, task.number) == bare
