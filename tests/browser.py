"""Debian's Chromium, headless; playwright only drives it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

SLOW = 120_000  # milliseconds, for a machine that does much else
expect.set_options(timeout=SLOW)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    assert path, "this test needs Chromium: apt-get install chromium"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=path, args=["--no-sandbox"], timeout=SLOW
        )
        yield browser
        await browser.close()
