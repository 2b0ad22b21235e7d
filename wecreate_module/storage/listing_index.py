"""The directory's index, in memory: words, filters, facets, order. The rows are the truth.

Each listing has a slot, a bit in large integers (bit_sets.py): words and filters are ANDs and
ORs of those, facets are counts. So a search costs about the same for three hits as for 30,000,
and SQLite and PostgreSQL answer alike, since both only keep rows.
docs/decisions/0013-directory.md tells what was tried before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import heapq
import json
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

from wecreate_module.domain.listing_queries import InvalidQuery, Query, Sort
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.storage.bit_sets import BitCache, Posting, as_bytes, slots_in
from wecreate_module.storage.listing_columns import (
    Columns,
    Entry,
    Facet,
    entry_of,
    same_value,
)
from wecreate_module.storage.listing_terms import Vocabulary
from wecreate_module.storage.listing_words import words_of

FACETS = ("kind", "district", "tag", "status", "publisher", "server")
# A facet shows the most frequent values; a page can't show more anyway.
VALUES_SHOWN = 50
VALUES_COUNTED = 120
_FEW = 600
_FEW_COUNTED, _SLOTS_A_COUNT = 60, 150
_DEAD_KEPT = 2000

KIND_WORDS: Mapping[Kind, str] = {
    Kind.IDEA: "Idee",
    Kind.EVENT: "Veranstaltung",
    Kind.REFORM: "Reform",
    Kind.REQUEST: "Gesuch",
    Kind.OFFER: "Angebot",
}

Key = tuple[float, str]
Order: TypeAlias = "array[int]"
"""Slots."""


@dataclass(frozen=True)
class Page:
    """Room ids in order. `next` is the cursor of what follows."""

    room_ids: list[str]
    total: int
    facets: dict[str, dict[str, int]]
    next: str | None


class ListingIndex:
    """Not safe for several threads at once; services/listings.py guards it."""

    def __init__(self) -> None:
        self._cache = BitCache()
        self._vocabulary = Vocabulary(self._cache)
        self._filters: dict[Facet, Posting] = {}
        self._values: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        self._shown: dict[Facet, str] = {}
        self._frequent: dict[str, list[tuple[str, Posting]]] = {}
        self._columns = Columns()
        self._slots: dict[str, int] = {}
        self._alive = 0
        self._orders: dict[Sort, Order] = {}
        self._by_time: Order | None = None

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def worn(self) -> bool:
        """More slots are dead than alive: time to build it anew."""
        return len(self._columns) - len(self._slots) > max(_DEAD_KEPT, len(self._slots))

    def apply(self, listings: Sequence[Listing]) -> None:
        """Take new listings in, changed ones anew, and those out that are not listed.

        Of a room that is there twice the later one counts.
        """
        born = 0
        for listing in {each.room_id: each for each in listings}.values():
            born |= self._put(listing)
        self._alive |= born

    def search(self, query: Query) -> Page:
        """Raises InvalidQuery for a cursor that isn't ours."""
        sort, at = query.sort, _read_cursor(query)
        allowed = self._allowed(query)
        tiers = self._vocabulary.tiers(query.words, allowed)
        if sort is not Sort.RELEVANCE:
            every = 0
            for tier in tiers:
                every |= tier
            tiers = [every]
        matches = 0
        for tier in tiers:
            matches |= tier
        total = matches.bit_count()
        found = list(self._first(tiers, sort, at, query.limit + 1))
        more = len(found) > query.limit
        found = found[: query.limit]
        return Page(
            room_ids=[room_id for _, (_, room_id) in found],
            total=total,
            facets=self._facets(matches, total),
            next=_cursor(query, *found[-1]) if more and found else None,
        )

    # Filling

    def _put(self, listing: Listing) -> int:
        """The new slot's bit; 0 when there is none."""
        old = self._slots.get(listing.room_id)
        if not listing.listed:
            self._drop(listing.room_id)
            return 0
        entry = entry_of(listing)
        if old is not None and self._columns.says(old, entry):
            self._reorder(old, entry)
            return 0
        self._drop(listing.room_id)
        slot = self._columns.add(entry)
        self._slots[listing.room_id] = slot
        self._vocabulary.add(slot, set(words_of(listing.title)), _other_words(listing))
        for key, shown in zip(entry.facets, entry.shown, strict=True):
            if key not in self._filters:
                self._filters[key] = Posting()
            self._filters[key].add(slot)
            self._values[key[0]][key[1]] += 1
            self._frequent.pop(key[0], None)
            self._shown.setdefault(key, shown)
        self._by_time = None
        for sort in self._orders:
            self._put_in(sort, slot)
        return 1 << slot

    def _drop(self, room_id: str) -> None:
        slot = self._slots.pop(room_id, None)
        if slot is None:
            return
        for sort in self._orders:
            self._take_out(sort, slot)
        self._alive &= ~(1 << slot)
        self._columns.forget(slot)
        self._by_time = None
        for name, value in self._columns.facets(slot):
            self._values[name][value] -= 1
            self._frequent.pop(name, None)

    def _reorder(self, slot: int, entry: Entry) -> None:
        for sort, column in self._columns.keys.items():
            if column[slot] == entry.keys[sort]:
                continue
            known = sort in self._orders
            if known:
                self._take_out(sort, slot)
            column[slot] = entry.keys[sort]
            if known:
                self._put_in(sort, slot)

    def _put_in(self, sort: Sort, slot: int) -> None:
        self._orders[sort].insert(self._found_at(sort, slot), slot)

    def _take_out(self, sort: Sort, slot: int) -> None:
        del self._orders[sort][self._found_at(sort, slot)]

    def _found_at(self, sort: Sort, slot: int) -> int:
        place = partial(self._columns.place, sort)
        return bisect_left(self._orders[sort], place(slot), key=place)

    # Asking

    def _allowed(self, query: Query) -> int:
        allowed = self._alive
        wanted = (
            ("kind", query.kinds),
            ("district", query.districts),
            ("tag", tuple(tag.lstrip("#") for tag in query.tags)),
            ("status", query.statuses),
            ("publisher", query.publishers),
            ("server", query.servers),
        )
        for name, values in wanted:
            if values:
                postings = (self._filters.get((name, same_value(value))) for value in values)
                allowed &= self._cache.union(each for each in postings if each is not None)
        if query.since is not None or query.until is not None:
            allowed &= self._between(query.since, query.until)
        return allowed

    def _between(self, since: datetime | None, until: datetime | None) -> int:
        times = self._columns.times
        if self._by_time is None:
            self._by_time = array("I", sorted(self._columns.alive(), key=times.__getitem__))
        found = self._by_time
        low = bisect_left(found, since.timestamp(), key=times.__getitem__) if since else 0
        high = bisect_right(found, until.timestamp(), key=times.__getitem__) if until else None
        posting = Posting()
        posting.slots.extend(sorted(found[low:high]))
        return BitCache().bits(posting)

    def _first(
        self, tiers: Sequence[int], sort: Sort, at: tuple[int, Key] | None, most: int
    ) -> Iterator[tuple[int, Key]]:
        left = most
        for number, tier in enumerate(tiers):
            if not left:
                return
            if not tier or (at is not None and number < at[0]):
                continue
            after = at[1] if at is not None and number == at[0] else None
            for key in self._in_order(tier, sort, after, left):
                left -= 1
                yield number, key

    def _in_order(self, tier: int, sort: Sort, after: Key | None, most: int) -> list[Key]:
        """The first `most` keys behind `after`: picked out, or met on a walk through all."""
        place = partial(self._columns.place, sort)
        if tier.bit_count() <= _FEW:
            places = map(place, slots_in(tier))
            return heapq.nsmallest(most, (each for each in places if after is None or each > after))
        order = self._order(sort)
        data = as_bytes(tier)
        start = bisect_right(order, after, key=place) if after is not None else 0
        found: list[Key] = []
        for at in range(start, len(order)):
            slot = order[at]
            if slot >> 3 < len(data) and data[slot >> 3] >> (slot & 7) & 1:
                found.append(place(slot))
                if len(found) == most:
                    break
        return found

    def _order(self, sort: Sort) -> Order:
        if sort not in self._orders:
            alive = self._columns.alive()
            self._orders[sort] = array("I", sorted(alive, key=partial(self._columns.place, sort)))
        return self._orders[sort]

    def _most_frequent(self, name: str) -> list[tuple[str, Posting]]:
        found = self._frequent.get(name)
        if found is None:
            values = self._values[name].most_common(VALUES_COUNTED)
            found = self._frequent[name] = [
                (value, self._filters[name, value]) for value, _ in values
            ]
        return found

    def _facets(self, matches: int, total: int) -> dict[str, dict[str, int]]:
        counted: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        # One by one costs with the hits, all at once with the values and the index's size.
        if total <= _FEW_COUNTED + len(self._columns) // _SLOTS_A_COUNT:
            for slot in slots_in(matches):
                for name, value in self._columns.facets(slot):
                    counted[name][value] += 1
        else:
            for name in FACETS:
                for value, posting in self._most_frequent(name):
                    known = posting.bits if posting.upto == len(posting.slots) else None
                    bits = self._cache.bits(posting) if known is None else known
                    counted[name][value] = (matches & bits).bit_count()
        shown: dict[str, dict[str, int]] = {}
        for name, counter in counted.items():
            first = sorted((-count, value) for value, count in counter.items() if count)
            some = first[:VALUES_SHOWN]
            shown[name] = {self._shown[name, value]: -count for count, value in some}
        return shown


def _other_words(listing: Listing) -> set[str]:
    parts = (
        listing.summary,
        listing.district,
        " ".join(listing.tags),
        listing.place,
        listing.publisher.name,
        KIND_WORDS[listing.kind],
    )
    return {word for part in parts for word in words_of(part)}


def _of(query: Query) -> str:
    """What a cursor belongs to: the same question, whatever the page's size."""
    asked = (
        query.words, query.kinds, query.districts, query.tags, query.statuses,
        query.publishers, query.servers, query.since, query.until, query.sort,
    )  # fmt: skip
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]


def _cursor(query: Query, tier: int, key: Key) -> str:
    text = json.dumps([_of(query), tier, key[0], key[1]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(query: Query) -> tuple[int, Key] | None:
    if not query.cursor:
        return None
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        question, tier, value, room_id = json.loads(base64.urlsafe_b64decode(padded))
        at = (int(tier), (float(value), str(room_id)))
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidQuery("cursor is none of ours; begin again without it") from error
    if question != _of(query):
        raise InvalidQuery("cursor belongs to another question; begin again without it")
    return at
