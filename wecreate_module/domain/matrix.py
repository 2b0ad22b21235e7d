"""What WeCreate writes into Matrix, and who has which power in a room.

Content comes from other people's servers: every reader here takes any JSON and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BOX = "de.wecreate.box"
SETTINGS = "de.wecreate.settings"
LISTING = "de.wecreate.listing"
RESULT = "de.wecreate.result"
BUTTONS = "de.wecreate.buttons"

BOX_VERSION = 1
ABOVE_ALL = 2**53
"""Power of a creator in room versions 12 and later: above every power level (MSC4289)."""

_CREATORS_ABOVE_ALL = 12
_MAX_USER_ID = 255
_USER_ID = re.compile(
    r"@[^:\s\x00]*:[^:\s\x00]+(:[0-9]{1,5})?|@[^:\s\x00]*:\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?"
)
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,19}\s*")


@dataclass(frozen=True)
class BoxMarker:
    """`de.wecreate.box`: in the create content of a Box, or as state of an adopted room."""

    version: int
    bot: str


def is_user_id(value: object) -> bool:
    """Whether this is the text of a Matrix user id, historical ones included."""
    return isinstance(value, str) and len(value) <= _MAX_USER_ID and bool(_USER_ID.fullmatch(value))


def make_marker(bot: str) -> dict[str, Any]:
    return {"version": BOX_VERSION, "bot": bot}


def parse_marker(value: object) -> BoxMarker | None:
    """Read a marker; None if it is none. Later versions are Boxes as well."""
    if not isinstance(value, Mapping):
        return None
    version, bot = value.get("version"), value.get("bot")
    if isinstance(version, bool) or not isinstance(version, int) or version < BOX_VERSION:
        return None
    if not isinstance(bot, str) or not is_user_id(bot):
        return None
    return BoxMarker(version, bot)


def marker_in(create_content: object) -> BoxMarker | None:
    """Find the marker in the content of an `m.room.create`."""
    return parse_marker(create_content.get(BOX)) if isinstance(create_content, Mapping) else None


def creators_above_all(create_content: object, creator: str) -> frozenset[str]:
    """Name those who stand above power levels: nobody before room version 12.

    `creator` is the sender of the `m.room.create`.
    """
    if not isinstance(create_content, Mapping) or not _room_version_12(create_content):
        return frozenset()
    additional = create_content.get("additional_creators")
    named = additional if isinstance(additional, list) else []
    return frozenset([creator, *(user for user in named if isinstance(user, str))])


def power_of(user_id: str, create_content: object, creator: str, power_levels: object) -> int:
    """Work out the power of a user, as the room's version has it.

    `power_levels` is the content of `m.room.power_levels`; None where the room has none, then
    the creator has 100 and everybody else 0 (client-server API, m.room.power_levels).
    """
    if user_id in creators_above_all(create_content, creator):
        return ABOVE_ALL
    if not isinstance(power_levels, Mapping):
        return 100 if user_id == _old_creator(create_content, creator) else 0
    users = power_levels.get("users")
    if isinstance(users, Mapping) and user_id in users:
        level = _level(users[user_id])
        if level is not None:
            return level
    return _level(power_levels.get("users_default")) or 0


def required_power(kind: str, power_levels: object, *, state: bool = False) -> int:
    """Say which power something needs: `invite`, `kick`, `ban`, `redact`, or an event type.

    `state` says that the event type is meant as state (default 50, not 0).
    """
    levels = power_levels if isinstance(power_levels, Mapping) else None
    if kind in _ACTIONS:
        return _first(_level(levels.get(kind)) if levels else None, _ACTIONS[kind])
    if levels is None:
        return 0
    events = levels.get("events")
    named = _level(events.get(kind)) if isinstance(events, Mapping) else None
    default = _level(levels.get("state_default" if state else "events_default"))
    return _first(named, default, 50 if state else 0)


_ACTIONS = {"invite": 0, "kick": 50, "ban": 50, "redact": 50}


def _first(*levels: int | None) -> int:
    return next(level for level in levels if level is not None)


def _room_version_12(create_content: Mapping[Any, Any]) -> bool:
    version = create_content.get("room_version")
    number = version if isinstance(version, str) else ""
    return number.isascii() and number.isdigit() and int(number[:9]) >= _CREATORS_ABOVE_ALL


def _old_creator(create_content: object, creator: str) -> object:
    """Prefer the sender: before room version 11 the content names the creator as well."""
    named = create_content.get("creator") if isinstance(create_content, Mapping) else None
    return creator or named


def _level(value: object) -> int | None:
    """Read a power level; room versions before 10 allow it as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return None
