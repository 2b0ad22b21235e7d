"""What runs beside the pump."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

import pytest

from bots.kit.companions import Companion, Companions, beside


class Walker(Companion):
    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.begun, self.ended = asyncio.Event(), asyncio.Event()
        self.gaps: set[str] = set()

    async def run(self) -> None:
        self.begun.set()
        try:
            if self.fault is not None:
                raise self.fault
            await asyncio.Event().wait()
        finally:
            self.ended.set()

    def gap_in(self, room_ids: Collection[str]) -> None:
        self.gaps |= set(room_ids)


async def test_companions_run_until_the_bot_stops() -> None:
    one, other = Walker(), Walker()
    async with beside(Companions((one, other))):
        await asyncio.gather(one.begun.wait(), other.begun.wait())
        assert not one.ended.is_set()
    assert one.ended.is_set()
    assert other.ended.is_set()


async def test_one_that_fails_is_in_the_log_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, sound = Walker(OSError("no disk")), Walker()
    with caplog.at_level(logging.ERROR):
        async with beside(Companions((broken, sound))):
            await asyncio.gather(broken.ended.wait(), sound.begun.wait())
            assert not sound.ended.is_set()
    assert [record.__dict__["what"] for record in caplog.records] == ["walker"]


async def test_a_gap_is_told_to_all_of_them() -> None:
    both = Companions((Walker(), Walker()))
    both.gap_in({"!room"})
    assert [each.gaps for each in both if isinstance(each, Walker)] == [{"!room"}] * 2


async def test_a_bot_without_companions_runs_alone() -> None:
    async with beside(Companions()):
        pass
