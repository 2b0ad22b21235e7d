from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.crypto.fake_homeserver import FakeServer, Party

Meet = Callable[..., Awaitable[Party]]


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def meet(server: FakeServer, tmp_path: Path) -> Iterator[Meet]:
    """Make a signed-in device: `await meet("anna")`, a second: `await meet("anna", "B")`."""
    parties: list[Party] = []

    async def make(name: str, device: str = "A", trust: str = "all") -> Party:
        party = Party(server, tmp_path / f"{name}{device}", f"@{name}:test", device, trust)
        parties.append(party)
        await party.sync()
        return party

    yield make
    for party in parties:
        party.machine.close()
