"""The newest listings as a feed: Atom (RFC 4287) and JSON Feed 1.1.

https://www.rfc-editor.org/rfc/rfc4287, https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from wecreate_module.domain.listing_queries import Query, Sort
from wecreate_module.domain.listings import Listing
from wecreate_module.services.listings import listing_json

Json = dict[str, Any]
LENGTH = 50
ATOM, JSON_FEED = "application/atom+xml", "application/feed+json"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOTHING_YET = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Feed:
    """What stands around the listings: a title, its own address, the page it is of.

    `url_of` is where a listing is to be read.
    """

    title: str
    address: str
    home: str
    url_of: Callable[[Listing], str]


def newest(query: Query) -> Query:
    """What a feed of a search holds."""
    return replace(query, sort=Sort.NEWEST, limit=LENGTH, cursor="", detail=False)


def atom(feed: Feed, listings: Sequence[Listing]) -> bytes:
    root = ET.Element("feed", xmlns=_NAMESPACE)
    _say(root, "title", feed.title)
    _say(root, "id", feed.address)
    ET.SubElement(root, "link", rel="self", href=feed.address)
    ET.SubElement(root, "link", href=feed.home)
    updated = max((each.published_at for each in listings), default=_NOTHING_YET)
    _say(root, "updated", updated.isoformat())
    for listing in listings:
        entry = ET.SubElement(root, "entry")
        url, published = feed.url_of(listing), listing.published_at.isoformat()
        _say(entry, "title", listing.title)
        _say(entry, "id", url)
        ET.SubElement(entry, "link", href=url)
        _say(entry, "published", published)
        _say(entry, "updated", published)
        _say(ET.SubElement(entry, "author"), "name", listing.publisher.name or listing.server)
        for tag in listing.tags:
            ET.SubElement(entry, "category", term=_plain(tag))
        _say(entry, "summary", listing.summary)
    whole: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return whole


def json_feed(feed: Feed, listings: Sequence[Listing]) -> Json:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "items": [_item(each, feed.url_of(each)) for each in listings],
    }


def _item(listing: Listing, url: str) -> Json:
    return {
        "id": url,
        "url": url,
        "title": listing.title,
        "content_text": listing.summary,
        "date_published": listing.published_at.isoformat(),
        "tags": list(listing.tags),
        "authors": [{"name": listing.publisher.name or listing.server}],
        "_wecreate": listing_json(listing),
    }


def _say(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _plain(text)


def _plain(text: str) -> str:
    """Without what may not stand in XML 1.0, however it is escaped."""
    return _NEVER.sub(" ", text)
