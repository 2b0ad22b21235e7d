"""Synapse purges its media; what open links need is ours by then."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bots.operation.embedded import with_values
from bots.operation.layout import Layout
from tests.browser import chromium, visit
from tests.conditions import eventually
from tests.e2e.groups import Group
from tests.e2e.stack import Stack
from tests.whole_stack import wecreate

ROOT = Path(__file__).parents[2]
MB = 1_000_000
ROOM = 100  # MB; the least that can be set


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A homeserver that keeps media for seconds, and room for few links."""
    running = Stack(
        tmp_path_factory.mktemp("retention"),
        media_retention={"local_media_lifetime": "8s", "remote_media_lifetime": "8s"},
        max_upload_size="120M",
        spam_checker=[{"module": "tests.media_purge.Sooner", "config": {}}],
    )
    layout = Layout(running.folder)
    room = {("files", "cache_mb"): str(ROOM)}
    layout.settings.write_text(with_values(layout.settings.read_text(), room))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))  # where the module is
        with running:
            yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


def media_of(stack: Stack) -> list[Path]:
    """What Synapse's media store holds."""
    folder = Layout(stack.folder).synapse
    stores = [each for each in folder.rglob("local_content") if each.is_dir()]
    return [path for each in stores for path in each.rglob("*") if path.is_file()]


async def saved(page: Page, button: str, target: Path) -> bytes:
    async with page.expect_download(timeout=60_000) as waiting:
        await page.get_by_role("button", name=button).click()
    await (await waiting.value).save_as(target)
    await expect(page.get_by_role("status")).to_contain_text("Fertig")
    return await asyncio.to_thread(target.read_bytes)


async def test_links_serve_what_the_homeserver_has_purged(
    group: Group, browser: Browser, tmp_path: Path
) -> None:
    plan, photo = os.urandom(2 * MB), os.urandom(MB)
    await group.anna.send_file(group.box, "Plan.pdf", plan, "application/pdf")
    await group.anna.send_file(group.box, "Foto.jpg", photo, "image/jpeg")
    one = (await group.anna.ask(group.box, "!datei 1 teilen")).data["link"]
    both = (await group.anna.ask(group.box, "!dateien export")).data["link"]
    assert media_of(group.stack)
    await eventually(lambda: not media_of(group.stack), 60)
    page = await browser.new_page(locale="de-DE")
    await visit(page, one["url"])
    assert await saved(page, "Herunterladen", tmp_path / "plan") == plan
    await visit(page, both["url"])
    zipped = await saved(page, "Alle als ZIP herunterladen", tmp_path / "zip")
    assert plan in zipped
    assert photo in zipped
    # A restart forgets nothing of it.
    await asyncio.to_thread(group.stack.stop)
    await asyncio.to_thread(group.stack.start)
    await visit(page, one["url"])
    assert await saved(page, "Herunterladen", tmp_path / "again") == plan
    refused = await group.anna.ask(group.box, "!datei 2 teilen")
    assert "link" in refused.data, "what lies in our folder can still be shared"


async def test_when_links_take_all_the_room_it_is_said_what_to_do(
    group: Group, browser: Browser, tmp_path: Path
) -> None:
    first = os.urandom(60 * MB)
    await group.anna.send_file(group.box, "Film.mp4", first, "video/mp4")
    link = (await group.anna.ask(group.box, "!datei 1 teilen")).data["link"]
    await group.anna.send_file(group.box, "Oper.mp4", os.urandom(60 * MB), "video/mp4")
    refused = await group.anna.ask(group.box, "!datei 2 teilen")
    assert refused.result["error"]["code"] == "no-room"
    assert "!datei 1 sperren macht bis zu 60 MB frei" in refused.body
    assert "files.cache_mb" in refused.body
    page = await browser.new_page(locale="de-DE")
    await visit(page, link["url"])
    assert await saved(page, "Herunterladen", tmp_path / "film") == first
    await group.anna.ask(group.box, "!datei 1 sperren")
    await group.anna.send_file(group.box, "Oper.mp4", os.urandom(50 * MB), "video/mp4")
    made = await group.anna.ask(group.box, "!datei 3 teilen")
    assert made.data["link"]["url"]
    told = await asyncio.to_thread(wecreate, "doctor", "--dir", group.stack.folder)
    assert "links: open links need 0.1 GB of 0.1 GB" in told.stdout
