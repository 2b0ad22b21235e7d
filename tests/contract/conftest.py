"""A store on SQLite and one on a real, throw-away PostgreSQL: each contract test runs on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

from tests.postgres import PostgresServer
from wecreate_module.domain.boxes import Box
from wecreate_module.storage.engine import make_engine
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import metadata

NOW = datetime(2026, 11, 22, 18, 30, 15, 123456, tzinfo=UTC)
BOX = Box("box1", "!garten:example.org", "Gartenfest", "de", "Europe/Berlin", "@anna:x.org", NOW)

Given = TypeVar("Given")


@dataclass(frozen=True)
class Place:
    """Where a store lies: enough to open it again."""

    url: str
    keys_path: Path
    key_file: Path

    def open(self) -> Store:
        return Store.open(self.url, self.keys_path, self.key_file)


@contextmanager
def interrupted(scope: AbstractContextManager[Given]) -> Iterator[Given]:
    """A transaction or savepoint that ends with an exception, whatever was done in it."""
    with suppress(InterruptedError), scope as given:
        yield given
        raise InterruptedError


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> str:
    return postgres.new_database().url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty database and no keys yet."""
    keys = (tmp_path / "keys.db", tmp_path / "wecreate.key")
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path}/wecreate.db", *keys)
    url: str = request.getfixturevalue("postgres_url")
    engine = make_engine(url)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()
    return Place(url, *keys)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture
def box(store: Store) -> Box:
    with store.begin(NOW) as uow:
        uow.boxes.add(BOX)
    return BOX
