"""What can be asked of the directory, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from wecreate_module.domain.listings import (
    InvalidListing,
    Listing,
    read_kind,
    read_publisher_type,
    read_status,
)

MAX_WORDS = 200
MAX_VALUES = 20
MAX_VALUE = 100
MAX_CURSOR = 600
MOST = 100
USUAL = 20
PARAMETERS = (
    "q", "kind", "district", "tag", "status", "publisher", "server",
    "since", "until", "sort", "limit", "cursor", "detail",
)  # fmt: skip
_NEVER_EMPTY = ("since", "until", "limit")
_DAY = len("2026-11-22")
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_WHOLE_DAY = timedelta(days=1) - timedelta(microseconds=1)


class Sort(StrEnum):
    """`relevance` without words is `support` and freshness together; `changed` is for partners."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    SUPPORT = "support"
    STARTS = "starts"
    CHANGED = "changed"


_SORTS: Mapping[str, Sort] = {"new": Sort.NEWEST, "date": Sort.NEWEST, "published_at": Sort.NEWEST,
                              "starts_at": Sort.STARTS}  # fmt: skip


class InvalidQuery(ValueError):
    """A parameter that can't be understood; the text says which and what would be."""


@dataclass(frozen=True)
class Query:
    """Values of one filter are alternatives; filters narrow each other.

    `since` and `until` bound when an event starts, and when anything else was published.
    `detail`: whether all of a listing is wanted.
    """

    words: str = ""
    kinds: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    sort: Sort = Sort.RELEVANCE
    limit: int = USUAL
    cursor: str = ""
    detail: bool = False


@dataclass(frozen=True)
class Found:
    """One page. `next` is the cursor of the following one, None on the last."""

    listings: list[Listing]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    next: str | None = None


def parse_query(given: Mapping[str, Sequence[str]]) -> Query:
    """Read URL parameters; raises InvalidQuery. A list is the parameter repeated, or commas."""
    unknown = sorted(set(given) - set(PARAMETERS))
    if unknown:
        raise InvalidQuery(f"unknown parameter {unknown[0][:40]!r}; known: {', '.join(PARAMETERS)}")
    for name in _NEVER_EMPTY:
        if "" in given.get(name, ()):
            raise InvalidQuery(f"{name} is empty: leave it out")
    until = _one(given, "until", 40)
    return Query(
        words=_one(given, "q", MAX_WORDS),
        kinds=_words(given, "kind", read_kind),
        districts=_many(given, "district"),
        tags=_many(given, "tag"),
        statuses=_words(given, "status", read_status),
        publishers=_words(given, "publisher", read_publisher_type),
        servers=_many(given, "server"),
        since=_instant(_one(given, "since", 40), "since"),
        until=_instant(until, "until", whole_day=len(until) == _DAY),
        sort=_sort(_one(given, "sort", 20)),
        limit=_limit(_one(given, "limit", 10)),
        cursor=_one(given, "cursor", MAX_CURSOR),
        detail=_switch(_one(given, "detail", 10)),
    )


def _one(given: Mapping[str, Sequence[str]], name: str, most: int) -> str:
    values = given.get(name, ())
    if len(values) > 1:
        raise InvalidQuery(f"{name} can be given once")
    text = values[0] if values else ""
    if len(text) > most:
        raise InvalidQuery(f"{name} has more than {most} characters")
    if "\x00" in text:
        raise InvalidQuery(f"{name} holds a character that can't be")
    return text.strip()


def _many(given: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
    values = given.get(name, ())
    if len(values) > MAX_VALUES:
        raise InvalidQuery(f"{name} has more than {MAX_VALUES} values")
    if any(len(value) > MAX_VALUE for value in values):
        raise InvalidQuery(f"{name} has more than {MAX_VALUE} characters")
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


W = TypeVar("W", bound=StrEnum)


def _words(
    given: Mapping[str, Sequence[str]], name: str, read: Callable[[object], W]
) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(read(value).value for value in _many(given, name)))
    except InvalidListing as error:
        raise InvalidQuery(str(error)) from error


def _instant(text: str, name: str, *, whole_day: bool = False) -> datetime | None:
    """What lies beyond all listings narrows nothing, or leaves none."""
    if not text:
        return None
    try:
        # In a URL a plus that nobody escaped arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        raise InvalidQuery(f"{name} is not a time in ISO 8601") from None
    if not _FIRST.year <= found.year < _LAST.year:
        return _FIRST if found.year < _FIRST.year else _LAST
    instant = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    return instant + _WHOLE_DAY if whole_day else instant


def _sort(text: str) -> Sort:
    if not text:
        return Sort.RELEVANCE
    try:
        return _SORTS[text] if text in _SORTS else Sort(text)
    except ValueError:
        raise InvalidQuery(f"sort is none of {', '.join(Sort)}") from None


def _limit(text: str) -> int:
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST):
        raise InvalidQuery(f"limit is no whole number from 1 to {MOST}")
    return int(text)


def _switch(text: str) -> bool:
    if text not in {"", "0", "1", "false", "true"}:
        raise InvalidQuery("detail is neither 0 nor 1")
    return text in {"1", "true"}
