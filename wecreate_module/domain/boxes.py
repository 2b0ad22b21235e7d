"""What a Box is, and who may do what in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.matrix import BOX, SETTINGS, make_marker

MAX_NAME = 100
MAX_INVITES = 50
# Joins the parts of one emoji (a family, a flag); the only invisible character names need.
JOINER = "\u200d"
# Co-creators exist since this version; in an older room the person would not be an admin.
ROOM_VERSION = "12"


class Power(IntEnum):
    """Power levels that commands ask for (Matrix levels; room creators are above all)."""

    MEMBER = 0
    MODERATOR = 50
    ADMIN = 100


class BoxState(StrEnum):
    """A deleted Box has no row: its key and its rows are destroyed."""

    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Box:
    """An encrypted room with WeCreate's features.

    `id` is our own random name for it, safe in paths; `room_id` is Matrix' one.
    """

    id: str
    room_id: str
    name: str
    language: str
    timezone: str
    created_by: str
    created_at: datetime
    state: BoxState = BoxState.ACTIVE
    adopted: bool = False
    revision: int = 0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def clean_name(text: str) -> str:
    """A Box's name on one line, without control or direction characters.

    Raises UserError when nothing is left or it is longer than MAX_NAME characters.
    """
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    hidden = {"Cf", "Cs", "Co", "Cn"}
    kept = "".join(c for c in spaced if c == JOINER or unicodedata.category(c) not in hidden)
    name = " ".join(kept.split())
    if not any(unicodedata.category(c)[0] in "LNSP" for c in name):
        raise UserError("box-name-empty", "A Box needs a name: !box new Summer party")
    if len(name) > MAX_NAME:
        raise UserError(
            "box-name-too-long",
            "That name has {length} characters; please use at most {limit}.",
            length=len(name),
            limit=MAX_NAME,
        )
    return name


def same_name(typed: str, name: str) -> bool:
    """Whether someone typed this name; case, spaces and what can't be seen don't matter."""
    return _plain(typed) == _plain(name)


def _plain(name: str) -> str:
    seen = "".join(c for c in name if c.isprintable() or c.isspace())
    return " ".join(seen.replace("\ufe0f", "").split()).casefold()


def require_active(box: Box) -> None:
    """Raise UserError when the Box is archived: then it can be read, not changed."""
    if box.state is BoxState.ARCHIVED:
        raise UserError(
            "box-archived",
            "This Box is archived and can only be read. An admin can open it again: !box reopen",
        )


def may_create(user_id: str, creators: str | frozenset[str], server_name: str) -> bool:
    """Whether the operator lets this person make Boxes.

    `creators` is "everyone", "local" (people of this server), or the very user ids.
    """
    if creators == "everyone":
        return True
    if creators == "local":
        return user_id.partition(":")[2] == server_name
    return not isinstance(creators, str) and user_id in creators


def settings_content(old: Mapping[str, Any], language: str, timezone: str) -> dict[str, Any]:
    """`de.wecreate.settings` with these; what other features keep there stays."""
    return {**old, "language": language, "timezone": timezone}


# Who may do what by Matrix' own means. The bot and the founder are creators and above it all
# (room version 12), so nobody stands in `users`; more people get power in their client.
POWER_LEVELS: Mapping[str, Any] = {
    "users": {},
    "users_default": int(Power.MEMBER),
    "events_default": int(Power.MEMBER),
    "state_default": int(Power.MODERATOR),
    "invite": int(Power.MODERATOR),
    "kick": int(Power.MODERATOR),
    "ban": int(Power.MODERATOR),
    "redact": int(Power.MODERATOR),
    "notifications": {"room": int(Power.MODERATOR)},
    "events": {
        "m.room.name": int(Power.MODERATOR),
        "m.room.topic": int(Power.MODERATOR),
        "m.room.avatar": int(Power.MODERATOR),
        "m.room.canonical_alias": int(Power.MODERATOR),
        "m.room.pinned_events": int(Power.MODERATOR),
        SETTINGS: int(Power.MODERATOR),
        BOX: int(Power.ADMIN),
        "m.room.power_levels": int(Power.ADMIN),
        "m.room.join_rules": int(Power.ADMIN),
        "m.room.guest_access": int(Power.ADMIN),
        "m.room.history_visibility": int(Power.ADMIN),
        "m.room.encryption": int(Power.ADMIN),
        "m.room.server_acl": int(Power.ADMIN),
        # A version-12 room wants its end to be a creator's decision.
        "m.room.tombstone": 150,
    },
}


def room_request(
    *, name: str, topic: str, founder: str, bot_user_id: str, language: str, timezone: str
) -> dict[str, Any]:
    """The body of /createRoom for a Box: encrypted from its first event, private, no guests.

    Nobody is invited here: an invite to a partner that is down would fail the whole request.
    """
    creation: dict[str, Any] = {BOX: make_marker(bot_user_id)}
    if founder != bot_user_id:
        creation["additional_creators"] = [founder]
    state = (
        ("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
        ("m.room.join_rules", {"join_rule": "invite"}),
        ("m.room.history_visibility", {"history_visibility": "shared"}),
        ("m.room.guest_access", {"guest_access": "forbidden"}),
        (SETTINGS, settings_content({}, language, timezone)),
    )
    return {
        "name": name,
        "topic": topic,
        "preset": "private_chat",
        "visibility": "private",
        "room_version": ROOM_VERSION,
        "creation_content": creation,
        "power_level_content_override": dict(POWER_LEVELS),
        "initial_state": [
            {"type": kind, "state_key": "", "content": content} for kind, content in state
        ],
    }
