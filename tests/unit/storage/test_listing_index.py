"""The index against a plain list that is sorted and counted anew each time."""

from __future__ import annotations

import base64
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import inf, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.listing_queries import InvalidQuery, Query, Sort
from wecreate_module.domain.listings import Kind, Listing, Status
from wecreate_module.storage import listing_index
from wecreate_module.storage.listing_index import ListingIndex

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FAR = timedelta(days=400)
MOMENTS = st.integers(0, 5).map(lambda days: NOW + timedelta(days=days))
LISTINGS = st.builds(
    Listing,
    room_id=st.sampled_from([f"!{letter}:w.example" for letter in "abcdefgh"]),
    server=st.just("w.example"),
    kind=st.sampled_from([Kind.IDEA, Kind.EVENT]),
    title=st.sampled_from(["Linden am Weg", "Bänke im Park"]),
    summary=st.just(""),
    published_at=MOMENTS,
    district=st.sampled_from(["", "Süd", "Nord"]),
    status=st.sampled_from([Status.IDEA, Status.BOX]),
    support=st.integers(0, 4),
    starts_at=st.none() | MOMENTS,
    listed=st.sampled_from([True, True, True, False]),
    revision=st.integers(1, 9),
)
BATCHES = st.lists(st.lists(LISTINGS, min_size=1, max_size=6), min_size=1, max_size=8)


@pytest.fixture(params=[listing_index._FEW, 0], ids=["picked out", "walked through"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few hits are picked out and sorted, many are met on a walk through the order."""
    monkeypatch.setattr(listing_index, "_FEW", request.param)


def key(listing: Listing, sort: Sort) -> tuple[float, str]:
    published = listing.published_at.timestamp()
    value = {
        Sort.RELEVANCE: -log2(1 + listing.support) - published / (45 * 86_400),
        Sort.NEWEST: -published,
        Sort.SUPPORT: -listing.support,
        Sort.STARTS: listing.starts_at.timestamp() if listing.starts_at else inf,
        Sort.CHANGED: -listing.revision,
    }[sort]
    return value, listing.room_id


def all_pages(index: ListingIndex, query: Query) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = index.search(Query(**{**vars(query), "cursor": cursor}))
        found += page.room_ids
        cursor = page.next
    return found


@given(BATCHES)
def test_after_any_changes_each_order_and_count_is_that_of_a_plain_list(
    batches: list[list[Listing]],
) -> None:
    index, there = ListingIndex(), dict[str, Listing]()
    for batch in batches:
        index.apply(batch)
        there |= {each.room_id: each for each in batch}
        listed = [each for each in there.values() if each.listed]
        for sort in Sort:
            in_order = sorted(listed, key=lambda each: key(each, sort))
            found = all_pages(index, Query(sort=sort, limit=2))
            assert found == [each.room_id for each in in_order], sort
        page = index.search(Query())
        assert page.total == len(listed) == len(index)
        assert page.facets["district"] == Counter(each.district for each in listed if each.district)
        assert page.facets["status"] == Counter(each.status.value for each in listed)


@given(BATCHES, st.booleans())
def test_filters_words_and_times_find_what_a_plain_look_finds(
    batches: list[list[Listing]],
    at_once: bool,  # noqa: FBT001  # hypothesis gives it
) -> None:
    index, there = ListingIndex(), dict[str, Listing]()
    if at_once:
        batches = [[each for batch in batches for each in batch]]
    for batch in batches:
        index.apply(batch)
        there |= {each.room_id: each for each in batch}
    listed = [each for each in there.values() if each.listed]

    def found(**wanted: object) -> set[str]:
        return set(all_pages(index, Query(limit=3, **wanted)))  # type: ignore[arg-type]  # its own

    south = {each.room_id for each in listed if each.district == "Süd"}
    assert found(districts=("Süd",)) == south
    assert found(words="linde") == {each.room_id for each in listed if "Linden" in each.title}
    late = NOW + timedelta(days=3)
    assert found(since=late, until=NOW + FAR) == {
        each.room_id for each in listed if (each.starts_at or each.published_at) >= late
    }


@pytest.mark.parametrize("value", ["[1,2", '["x",1e999,1,"!a:b"]', f'["x",0,{"9" * 400},"!a:b"]'])
def test_a_cursor_of_anybodys_making_is_an_invalid_query(value: str) -> None:
    cursor = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
    with pytest.raises(InvalidQuery):
        ListingIndex().search(Query(cursor=cursor))
