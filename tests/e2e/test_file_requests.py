"""Files from people without an account: from a browser into the Box, encrypted on the way."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser import chromium, visit
from tests.disk import holding
from tests.e2e.groups import Group

CANARY = b"Kanarienvogel-auf-dem-Sommerfest "


async def ask_for_files(group: Group, words: str) -> dict[str, object]:
    answer = await group.anna.ask(group.box, f"!datei anfrage {words}")
    request: dict[str, object] = answer.data["request"]
    return request


async def send(page: Page, *files: Path) -> None:
    await page.get_by_label("Dateien", exact=True).set_input_files([str(file) for file in files])
    await page.get_by_role("button", name="Schicken").click()


async def test_what_somebody_without_an_account_sends_appears_in_the_box(
    group: Group, tmp_path: Path
) -> None:
    request = await ask_for_files(group, "Fotos vom Fest 3 tage max 2")
    assert (request["max_files"], request["folder"]) == (2, "Fotos vom Fest")
    first, second = tmp_path / "Größe & Maß.pdf", tmp_path / "leer.txt"
    first.write_bytes(CANARY * 100_000 + os.urandom(7))
    second.write_bytes(b"")
    async with chromium() as browser:
        page = await browser.new_page(locale="de-DE")
        await visit(page, str(request["url"]))
        await expect(page.get_by_role("heading", name="Fotos vom Fest")).to_be_visible()
        await expect(page.get_by_text("Noch 2 Dateien, jede bis 2 GB.")).to_be_visible()
        await page.get_by_label("Dein Name").fill("Oma Erna")
        await send(page, first, second)
        await expect(page.get_by_role("status")).to_contain_text("Alles ist angekommen")
        await page.reload()
        await expect(page.get_by_role("status")).to_contain_text("Mehr Dateien passen nicht")
    seen = await group.ben.wait_for(
        lambda seen: seen.msgtype == "m.file" and seen.body == first.name, what="the file"
    )
    assert await group.ben.fetch_file(seen) == await asyncio.to_thread(first.read_bytes)
    empty = await group.ben.wait_for(
        lambda seen: seen.msgtype == "m.file" and seen.body == second.name, what="the empty one"
    )
    assert await group.ben.fetch_file(empty) == b""
    found = await group.ben.ask(group.box, "!dateien oma erna")
    assert {file["name"] for file in found.data["files"]} == {first.name, second.name}
    assert {file["folder"] for file in found.data["files"]} == {"Fotos vom Fest"}
    await asyncio.to_thread(search, group.stack.folder, str(request["url"]))


def search(folder: Path, url: str) -> None:
    """Neither plaintext nor the link's secret lies anywhere on the server's disk."""
    secrets = [CANARY, url.partition("#")[2].encode()]
    assert holding(folder, secrets) == []


async def test_a_closed_request_takes_nothing_more_and_says_so(group: Group) -> None:
    request = await ask_for_files(group, "Belege")
    listed = await group.ben.ask(group.box, "!datei anfragen")
    assert [each["title"] for each in listed.data["requests"]] == ["Belege"]
    await group.anna.ask(group.box, f"!datei anfrage {request['number']} schließen")
    async with chromium() as browser:
        page = await browser.new_page(locale="de-DE")
        await visit(page, str(request["url"]))
        await expect(page.get_by_text("kann nichts mehr geschickt werden")).to_be_visible()
