"""A Synapse module for tests: its purge of old media runs each second, not only each hour."""

from __future__ import annotations

from typing import Any

from synapse.module_api import ModuleApi

EVERY_MS = 1000.0


class Sooner:
    """Named as `spam_checker`: that leaves the list of modules as WeCreate writes it."""

    def __init__(self, config: dict[str, Any], api: ModuleApi) -> None:
        del config
        self._api = api
        api.looping_background_call(self._purge, EVERY_MS)

    async def _purge(self) -> None:
        # What Synapse's own hourly task calls; there is no public way to it.
        await self._api._hs.get_media_repository()._apply_media_retention_rules()
