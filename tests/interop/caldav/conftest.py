from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dav import House, house
from tests.interop.caldav.programs import PlainRadicale


@pytest.fixture
def dav(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as opened:
        yield opened


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[PlainRadicale]:
    with PlainRadicale(tmp_path / "radicale") as server:
        yield server
