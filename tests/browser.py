"""Debian's Chromium, headless; playwright only drives it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, Response, async_playwright, expect

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


async def visit(page: Page, address: str) -> Response | None:
    """Go there, and wait until it has been painted: before that Chromium takes no keys."""
    answer = await page.goto(address)
    await page.screenshot()  # is taken of a painted frame, where scripts are off too
    return answer
