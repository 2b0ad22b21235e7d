"""What the directory's index keeps of each listing, slot by slot, in columns of plain numbers.

An object for each of 100,000 listings costs 40 MB in a million small pieces, and whatever
Synapse needs afterwards would lie scattered between them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log2

from wecreate_module.domain.listing_queries import Sort
from wecreate_module.domain.listings import Listing

# One more doubling of support outweighs this many days of age.
_DAYS_PER_DOUBLING = 45.0
_DAY = 86_400.0

Facet = tuple[str, str]
"""A facet's name, and a value as filters compare it."""


@dataclass(frozen=True)
class Entry:
    """A listing as the columns keep it. `keys`: it comes before those with larger ones.

    `shown` are the facets' values as people read them.
    """

    room_id: str
    text: int
    facets: tuple[Facet, ...]
    shown: tuple[str, ...]
    keys: Mapping[Sort, float]
    time: float


class Columns:
    """Slots are handed out once, in order; a listing that is gone leaves its own empty."""

    def __init__(self) -> None:
        self._room_ids: list[str] = []
        self.times = array("d")
        self.keys: Mapping[Sort, array[float]] = {sort: array("d") for sort in Sort}
        self._texts = array("q")
        self._facets = array("I")
        self._ends = array("I", [0])
        self._known: list[Facet] = []
        self._numbers: dict[Facet, int] = {}

    def __len__(self) -> int:
        return len(self._room_ids)

    def add(self, entry: Entry) -> int:
        """The slot it got."""
        self._room_ids.append(entry.room_id)
        self.times.append(entry.time)
        for sort, column in self.keys.items():
            column.append(entry.keys[sort])
        self._texts.append(entry.text)
        self._facets.extend(self._number(each) for each in entry.facets)
        self._ends.append(len(self._facets))
        return len(self._room_ids) - 1

    def forget(self, slot: int) -> None:
        """Its listing is gone."""
        self._room_ids[slot] = ""

    def says(self, slot: int, entry: Entry) -> bool:
        """Whether words, facets and time are these already, whatever the keys are."""
        same_words = self._texts[slot] == entry.text and self.times[slot] == entry.time
        return same_words and self.facets(slot) == entry.facets

    def facets(self, slot: int) -> tuple[Facet, ...]:
        """Each with its value as filters compare it."""
        numbers = self._facets[self._ends[slot] : self._ends[slot + 1]]
        return tuple(self._known[number] for number in numbers)

    def place(self, sort: Sort, slot: int) -> tuple[float, str]:
        """Where it stands in an order; rooms that are alike there stand by their ids."""
        return self.keys[sort][slot], self._room_ids[slot]

    def alive(self) -> Iterator[int]:
        """Slots that hold a listing."""
        return (slot for slot, room_id in enumerate(self._room_ids) if room_id)

    def _number(self, facet: Facet) -> int:
        number = self._numbers.setdefault(facet, len(self._known))
        if number == len(self._known):
            self._known.append(facet)
        return number


def entry_of(listing: Listing) -> Entry:
    published = listing.published_at.timestamp()
    starts = listing.starts_at.timestamp() if listing.starts_at else None
    worth = log2(1 + max(0, listing.support)) + published / (_DAYS_PER_DOUBLING * _DAY)
    text = (listing.title, listing.summary, listing.place, listing.publisher.name)
    facets = _facets_of(listing)
    return Entry(
        room_id=listing.room_id,
        text=hash(text),
        facets=tuple((name, same_value(value)) for name, value in facets),
        shown=tuple(value for _, value in facets),
        keys={
            Sort.RELEVANCE: -worth,
            Sort.NEWEST: -published,
            Sort.SUPPORT: -float(listing.support),
            Sort.STARTS: starts if starts is not None else float("inf"),
            Sort.CHANGED: -float(listing.revision),
        },
        time=published if starts is None else starts,
    )


def _facets_of(listing: Listing) -> list[Facet]:
    """Each with its value as people read it."""
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


def same_value(value: str) -> str:
    """As filters compare it."""
    return value.casefold()
