"""What a slice runs beside the pump, from signing in until the bot stops."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager

from bots.kit.client import Homeserver
from bots.kit.context import ServerFacts
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.bot")


class Companion(ABC):
    """A loop of a slice's own. It sees to its faults itself, and may be cancelled at any await."""

    @abstractmethod
    async def run(self) -> None:
        """Until it is cancelled."""

    def gap_in(self, room_ids: Collection[str]) -> None:
        """A sync had left events of these rooms out; they have been fetched meanwhile."""
        del room_ids


MakeCompanions = Callable[[Store, Homeserver, ServerFacts], Iterable[Companion]]
"""How a slice makes its own, once the bot is signed in."""


class Companions(tuple[Companion, ...]):
    """All of all slices."""

    __slots__ = ()

    def gap_in(self, room_ids: Collection[str]) -> None:
        for each in self:
            each.gap_in(room_ids)


@asynccontextmanager
async def beside(companions: Companions) -> AsyncIterator[None]:
    """They run while this is open."""
    running = [asyncio.create_task(_run(each), name=_name(each)) for each in companions]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _run(companion: Companion) -> None:
    try:
        await companion.run()
    except Exception:
        # The loop's boundary: the bot answers without it; the next start tries again.
        log.exception("what ran beside the pump has ended", extra={"what": _name(companion)})


def _name(companion: Companion) -> str:
    return type(companion).__name__.lower()
