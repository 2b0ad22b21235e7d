"""When the card counts: at once for one, once a second for many, and never too few."""

from __future__ import annotations

from datetime import datetime, timedelta

from bots.marketplace.supporting.schedule import refresh_later
from tests.contract.conftest import NOW
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.storage.store import Store

LISTING = Listing("!1:x.org", "x.org", Kind.IDEA, "Bank", "", NOW)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def support(store: Store, now: datetime) -> list[datetime]:
    """When it is to be counted."""
    with store.begin(now) as uow:
        refresh_later(uow, LISTING)
        return [item.due_at for item in uow.schedule.ahead(None, "market.count", LISTING.room_id)]


def count(store: Store, now: datetime) -> None:
    with store.begin(now) as uow:
        for item in uow.schedule.due(now, 10):
            uow.schedule.done(item.id)


def test_one_support_is_counted_at_once(store: Store) -> None:
    assert support(store, NOW) == [NOW]


def test_many_are_counted_together_once_a_second(store: Store) -> None:
    support(store, NOW)
    count(store, NOW)
    assert support(store, after(0.2)) == [after(1)]
    assert support(store, after(0.4)) == [after(1)]
    count(store, after(1))
    assert support(store, after(2.5)) == [after(2.5)]


def test_one_that_waited_while_others_were_counted_is_counted_too(store: Store) -> None:
    support(store, NOW)
    count(store, NOW)
    support(store, after(0.2))
    count(store, after(1))
    assert support(store, after(0.9)) == [after(2)]
