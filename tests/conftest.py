from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import PostgresServer
from tests.servers import SynapseServer

# The same examples each time, however slow the machine. New ones, with a deadline for each:
# `pytest --hypothesis-profile=default`.
settings.load_profile("ci")


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SynapseServer]:
    """A homeserver with the module; its bot is @wecreate:localhost."""
    config = {"bot": "@wecreate:localhost"}
    with SynapseServer(tmp_path_factory.mktemp("synapse"), module=config) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server
