"""A Box and direct chats, talked to through the dispatch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bots.caldav import commands as caldav
from bots.kit import basics, dispatch
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.kit.incoming import Incoming
from tests.dav import ANNA, BEN, BOT, NOW, add_box
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Send
from wecreate_module.domain.matrix import RESULT
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
APP = App.assemble(
    (basics.PART, caldav.PART),
    bot_user_id=BOT,
    server=ServerFacts("w.example", caldav_url="https://dav.w.example"),
)


@dataclass
class Chat:
    store: Store
    box: Box
    said: int = 0
    sent: list[Json] = field(default_factory=list)

    def say(self, text: str, sender: str = ANNA, *, direct: bool = False) -> Json:
        """The answer's content."""
        self.said += 1
        room = f"!direct-{sender[1:4]}:w.example" if direct else self.box.room_id
        message = Incoming(
            room, f"$m{self.said}", sender, "m.room.message", {"msgtype": "m.text", "body": text}
        )
        with self.store.begin(NOW) as uow:
            dispatch.handle(APP, uow, message, NOW)
        return self.take()[-1]

    def later(self) -> list[Json]:
        """What the schedule says when its time has come."""
        with self.store.begin(NOW) as uow:
            for item in uow.schedule.due(NOW.replace(year=2027), 50):
                dispatch.run_scheduled(APP, uow, item, NOW)
                uow.schedule.done(item.id)
        return self.take()

    def take(self) -> list[Json]:
        with self.store.begin(NOW) as uow:
            found = []
            while rows := uow.outbox.due(50, NOW):
                for row in rows:
                    if isinstance(row.effect, Send) and row.effect.type == "m.room.message":
                        found.append(row.effect.content)
                    uow.outbox.done(row.id, f"$e{row.id}")
        return found


def data(content: Json) -> Json:
    result = content[RESULT]
    assert result["ok"] is True, content["body"]
    found: Json = result["data"]
    return found


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    store = Store.open(f"sqlite:///{tmp_path}/w.db", tmp_path / "keys.db", tmp_path / "key")
    box = add_box(store, "garten", {ANNA: "join", BEN: "join"})
    with store.begin(NOW) as uow:
        for person in (ANNA, BEN):
            room_id = f"!direct-{person[1:4]}:w.example"
            uow.rooms.save(Room(room_id, direct=True, encrypted=True))
            for user_id in (person, BOT):
                uow.rooms.set_member(room_id, user_id, "join", None)
    yield Chat(store, box)
    store.close()
