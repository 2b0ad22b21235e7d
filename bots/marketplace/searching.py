"""What people type behind `!markt suche` and `!markt folgen`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bots.kit.context import Context
from bots.marketplace.desk import rules
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_queries import MOST, Query, Sort
from wecreate_module.domain.listing_rules import plain_name
from wecreate_module.domain.listings import (
    InvalidListing,
    read_kind,
    read_publisher_type,
    read_status,
)

MOST_TAGS = 10
SHOWN = 5
_FILTER = re.compile(r"(\w+):(\S+)")
_IN = frozenset({"in", "im", "aus"})
_NAMES = {
    "art": "kind", "kind": "kind", "stadtteil": "district", "district": "district",
    "in": "district", "status": "status", "von": "publisher", "by": "publisher",
    "server": "server", "seite": "page", "page": "page", "sortiert": "sort", "sort": "sort",
}  # fmt: skip
_SORTS = {
    "neu": Sort.NEWEST, "new": Sort.NEWEST, "newest": Sort.NEWEST,
    "beliebt": Sort.SUPPORT, "support": Sort.SUPPORT, "bald": Sort.STARTS, "soon": Sort.STARTS,
}  # fmt: skip


@dataclass(frozen=True)
class Search:
    """`text` is what was typed, without the page, to be typed again."""

    query: Query
    page: int = 1
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return self.query == Query(limit=self.query.limit)


def read_search(text: str, ctx: Context) -> Search:
    """`Idee #rad Radweg in Süd status:sammelt`; a kind is one as the first word only.

    Raises UserError for a filter's value that there is none of.
    """
    found = Search(Query(limit=SHOWN))
    kept: list[str] = []
    words, districts = _districts(text.split(), ctx)
    query = replace(found.query, districts=districts)
    rest: list[str] = []
    for word in words:
        matched = _FILTER.fullmatch(word)
        name = _NAMES.get(matched[1].casefold()) if matched else None
        if matched and name == "page":
            found = replace(found, page=_page(matched[2]))
            continue
        kept.append(word)
        if matched and name is not None:
            query = _filtered(query, name, matched[2].replace("_", " "))
        elif word.startswith("#") and word[1:]:
            query = replace(query, tags=(*query.tags, word.lstrip("#").lower())[:MOST_TAGS])
        else:
            rest.append(word)
    if rest and not query.kinds and (kind := _value(read_kind, rest[0])) is not None:
        query, rest = replace(query, kinds=(kind,)), rest[1:]
    typed = " ".join(kept + [f"in {each}" for each in districts])
    query = replace(query, words=" ".join(rest), limit=min(SHOWN * found.page, MOST))
    return replace(found, query=query, text=typed)


def _districts(words: list[str], ctx: Context) -> tuple[list[str], tuple[str, ...]]:
    """Take out "in Alte Stadt", where the operator knows that district."""
    known = {tuple(plain_name(each).split()): each for each in rules(ctx).districts}
    longest = max(map(len, known), default=0)
    kept: list[str] = []
    found: list[str] = []
    at = 0
    while at < len(words):
        taken = 0
        if plain_name(words[at]) in _IN:
            for length in range(min(longest, len(words) - at - 1), 0, -1):
                name = tuple(plain_name(each) for each in words[at + 1 : at + 1 + length])
                if name in known:
                    found.append(known[name])
                    taken = length + 1
                    break
        if not taken:
            kept.append(words[at])
        at += taken or 1
    return kept, tuple(found)


def _filtered(query: Query, name: str, value: str) -> Query:
    match name:
        case "district":
            return replace(query, districts=(*query.districts, value))
        case "server":
            return replace(query, servers=(*query.servers, value))
        case "kind" if (kind := _value(read_kind, value)) is not None:
            return replace(query, kinds=(*query.kinds, kind))
        case "status" if (status := _value(read_status, value)) is not None:
            return replace(query, statuses=(*query.statuses, status))
        case "publisher" if (publisher := _value(read_publisher_type, value)) is not None:
            return replace(query, publishers=(*query.publishers, publisher))
        case "sort" if value.casefold() in _SORTS:
            return replace(query, sort=_SORTS[value.casefold()])
    raise UserError(
        "unknown-filter",
        "“{value}” is not possible there. Like this: idea #bike district:South status:gathering "
        "by:party sort:new",
        value=value[:60],
    )


def _value(read: Callable[[object], str], word: str) -> str | None:
    try:
        return str(read(word))
    except InvalidListing:
        return None


def _page(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len("20") else 1
    return max(1, min(number, MOST // SHOWN))
