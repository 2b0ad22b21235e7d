"""The page behind a link, in a real headless Chromium."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.shared_file import Surface, surface
from wecreate_module.domain.links import LinkWish
from wecreate_module.services import links

SIZE = 5_000_003
Open = Callable[[str], Awaitable[Page]]


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Surface]:
    async with surface(tmp_path) as made:
        yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; playwright only drives it."""
    path = shutil.which("chromium")
    assert path, "these tests need Chromium: apt-get install chromium"
    async with async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Open]:
    """Open an address on a German phone; whatever the page complains of fails the test."""
    complaints: list[str] = []
    context = await browser.new_context(
        locale="de-DE", viewport={"width": 390, "height": 844}, accept_downloads=True
    )

    async def open_page(address: str) -> Page:
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                complaints.append(request.url)
                if "127.0.0.1" not in request.url and not request.url.startswith("blob:")
                else None
            ),
        )
        await page.goto(address)
        return page

    yield open_page
    await context.close()
    assert complaints == []


async def downloaded(page: Page, target: Path) -> bytes:
    async with page.expect_download(timeout=60_000) as waiting:
        await page.get_by_role("button", name="Herunterladen").press("Enter")
    download = await waiting.value
    await download.save_as(target)
    await expect(page.get_by_role("status")).to_contain_text("Fertig")
    return await asyncio.to_thread(target.read_bytes)


async def test_a_file_comes_out_of_its_link_as_it_went_in(
    web: Surface, phone: Open, tmp_path: Path
) -> None:
    clear = os.urandom(SIZE)
    address, new = await web.share(clear, "Größe & <Maß>.pdf")
    page = await phone(address)
    await expect(page.get_by_role("heading", name="Größe & <Maß>.pdf")).to_be_visible()
    await expect(page.locator("#size")).to_have_text("5 MB")
    found = await downloaded(page, tmp_path / "found")
    assert hashlib.sha256(found).digest() == hashlib.sha256(clear).digest()
    # Nothing that was sent to the server holds the secret.
    assert new.secret not in str(web.server.fetched)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


async def test_a_password_is_asked_for_and_a_wrong_one_refused(
    web: Surface, phone: Open, tmp_path: Path
) -> None:
    clear = os.urandom(1000)
    address, new = await web.share(clear, wish=LinkWish(password=True))
    page = await phone(address)
    field = page.get_by_label("Passwort")
    await expect(field).to_be_focused()
    await field.fill("falsch")
    await field.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Das Passwort stimmt nicht.")
    await field.fill(f" {new.password} ")
    await field.press("Enter")
    assert await downloaded(page, tmp_path / "found") == clear


async def test_a_cut_on_the_way_is_gone_on_from(web: Surface, phone: Open, tmp_path: Path) -> None:
    clear = os.urandom(SIZE)
    address, _ = await web.share(clear, wish=LinkWish(max_visits=1))
    page = await phone(address)
    asked = 0

    async def cut(route: object) -> None:
        nonlocal asked
        asked += 1
        await (route.abort() if asked in {2, 3, 5} else route.continue_())  # type: ignore[attr-defined]  # playwright's Route

    await page.route("**/data", cut)
    assert await downloaded(page, tmp_path / "found") == clear
    assert asked == 5 + 3


async def test_altered_bytes_are_never_saved(web: Surface, phone: Open) -> None:
    address, _ = await web.share(os.urandom(SIZE))
    (kept,) = (path for path in (web.folder / "link-files").iterdir() if not path.suffix)
    page = await phone(address)
    with kept.open("r+b") as file:
        file.seek(SIZE // 2)
        file.write(b"?" * 20)
    await page.get_by_role("button", name="Herunterladen").click()
    await expect(page.get_by_role("status")).to_contain_text("verändert")


async def test_a_link_that_ended_says_so_in_plain_words(web: Surface, phone: Open) -> None:
    expired, _ = await web.share(b"x", wish=LinkWish(timedelta(microseconds=1)))
    used, new = await web.share(b"y", wish=LinkWish(max_visits=1))
    with web.store.begin(web.box.created_at) as uow:
        links.visit(uow, new.id, web.access(new))
    for address, words in ((expired, "abgelaufen"), (used, "so oft benutzt")):
        page = await phone(address)
        await expect(page.get_by_role("heading")).to_have_text("Diesen Link gibt es nicht mehr")
        await expect(page.get_by_text(words)).to_be_visible()


async def test_a_link_without_its_secret_says_that_it_is_not_complete(
    web: Surface, phone: Open
) -> None:
    address, _ = await web.share(b"x")
    page = await phone(address.partition("#")[0])
    await expect(page.get_by_role("status")).to_contain_text("nicht vollständig")
    page = await phone(address[:-3] + "AAA")
    await expect(page.get_by_role("status")).to_contain_text("nicht vollständig")


async def test_an_english_browser_reads_english(web: Surface, browser: Browser) -> None:
    address, _ = await web.share(b"x" * 2048, wish=LinkWish(password=True))
    page = await browser.new_page(locale="en-GB")
    await page.goto(address)
    await expect(page.get_by_role("heading", name="A file for you")).to_be_visible()
    await expect(page.get_by_label("Password")).to_be_focused()
    assert await page.locator("html").get_attribute("lang") == "en"
