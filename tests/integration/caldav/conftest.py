from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dav import House, house


@pytest.fixture
def dav(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as opened:
        yield opened
