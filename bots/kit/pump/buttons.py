"""What a reaction to one of the bot's messages means: it stands in that message."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from bots.kit.client import Homeserver, MatrixError
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.crypto.results import MissingKey, Undecryptable
from bots.kit.parsing import button_command
from bots.kit.pump.json_fields import as_dict
from bots.kit.pump.views import RoomViews
from wecreate_module.domain.matrix import BUTTONS

Json = dict[str, Any]
KEPT = 500


class Buttons:
    """Reads the buttons of messages from the homeserver, so they work after a restart as well."""

    def __init__(
        self, homeserver: Homeserver, crypto: CryptoMachine, views: RoomViews, bot: str
    ) -> None:
        self._homeserver = homeserver
        self._crypto = crypto
        self._views = views
        self._bot = bot
        self._known: OrderedDict[str, Json] = OrderedDict()

    async def command(self, room_id: str, event_id: str, key: str) -> str | None:
        """The command behind an emoji below a message; None when there is none.

        Raises MatrixError or Unreachable when the message can't be looked at now.
        """
        if event_id in self._known:
            self._known.move_to_end(event_id)
        else:
            content = await self._read(room_id, event_id)
            self._known[event_id] = {BUTTONS: content.get(BUTTONS)}
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return button_command(self._known[event_id], key)

    async def _read(self, room_id: str, event_id: str) -> Json:
        try:
            event = await self._homeserver.get_event(room_id, event_id)
        except MatrixError as error:
            if error.temporary or error.status == 401:  # noqa: PLR2004  a token that was good
                raise
            return {}
        if event.get("sender") != self._bot:
            return {}
        if event.get("type") == "m.room.encrypted":
            try:
                return as_dict(self._crypto.decrypt(room_id, event).content)
            except (MissingKey, Undecryptable):
                return {}
        if (await self._views.get(room_id)).encrypted:
            # In plain text anybody's server could have put words into our mouth.
            return {}
        return as_dict(event.get("content"))
