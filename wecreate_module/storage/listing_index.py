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
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log2

from wecreate_module.domain.listing_queries import InvalidQuery, Query, Sort
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.storage.bit_sets import BitCache, Posting, as_bytes, slots_in
from wecreate_module.storage.listing_terms import Vocabulary
from wecreate_module.storage.listing_words import words_of

FACETS = ("kind", "district", "tag", "status", "publisher", "server")
# A facet shows the most frequent values; a page can't show more anyway.
VALUES_SHOWN = 50
VALUES_COUNTED = 120
_FEW = 600
_FEW_COUNTED, _SLOTS_A_COUNT = 60, 150
_MANY_CHANGES = 500
_DEAD_KEPT = 2000
# One more doubling of support outweighs this many days of age.
_DAYS_PER_DOUBLING = 45.0
_DAY = 86_400.0

KIND_WORDS: Mapping[Kind, str] = {
    Kind.IDEA: "Idee",
    Kind.EVENT: "Veranstaltung",
    Kind.REFORM: "Reform",
    Kind.REQUEST: "Gesuch",
    Kind.OFFER: "Angebot",
}

# Where an order's value stands in an entry's `keys`.
_AT: Mapping[Sort, int] = {
    sort: at
    for at, sort in enumerate(
        (Sort.RELEVANCE, Sort.NEWEST, Sort.SUPPORT, Sort.STARTS, Sort.CHANGED)
    )
}

Key = tuple[float, str]
Order = list[tuple[float, str, int]]


@dataclass(frozen=True)
class Page:
    """Room ids in order. `next` is the cursor of what follows."""

    room_ids: list[str]
    total: int
    facets: dict[str, dict[str, int]]
    next: str | None


@dataclass(slots=True)
class _Entry:
    """What is kept of a listing in its slot. `keys`: by the order of `Sort`, see `_AT`."""

    room_id: str
    text: int
    facets: tuple[tuple[str, str], ...]
    keys: tuple[float, ...]
    time: float


class ListingIndex:
    """Not safe for several threads at once; services/listings.py guards it."""

    def __init__(self) -> None:
        self._cache = BitCache()
        self._vocabulary = Vocabulary(self._cache)
        self._filters: dict[tuple[str, str], Posting] = {}
        self._values: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        self._shown: dict[tuple[str, str], str] = {}
        self._shared: dict[tuple[str, str], tuple[str, str]] = {}
        self._frequent: dict[str, list[tuple[str, Posting]]] = {}
        self._entries: list[_Entry | None] = []
        self._slots: dict[str, int] = {}
        self._alive = 0
        self._orders: dict[Sort, Order] = {}
        self._times: list[tuple[float, int]] | None = None

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def worn(self) -> bool:
        """More slots are dead than alive: time to build it anew."""
        return len(self._entries) - len(self._slots) > max(_DEAD_KEPT, len(self._slots))

    def apply(self, listings: Sequence[Listing]) -> None:
        """Take new listings in, changed ones anew, and those out that are not listed."""
        many = len(listings) > _MANY_CHANGES
        if many:
            self._orders.clear()
        born = 0
        for listing in listings:
            born |= self._put(listing, ordered=not many)
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

    def _put(self, listing: Listing, *, ordered: bool) -> int:
        """The new slot's bit; 0 when there is none."""
        old = self._slots.get(listing.room_id)
        before = self._entries[old] if old is not None else None
        if not listing.listed:
            self._drop(listing.room_id)
            return 0
        entry = _entry(listing)
        # Listings share most of their values: each stands in memory once.
        entry.facets = tuple(self._shared.setdefault(each, each) for each in entry.facets)
        if old is not None and before is not None and _same(before, entry):
            self._reorder(old, before, entry)
            self._entries[old] = entry
            return 0
        self._drop(listing.room_id)
        slot = len(self._entries)
        self._entries.append(entry)
        self._slots[listing.room_id] = slot
        self._vocabulary.add(slot, set(words_of(listing.title)), _other_words(listing))
        for key, shown in zip(entry.facets, _facets_of(listing), strict=True):
            if key not in self._filters:
                self._filters[key] = Posting()
            self._filters[key].add(slot)
            self._values[key[0]][key[1]] += 1
            self._frequent.pop(key[0], None)
            self._shown.setdefault(key, shown[1])
        self._times = None
        if ordered:
            for sort, order in self._orders.items():
                insort(order, (entry.keys[_AT[sort]], entry.room_id, slot))
        return 1 << slot

    def _drop(self, room_id: str) -> None:
        slot = self._slots.pop(room_id, None)
        entry = self._entries[slot] if slot is not None else None
        if slot is None or entry is None:
            return
        self._alive &= ~(1 << slot)
        self._entries[slot] = None
        self._times = None
        for name, value in entry.facets:
            self._values[name][value] -= 1
            self._frequent.pop(name, None)
        for sort, order in self._orders.items():
            _take_out(order, (entry.keys[_AT[sort]], entry.room_id, slot))

    def _reorder(self, slot: int, before: _Entry, entry: _Entry) -> None:
        for sort, order in self._orders.items():
            if before.keys[_AT[sort]] != entry.keys[_AT[sort]]:
                _take_out(order, (before.keys[_AT[sort]], before.room_id, slot))
                insort(order, (entry.keys[_AT[sort]], entry.room_id, slot))

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
                postings = (self._filters.get((name, _same_value(value))) for value in values)
                allowed &= self._cache.union(each for each in postings if each is not None)
        if query.since is not None or query.until is not None:
            allowed &= self._between(query.since, query.until)
        return allowed

    def _between(self, since: datetime | None, until: datetime | None) -> int:
        if self._times is None:
            alive = ((e.time, slot) for slot, e in enumerate(self._entries) if e is not None)
            self._times = sorted(alive)
        low = bisect_left(self._times, (since.timestamp(), -1)) if since else 0
        high = bisect_right(self._times, (until.timestamp(), 1 << 62)) if until else None
        posting = Posting()
        posting.slots.extend(sorted(slot for _, slot in self._times[low:high]))
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
        if tier.bit_count() <= _FEW:
            entries = (entry for slot in slots_in(tier) if (entry := self._entries[slot]))
            keys = ((entry.keys[_AT[sort]], entry.room_id) for entry in entries)
            return heapq.nsmallest(most, (key for key in keys if after is None or key > after))
        order = self._order(sort)
        data = as_bytes(tier)
        start = bisect_right(order, (*after, 1 << 62)) if after is not None else 0
        found: list[Key] = []
        for at in range(start, len(order)):
            value, room_id, slot = order[at]
            if slot >> 3 < len(data) and data[slot >> 3] >> (slot & 7) & 1:
                found.append((value, room_id))
                if len(found) == most:
                    break
        return found

    def _order(self, sort: Sort) -> Order:
        if sort not in self._orders:
            entries = enumerate(self._entries)
            self._orders[sort] = sorted(
                (entry.keys[_AT[sort]], entry.room_id, slot)
                for slot, entry in entries
                if entry is not None
            )
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
        if total <= _FEW_COUNTED + len(self._entries) // _SLOTS_A_COUNT:
            for slot in slots_in(matches):
                entry = self._entries[slot]
                for name, value in entry.facets if entry is not None else ():
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


def _entry(listing: Listing) -> _Entry:
    published = listing.published_at.timestamp()
    starts = listing.starts_at.timestamp() if listing.starts_at else None
    worth = log2(1 + max(0, listing.support)) + published / (_DAYS_PER_DOUBLING * _DAY)
    text = (listing.title, listing.summary, listing.place, listing.publisher.name)
    return _Entry(
        room_id=listing.room_id,
        text=hash(text),
        facets=tuple((name, _same_value(value)) for name, value in _facets_of(listing)),
        keys=(
            -worth,
            -published,
            -float(listing.support),
            starts if starts is not None else float("inf"),
            -float(listing.revision),
        ),
        time=published if starts is None else starts,
    )


def _facets_of(listing: Listing) -> list[tuple[str, str]]:
    facets = [
        ("kind", listing.kind.value),
        ("status", listing.status.value),
        ("publisher", listing.publisher.type.value),
        ("server", listing.server),
        *(("tag", tag) for tag in listing.tags),
    ]
    if listing.district:
        facets.append(("district", listing.district))
    return facets


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


def _same(before: _Entry, entry: _Entry) -> bool:
    same_words = (before.text, before.facets) == (entry.text, entry.facets)
    return same_words and before.time == entry.time


def _same_value(value: str) -> str:
    return value.casefold()


def _take_out(order: Order, item: tuple[float, str, int]) -> None:
    at = bisect_left(order, item)
    if at < len(order) and order[at] == item:
        del order[at]


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
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidQuery("cursor is none of ours; begin again without it") from error
    if question != _of(query):
        raise InvalidQuery("cursor belongs to another question; begin again without it")
    return at
