"""Synapse's module API and events, as the callbacks see them."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock, Mock

from synapse.events import EventBase
from synapse.module_api import ModuleApi

from wecreate_module.synapse import WeCreateModule

Json = dict[str, Any]
State = dict[tuple[str, str], SimpleNamespace]
BOT = "@wecreate:home.example"
MARKER = {"version": 1, "bot": BOT}
BOX = "!box"
FOREIGN_BOX = "!foreign"
ADOPTED = "!adopted"
ORDINARY = "!ordinary"
UNKNOWN = "!unknown"
BROKEN = "!broken"
UPGRADED = "!upgraded"
CIRCLE = "!circle"

ENCRYPTION = {"algorithm": "m.megolm.v1.aes-sha2"}
ROOMS: dict[str, Json] = {
    BOX: {"m.room.create": {"de.wecreate.box": MARKER}, "m.room.encryption": ENCRYPTION},
    FOREIGN_BOX: {
        "m.room.create": {"de.wecreate.box": {"version": 1, "bot": "@wecreate:partner.example"}}
    },
    ADOPTED: {
        "m.room.create": {},
        "de.wecreate.box": MARKER,
        "m.room.encryption": ENCRYPTION,
        "m.room.join_rules": {"join_rule": "invite"},
    },
    ORDINARY: {
        "m.room.create": {},
        "m.room.encryption": ENCRYPTION,
        "m.room.join_rules": {"join_rule": "invite"},
    },
    UPGRADED: {"m.room.create": {"predecessor": {"room_id": BOX, "event_id": "$tombstone"}}},
    CIRCLE: {"m.room.create": {"predecessor": {"room_id": CIRCLE}}},
    UNKNOWN: {},
}


def module_api() -> Mock:
    """Home is home.example; its rooms are ROOMS, and looking into BROKEN fails."""

    async def get_room_state(room_id: str, event_filter: list[tuple[str, str]]) -> State:
        if room_id == BROKEN:
            raise RuntimeError("the database is gone")
        contents = ROOMS.get(room_id, {})
        found = {key: contents[key[0]] for key in event_filter if key[0] in contents}
        return {key: SimpleNamespace(content=content) for key, content in found.items()}

    api = Mock(spec=ModuleApi)
    api.server_name = "home.example"
    api.is_mine = Mock(side_effect=lambda user: user.endswith(":home.example"))
    api.get_room_state = AsyncMock(side_effect=get_room_state)
    return api


def module(api: Mock | None = None, **config: Any) -> WeCreateModule:
    parsed = WeCreateModule.parse_config({"bot": BOT, **config})
    return WeCreateModule(parsed, api or module_api())


def event(
    kind: object,
    content: object = None,
    *,
    room: object = BOX,
    sender: object = "@anna:home.example",
    state_key: object = None,
    unsigned: object = None,
) -> EventBase:
    fields: Mapping[str, object] = {} if state_key is None else {"state_key": state_key}
    return cast(
        "EventBase",
        SimpleNamespace(
            type=kind,
            room_id=room,
            sender=sender,
            content={} if content is None else content,
            unsigned={} if unsigned is None else unsigned,
            get=fields.get,
        ),
    )
