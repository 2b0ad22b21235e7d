"""The pages for people without an account: on a phone, by keyboard, in both languages."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, FileChooser, Page, expect

from tests.accessibility import complaints
from tests.browser import visit
from tests.shared_file import ANNA, RULES, Surface
from wecreate_module.domain.file_requests import read_request
from wecreate_module.domain.links import LinkWish
from wecreate_module.services import file_requests

PHONE = {"width": 360, "height": 740}
# `PICTURES=folder pytest …` keeps what is seen, to be looked at.
PICTURES = os.environ.get("PICTURES")


def ask_for_files(web: Surface, words: str) -> str:
    with web.store.begin(datetime.now(UTC)) as uow:
        wish = read_request(words, RULES)
        request, secret = file_requests.make_request(uow, web.box, wish, RULES, actor=ANNA)
    return f"http://127.0.0.1:{web.port}/f/r/{request.id}#{secret}"


async def is_fine(page: Page, name: str) -> None:
    """Nothing to complain of, nothing wider than the phone."""
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_fine_on_a_phone(
    web: Surface, browser: Browser, locale: str, scheme: str
) -> None:
    numbers = [
        web.enter(os.urandom(2000), "Ein-sehr-langer-Dateiname-" + "x" * 80 + ".pdf", "Protokolle"),
        web.enter(b"x", "b.txt"),
    ]
    one, _ = await web.share(os.urandom(5000))
    several, _ = await web.share_all(numbers)
    locked, _ = await web.share(b"x", wish=LinkWish(password=True))
    request = ask_for_files(web, "Fotos vom Sommerfest im Kleingartenverein max 3")
    context = await browser.new_context(
        locale=locale,
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    gone = one.replace("/f/", "/f/A")[:-44]
    pages = {"one": one, "several": several, "locked": locked, "request": request}
    for name, address in pages.items():
        page = await context.new_page()
        await visit(page, address)
        visible = page.get_by_role("button").first
        await expect(visible).to_be_visible()
        await is_fine(page, f"{name}-{locale}-{scheme}")
        await page.close()
    page = await context.new_page()
    ended = f"{gone.rpartition('/')[0]}/{'A' * 22}"
    await visit(page, ended)
    await is_fine(page, f"gone-{locale}-{scheme}")
    await context.close()


async def test_a_request_is_answered_with_the_keyboard_alone(
    web: Surface, browser: Browser, tmp_path: Path
) -> None:
    address = ask_for_files(web, "Belege")
    sent = tmp_path / "Beleg.txt"
    await asyncio.to_thread(sent.write_text, "Kassenzettel")
    page = await browser.new_page(locale="de-DE", viewport={"width": 360, "height": 740})
    asked: asyncio.Future[FileChooser] = asyncio.get_running_loop().create_future()

    def shown(chooser: FileChooser) -> None:
        asked.set_result(chooser)

    page.on("filechooser", shown)
    await visit(page, address)
    files = page.get_by_label("Dateien", exact=True)
    await expect(files).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("textbox")).to_be_focused()
    await page.keyboard.type("Ben")
    await expect(page.get_by_role("textbox")).to_have_value("Ben")
    await page.keyboard.press("Tab")
    await expect(files).to_be_focused()
    await page.keyboard.press("Space")
    await (await asyncio.wait_for(asked, 30)).set_files(str(sent))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Schicken")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Alles ist angekommen")
    await expect(page.get_by_role("status")).to_be_focused()
    await is_fine(page, "sent")


async def test_a_cut_while_sending_is_gone_on_from(
    web: Surface, browser: Browser, tmp_path: Path
) -> None:
    sent = tmp_path / "gross.bin"
    await asyncio.to_thread(sent.write_bytes, os.urandom(6_000_001))
    page = await browser.new_page(locale="de-DE")
    asked = 0

    async def cut(route: object) -> None:
        nonlocal asked
        asked += 1
        await (route.abort() if asked % 3 == 0 else route.continue_())  # type: ignore[attr-defined]  # playwright's Route

    await page.route("**/files/**", cut)
    await visit(page, ask_for_files(web, "Belege"))
    await page.get_by_label("Dateien", exact=True).set_input_files(str(sent))
    await page.get_by_role("button", name="Schicken").click()
    await expect(page.get_by_role("status")).to_contain_text("angekommen", timeout=60_000)
    (kept,) = (web.folder / "sent-files").iterdir()
    assert kept.stat().st_size == 6_000_001
