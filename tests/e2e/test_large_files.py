"""200 MB from a Box to somebody without an account and back, on the whole stack."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import chromium, visit
from tests.disk import holding
from tests.e2e.groups import Group
from tests.e2e.stack import Stack

SIZE = 200_000_000
CANARY = b"Kanarienvogel-im-grossen-Film-"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A homeserver that takes files of this size."""
    with Stack(tmp_path_factory.mktemp("large"), max_upload_size="260M") as running:
        yield running


def large() -> bytes:
    return CANARY * 1000 + os.urandom(SIZE - 1000 * len(CANARY))


def search(folder: Path, secrets: list[bytes]) -> None:
    """None of them lies on the server's disk: media, databases, caches, logs."""
    assert holding(folder, secrets) == []


async def downloaded(page: Page, target: Path) -> str:
    """The SHA-256 of what the browser saved."""
    async with page.expect_download(timeout=240_000) as waiting:
        await page.get_by_role("button", name="Herunterladen").click()
    await (await waiting.value).save_as(target)
    await expect(page.get_by_role("status")).to_contain_text("Fertig", timeout=60_000)
    return await asyncio.to_thread(lambda: hashlib.sha256(target.read_bytes()).hexdigest())


async def test_200_mb_go_out_by_a_link_and_come_back_by_another(
    group: Group, tmp_path: Path
) -> None:
    clear = await asyncio.to_thread(large)
    wanted = hashlib.sha256(clear).hexdigest()
    await group.anna.send_file(group.box, "Film.mp4", clear, "video/mp4")
    made = await group.anna.ask(group.box, "!datei 1 teilen max 1 passwort")
    link = made.data["link"]
    spoken: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(locale="de-DE")
        page.on("request", lambda each: spoken.append(f"{each.url} {each.headers}"))
        await visit(page, link["url"])
        await page.get_by_label("Passwort").fill(link["password"])
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Film.mp4")).to_be_visible(timeout=30_000)
        assert await downloaded(page, tmp_path / "film") == wanted
        await page.reload()
        await expect(page.get_by_text("so oft benutzt")).to_be_visible()
        asked = await group.anna.ask(group.box, "!datei anfrage Filme max 1")
        page = await browser.new_page(locale="de-DE")
        page.on("request", lambda each: spoken.append(f"{each.url} {each.headers}"))
        cuts = random.Random(4711)

        async def cut(route: object) -> None:
            chosen = cuts.random() < 0.05
            await (route.abort() if chosen else route.continue_())  # type: ignore[attr-defined]  # playwright's Route

        await page.route("**/files/**", cut)
        await visit(page, asked.data["request"]["url"])
        await page.get_by_label("Dateien", exact=True).set_input_files(str(tmp_path / "film"))
        await page.get_by_role("button", name="Schicken").click()
        await expect(page.get_by_role("status")).to_contain_text("angekommen", timeout=240_000)
    back = await group.ben.wait_for(
        lambda seen: seen.msgtype == "m.file" and seen.body == "film", what="it", deadline=120
    )
    assert hashlib.sha256(await group.ben.fetch_file(back)).hexdigest() == wanted
    secrets = [
        CANARY,
        link["url"].partition("#")[2].encode(),
        link["password"].encode(),
        asked.data["request"]["url"].partition("#")[2].encode(),
    ]
    assert not [each for each in secrets if each.decode() in str(spoken)]
    await asyncio.to_thread(search, group.stack.folder, secrets)
