"""The Boxes' commands through the dispatch, on a store, with a stand-in for the delivery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.boxes import commands as boxes
from bots.kit import basics, dispatch
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.kit.incoming import Incoming
from wecreate_module.domain import effects as fx
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Effect
from wecreate_module.domain.matrix import RESULT
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
BOT, ANNA, BEN = "@wecreate:w.example", "@anna:w.example", "@ben:w.example"
CEM = "@cem:partner.example"
DIRECT, GROUP = "!direct", "!group"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Message:
    """A message of the bot."""

    room_id: str
    content: Json
    pinned: bool = False

    @property
    def text(self) -> str:
        return str(self.content["body"])

    @property
    def result(self) -> Json:
        found: Json = self.content[RESULT]
        return found

    @property
    def data(self) -> Json:
        assert self.result["ok"] is True, self.text
        data: Json = self.result["data"]
        return data

    @property
    def code(self) -> str:
        assert self.result["ok"] is False, self.text
        return str(self.result["error"]["code"])


@dataclass
class Chat:
    """People writing to the bot; `done` are the effects carried out, in order."""

    app: App
    store: Store
    now: datetime = NOW
    outcomes: dict[str, str] = field(default_factory=dict)
    refuse: type[Any] | None = None
    done: list[Effect] = field(default_factory=list)
    _count: int = 0

    def say(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> list[Message]:
        """Say something; what the bot sends until nothing is left to do."""
        before = len(self.done)
        self.hand_in(text, sender, room_id)
        self.deliver()
        return [
            Message(effect.room_id, effect.content, effect.pin)
            for effect in self.done[before:]
            if isinstance(effect, fx.Send)
        ]

    def answer(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> Message:
        """The one message that comes back."""
        (message,) = self.say(text, sender, room_id)
        return message

    def new(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> tuple[Message, Message]:
        """The welcome in the new Box, and the answer to the command."""
        one, other = self.say(text, sender, room_id)
        return (other, one) if one.room_id == room_id else (one, other)

    def hand_in(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> None:
        self._count += 1
        self.now += timedelta(seconds=1)
        content = {"msgtype": "m.text", "body": text}
        incoming = Incoming(room_id, f"$in{self._count}", sender, content=content)
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)

    def deliver(self) -> None:
        while rows := self._due():
            for row in rows:
                self._carry_out(row)

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

    def _due(self) -> list[OutboxRow]:
        with self.store.begin(self.now) as uow:
            return uow.outbox.due(100, self.now)

    def _carry_out(self, row: OutboxRow) -> None:
        if self.refuse is not None and isinstance(row.effect, self.refuse):
            result: Json = {"error": {"status": 403, "errcode": "M_FORBIDDEN"}}
        else:
            result = self._result(row.effect)
            self.done.append(row.effect)
        with self.store.begin(self.now) as uow:
            if "error" in result:
                uow.outbox.fail(row.id, "refused")
            else:
                uow.outbox.done(row.id, result.get("event_id"), result)
            if row.then:
                dispatch.continue_(self.app, uow, row, result, self.now)

    def _result(self, effect: Effect) -> Json:
        self._count += 1
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
        return {"event_id": f"$out{self._count}"}

    def _create(self, body: Json) -> str:
        room_id = f"!made{self._count}"
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
def chat(tmp_path: Path) -> Iterator[Chat]:
    url = f"sqlite:///{tmp_path / 'w.db'}"
    store = Store.open(url, tmp_path / "keys.db", tmp_path / "wecreate.key")
    server = ServerFacts("w.example", default_language="en")
    app = App.assemble((basics.PART, boxes.PART), bot_user_id=BOT, server=server)
    chat = Chat(app, store)
    chat.save_room(Room(DIRECT, direct=True, encrypted=True, join_rule="invite"), ANNA)
    levels = {"users": {ANNA: 100, BOT: 50}, "invite": 50, "state_default": 50}
    chat.save_room(
        Room(GROUP, encrypted=True, join_rule="invite", power_levels=levels, creator=ANNA),
        ANNA,
        BEN,
    )
    yield chat
    store.close()
