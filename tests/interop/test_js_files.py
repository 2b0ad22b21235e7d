"""Files between matrix-js-sdk and people without an account: each reads what the other sent."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from playwright.async_api import expect

from tests.browser import chromium, visit
from tests.clients import register
from tests.e2e.stack import Stack
from tests.interop.js_client import JsClient

START = 60.0
PASSWORD = "secret"


async def test_files_go_both_ways_between_the_sdk_and_a_browser(
    stack: Stack, tmp_path: Path
) -> None:
    out, back = os.urandom(1_500_000), os.urandom(2_300_001)
    await asyncio.to_thread((tmp_path / "Antwort.bin").write_bytes, back)
    async with JsClient(tmp_path / "jana.log") as jana, chromium() as browser:
        secret = str(stack.facts["registration_shared_secret"])
        await register(stack.url, secret, "jana-files", PASSWORD)
        await jana.login(stack.url, "jana-files", PASSWORD, only_signed=True)
        await jana.ask(await jana.direct_chat(stack.bot, START), "!box neu Garten", START)
        room_id, _ = await jana.accept_invite(START)
        await jana.until_joined(room_id, stack.bot, START)

        await jana.send_file(room_id, "Plan.bin", out, "application/octet-stream")
        shared = await jana.ask(room_id, "!datei 1 teilen", START)
        page = await browser.new_page(locale="de-DE")
        await visit(page, shared.result["data"]["link"]["url"])
        async with page.expect_download(timeout=60_000) as waiting:
            await page.get_by_role("button", name="Herunterladen").click()
        await (await waiting.value).save_as(tmp_path / "Plan.bin")
        assert await asyncio.to_thread((tmp_path / "Plan.bin").read_bytes) == out

        asked = await jana.ask(room_id, "!datei anfrage Antworten", START)
        await visit(page, asked.result["data"]["request"]["url"])
        chosen = page.get_by_label("Dateien", exact=True)
        await chosen.set_input_files(str(tmp_path / "Antwort.bin"))
        await page.get_by_role("button", name="Schicken").click()
        await expect(page.get_by_role("status")).to_contain_text("Alles ist angekommen")
        assert await jana.fetch_file(room_id, "Antwort.bin", stack.bot, START) == back
        # What the bot posts again is the client's own ciphertext with its own key.
        await jana.say(room_id, "!datei 1 holen")
        assert await jana.fetch_file(room_id, "Plan.bin", stack.bot, START) == out
