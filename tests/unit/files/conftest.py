"""People sending files into a Box, and what the bot does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bots.files import commands as files
from bots.kit.context import ServerFacts
from tests.unit.chat import ANNA, BEN, BOX, NOW, ROOM, BotChat, Json, add_box, make_app, words
from tests.unit.domain.test_files import content
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Effect, ReceiveUpload, SealLink
from wecreate_module.domain.files import File
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.matrix import RESULT
from wecreate_module.services.link_sealing import seal_link
from wecreate_module.storage.store import Store

__all__ = ["ANNA", "BEN", "NOW", "ROOM", "Chat", "Json"]


@dataclass(repr=False)
class Chat(BotChat):
    box: Box = BOX
    posted: list[Json] = field(default_factory=list)
    """Files that the bot posted at the last command."""
    sealing: Json | None = None
    """What comes of fetching a file for a link, if it goes wrong."""
    received: Json = field(default_factory=dict)
    """What comes of opening a visitor's letter."""

    def send(self, name: str = "Protokoll.pdf", sender: str = ANNA, **more: Any) -> list[Json]:
        """A file, and what the bot says to it. Its event is `$in<count>`."""
        replied_to = more.pop("replied_to", None)
        return self._contents(content(body=name, **more), sender, replied_to)

    def say(self, text: str, sender: str = ANNA, replied_to: str | None = None) -> Json:
        """The one message that the bot answers with."""
        sent = self._contents(words(text), sender, replied_to)
        self.posted = [content for content in sent if content["msgtype"] != "m.notice"]
        (answer,) = [content for content in sent if content["msgtype"] == "m.notice"]
        return answer

    def data(self, text: str, sender: str = ANNA, replied_to: str | None = None) -> Json:
        result = self.say(text, sender, replied_to)[RESULT]
        assert result["ok"] is True, result
        data: Json = result["data"]
        return data

    def code(self, text: str, sender: str = ANNA) -> str:
        result = self.say(text, sender)[RESULT]
        assert result["ok"] is False, result
        return str(result["error"]["code"])

    def file(self, number: int) -> File | None:
        with self.store.read(self.now) as uow:
            return uow.files.get(self.box.id, number)

    def wait(self, **delta: float) -> list[Json]:
        """What the bot says by itself in that time."""
        return [message.content for message in self.wait_until(self.now + timedelta(**delta))]

    def carry_out(self, effect: Effect) -> Json:
        if isinstance(effect, SealLink):
            return self.sealing or _seal(effect)
        if isinstance(effect, ReceiveUpload):
            return self.received
        return super().carry_out(effect)

    def _contents(self, said: Json, sender: str, replied_to: str | None) -> list[Json]:
        incoming = self.incoming(said, sender, replied_to=replied_to)
        return [message.content for message in self.receive(incoming)]


def _seal(effect: SealLink) -> Json:
    made = seal_link(effect.link_id, effect.secret, effect.password, effect.about)
    return {**made.to_json(), "size": 1234}


@pytest.fixture
def chat(store: Store) -> Chat:
    """A German Box with Anna (an admin) and Ben."""
    add_box(store)
    server = ServerFacts("w.example", links=LinkRules("https://files.w.example", max_days=90))
    return Chat(make_app(files.PART, server=server), store)
