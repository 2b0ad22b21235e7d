"""From a sync response to room state and inbox rows, in one transaction.

Nothing is decrypted or answered here: what came is written down with the token that says so,
and only then does anything act on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bots.kit.pump.json_fields import as_dict, as_int, as_list, as_text
from wecreate_module.domain.matrix import BOX, SETTINGS, marker_in
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.uow import UnitOfWork

Json = dict[str, Any]

# What the worker wants to see; everything else is state, noted here, or of no concern.
WORK_TYPES = frozenset({
    "m.room.message",
    "m.room.encrypted",
    "m.reaction",
    "m.room.redaction",
})  # fmt: skip
STATE_TYPES = (
    "m.room.create",
    "m.room.power_levels",
    "m.room.encryption",
    "m.room.name",
    "m.room.join_rules",
    "m.room.member",
    "m.room.pinned_events",
    "m.room.tombstone",
    BOX,
    SETTINGS,
)
FILTER: Json = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "ephemeral": {"types": []},
        "account_data": {"types": []},
        "state": {"types": list(STATE_TYPES)},
        # No types here: sorting them out costs the homeserver half a sync more than it saves.
        "timeline": {"limit": 50},
    },
}
MAX_MEMBER_NAME = 200
LAST_EVENT = "last-event:"
PAIR = 2


@dataclass
class Noted:
    """What one response changed: rooms whose cached view is stale, rooms with new work."""

    changed: set[str] = field(default_factory=set)
    work: set[str] = field(default_factory=set)


def note(
    uow: UnitOfWork, response: Json, *, bot: str, since: str | None, gaps: dict[str, list[Json]]
) -> Noted:
    """Write down a whole response. `gaps` holds what a limited timeline left out, by room."""
    noted = Noted()
    rooms = as_dict(response.get("rooms"))
    for room_id, part in as_dict(rooms.get("join")).items():
        _Intake(uow, noted, bot, room_id).joined(as_dict(part), gaps.get(room_id, []))
    for room_id, part in as_dict(rooms.get("invite")).items():
        _Intake(uow, noted, bot, room_id).invited(as_dict(part), since)
    for room_id in as_dict(rooms.get("leave")):
        _left(uow, noted, room_id)
    uow.meta.set("next_batch", as_text(response.get("next_batch")))
    return noted


def last_known(uow: UnitOfWork, room_id: str) -> str | None:
    """The last Matrix event that a sync told of in this room."""
    return uow.meta.get(LAST_EVENT + room_id)


def learn(uow: UnitOfWork, room_id: str, state: Iterable[Json], *, bot: str) -> None:
    """Note the whole state of a room that no sync has told of yet."""
    intake = _Intake(uow, Noted(), bot, room_id)
    for event in _events(state):
        intake.state(event)
    intake.save(membership="join")


def _left(uow: UnitOfWork, noted: Noted, room_id: str) -> None:
    """A Box stays, in case we are asked back; of any other room nothing is kept."""
    room = uow.rooms.get(room_id)
    if room is None:
        return
    noted.changed.add(room_id)
    uow.meta.set(LAST_EVENT + room_id, None)
    if uow.boxes.by_room(room_id) is None:
        uow.rooms.forget(room_id)
    else:
        uow.rooms.save(replace(room, membership="leave"))


class _Intake:
    """One room's part of a response."""

    def __init__(self, uow: UnitOfWork, noted: Noted, bot: str, room_id: str) -> None:
        self._uow = uow
        self._noted = noted
        self._bot = bot
        known = uow.rooms.get(room_id)
        self._room = known or Room(room_id=room_id)
        self._before = known
        self._people_changed = False

    def joined(self, part: Json, gap: list[Json]) -> None:
        was_member = self._before is not None and self._before.membership == "join"
        for event in _events(as_list(as_dict(part.get("state")).get("events"))):
            self.state(event)
        timeline = list(_events(as_list(as_dict(part.get("timeline")).get("events"))))
        known = last_known(self._uow, self._room.room_id) if was_member else None
        new = _after(timeline, known)
        for event in [*gap, *new] if was_member else _since_join(timeline, self._bot):
            self._queue(event)
        for event in new:
            if "state_key" in event:
                self.state(event)
        if timeline and (last := as_text(timeline[-1].get("event_id"))):
            # Not part of the room's row: it changes with every message.
            self._uow.meta.set(LAST_EVENT + self._room.room_id, last)
        self.save(membership="join")
        if not was_member:
            self._came_in()

    def invited(self, part: Json, since: str | None) -> None:
        own: Json = {}
        for event in _events(as_list(as_dict(part.get("invite_state")).get("events"))):
            self.state(event)
            if event.get("type") == "m.room.member" and event.get("state_key") == self._bot:
                own = event
        direct = as_dict(own.get("content")).get("is_direct") is True
        inviter = as_text(own.get("sender"))
        self._room = replace(self._room, direct=direct, inviter=inviter or None)
        self.save(membership="invite")
        key = f"invite:{self._room.room_id}:{since or ''}"
        self._put(key, "invite", {"inviter": inviter})

    def state(self, event: Json) -> None:
        """Note one state event; what has no sensible shape is passed over."""
        kind, content = event.get("type"), as_dict(event.get("content"))
        room = self._room
        match kind:
            case "m.room.create":
                room = replace(room, create=content, creator=as_text(event.get("sender")))
            case "m.room.power_levels":
                room = replace(room, power_levels=content)
            case "m.room.encryption":
                room = replace(room, encrypted=True, encryption=content)
            case "m.room.name":
                room = replace(room, name=as_text(content.get("name")) or None)
            case "m.room.join_rules":
                room = replace(room, join_rule=as_text(content.get("join_rule")) or None)
            case "m.room.pinned_events":
                pinned = [p for p in as_list(content.get("pinned")) if isinstance(p, str)]
                room = replace(room, pinned=pinned)
            case "m.room.member":
                self._member(event, content)
                return
            case _ if kind == SETTINGS:
                room = replace(room, settings=content)
            case _ if kind == BOX:
                room = replace(room, marker=content)
            case _:
                return
        # What a Box was made as stands above what state says later.
        made_as_box = marker_in(room.create) is not None
        self._room = replace(room, marker=as_dict(room.create[BOX])) if made_as_box else room

    def save(self, *, membership: str) -> None:
        if self._room.direct and self._people_changed and not self._is_of_two():
            # Clients call a chat with several people direct as well; to us it is a group.
            self._room = replace(self._room, direct=False)
        self._people_changed = False
        room = replace(self._room, membership=membership)
        if room != self._before:
            self._uow.rooms.save(room)
            self._noted.changed.add(room.room_id)
        self._room = self._before = room

    def _member(self, event: Json, content: Json) -> None:
        user_id = as_text(event.get("state_key"))
        membership = as_text(content.get("membership"))
        if not user_id or not membership:
            return
        if user_id == self._bot and is_join_of(self._bot, event):
            joined_at = as_int(event.get("origin_server_ts"))
            self._room = replace(self._room, joined_at=joined_at)
        name = as_text(content.get("displayname"))[:MAX_MEMBER_NAME] or None
        self._ensure_room()
        self._uow.rooms.set_member(self._room.room_id, user_id, membership, name)
        self._people_changed = True
        self._noted.changed.add(self._room.room_id)

    def _is_of_two(self) -> bool:
        people = self._uow.rooms.members(self._room.room_id, ("join", "invite"))
        return len(people) <= PAIR

    def _ensure_room(self) -> None:
        """Members hang on a room's row, so it has to stand first."""
        if self._before is None:
            self._uow.rooms.save(self._room)
            self._before = self._room

    def _queue(self, event: Json) -> None:
        event_id, sender = as_text(event.get("event_id")), as_text(event.get("sender"))
        if not event_id or sender == self._bot:
            return
        if "state_key" in event:
            person = as_text(event.get("state_key"))
            # Of other rooms it is no matter who comes; listings have many who come and go.
            if self._room.marker is not None and person and is_join_of(person, event):
                self._put(event_id, "newcomer", {"user_id": person})
            return
        if as_text(event.get("type")) in WORK_TYPES:
            self._put(event_id, "event", event)

    def _came_in(self) -> None:
        """We came into this room at someone's invitation: note what it is, say hello once."""
        room = self._room
        if room.creator == self._bot or not room.inviter:
            return
        if room.marker is None and not room.name and not room.direct:
            # Some clients forget to call a chat of two a direct one when they make it.
            self._room = replace(room, direct=self._is_of_two())
            self.save(membership="join")
        key = f"joined:{room.room_id}:{room.joined_at}"
        self._put(key, "joined", {"inviter": room.inviter})

    def _put(self, key: str, kind: str, payload: Json) -> None:
        room_id = self._room.room_id
        if self._uow.inbox.put(key, room_id, kind, payload, self._uow.now):
            self._noted.work.add(room_id)


def _events(found: Iterable[Any]) -> Iterator[Json]:
    return (event for event in found if isinstance(event, dict))


def _after(timeline: list[Json], last_event_id: str | None) -> list[Json]:
    """What comes after the last event known; all of it when that isn't there."""
    ids = [event.get("event_id") for event in timeline]
    if last_event_id is not None and last_event_id in ids:
        return timeline[ids.index(last_event_id) + 1 :]
    return timeline


def _since_join(timeline: list[Json], bot: str) -> list[Json]:
    """What was said since the bot joined; older talk was not meant for it."""
    for index in range(len(timeline) - 1, -1, -1):
        if is_join_of(bot, timeline[index]):
            return timeline[index + 1 :]
    return timeline


def is_join_of(user_id: str, event: Json) -> bool:
    """Whether this is how the person came into the room, not only a new name or picture."""
    if event.get("type") != "m.room.member" or event.get("state_key") != user_id:
        return False
    before = as_dict(as_dict(event.get("unsigned")).get("prev_content"))
    return as_dict(event.get("content")).get("membership") == "join" != before.get("membership")
