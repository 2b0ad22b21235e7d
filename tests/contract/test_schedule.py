from datetime import timedelta

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.storage.store import Store

HOUR = timedelta(hours=1)


class TestSchedule:
    def test_work_is_due_at_its_time_the_earliest_first(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.schedule.put(NOW + HOUR, "b", key="b", box_id=box.id, payload={"n": 2})
            uow.schedule.put(NOW, "a", key="a", box_id=box.id, subject="task:1", payload={"n": 1})
            uow.schedule.put(NOW + 2 * HOUR, "c", key="c")
            assert uow.schedule.next_due() == NOW
            assert [item.key for item in uow.schedule.due(NOW, 10)] == ["a"]
            found = uow.schedule.due(NOW + HOUR, 10)
            assert [item.payload for item in found] == [{"n": 1}, {"n": 2}]
            assert [item.key for item in uow.schedule.due(NOW + 9 * HOUR, 1)] == ["a"]
            first = found[0]
            assert (first.kind, first.box_id, first.subject, first.due_at) == (
                "a",
                box.id,
                "task:1",
                NOW,
            )

    def test_work_is_done_once(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.schedule.put(NOW, "a", key="a")
            [item] = uow.schedule.due(NOW, 10)
            assert uow.schedule.done(item.id)
            assert not uow.schedule.done(item.id)
            uow.schedule.put(NOW + HOUR, "a", key="a")
            assert uow.schedule.due(NOW + 2 * HOUR, 10) == []
            assert uow.schedule.next_due() is None

    def test_a_known_key_moves_what_is_ahead(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.schedule.put(NOW, "a", key="a", payload={"n": 1})
            uow.schedule.put(NOW + HOUR, "a", key="a", payload={"n": 2})
            assert uow.schedule.due(NOW, 10) == []
            assert [item.payload for item in uow.schedule.due(NOW + HOUR, 10)] == [{"n": 2}]

    def test_what_is_cancelled_can_be_planned_again(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.schedule.put(NOW, "remind", key="1", box_id=box.id, subject="task:1")
            uow.schedule.put(NOW, "follow", key="2", box_id=box.id, subject="task:1")
            uow.schedule.put(NOW, "remind", key="3", box_id=box.id, subject="task:2")
            uow.schedule.put(NOW, "remind", key="4", subject="task:1")
            uow.schedule.cancel(box.id, "task:1", kind="remind")
            assert [item.key for item in uow.schedule.due(NOW, 10)] == ["2", "3", "4"]
            uow.schedule.cancel(box.id, "task:1")
            assert [item.key for item in uow.schedule.due(NOW, 10)] == ["3", "4"]
            uow.schedule.cancel(None, "task:1")
            uow.schedule.put(NOW, "remind", key="1", box_id=box.id, subject="task:1")
            assert [item.key for item in uow.schedule.due(NOW, 10)] == ["3", "1"]

    def test_work_of_a_destroyed_box_is_dropped(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.schedule.put(NOW, "a", key="a", box_id=box.id)
        store.keys.destroy(box.id)
        with store.begin(NOW) as uow:
            assert uow.schedule.due(NOW, 10) == []
            assert uow.schedule.next_due() is None

    def test_only_what_ended_long_ago_is_pruned(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.schedule.put(NOW, "a", key="a")
            uow.schedule.put(NOW, "b", key="b")
            uow.schedule.done(uow.schedule.due(NOW, 1)[0].id)
            assert uow.schedule.prune(NOW + HOUR) == 1
            assert [item.key for item in uow.schedule.due(NOW, 10)] == ["b"]

    def test_what_is_ahead_for_subjects_that_begin_alike(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            for minutes, subject in ((30, "memo:!a:1"), (10, "memo:!a:2"), (20, "memo:!b:1")):
                uow.schedule.put(
                    NOW + timedelta(minutes=minutes),
                    "memo",
                    key=subject,
                    box_id=box.id,
                    subject=subject,
                    payload={"text": subject},
                )
        with store.begin(NOW) as uow:
            found = uow.schedule.ahead_of_all(box.id, "memo", "memo:!a:")
            assert [each.payload["text"] for each in found] == ["memo:!a:2", "memo:!a:1"]
            assert uow.schedule.ahead_of_all(None, "memo", "memo:!a:") == []
            uow.schedule.done(found[0].id)
            assert len(uow.schedule.ahead_of_all(box.id, "memo", "memo:!a:")) == 1
            assert uow.schedule.ahead_of_all(box.id, "memo", "memo:%") == []

    def test_subjects_that_have_something_planned(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.schedule.put(NOW, "digest", key="a", subject="digest:@anna:x")
            uow.schedule.put(NOW, "digest", key="b", subject="digest:@ben:x")
            uow.schedule.put(NOW, "remind", key="c", box_id=box.id, subject="task:1")
            (first, *_) = uow.schedule.due(NOW, 1)
            uow.schedule.done(first.id)
            assert uow.schedule.subjects_ahead("digest") == {"digest:@ben:x"}
