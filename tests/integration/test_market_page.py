"""The marketplace's pages in a real headless Chromium, looked at with axe-core."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from bridges.web.app import serve
from bridges.web.health import Health
from bridges.web.market import Market
from bridges.web.metrics import Metrics
from tests.accessibility import complaints
from tests.browser import visit
from wecreate_module.domain.listings import Kind, Listing, Publisher, PublisherType, Status
from wecreate_module.services.listings import Directory, import_listings
from wecreate_module.settings import WebSettings
from wecreate_module.storage.store import Store

# `PICTURES=folder pytest …` keeps what is seen, to be looked at.
PICTURES = os.environ.get("PICTURES")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PHONE = {"width": 390, "height": 844}
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 2
LISTINGS = [
    Listing(
        "!fest:wir.example", "wir.example", Kind.EVENT, "Straßenfest am Lindenmarkt",
        "Mit Musik, Kuchen und einer Tauschbörse für Pflanzen.", NOW - timedelta(days=3),
        district="Süd", tags=("fest", "nachbarschaft"), support=41, place="Lindenmarkt",
        starts_at=NOW + timedelta(days=12), status=Status.GATHERING,
        publisher=Publisher(PublisherType.ASSOCIATION, "Lindenverein", verified=True),
    ),
    Listing(
        "!rad:partei.example", "partei.example", Kind.REFORM, "Radweg an der Hauptstraße",
        "Vom Bahnhof bis zur Schule, auf beiden Seiten. " * 12, NOW - timedelta(days=9),
        district="Mitte", tags=("rad",), support=7, origin="partei.example", stale=True,
        publisher=Publisher(PublisherType.PARTY, "Die Bunten"),
    ),
    Listing(
        "!lang:wir.example", "wir.example", Kind.IDEA, LONG[:150], "x" * 300,
        NOW - timedelta(days=1), district="Nord", publisher=Publisher(name="<b>anna</b>"),
    ),
    *(
        Listing(f"!i{n}:wir.example", "wir.example", Kind.IDEA, f"Bank Nummer {n}", "Zum Sitzen.",
                NOW - timedelta(days=20 + n))
        for n in range(25)
    ),
]  # fmt: skip


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[str]:
    url = f"sqlite:///{tmp_path / 'wecreate.db'}"
    with closing(Store.open(url, tmp_path / "keys.db", tmp_path / "key")) as store:
        await asyncio.to_thread(import_listings, store, LISTINGS, NOW)
        market = Market()
        market.open(Directory.of_store(store), ZoneInfo("Europe/Berlin"))
        settings = replace(WebSettings(), port=0)
        async with serve(settings, Health(), Metrics(), market=market) as port:
            yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}])
async def test_everybody_can_use_every_page(
    site: str, browser: Browser, scheme: Any, viewport: Any
) -> None:
    context = await browser.new_context(locale="de-DE", viewport=viewport, color_scheme=scheme)
    page = await context.new_page()
    addresses = [
        "/markt",
        "/markt?q=radweg&server=partei.example&sort=newest",
        "/markt?q=gibtesnicht",
        "/markt/l/!fest:wir.example",
        "/markt/l/!rad:partei.example",
        "/markt/l/!lang:wir.example",
        "/markt/l/!weg:wir.example",
    ]
    for place, address in enumerate(addresses):
        await visit(page, f"{site}{address}")
        if PICTURES:
            name = f"market-{viewport['width']}-{scheme}-{place}.png"
            await page.screenshot(path=f"{PICTURES}/{name}", full_page=place != 0)
        assert await complaints(page) == [], address
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], address
    await context.close()


@pytest.fixture
async def without_scripts(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="de-DE", viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]  # a plain dict is one
    yield context
    await context.close()


async def test_it_works_with_scripts_off_and_by_keyboard_alone(
    site: str, without_scripts: BrowserContext
) -> None:
    page = await without_scripts.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await visit(page, f"{site}/markt")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Zum Inhalt")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator("header a:focus")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Wörter")).to_be_focused()
    await page.keyboard.type("strassenfest")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="1 Eintrag gefunden")).to_be_visible()
    await page.get_by_role("link", name="Straßenfest am Lindenmarkt").press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Straßenfest am Lindenmarkt")
    way = page.get_by_role("link", name="In Matrix öffnen")
    here = "!fest:wir.example?via=wir.example"
    assert await way.get_attribute("href") == f"https://matrix.to/#/{here}"
    app = page.get_by_role("link", name="In der App auf diesem Gerät öffnen")
    assert await app.get_attribute("href") == (
        "matrix:roomid/fest:wir.example?action=join&via=wir.example"
    )
    # Nothing is fetched from anybody else: no fonts, no pictures, no counters.
    assert {url for url in asked if not url.startswith(site)} == set()


async def test_filters_narrow_what_is_shown_and_stay_chosen(
    site: str, without_scripts: BrowserContext
) -> None:
    page = await without_scripts.new_page()
    await visit(page, f"{site}/markt")
    await page.get_by_text("Genauer suchen").click()
    await page.get_by_label("Art").select_option("reform")
    await page.get_by_role("button", name="Suchen").click()
    await expect(page.get_by_role("heading", level=3)).to_have_text(["Radweg an der Hauptstraße"])
    await page.get_by_text("Genauer suchen (1 gewählt)").click()
    await expect(page.get_by_label("Art")).to_have_value("reform")
    await expect(page.get_by_text("Partner: partei.example")).to_be_visible()
    await visit(page, f"{site}/markt?since=2026-12-01")
    await expect(page.get_by_role("heading", level=3)).to_have_text(["Straßenfest am Lindenmarkt"])


async def test_more_leads_on_to_the_end(site: str, without_scripts: BrowserContext) -> None:
    page = await without_scripts.new_page()
    await visit(page, f"{site}/markt")
    seen = await page.get_by_role("heading", level=3).all_inner_texts()
    await page.get_by_role("link", name="Weitere Einträge").click()
    seen += await page.get_by_role("heading", level=3).all_inner_texts()
    assert sorted(seen) == sorted(each.title for each in LISTINGS)
    await expect(page.get_by_role("link", name="Weitere Einträge")).to_have_count(0)


async def test_an_english_browser_reads_english(site: str, browser: Browser) -> None:
    page = await browser.new_page(locale="en-GB")
    await visit(page, f"{site}/markt/l/!rad:partei.example")
    assert await page.locator("html").get_attribute("lang") == "en"
    await expect(page.get_by_role("link", name="Open in Matrix")).to_be_visible()
    await expect(page.get_by_text("has not been heard of lately")).to_be_visible()


async def test_a_page_that_is_at_hand_is_not_sent_again(site: str, browser: Browser) -> None:
    page = await browser.new_page()
    first = await page.request.get(f"{site}/markt")
    again = await page.request.get(
        f"{site}/markt", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (first.status, again.status, await again.body()) == (200, 304, b"")
