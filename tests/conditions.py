"""Waiting for what will come: a condition with a deadline, never a fixed sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(condition: Callable[[], object], seconds: float = 90.0) -> None:
    """Return as soon as `condition()` is true; raises TimeoutError when it does not become so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  a condition in a database sets no event
            await asyncio.sleep(0.01)
