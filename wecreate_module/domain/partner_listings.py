"""What is believed of a partner's answer: its own listings, one by one, within bounds.

Everything here came from another server and may be wrong, huge or a lie. A wrong listing is
left out alone; what a partner says of other servers' listings is left out always, so whatever
it does harms its own entries only. docs/explanation/federation.md
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from wecreate_module.domain.listings import MAX_SUPPORT, InvalidListing, Listing, parse_record
from wecreate_module.domain.matrix import is_user_id

MAX_BYTES = 1_000_000
"""Of one page."""
MAX_ENTRIES = 200
"""Of one page; we ask for a hundred."""
MAX_CURSOR = 600
_ROOM = re.compile(r"![A-Za-z0-9_./=+-]{1,180}:(?P<server>[^\s/?#]{1,230})")
_ALIAS = re.compile(r"#[^\s:\x00-\x1f]{1,180}:(?P<server>[^\s/?#]{1,230})")
_EVENT = re.compile(r"\$[A-Za-z0-9_./=+-]{1,180}(?::[^\s/?#]{1,230})?")
# The partner's own words for the same fields, as in the state of a listing's room.
_RECORD = (
    "kind", "offer", "title", "summary", "district", "tags", "status", "publisher",
    "published_at", "starts_at", "place",
)  # fmt: skip


class NoAnswer(ValueError):
    """The page as a whole is none of a directory; the text says why."""


@dataclass(frozen=True)
class PartnerPage:
    """`wrong` counts what was left out, by reason; `contact` is the partner's bot, "" if unsaid."""

    listings: tuple[Listing, ...]
    wrong: Counter[str]
    total: int
    next: str | None
    contact: str = ""


def read_page(raw: bytes, partner: str, now: datetime) -> PartnerPage:
    """Read an answer of the partner's directory. Raises NoAnswer."""
    given = _parsed(raw)
    results = given.get("results")
    if not isinstance(results, list):
        raise NoAnswer("the answer has no list of results")
    if len(results) > MAX_ENTRIES:
        raise NoAnswer(f"more than {MAX_ENTRIES} listings on one page")
    found: dict[str, Listing] = {}
    wrong: Counter[str] = Counter()
    for each in results:
        try:
            listing = read_entry(each, partner, now)
        except InvalidListing as error:
            wrong[str(error)[:100]] += 1
            continue
        found.setdefault(listing.room_id, listing)
    total, following = given.get("total"), given.get("next")
    return PartnerPage(
        listings=tuple(found.values()),
        wrong=wrong,
        total=_count(total, len(found)),
        next=following if isinstance(following, str) and 0 < len(following) <= MAX_CURSOR else None,
        contact=_contact(given.get("contact"), partner),
    )


def read_entry(given: object, partner: str, now: datetime) -> Listing:
    """One listing of the partner's own. Raises InvalidListing."""
    if not isinstance(given, Mapping):
        raise InvalidListing("not an object")
    server = given.get("server")
    if server != partner:
        raise InvalidListing("server is another one's")
    room_id = _own(_ROOM, given.get("room_id"), partner, "room_id")
    alias = given.get("alias")
    if alias is not None:
        alias = _own(_ALIAS, alias, partner, "alias")
    support = _count(given.get("support", 0), -1)
    if support < 0:
        raise InvalidListing("support is no whole number from 0 on")
    card = given.get("card")
    record = {name: given[name] for name in _RECORD if given.get(name) is not None}
    listing = parse_record(record, room_id=room_id, server=partner, now=now, alias=alias or "")
    known_card = isinstance(card, str) and _EVENT.fullmatch(card)
    return replace(listing, origin=partner, support=support, card=str(card) if known_card else "")


def same_content(one: Listing, other: Listing) -> bool:
    """Whether a copy says what another says, whenever and however often it was written."""
    return replace(one, revision=0) == replace(other, revision=0)


def _parsed(raw: bytes) -> Mapping[str, object]:
    if len(raw) > MAX_BYTES:
        raise NoAnswer("the answer is too large")
    try:
        given = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise NoAnswer("the answer is not JSON") from error
    if not isinstance(given, dict):
        raise NoAnswer("the answer is not an object")
    return given


def _own(pattern: re.Pattern[str], value: object, partner: str, name: str) -> str:
    """An id of the partner's own making: its server's name stands in it."""
    match = pattern.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidListing(f"{name} is none")
    if match["server"] != partner:
        raise InvalidListing(f"{name} is another server's")
    return match[0]


def _contact(value: object, partner: str) -> str:
    """A user of the partner's own, else nobody."""
    own = is_user_id(value) and str(value).partition(":")[2] == partner
    return str(value) if own else ""


def _count(value: object, otherwise: int) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SUPPORT
    return int(str(value)) if whole else otherwise
