"""A request to create a room, turned into a Box whatever the client wrote into it."""

from __future__ import annotations

from typing import Any

from wecreate_module.domain.matrix import BOX, BOX_VERSION, make_marker, parse_marker
from wecreate_module.synapse.box_policy import ALGORITHM, ENCRYPTION
from wecreate_module.synapse.partners import Partners

Json = dict[str, Any]

# `shared`: members, also new ones, see what was written before they came; nobody else sees
# anything. `joined` would only hide from new members what others can show them anyway, and
# clients hand the keys of the past on to invited people in rooms that are `shared` alone.
HISTORY_VISIBILITY = "shared"

# Ours, or not for the client to say.
TAKEN = frozenset({
    ENCRYPTION,
    "m.room.join_rules",
    "m.room.history_visibility",
    "m.room.guest_access",
    "m.room.server_acl",
    "m.room.canonical_alias",
    "m.room.power_levels",
    "m.room.third_party_invite",
    "m.room.tombstone",
    "m.room.create",
    "m.room.member",
    BOX,
})  # fmt: skip

ADMINS = 100
MODERATORS = 50
# Given whole, since an override replaces Synapse's own map of events.
EVENT_POWER: dict[str, int] = {
    "m.room.name": MODERATORS,
    "m.room.avatar": MODERATORS,
    "m.room.power_levels": ADMINS,
    ENCRYPTION: ADMINS,
    "m.room.history_visibility": ADMINS,
    "m.room.join_rules": ADMINS,
    "m.room.guest_access": ADMINS,
    "m.room.server_acl": ADMINS,
    "m.room.canonical_alias": ADMINS,
    "m.room.tombstone": ADMINS,
}
GUARDED = frozenset(kind for kind, power in EVENT_POWER.items() if power == ADMINS)
ADDRESSLESS: Json = {"type": "m.room.canonical_alias", "state_key": "", "content": {}}


class NotABox(Exception):
    """The request can't become a Box; the text is for whoever wrote the client."""


class Stranger(Exception):
    """Someone is to be let in whose server is no partner."""


def wants_box(request: object) -> bool:
    """Whether the marker's key is there at all, right or wrong."""
    creation = request.get("creation_content") if isinstance(request, dict) else None
    return isinstance(creation, dict) and BOX in creation


def make_box(request: Json, creator: str, bot: str, partners: Partners) -> None:
    """Change `request` in place. Raises NotABox or Stranger."""
    creation: Json = request["creation_content"]
    marker = parse_marker(creation[BOX])
    if marker is None or marker.version != BOX_VERSION or marker.bot != bot:
        raise NotABox(f'{BOX} must be {{"version": {BOX_VERSION}, "bot": "{bot}"}}')
    creation[BOX] = make_marker(bot)
    creation.pop("type", None)  # some clients hide rooms of types that they don't know
    request["invite"] = _invited(request.get("invite"), creator, bot)
    _check_partners([*request["invite"], *_listed(creation.get("additional_creators"))], partners)
    request["preset"] = "private_chat"
    request["visibility"] = "private"
    request.pop("invite_3pid", None)
    # The bot finds a room again by the address that it asked for; nobody is shown that one.
    hidden = [ADDRESSLESS] if creator == bot and "room_alias_name" in request else []
    if not hidden:
        request.pop("room_alias_name", None)
    wanted = listed_state(request)
    request["power_level_content_override"] = _power_levels(
        request.get("power_level_content_override"), wanted
    )
    kept = [item for item in wanted if item["type"] not in TAKEN]
    request["initial_state"] = [*_forced_state(partners), *hidden, *kept]


def listed_state(request: Json) -> list[Json]:
    """The well-formed ones of a request's `initial_state`."""
    return [item for item in _listed(request.get("initial_state")) if _is_state(item)]


def _forced_state(partners: Partners) -> list[Json]:
    contents: list[tuple[str, Json]] = [
        (ENCRYPTION, {"algorithm": ALGORITHM}),
        ("m.room.join_rules", {"join_rule": "invite"}),
        ("m.room.history_visibility", {"history_visibility": HISTORY_VISIBILITY}),
        ("m.room.guest_access", {"guest_access": "forbidden"}),
    ]
    acl = partners.acl()
    if acl is not None:
        contents.append(("m.room.server_acl", acl))
    return [{"type": kind, "state_key": "", "content": content} for kind, content in contents]


def _power_levels(override: object, initial_state: list[Json]) -> Json:
    """What the client wants, without handing out what keeps a Box a Box."""
    levels: Json = {}
    for item in initial_state:
        if item["type"] == "m.room.power_levels":
            levels |= item["content"]
    if isinstance(override, dict):
        levels |= override
    events = levels.get("events")
    wanted = events if isinstance(events, dict) else {}
    guarded = {kind: max(ADMINS, _level(wanted.get(kind))) for kind in GUARDED}
    levels["events"] = {**EVENT_POWER, **wanted, **guarded}
    if _level(levels.get("users_default")) >= MODERATORS:
        levels["users_default"] = 0
    if "state_default" in levels:
        levels["state_default"] = max(MODERATORS, _level(levels["state_default"]))
    return levels


def _invited(given: object, creator: str, bot: str) -> list[Any]:
    """A Box has its bot in it, whoever makes it."""
    invited = _listed(given)
    return invited if bot in {creator, *filter(_is_text, invited)} else [*invited, bot]


def _check_partners(users: list[Any], partners: Partners) -> None:
    for user in users:
        if not partners.allow_user(user):
            raise Stranger(str(user)[:255])


def _is_state(item: object) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("type"), str)
        and isinstance(item.get("content"), dict)
        and isinstance(item.get("state_key", ""), str)
    )


def _listed(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _level(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
