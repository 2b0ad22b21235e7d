from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from icalendar import Calendar
from yarl import URL

from bridges.web.app import serve
from bridges.web.health import Health
from bridges.web.market import Market
from bridges.web.metrics import Metrics
from wecreate_module.domain.listings import Kind, Listing, Publisher, PublisherType
from wecreate_module.services.listings import Directory, import_listings
from wecreate_module.settings import WebSettings
from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>'
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Page:
    status: int
    text: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Site:
    port: int
    store: Store

    async def get(self, path: str, language: str = "de") -> Page:
        url = URL(f"http://127.0.0.1:{self.port}{path}", encoded=True)
        headers = {"Accept-Language": language}
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            return Page(answer.status, await answer.text(), dict(answer.headers))

    def put(self, *listings: Listing) -> None:
        import_listings(self.store, listings, NOW)


def listing(number: int, title: str, **fields: object) -> Listing:
    base = Listing(f"!l{number}:x.org", "x.org", Kind.IDEA, title, "Worum es geht", NOW)
    published = NOW - timedelta(days=number)
    return replace(base, published_at=published, **fields)  # type: ignore[arg-type]  # by name


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = Store.open(f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "keys.db", tmp_path / "key")
    market = Market()
    market.open(Directory.of_store(store), ZoneInfo("Europe/Berlin"))
    async with serve(WebSettings(port=0), Health(), Metrics(), market=market) as port:
        yield Site(port, store)
    store.close()


class Outline(HTMLParser):
    """Labels, fields, scripts and unescaped surprises of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.labels: set[str] = set()
        self.fields: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        data = tag == "script" and found.get("type") == "application/ld+json"
        self.tags.append("data" if data else tag)
        if tag == "label":
            self.labels.add(found["for"] or "")
        if tag in {"input", "select"}:
            self.fields.add(found["id"] or "")


async def test_the_page_is_read_and_searched_without_a_script(site: Site) -> None:
    site.put(listing(1, "Spielplatz erneuern", district="Süd"), listing(2, "Radweg"))
    page = await site.get("/markt?q=spielpl%C3%A4tze&kind=&district=S%C3%BCd")
    assert page.status == 200
    assert "Spielplatz erneuern" in page.text
    assert "Radweg" not in page.text
    outline = Outline(page.text)
    assert "script" not in outline.tags
    assert outline.fields == outline.labels
    assert outline.tags.count("h1") == 1
    assert "script-src" not in page.headers["Content-Security-Policy"]


async def test_it_speaks_the_readers_language(site: Site) -> None:
    assert '<html lang="de">' in (await site.get("/markt")).text
    assert "Marketplace" in (await site.get("/markt", "en-GB,de;q=0.5")).text


async def test_what_others_wrote_is_shown_as_text(site: Site) -> None:
    hostile = listing(1, HOSTILE, district=HOSTILE[:60], tags=(HOSTILE[:40],), place=HOSTILE)
    site.put(replace(hostile, publisher=Publisher(PublisherType.PARTY, HOSTILE)))
    for path in ("/markt", "/markt/l/!l1:x.org", "/markt?q=%22%3E%3Cscript%3E"):
        assert "script" not in Outline((await site.get(path)).text).tags
    assert ET.fromstring((await site.get("/markt/feed.atom")).text) is not None  # noqa: S314  # our own


async def test_a_listing_has_a_page_with_ways_into_matrix(site: Site) -> None:
    site.put(listing(1, "Radweg", tags=("rad",)))
    page = await site.get("/markt/l/!l1:x.org")
    assert "https://matrix.to/#/!l1:x.org?via=x.org" in page.text
    assert "matrix:roomid/l1:x.org?action=join&amp;via=x.org" in page.text
    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    assert json.loads(told)["name"] == "Radweg"
    assert "termin.ics" not in page.text
    assert (await site.get("/markt/l/!l1:x.org/termin.ics")).status == 404
    assert (await site.get("/markt/l/!unknown:x.org")).status == 404


async def test_an_event_goes_into_the_calendar(site: Site) -> None:
    event = listing(1, "Fest", kind=Kind.EVENT, starts_at=NOW, place="Rathaus")
    site.put(event)
    page = await site.get("/markt/l/!l1:x.org")
    assert "22.11.2026, 13:00" in page.text
    answer = await site.get("/markt/l/!l1:x.org/termin.ics")
    (found,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert (str(found["SUMMARY"]), str(found["LOCATION"])) == ("Fest", "Rathaus")
    assert found.decoded("DTSTART") == NOW


async def test_all_pages_together_show_everything_once(site: Site) -> None:
    site.put(*(listing(number, f"Idee {number}") for number in range(45)))
    path, seen = "/markt?kind=idea", []
    while path:
        page = await site.get(path)
        seen += [part.split("<", 1)[0] for part in page.text.split('x.org">Idee ')[1:]]
        _, _, rest = page.text.partition('rel="next" href="')
        path = rest.partition('"')[0].replace("&amp;", "&")
    assert sorted(map(int, seen)) == list(range(45))


async def test_feeds_hold_the_newest_of_a_search(site: Site) -> None:
    site.put(listing(2, "Radweg Nord"), listing(1, "Radweg Süd"), listing(3, "Garten"))
    atom = ET.fromstring((await site.get("/markt/feed.atom?q=radweg")).text)  # noqa: S314  # our own
    titles = [entry.findtext(f"{ATOM}title") for entry in atom.iter(f"{ATOM}entry")]
    assert titles == ["Radweg Süd", "Radweg Nord"]
    feed = json.loads((await site.get("/markt/feed.json?q=radweg")).text)
    assert [item["title"] for item in feed["items"]] == titles
    assert feed["version"] == "https://jsonfeed.org/version/1.1"


async def test_wrong_addresses_are_answered_in_words(site: Site) -> None:
    page = await site.get("/markt?limit=x")
    assert page.status == 400
    assert "von vorn" in page.text
    async with serve(WebSettings(port=0), Health(), Metrics(), market=Market()) as port:
        assert (await Site(port, site.store).get("/markt")).status == 503
