"""Bot and web, one process, are killed while files come in: nothing lost, nothing half-entered."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import chromium, visit
from tests.e2e.groups import new_group
from tests.e2e.stack import Stack

FILES = 8
KILLS = 4
SLOW = 2_000_000  # bytes a second
IMPORTED = 120


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path / "stack") as running:
        yield running


async def test_files_sent_while_the_bot_is_killed_appear_once_each(
    stack: Stack, tmp_path: Path
) -> None:
    sent = {}
    for number in range(FILES):
        content = os.urandom(2_500_000 + number)
        sent[f"Beleg {number}.bin"] = content
        await asyncio.to_thread((tmp_path / f"Beleg {number}.bin").write_bytes, content)
    async with new_group(stack) as group, chromium() as browser:
        asked = await group.anna.ask(group.box, "!datei anfrage Belege")
        page = await browser.new_page(locale="de-DE")
        await slow_down(page)
        await visit(page, asked.data["request"]["url"])
        chosen = [str(tmp_path / name) for name in sent]
        await page.get_by_label("Dateien", exact=True).set_input_files(chosen)
        await page.get_by_role("button", name="Schicken").click()
        moments = random.Random(4711)
        for _ in range(KILLS):
            count = await page.locator("#files li").count()
            await expect(page.locator("#files li")).not_to_have_count(count, timeout=60_000)
            await asyncio.sleep(moments.uniform(0, 0.5))  # anywhere within a file's way
            await asyncio.to_thread(kill_bot, stack)
        done = page.get_by_role("status")
        await expect(done).to_contain_text("Alles ist angekommen", timeout=240_000)
        for name, content in sent.items():
            seen = await group.ben.wait_for(
                lambda seen, name=name: seen.msgtype == "m.file" and seen.body == name,  # type: ignore[misc]  # mypy wants no defaults here
                what=name,
                deadline=120,
            )
            assert await group.ben.fetch_file(seen) == content
        listed = await group.ben.ask(group.box, "!dateien belege")
        assert sorted(file["name"] for file in listed.data["files"]) == sorted(sent)
        shown = [each.body for each in group.ben.messages.values() if each.msgtype == "m.file"]
        assert sorted(shown) == sorted(sent)


async def slow_down(page: Page) -> None:
    """As slow as a phone's line, so that every kill comes before the last file is there."""
    session = await page.context.new_cdp_session(page)
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
    await session.send("Network.emulateNetworkConditions", line)


async def test_a_zip_is_brought_in_once_though_the_bot_is_killed(stack: Stack) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for number in range(IMPORTED):
            archive.writestr(f"Archiv/{number:03}.txt", f"Nr. {number}")
    async with new_group(stack) as group:
        data = raw.getvalue()
        event_id = await group.anna.send_file(group.box, "Archiv.zip", data, "application/zip")
        await group.anna.ask(group.box, "!dateien")
        await group.anna.reply(group.box, event_id, "!dateien einlesen")
        await group.anna.wait_for(lambda seen: "Ich hole" in seen.body, what="the beginning")
        moments = random.Random(4711)
        for _ in range(2):
            await asyncio.to_thread(kill_bot, stack)
            await group.anna.ask(group.box, "!dateien platz", 120)
            await asyncio.sleep(moments.uniform(0, 0.5))  # anywhere within the import
        done = await group.anna.wait_for(
            lambda seen: "hereingeholt" in seen.body, what="the end", deadline=120
        )
        assert done.data["import"]["here"] == IMPORTED
        space = await group.anna.ask(group.box, "!dateien platz")
        assert space.data["box"]["files"] == IMPORTED + 1  # with the ZIP itself


def kill_bot(stack: Stack) -> None:
    """The supervisor starts it again."""
    bot = stack.children().get("bot")
    if bot is not None:
        os.kill(bot, signal.SIGKILL)
