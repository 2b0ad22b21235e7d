from datetime import timedelta

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.storage.store import Store


class TestMeta:
    def test_a_value_is_kept_changed_and_removed(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            assert uow.meta.get("next_batch") is None
            uow.meta.set("next_batch", "s1")
            uow.meta.set("next_batch", "s2")
        with store.begin(NOW) as uow:
            assert uow.meta.get("next_batch") == "s2"
            uow.meta.set("next_batch", None)
            assert uow.meta.get("next_batch") is None


class TestJournal:
    def test_the_newest_of_a_kind_is_found(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            assert uow.journal.last(box.id, "box.welcomed") is None
            for readers in (["@anna:x"], ["@anna:x", "@ben:x"]):
                uow.journal.add(box.id, "box.welcomed", "box", None, {"readers": readers})
            uow.journal.add(box.id, "task.due", "3", None, {})
            last = uow.journal.last(box.id, "box.welcomed")
            assert last is not None
            assert last.data == {"readers": ["@anna:x", "@ben:x"]}

    def test_entries_come_in_order_with_who_and_what(self, store: Store, box: Box) -> None:
        later = NOW + timedelta(hours=1)
        with store.begin(NOW) as uow:
            uow.journal.add(box.id, "box.made", "", "@anna:x", {"name": "Fest"})
        with store.begin(later) as uow:
            uow.journal.add(box.id, "task.due", "3", None, {})
        with store.begin(later) as uow:
            first, second = uow.journal.of_box(box.id)
            assert (first.kind, first.actor, first.data) == (
                "box.made",
                "@anna:x",
                {"name": "Fest"},
            )
            assert (second.at, second.subject, second.actor) == (later, "3", None)
            assert uow.journal.of_box("other") == []
