"""Files that would do harm if a browser showed them: from our origin it shows none."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import visit
from tests.shared_file import Surface

EVIL = b"<svg xmlns='http://www.w3.org/2000/svg' onload='parent.evil=1;document.title=\"evil\"'/>"
PAGE = b"<!doctype html><title>evil</title><script>parent.evil = 1; top.evil = 1</script>"
LARGE = 40 * 1024 * 1024  # streamed by the service worker


async def saved(page: Page, target: Path) -> str:
    async with page.expect_download(timeout=60_000) as waiting:
        await page.get_by_role("button", name="Herunterladen").click()
    download = await waiting.value
    await download.save_as(target)
    await expect(page.get_by_role("status")).to_contain_text("Fertig")
    return download.suggested_filename


@pytest.mark.parametrize("name", ["Bild.svg", "Seite.html", "Seite.html\u202egpj.exe"])
@pytest.mark.parametrize("size", [0, LARGE])
async def test_a_hostile_file_is_saved_and_never_shown(
    web: Surface, browser: Browser, tmp_path: Path, name: str, size: int
) -> None:
    clear = (EVIL if name.endswith("svg") else PAGE) + b" " * size
    address, _ = await web.share(clear, name)
    page = await browser.new_page(locale="de-DE")
    await visit(page, address)
    named = await saved(page, tmp_path / "found")
    assert (tmp_path / "found").read_bytes() == clear
    assert "\u202e" not in named
    assert await page.evaluate("window.evil") is None
    assert "evil" not in await page.title()
    frames = [frame for frame in page.frames if frame is not page.main_frame]
    assert [await frame.content() for frame in frames if "evil" in await frame.content()] == []


@pytest.mark.parametrize("name", ["<img src=x onerror=evil=1>.pdf", "'\"><script>evil=1</script>"])
async def test_a_hostile_name_is_text_on_every_page(
    web: Surface, browser: Browser, name: str
) -> None:
    numbers = [web.enter(b"x", name), web.enter(b"y", name + "2")]
    one, _ = await web.share(b"x", name)
    several, _ = await web.share_all(numbers)
    for address in (one, several):
        page = await browser.new_page(locale="de-DE")
        await visit(page, address)
        await expect(page.get_by_role("button", name="Herunterladen").first).to_be_visible()
        assert await page.evaluate("window.evil") is None
        assert await page.locator("main img, main script").count() == 0


async def test_the_bytes_opened_as_a_page_are_nothing(web: Surface, browser: Browser) -> None:
    _, new = await web.share(PAGE, "Seite.html")
    page = await browser.new_page()
    answer = await visit(page, f"http://127.0.0.1:{web.port}/f/{new.id}/0/data")
    assert answer is not None
    assert answer.status == 403
    assert "evil" not in await page.content()
