"""The bot waits for a homeserver that is away, and as long as a busy one asks."""

from __future__ import annotations

from pathlib import Path
from typing import cast
from unittest.mock import AsyncMock, Mock

import pytest

from bots.kit.client import MatrixError, Unreachable
from bots.kit.crypto.identity import IdentitySettings
from bots.signing_in import FIRST_PAUSE, signed_in

IDENTITY = cast("IdentitySettings", Mock())
BUSY = MatrixError(429, "M_LIMIT_EXCEEDED", "slow down", retry_after_ms=1700)


class Attempts:
    """What each try to sign in comes to; the pauses between them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: object) -> None:
        self.crypto = Mock()
        homeserver = AsyncMock()
        self.open = AsyncMock(side_effect=[*outcomes, (homeserver, self.crypto)])
        self.sleep = AsyncMock()
        monkeypatch.setattr("bots.signing_in.open_identity", self.open)
        monkeypatch.setattr("bots.signing_in.asyncio.sleep", self.sleep)

    @property
    def pauses(self) -> list[float]:
        return [call.args[0] for call in self.sleep.await_args_list]


async def test_it_waits_as_long_as_the_homeserver_asks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    attempts = Attempts(monkeypatch, BUSY, BUSY)
    async with signed_in(IDENTITY, tmp_path, Mock()):
        assert attempts.pauses == [1.7, 1.7]


async def test_the_pauses_grow_while_nobody_answers_and_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    attempts, waiting = Attempts(monkeypatch, Unreachable("no route"), Unreachable("no")), Mock()
    async with signed_in(IDENTITY, tmp_path, waiting):
        assert attempts.pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE]
    assert [call.args for call in waiting.call_args_list] == [("no route",), ("no",)]


async def test_what_waiting_cannot_mend_is_raised_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    attempts = Attempts(monkeypatch, MatrixError(403, "M_FORBIDDEN", "wrong password"))
    with pytest.raises(MatrixError, match="wrong password"):
        async with signed_in(IDENTITY, tmp_path, Mock()):
            pass
    assert attempts.pauses == []


async def test_the_keys_are_closed_whatever_ends_the_bot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    attempts = Attempts(monkeypatch)
    with pytest.raises(RuntimeError, match="broken"):
        async with signed_in(IDENTITY, tmp_path, Mock()):
            raise RuntimeError("broken")
    attempts.crypto.close.assert_called_once_with()
