"""Files that the homeserver does not take: kept as ciphertext, opened by a link."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser import chromium, visit
from tests.disk import holding
from tests.e2e.groups import Group
from tests.e2e.stack import Stack

CANARY = b"Kanarienvogel-im-zu-grossen-Film-"
SIZE = 30_000_000
MIB = 1024


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A homeserver that takes two megabytes."""
    with Stack(tmp_path_factory.mktemp("small"), max_upload_size="2M") as running:
        yield running


async def sent(browser: Browser, url: str, path: Path) -> None:
    page = await browser.new_page(locale="de-DE")
    await visit(page, url)
    await page.get_by_label("Dateien", exact=True).set_input_files(str(path))
    await page.get_by_role("button", name="Schicken").click()
    await expect(page.get_by_role("status")).to_contain_text("angekommen", timeout=120_000)
    await page.close()


async def downloaded(browser: Browser, url: str, target: Path) -> bytes:
    page = await browser.new_page(locale="de-DE")
    await visit(page, url)
    async with page.expect_download(timeout=120_000) as waiting:
        await page.get_by_role("button", name="Herunterladen").click()
    await (await waiting.value).save_as(target)
    await page.close()
    return await asyncio.to_thread(target.read_bytes)


def peak(pid: int) -> int:
    """KiB that a process has had at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


async def test_a_file_beyond_the_homeservers_limit_is_kept_opened_shared_and_deleted(
    group: Group, tmp_path: Path
) -> None:
    asked = await group.anna.ask(group.box, "!datei anfrage Filme max 3")
    request = asked.data["request"]
    assert request["max_size"] == 2_000_000_000
    assert "größer ist als 2,1 MB" in asked.body
    space = await group.anna.ask(group.box, "!dateien platz")
    assert space.data["largest"] == {"message": 2 * 1024 * 1024, "request": 2_000_000_000}
    clear = CANARY * 100 + os.urandom(SIZE)
    await asyncio.to_thread((tmp_path / "Film.mp4").write_bytes, clear)
    bot = group.stack.children()["bot"]
    before = peak(bot)
    async with chromium() as browser:
        await sent(browser, request["url"], tmp_path / "Film.mp4")
        shown = await group.ben.wait_for(
            lambda seen: "Zu groß für den Chat" in seen.body, what="the link", deadline=60
        )
        file, link = shown.data["file"], shown.data["link"]
        assert (file["name"], file["size"], file["folder"]) == ("Film.mp4", len(clear), "Filme")
        assert await downloaded(browser, link["url"], tmp_path / "first") == clear
        again = await answered(group, f"!datei {file['number']} holen")
        assert again["link"]["url"] != link["url"]
        assert await downloaded(browser, again["link"]["url"], tmp_path / "second") == clear
        made = await group.ben.ask(group.box, f"!datei {file['number']} teilen max 1")
        assert await downloaded(browser, made.data["link"]["url"], tmp_path / "third") == clear
        assert peak(bot) - before < 20 * MIB, "it lay in memory whole"
        moved = await group.anna.reply(group.box, shown.event_id, "!datei ordner Kino")
        assert (await group.anna.answer_to(moved)).data["file"]["folder"] == "Kino"
        await group.anna.ask(group.box, f"!datei {file['number']} löschen")
        page = await browser.new_page(locale="de-DE")
        await visit(page, again["link"]["url"])
        await expect(page.get_by_role("heading", name="nicht mehr")).to_be_visible()
        back = await answered(group, f"!datei {file['number']} zurück")
        assert await downloaded(browser, back["link"]["url"], tmp_path / "fourth") == clear
    secrets = [CANARY, *(each["url"].partition("#")[2].encode() for each in (link, again["link"]))]
    await asyncio.to_thread(search, group.stack.folder, secrets)


async def test_large_files_appear_once_each_though_the_bot_is_killed(
    group: Group, tmp_path: Path
) -> None:
    asked = await group.anna.ask(group.box, "!datei anfrage Vorträge")
    names = [f"Vortrag {number}.mp4" for number in range(3)]
    for number, name in enumerate(names):
        content = os.urandom(4_000_000 + number)
        await asyncio.to_thread((tmp_path / name).write_bytes, content)
    moments = random.Random(4711)
    async with chromium() as browser:
        page = await browser.new_page(locale="de-DE")
        await visit(page, asked.data["request"]["url"])
        chosen = [str(tmp_path / name) for name in names]
        await page.get_by_label("Dateien", exact=True).set_input_files(chosen)
        await page.get_by_role("button", name="Schicken").click()
        for number in range(len(names)):
            # The next one has begun; they may be quicker than this looks.
            await expect(page.locator("#files li").nth(number)).to_be_visible(timeout=60_000)
            await asyncio.sleep(moments.uniform(0, 0.5))  # anywhere within a file's way
            await asyncio.to_thread(kill_bot, group.stack)
        await expect(page.get_by_role("status")).to_contain_text(
            "Alles ist angekommen", timeout=120_000
        )
        await group.ben.ask(group.box, "!dateien platz", 120)  # the last kill is over
        for name in names:
            shown = await group.ben.wait_for(
                lambda seen, name=name: "Zu groß" in seen.body and name in seen.body,  # type: ignore[misc]  # mypy wants no defaults here
                what=name,
                deadline=120,
            )
            found = await downloaded(browser, shown.data["link"]["url"], tmp_path / "found")
            assert found == await asyncio.to_thread((tmp_path / name).read_bytes)
    listed = await group.ben.ask(group.box, "!dateien vortrag")
    assert sorted(file["name"] for file in listed.data["files"]) == names
    told = [each.body for each in group.ben.messages.values() if "Zu groß" in each.body]
    assert len(told) == len(names)


def kill_bot(stack: Stack) -> None:
    """The supervisor starts it again; it may be about to."""
    bot = stack.children().get("bot")
    if bot is not None:
        os.kill(bot, signal.SIGKILL)


async def answered(group: Group, words: str) -> dict[str, Any]:
    """What comes of a command when the link is made."""
    asked = await group.anna.say(group.box, words)
    found = await group.anna.wait_for(
        lambda seen: seen.reply_to == asked and "link" in (seen.data or {}), what=words
    )
    return dict(found.data)


def search(folder: Path, secrets: list[bytes]) -> None:
    """None of them lies on the server's disk."""
    assert holding(folder, secrets) == []
