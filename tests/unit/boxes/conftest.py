"""The Boxes' commands; rooms come into being as a homeserver would make them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bots.boxes import commands as boxes
from bots.kit.context import ServerFacts
from tests.unit.chat import ANNA, BEN, BOT, DIRECT, BotChat, Json, Message, make_app
from wecreate_module.domain import effects as fx
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Effect
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

__all__ = ["ANNA", "BEN", "BOT", "CEM", "DIRECT", "GROUP", "Chat", "Message"]

CEM = "@cem:partner.example"
GROUP = "!group"


@dataclass(repr=False)
class Chat(BotChat):
    """`outcomes` are what becomes of invitations; effects of the kind `refuse` fail."""

    here: str = DIRECT
    outcomes: dict[str, str] = field(default_factory=dict)
    refuse: type[Any] | None = None

    def say(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> list[Message]:
        """All that the bot sends to this."""
        return self.hear(text, sender, room_id)

    def answer(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> Message:
        """The one message that comes back."""
        (message,) = self.hear(text, sender, room_id)
        return message

    def new(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> tuple[Message, Message]:
        """The welcome in the new Box, and the answer to the command."""
        one, other = self.hear(text, sender, room_id)
        return (other, one) if one.room_id == room_id else (one, other)

    def found(self, name: str = "Sommerfest", sender: str = ANNA) -> Box:
        """A new Box, its founder joined."""
        _, answer = self.new(f"!box new {name}", sender)
        with self.store.begin(self.now) as uow:
            box = uow.boxes.get(answer.data["box"]["id"])
            assert box is not None
            uow.rooms.set_member(box.room_id, sender, "join", "Anna")
        return box

    def box(self, box: Box) -> Box | None:
        with self.store.begin(self.now) as uow:
            return uow.boxes.get(box.id)

    def room(self, room_id: str) -> Room:
        with self.store.begin(self.now) as uow:
            room = uow.rooms.get(room_id)
        assert room is not None
        return room

    def save_room(self, room: Room, *members: str) -> None:
        with self.store.begin(self.now) as uow:
            uow.rooms.save(room)
            for user_id in (BOT, *members):
                uow.rooms.set_member(room.room_id, user_id, "join", None)

    def carry_out(self, effect: Effect) -> Json:
        if self.refuse is not None and isinstance(effect, self.refuse):
            return {"error": {"status": 403, "errcode": "M_FORBIDDEN"}}
        match effect:
            case fx.CreateRoom():
                return {"room_id": self._create(effect.body)}
            case fx.Invite():
                said = {user: self.outcomes.get(user, "invited") for user in effect.users}
                return {"outcomes": said}
            case fx.SetState():
                self._set_state(effect)
            case fx.DestroyKey():
                self.store.keys.destroy(effect.box_id)
        return super().carry_out(effect)

    def _create(self, body: Json) -> str:
        room_id = f"!made{self.count}"
        state = {event["type"]: event["content"] for event in body["initial_state"]}
        self.save_room(
            Room(
                room_id,
                create={**body["creation_content"], "room_version": body["room_version"]},
                creator=BOT,
                power_levels=body["power_level_content_override"],
                encrypted="m.room.encryption" in state,
                name=body["name"],
                join_rule="invite",
                settings=state["de.wecreate.settings"],
                marker=body["creation_content"]["de.wecreate.box"],
            )
        )
        return room_id

    def _set_state(self, effect: fx.SetState) -> None:
        room = self.room(effect.room_id)
        changes: dict[str, Json] = {
            "m.room.name": {"name": effect.content.get("name")},
            "de.wecreate.settings": {"settings": effect.content},
            "de.wecreate.box": {"marker": effect.content},
        }
        with self.store.begin(self.now) as uow:
            uow.rooms.save(replace(room, **changes[effect.type]))


@pytest.fixture
def chat(store: Store) -> Chat:
    server = ServerFacts("w.example", default_language="en")
    chat = Chat(make_app(boxes.PART, server=server), store)
    chat.save_room(Room(DIRECT, direct=True, encrypted=True, join_rule="invite"), ANNA)
    levels = {"users": {ANNA: 100, BOT: 50}, "invite": 50, "state_default": 50}
    chat.save_room(
        Room(GROUP, encrypted=True, join_rule="invite", power_levels=levels, creator=ANNA),
        ANNA,
        BEN,
    )
    return chat
