from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from wecreate_module.domain.listing_queries import Query, Sort
from wecreate_module.domain.listings import Kind, Listing, Publisher, PublisherType
from wecreate_module.services.listing_feeds import Feed, atom, json_feed, newest

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NAME = "{http://www.w3.org/2005/Atom}"
FEED = Feed("Markt", "https://x.org/feed?q=a&kind=b", "https://x.org/", lambda each: each.room_id)


def listing(title: str, **fields: object) -> Listing:
    made = Listing("!1:x.org", "x.org", Kind.IDEA, title, "Für <b>alle</b>", NOW)
    return Listing(**{**vars(made), **fields})


@pytest.mark.parametrize("title", ["a & b <c>", "]]>", "nie \ufffe \uffff", "\x01\x0b", "👩‍🌾"])
def test_whatever_stands_in_a_listing_an_atom_feed_can_be_read(title: str) -> None:
    publisher = Publisher(PublisherType.GROUP, title)
    given = listing(title, tags=(title,), publisher=publisher)
    read = ET.fromstring(atom(FEED, [given]))  # noqa: S314  # our own
    (entry,) = read.iter(f"{NAME}entry")
    assert entry.findtext(f"{NAME}summary") == "Für <b>alle</b>"
    assert read.findtext(f"{NAME}id") == FEED.address


def test_a_feed_is_as_new_as_its_newest_listing() -> None:
    older = listing("Alt", published_at=NOW - timedelta(days=3))
    read = ET.fromstring(atom(FEED, [older, listing("Neu")]))  # noqa: S314  # our own
    assert read.findtext(f"{NAME}updated") == NOW.isoformat()
    assert ET.fromstring(atom(FEED, [])).findtext(f"{NAME}updated")  # noqa: S314  # our own


def test_who_publishes_without_a_name_is_named_by_the_server() -> None:
    assert json_feed(FEED, [listing("Bank")])["items"][0]["authors"] == [{"name": "x.org"}]


def test_a_feed_of_a_search_begins_with_the_newest_whatever_was_asked() -> None:
    asked = Query(words="rad", sort=Sort.SUPPORT, limit=3, cursor="x", detail=True)
    assert newest(asked) == Query(words="rad", sort=Sort.NEWEST, limit=50)
