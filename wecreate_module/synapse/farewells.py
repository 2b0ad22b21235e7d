"""Tells the bot who has left this server for good: what they left in WeCreate goes too.

The bot alone writes WeCreate's database, and it may be off just now; so it finds the names in its
account data, whenever it comes to read them (domain/farewells.py).
"""

from __future__ import annotations

import logging

from synapse.module_api import ModuleApi
from twisted.internet.defer import DeferredLock

from wecreate_module.domain.farewells import FAREWELLS, with_one_more, without

logger = logging.getLogger(__name__)


class Farewells:
    """Synapse asks in the main process alone, so one lock is enough."""

    def __init__(self, api: ModuleApi, bot: str) -> None:
        self._api = api
        self._bot = bot
        self._turn = DeferredLock()
        api.register_third_party_rules_callbacks(
            on_user_deactivation_status_changed=self.on_user_deactivation_status_changed
        )

    async def on_user_deactivation_status_changed(
        self,
        user_id: str,
        deactivated: bool,  # noqa: FBT001  # Synapse's signature
        _by_admin: bool,  # noqa: FBT001  # likewise
    ) -> None:
        if user_id == self._bot:
            return
        change = with_one_more if deactivated else without
        await self._turn.acquire()
        try:
            data = self._api.account_data_manager
            known = await data.get_global(self._bot, FAREWELLS)
            await data.put_global(self._bot, FAREWELLS, change(known, user_id))
        except ValueError as error:  # no bot has signed in yet, so nothing is known of anybody
            logger.info("nobody is told that %s has left: %s", user_id, error)
        finally:
            self._turn.release()
