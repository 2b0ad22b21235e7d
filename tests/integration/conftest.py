from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser import chromium
from tests.certificates import Authority
from tests.partner import PlayedPartner
from tests.shared_file import Surface, surface


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Surface]:
    """The pages for people without an account, and a Box with a file."""
    async with surface(tmp_path) as made:
        yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> PlayedPartner:
    return PlayedPartner(tmp_path_factory.mktemp("partner"), authority)
