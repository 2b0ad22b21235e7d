from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from wecreate_module.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/w.db", tmp_path / "keys.db", tmp_path / "key")
    yield opened
    opened.close()
