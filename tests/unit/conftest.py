from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from wecreate_module.storage.store import Store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store; making the tables takes a while, so once is enough."""
    folder = tmp_path_factory.mktemp("migrated")
    open_store(folder).close()
    return folder


@pytest.fixture
def store(tmp_path: Path, migrated: Path) -> Iterator[Store]:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def open_store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder}/w.db", folder / "keys.db", folder / "key")
