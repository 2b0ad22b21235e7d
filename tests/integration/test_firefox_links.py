"""The pages for visitors in another browser than Chromium."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.firefox import Firefox, firefox
from tests.shared_file import ANNA, RULES, Surface
from wecreate_module.domain.file_requests import UploadState, read_request
from wecreate_module.domain.links import LinkWish
from wecreate_module.services import file_requests

SMALL, LARGE = 300_001, 40_000_003


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Firefox]:
    async with firefox(tmp_path / "firefox") as started:
        yield started


async def save(browser: Firefox, name: str, size: int) -> bytes:
    await browser.until("!document.getElementById('file').hidden")
    await browser.evaluate("document.getElementById('download').click()")
    return await browser.downloaded(name, size)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_link_opens_and_saves_the_file_as_it_was(
    web: Surface, browser: Firefox, size: int
) -> None:
    clear = os.urandom(size)
    address, _ = await web.share(clear, "Größe.pdf")
    await browser.open(address)
    assert await save(browser, "Größe.pdf", size) == clear
    await browser.until("document.getElementById('said').textContent.startsWith('Fertig')")


async def test_a_password_opens_it(web: Surface, browser: Firefox) -> None:
    clear = os.urandom(SMALL)
    address, new = await web.share(clear, "Plan.pdf", LinkWish(password=True))
    await browser.open(address)
    await browser.evaluate(
        f"document.getElementById('password').value = '{new.password}';"
        "document.getElementById('unlock').requestSubmit()"
    )
    assert await save(browser, "Plan.pdf", SMALL) == clear


async def test_files_are_sent_by_a_request(web: Surface, browser: Firefox, tmp_path: Path) -> None:
    with web.store.begin(datetime.now(UTC)) as uow:
        wish = read_request("Fotos max 2", RULES)
        request, secret = file_requests.make_request(uow, web.box, wish, RULES, actor=ANNA)
    path = tmp_path / "Foto.jpg"
    path.write_bytes(os.urandom(3_000_001))
    await browser.open(f"http://127.0.0.1:{web.port}/f/r/{request.id}#{secret}")
    await browser.until("!document.getElementById('form').hidden")
    await browser.choose("#chosen", path)
    await browser.evaluate("document.getElementById('form').requestSubmit()")
    await browser.until("document.getElementById('said').textContent.includes('angekommen')")
    with web.store.read(datetime.now(UTC)) as uow:
        assert len(uow.file_requests.ids([UploadState.WHOLE])) == 1
