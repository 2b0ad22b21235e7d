"""A Box and direct chats, with the commands for calendar programs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bots.caldav import commands as caldav
from bots.kit import dispatch
from bots.kit.context import ServerFacts
from tests.dav import ANNA, BEN, BOT, NOW, add_box
from tests.unit.chat import BoxChat, Json, make_app
from wecreate_module.domain.matrix import RESULT
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store


@dataclass(repr=False)
class Chat(BoxChat):
    def say(self, text: str, sender: str = ANNA, *, direct: bool = False) -> Json:
        """The answer's content."""
        room_id = f"!direct-{sender[1:4]}:w.example" if direct else self.box.room_id
        return self.hear(text, sender, room_id)[-1].content

    def later(self) -> list[Json]:
        """What the bot says of all that is planned; the clock stands still."""
        before = len(self.messages)
        with self.store.begin(NOW) as uow:
            for item in uow.schedule.due(NOW.replace(year=2027), 50):
                dispatch.run_scheduled(self.app, uow, item, NOW)
                uow.schedule.done(item.id)
        self.deliver()
        return [message.content for message in self.messages[before:]]


def data(content: Json) -> Json:
    result = content[RESULT]
    assert result["ok"] is True, content["body"]
    found: Json = result["data"]
    return found


@pytest.fixture
def chat(store: Store) -> Chat:
    box = add_box(store, "garten", {ANNA: "join", BEN: "join"})
    with store.begin(NOW) as uow:
        for person in (ANNA, BEN):
            room_id = f"!direct-{person[1:4]}:w.example"
            uow.rooms.save(Room(room_id, direct=True, encrypted=True))
            for user_id in (person, BOT):
                uow.rooms.set_member(room_id, user_id, "join", None)
    server = ServerFacts("w.example", caldav_url="https://dav.w.example")
    return Chat(make_app(caldav.PART, server=server), store, now=NOW, box=box)
