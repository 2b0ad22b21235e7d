"""The public room of a listing."""

from __future__ import annotations

import hashlib
from typing import Any

from wecreate_module.domain.listings import Listing, to_record
from wecreate_module.domain.matrix import LISTING

Json = dict[str, Any]

ROOM_VERSION = "11"
"""Clients show Spaces of rooms of version 12 empty: docs/decisions/0013-directory.md."""
MAX_TOPIC = 400
_MODERATORS = 50
_ADMINS = 100


def room_request(listing: Listing, bot_user_id: str) -> Json:
    """Body of createRoom: everybody may read and join; the record and the pins are the bot's."""
    contents: list[tuple[str, Json]] = [
        (LISTING, to_record(listing)),
        ("m.room.history_visibility", {"history_visibility": "world_readable"}),
        ("m.room.guest_access", {"guest_access": "forbidden"}),
    ]
    return {
        "preset": "public_chat",
        "visibility": "public",
        "room_version": ROOM_VERSION,
        "name": listing.title,
        "topic": topic(listing),
        "initial_state": [
            {"type": kind, "state_key": "", "content": content} for kind, content in contents
        ],
        "power_level_content_override": {
            "users": {bot_user_id: _ADMINS},
            "events": {
                LISTING: _ADMINS,
                "m.room.name": _ADMINS,
                "m.room.topic": _ADMINS,
                "m.room.pinned_events": _ADMINS,
                "m.room.canonical_alias": _ADMINS,
                "m.room.power_levels": _ADMINS,
                "m.room.history_visibility": _ADMINS,
                "m.room.join_rules": _ADMINS,
                "m.room.encryption": _ADMINS,
                "m.room.tombstone": _ADMINS,
                "m.room.server_acl": _ADMINS,
                "m.room.avatar": _MODERATORS,
            },
        },
    }


def topic(listing: Listing) -> str:
    """What lists of rooms show below the name."""
    summary = listing.summary
    return summary if len(summary) <= MAX_TOPIC else f"{summary[: MAX_TOPIC - 1]}…"


def space_request(name: str, about: str, bot_user_id: str) -> Json:
    """Body of createRoom for a Space of the marketplace: everybody looks in, nobody talks."""
    return {
        "preset": "public_chat",
        "visibility": "public",
        "room_version": ROOM_VERSION,
        "creation_content": {"type": "m.space"},
        "name": name,
        "topic": about,
        "initial_state": [
            {
                "type": "m.room.history_visibility",
                "state_key": "",
                "content": {"history_visibility": "world_readable"},
            },
            {
                "type": "m.room.guest_access",
                "state_key": "",
                "content": {"guest_access": "forbidden"},
            },
        ],
        "power_level_content_override": {
            "users": {bot_user_id: _ADMINS},
            "events_default": _ADMINS,
            "state_default": _ADMINS,
            "invite": 0,
            "events": {"m.space.child": _ADMINS, "m.reaction": _ADMINS},
        },
    }


def child_of(server: str) -> Json:
    """Content of m.space.child, and of m.space.parent with `canonical`."""
    return {"via": [server]}


def local_alias(request: str) -> str:
    """The address's first part of a room that was made by `CreateRoom(request)`."""
    return "wecreate-" + hashlib.sha256(request.encode()).hexdigest()[:24]
