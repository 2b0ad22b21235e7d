from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.e2e.groups import Group, new_group
from tests.e2e.stack import Stack

# What a client can't read is counted by the tests; nio's line for each try drowns their output.
logging.getLogger("nio").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One `wecreate up` for all tests that leave it running."""
    with Stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture
async def group(stack: Stack) -> AsyncIterator[Group]:
    async with new_group(stack) as made:
        yield made
