"""Listings from a file: one JSON object a line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from wecreate_module.domain.listings import (
    MAX_SUPPORT,
    InvalidListing,
    Listing,
    parse_record,
    read_offer,
    read_text,
)

MAX_SERVER = 255
_MILLISECONDS_FROM = 100_000_000_000
_RECORD = ("kind", "title", "summary", "district", "tags", "status", "starts_at", "place")
KNOWN = frozenset({*_RECORD, "publisher", "created", "supporters", "server"})


class WrongLine(ValueError):
    """A line that can't be taken; the text names it and says what is wrong."""


def read_lines(lines: Iterable[str], *, server: str, now: datetime) -> Iterator[Listing]:
    """Listings in the file's order; raises WrongLine. Empty lines are passed over.

    The room ids are made up from the content, the same ones each time.
    """
    seen: Counter[str] = Counter()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        mark = hashlib.sha256(line.strip().encode()).hexdigest()[:24]
        seen[mark] += 1
        try:
            listing = _listing(json.loads(line), server, now)
        except InvalidListing as error:
            raise WrongLine(f"line {number}: {error}") from error
        except (ValueError, RecursionError) as error:
            raise WrongLine(f"line {number}: not JSON: {error}") from error
        suffix = "" if seen[mark] == 1 else f"-{seen[mark]}"
        yield replace(listing, room_id=f"!{mark}{suffix}:{listing.server}")


def _listing(given: object, server: str, now: datetime) -> Listing:
    if not isinstance(given, Mapping):
        raise InvalidListing("not an object")
    unknown = sorted(str(name) for name in set(given) - KNOWN)
    if unknown:
        raise InvalidListing(f"unknown field {unknown[0][:40]!r}; known: {sorted(KNOWN)}")
    record = {name: given[name] for name in _RECORD if given.get(name) is not None}
    record["published_at"] = _created(given.get("created"), now)
    record["publisher"] = given.get("publisher") or {}
    offer = read_offer(given.get("kind"))
    if offer is not None:
        record["offer"] = offer.value
    named = given.get("server") or server
    return replace(
        parse_record(record, room_id="", server=read_text(named, "server", MAX_SERVER), now=now),
        support=_supporters(given.get("supporters", 0)),
    )


def _created(value: object, now: datetime) -> object:
    """ISO 8601, or seconds or milliseconds since 1970."""
    if value is None:
        return now.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidListing("created is out of all bounds") from error


def _supporters(value: object) -> int:
    count = len(value) if isinstance(value, list) else value
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MAX_SUPPORT:
        raise InvalidListing("supporters is no whole number from 0 on")
    return count
