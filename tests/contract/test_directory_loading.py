from __future__ import annotations

from datetime import timedelta

from tests.contract.conftest import NOW
from wecreate_module.domain.listing_queries import Query
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listings import FEW, Directory, import_listings, search_listings
from wecreate_module.storage.store import Store

MANY = 2 * FEW


def fill(store: Store, first: int, count: int) -> None:
    listings = [
        Listing(f"!{n}", "x.org", Kind.IDEA, f"Idee {n}", "", NOW - timedelta(minutes=n))
        for n in range(first, first + count)
    ]
    import_listings(store, listings, NOW)


def test_a_search_does_not_wait_for_a_great_many_to_be_read(store: Store) -> None:
    fill(store, 0, MANY)
    directory = Directory.of_store(store)
    with directory._loading:  # a thread that reads, and does not come to an end
        assert directory.search(Query()).total == 0
    assert directory.warm().wait(60)
    assert directory.search(Query()).total == MANY


def test_what_was_read_before_is_searched_while_more_is_read(store: Store) -> None:
    fill(store, 0, 3)
    directory = Directory.of_store(store)
    assert directory.search(Query(words="Idee")).total == 3
    fill(store, 3, MANY)
    with directory._loading:
        assert directory.search(Query(words="Idee")).total == 3
    assert directory.warm().wait(60)
    assert directory.search(Query(words="Idee")).total == MANY + 3


def test_the_last_few_are_there_at_once(store: Store) -> None:
    directory = Directory.of_store(store)
    for number in range(3):
        fill(store, number, 1)
        assert directory.search(Query()).total == number + 1


def test_commands_and_pages_search_one_index(store: Store) -> None:
    directory = Directory.of_store(store)
    fill(store, 0, 5)
    with store.begin(NOW) as uow:
        assert search_listings(uow, Query()).total == 5
    assert len(directory._index) == 5
