"""The page behind a link, in a real headless Chromium."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import update

from bridges.web.ciphertexts import PIECE, name_of
from tests.browser import visit
from tests.shared_file import Surface
from wecreate_module.domain.links import LinkWish
from wecreate_module.services import links
from wecreate_module.services.link_sealing import derive
from wecreate_module.storage.file_tables import file_links

SIZE = 5_000_003
Open = Callable[[str], Awaitable[Page]]


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
        await visit(page, address)
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
    address, new = await web.share(clear, "Größe & Maß'.pdf")
    page = await phone(address)
    await expect(page.get_by_role("heading", name="Größe & Maß'.pdf")).to_be_visible()
    await expect(page.locator("#size")).to_have_text("5 MB")
    await expect(page.locator("#type")).to_have_text("PDF-Dokument")
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

    await page.route("**/0/data", cut)
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
    address, new = await web.share(b"x" * 2048, wish=LinkWish(password=True))
    page = await browser.new_page(locale="en-GB")
    await visit(page, address)
    await expect(page.get_by_role("heading", name="A file for you")).to_be_visible()
    await expect(page.get_by_label("Password")).to_be_focused()
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.get_by_label("Password").fill(str(new.password))
    await page.keyboard.press("Enter")
    # As the British write it, not as in the language's largest country.
    await expect(page.locator("#until")).to_have_text(
        re.compile(r"^\d{1,2} [A-Z][a-z]+ \d{4} at \d\d:\d\d$")
    )


async def test_several_files_come_as_one_zip_with_their_folders(
    web: Surface, phone: Open, tmp_path: Path
) -> None:
    contents = {
        "Protokolle/2026/Mai.pdf": os.urandom(2_500_000),
        "Größe.txt": b"",
        "Mai.pdf": os.urandom(1024 * 1024),
        "Mai (4).pdf": b"noch eine",
    }
    numbers = [
        web.enter(contents["Protokolle/2026/Mai.pdf"], "Mai.pdf", "Protokolle/2026"),
        web.enter(contents["Größe.txt"], "Größe.txt"),
        web.enter(contents["Mai.pdf"], "Mai.pdf"),
        web.enter(contents["Mai (4).pdf"], "Mai.pdf"),
    ]
    address, _ = await web.share_all(numbers, LinkWish(max_visits=1))
    page = await phone(address)
    await expect(page.get_by_role("heading", name="Sommerfest")).to_be_visible()
    async with page.expect_download(timeout=60_000) as waiting:
        await page.get_by_role("button", name="Alle als ZIP herunterladen").press("Enter")
    download = await waiting.value
    assert download.suggested_filename == "Sommerfest.zip"
    assert "/f/save/" in download.url, "it was not streamed to disk"
    await download.save_as(tmp_path / "found.zip")
    await expect(page.get_by_role("status")).to_contain_text("Fertig")
    with zipfile.ZipFile(tmp_path / "found.zip") as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == contents
    # One of them by itself needs no second visit.
    async with page.expect_download(timeout=60_000) as waiting:
        await page.get_by_role("button", name="Mai (4).pdf herunterladen").click()
    await (await waiting.value).save_as(tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == b"noch eine"


async def test_a_large_file_is_streamed_to_disk_and_survives_a_cut(
    web: Surface, phone: Open, tmp_path: Path
) -> None:
    clear = os.urandom(40 * 1024 * 1024 + 5)
    address, _ = await web.share(clear, "Film.mp4")
    page = await phone(address)
    asked = 0

    async def cut(route: Route) -> None:
        nonlocal asked
        asked += 1
        await (route.abort() if asked % 7 == 3 else route.continue_())

    await page.route("**/0/data", cut)
    async with page.expect_download(timeout=120_000) as waiting:
        await page.get_by_role("button", name="Herunterladen").press("Enter")
    download = await waiting.value
    assert "/f/save/" in download.url, "it was not streamed to disk"
    await download.save_as(tmp_path / "found")
    found = await asyncio.to_thread((tmp_path / "found").read_bytes)
    assert hashlib.sha256(found).digest() == hashlib.sha256(clear).digest()
    assert download.suggested_filename == "Film.mp4"


async def test_where_no_service_worker_is_allowed_it_is_saved_all_the_same(
    web: Surface, browser: Browser, tmp_path: Path
) -> None:
    clear = os.urandom(40 * 1024 * 1024)
    address, _ = await web.share(clear)
    context = await browser.new_context(locale="de-DE", service_workers="block")
    page = await context.new_page()
    await visit(page, address)
    assert await downloaded(page, tmp_path / "found") == clear
    await context.close()


async def test_links_with_a_password_of_the_old_kind_still_open(
    web: Surface, phone: Open, tmp_path: Path
) -> None:
    address, new = await web.share(b"alt", wish=LinkWish(password=True))
    with web.store.begin(web.box.created_at) as uow:
        link = uow.links.get(new.id)
        assert link is not None
        about = {"name": "Alt.pdf", "mimetype": "application/pdf", "expires_at": None, "size": 3}
        media = new.files[0].media
        tree = base64.b64encode(
            hashlib.sha256(hashlib.sha256(web.server.media[media.url]).digest()).digest()
        ).decode()
        about |= {"tree": tree, "key": media.key, "iv": media.iv}
        salt = os.urandom(16)
        key, access = derive(new.id, new.secret, new.password, salt, None)
        nonce = os.urandom(12)
        text = json.dumps(about).encode()
        sealed = nonce + AESGCM(key).encrypt(nonce, text, new.id.encode())
        old = {"kdf": None, "salt": salt, "sealed": sealed}
        old["access_hash"] = hashlib.sha256(access).digest()
        uow._connection.execute(update(file_links).values(**old))
    page = await phone(address)
    field = page.get_by_label("Passwort")
    await field.fill(str(new.password))
    await field.press("Enter")
    assert await downloaded(page, tmp_path / "found") == b"alt"


async def test_a_password_of_ones_own_opens_the_link(
    web: Surface, phone: Open, tmp_path: Path
) -> None:
    wish = LinkWish(password=True, own_password="Rosen blühen im Mai")
    address, _ = await web.share(b"x" * 99, wish=wish)
    page = await phone(address)
    await page.get_by_label("Passwort").fill("Rosen blühen im Mai")
    await page.keyboard.press("Enter")
    assert await downloaded(page, tmp_path / "found") == b"x" * 99


async def test_a_file_altered_in_the_middle_of_a_zip_stops_it(web: Surface, phone: Open) -> None:
    numbers = [web.enter(os.urandom(3_000_000), f"{n}.bin") for n in range(2)]
    address, new = await web.share_all(numbers)
    kept = web.folder / "link-files" / name_of(new.files[1].media)
    altered = kept.read_bytes()[:-1] + b"?"
    kept.write_bytes(altered)
    pieces = (altered[first : first + PIECE] for first in range(0, len(altered), PIECE))
    digests = b"".join(hashlib.sha256(piece).digest() for piece in pieces)
    kept.with_suffix(".digests").write_bytes(digests)  # who alters one, alters the other too
    page = await phone(address)
    await page.get_by_role("button", name="Alle als ZIP herunterladen").click()
    await expect(page.get_by_role("status")).to_contain_text("verändert")
