"""A page that sends a file is closed on the way: the next one goes on where it stopped."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from playwright.async_api import BrowserContext, Page, Request, Route, expect

from tests.accessibility import complaints
from tests.browser import chromium, visit
from tests.conditions import eventually
from tests.shared_file import ANNA, RULES, Surface
from wecreate_module.domain.file_requests import FileRequest, UploadState, read_request
from wecreate_module.services import file_requests
from wecreate_module.services.upload_sealing import open_letter

MIB = 1024 * 1024
# `PICTURES=folder pytest …` keeps what is seen, to be looked at.
PICTURES = os.environ.get("PICTURES")
SIZE = 6 * MIB + 12_345
CUT = 2


@pytest.fixture
async def context() -> AsyncIterator[BrowserContext]:
    async with chromium() as browser:
        phone = {"width": 360, "height": 740}
        yield await browser.new_context(locale="de-DE", viewport=phone)  # type: ignore[arg-type]  # playwright's ViewportSize


def ask_for_files(web: Surface, words: str) -> tuple[FileRequest, str]:
    with web.store.begin(datetime.now(UTC)) as uow:
        wish = read_request(words, RULES)
        request, secret = file_requests.make_request(uow, web.box, wish, RULES, actor=ANNA)
    return request, f"http://127.0.0.1:{web.port}/f/r/{request.id}#{secret}"


def arrived(web: Surface, request: FileRequest) -> list[bytes]:
    """The clear bytes of all that came whole, each opened as the bot does it."""
    with web.store.read(datetime.now(UTC)) as uow:
        names = sorted(uow.file_requests.ids([UploadState.WHOLE]))
        uploads = [uow.file_requests.upload(name) for name in names]
    files = []
    for upload in uploads:
        assert upload is not None
        assert upload.letter is not None
        said = open_letter(request.private_key, request.id, upload.id, upload.letter)
        key = base64.urlsafe_b64decode(str(said["key"]) + "=")
        iv = base64.b64decode(str(said["iv"]) + "==")
        sealed = (web.folder / "sent-files" / upload.id).read_bytes()
        files.append(Cipher(algorithms.AES(key), modes.CTR(iv)).decryptor().update(sealed))
    return files


def begun(web: Surface) -> set[str]:
    with web.store.read(datetime.now(UTC)) as uow:
        return uow.file_requests.ids([UploadState.OPEN])


async def choose(page: Page, path: Path) -> None:
    await page.get_by_label("Dateien", exact=True).set_input_files(str(path))
    await page.get_by_role("button", name="Schicken").click()


async def close_on_the_way(context: BrowserContext, web: Surface, url: str, path: Path) -> None:
    """Close the tab when two pieces are there and the third hangs."""
    page = await context.new_page()
    sent = 0

    async def hold(route: Route) -> None:
        nonlocal sent
        if route.request.method == "PATCH":
            sent += 1
        if sent <= CUT:
            await route.continue_()

    await page.route("**/files/*", hold)
    await visit(page, url)
    await choose(page, path)
    folder = web.folder / "sent-files"
    await eventually(
        lambda: any(each.stat().st_size == CUT * MIB for each in folder.iterdir()) and sent > CUT
    )
    await page.close(run_before_unload=False)


async def test_a_closed_tab_costs_nothing(
    web: Surface, context: BrowserContext, tmp_path: Path
) -> None:
    request, url = ask_for_files(web, "Filme max 1")
    path, clear = tmp_path / "Film.mp4", os.urandom(SIZE)
    path.write_bytes(clear)
    await close_on_the_way(context, web, url, path)
    one = begun(web)
    page = await context.new_page()
    offsets: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(request.headers["upload-offset"])

    page.on("request", note)
    await visit(page, url)
    await expect(page.get_by_text("Noch nicht ganz da: Film.mp4")).to_be_visible()
    assert await complaints(page) == []
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/begun.png", full_page=True)
    await choose(page, path)
    await expect(page.get_by_role("status")).to_contain_text("Alles ist angekommen")
    assert int(offsets[0]) >= CUT * MIB, "it began anew"  # what hung may have come as well
    assert len(one) == 1
    assert arrived(web, request) == [clear]
    await page.reload()
    await expect(page.get_by_role("status")).to_contain_text("Mehr Dateien passen nicht")
    assert await kept_by(page) == [0, 0]


async def test_another_file_of_the_same_name_size_and_age_begins_anew(
    web: Surface, context: BrowserContext, tmp_path: Path
) -> None:
    request, url = ask_for_files(web, "Filme max 1")
    path = tmp_path / "Film.mp4"
    path.write_bytes(os.urandom(SIZE))
    when = path.stat().st_mtime
    await close_on_the_way(context, web, url, path)
    path.write_bytes(os.urandom(SIZE))
    os.utime(path, (when, when))
    page = await context.new_page()
    await visit(page, url)
    await choose(page, path)
    await expect(page.get_by_role("status")).to_contain_text("Alles ist angekommen")
    assert arrived(web, request) == [path.read_bytes()]
    assert begun(web) == set()


async def test_the_browsers_storage_opens_nothing_without_the_link(
    web: Surface, context: BrowserContext, tmp_path: Path
) -> None:
    _, url = ask_for_files(web, "Filme max 1")
    path = tmp_path / "Kanarienvogel.mp4"
    path.write_bytes(os.urandom(SIZE))
    await close_on_the_way(context, web, url, path)
    page = await context.new_page()
    await visit(page, url.partition("#")[0])
    stored = await page.evaluate(_STORED)
    assert len(stored) >= CUT
    assert "Kanarienvogel" not in str(stored)
    other = url[:-4] + ("AAAA" if not url.endswith("AAAA") else "BBBB")
    page = await context.new_page()
    await visit(page, other)
    await expect(page.get_by_role("status")).to_contain_text("nicht vollständig")


async def test_what_the_server_has_forgotten_begins_anew(
    web: Surface, context: BrowserContext, tmp_path: Path
) -> None:
    request, url = ask_for_files(web, "Filme max 1")
    path, clear = tmp_path / "Film.mp4", os.urandom(SIZE)
    path.write_bytes(clear)
    await close_on_the_way(context, web, url, path)
    with web.store.begin(datetime.now(UTC)) as uow:
        for name in begun_in(uow):
            uow.file_requests.drop(name)
    page = await context.new_page()
    await visit(page, url)
    await expect(page.get_by_text("Noch eine Datei")).to_be_visible()
    await choose(page, path)
    await expect(page.get_by_role("status")).to_contain_text("Alles ist angekommen")
    assert arrived(web, request) == [clear]


def begun_in(uow: object) -> set[str]:
    found: set[str] = uow.file_requests.ids([UploadState.OPEN])  # type: ignore[attr-defined]  # a unit of work
    return found


async def kept_by(page: Page) -> list[int]:
    """How many records each of the browser's stores holds."""
    return [int(count) for count in await page.evaluate(_COUNTED)]


_OPEN = """new Promise((go) => {
  const asked = indexedDB.open("wecreate-sending", 1);
  asked.onsuccess = () => go(asked.result);
})"""
_ALL = """(store) => new Promise((go) => {
  const asked = database.transaction([store]).objectStore(store).getAll();
  asked.onsuccess = () => go(asked.result);
})"""
_COUNTED = f"""async () => {{
  const database = await {_OPEN};
  const all = {_ALL};
  return [(await all("files")).length, (await all("digests")).length];
}}"""
_STORED = f"""async () => {{
  const database = await {_OPEN};
  const all = {_ALL};
  const text = (each) => String.fromCharCode(...new Uint8Array(each.sealed.data));
  return [...await all("files"), ...await all("digests")].map((each) => (
    JSON.stringify(each) + text(each)));
}}"""
