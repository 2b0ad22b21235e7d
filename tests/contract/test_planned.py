"""A process hears when another one plans work; on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def plan(store: Store, key: str, minutes: int = 0) -> None:
    with store.begin(NOW) as uow:
        uow.schedule.put(NOW + timedelta(minutes=minutes), "test", key=key)


def test_planned_work_is_heard_of(store: Store) -> None:
    with store.listening() as planned:
        assert not planned.heard(0.01)
        plan(store, "a")
        assert planned.heard(10)
        assert not planned.heard(0.01)


def test_it_is_heard_of_while_one_waits(store: Store) -> None:
    with store.listening() as planned:
        later = threading.Timer(0.05, plan, (store, "a"))
        later.start()
        assert planned.heard(30)
        later.join()


def test_work_that_is_moved_to_an_earlier_time_is_heard_of(store: Store) -> None:
    plan(store, "a", 60)
    with store.listening() as planned:
        plan(store, "a", 5)
        assert planned.heard(10)


def test_other_commits_are_no_news(store: Store) -> None:
    with store.listening() as planned:
        with store.begin(NOW) as uow:
            uow.meta.set("something", "else")
        assert not planned.heard(0.05)


def test_whoever_listens_keeps_nobody_waiting(store: Store) -> None:
    with store.listening():
        plan(store, "a")
        with store.read(NOW) as uow:
            assert uow.schedule.next_due() == NOW
