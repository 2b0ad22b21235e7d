"""Signing in at the homeserver, with patience while it is away or busy."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.identity import IdentitySettings, open_identity
from bots.kit.crypto.machine import CryptoMachine

log = logging.getLogger("wecreate.bot")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0


@asynccontextmanager
async def signed_in(
    identity: IdentitySettings, folder: Path, waiting: Callable[[str], None]
) -> AsyncIterator[tuple[Homeserver, CryptoMachine]]:
    """The homeserver and the keys, once it answers; `waiting` hears why it takes longer.

    Raises IdentityError, and MatrixError when waiting would not help.
    """
    homeserver, crypto = await _patiently(identity, folder, waiting)
    try:
        async with homeserver:
            yield homeserver, crypto
    finally:
        crypto.close()


async def _patiently(
    identity: IdentitySettings, folder: Path, waiting: Callable[[str], None]
) -> tuple[Homeserver, CryptoMachine]:
    pause = FIRST_PAUSE
    while True:
        asked: float = 0
        try:
            return await open_identity(identity, folder)
        except Unreachable as error:
            waiting(str(error))
            log.warning("the homeserver does not answer", extra={"why": str(error)})
        except MatrixError as error:
            if not error.temporary:
                raise
            asked = (error.retry_after_ms or 0) / 1000
            log.warning("the homeserver is not ready", extra={"why": str(error)})
        await asyncio.sleep(asked or pause)
        pause = min(pause * 2, LONGEST_PAUSE)
