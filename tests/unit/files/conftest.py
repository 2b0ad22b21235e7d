"""People sending files into a Box, and what the bot does: through the dispatch, no server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.files import commands as files
from bots.kit import basics, dispatch
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.kit.incoming import Incoming
from tests.unit.domain.test_files import content
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Effect, SealLink, Send
from wecreate_module.domain.files import File
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.matrix import RESULT
from wecreate_module.services.link_sealing import seal_link
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
BOT, ANNA, BEN = "@wecreate:w.example", "@anna:w.example", "@ben:w.example"
ROOM = "!box"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass
class Chat:
    """`done` are the effects carried out, in order."""

    app: App
    store: Store
    box: Box
    now: datetime = NOW
    done: list[Effect] = field(default_factory=list)
    count: int = 0
    posted: list[Json] = field(default_factory=list)
    """Files that the bot posted at the last command."""
    sealing: Json | None = None
    """What comes of fetching a file for a link, if it goes wrong."""

    def send(self, name: str = "Protokoll.pdf", sender: str = ANNA, **more: Any) -> list[Json]:
        """A file, and what the bot says to it. Its event is `$in<count>`."""
        replied_to = more.pop("replied_to", None)
        return self._handle(content(body=name, **more), sender, replied_to)

    def redact(self, event_id: str, sender: str) -> None:
        """Somebody takes a message back."""
        self.count += 1
        content = {"redacts": event_id}
        incoming = Incoming(ROOM, f"$in{self.count}", sender, "m.room.redaction", content)
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)
        self._deliver()

    def say(self, text: str, sender: str = ANNA, replied_to: str | None = None) -> Json:
        """The one message that the bot answers with."""
        sent = self._handle({"msgtype": "m.text", "body": text}, sender, replied_to)
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
        self.now += timedelta(**delta)
        with self.store.begin(self.now) as uow:
            for item in uow.schedule.due(self.now, 50):
                dispatch.run_scheduled(self.app, uow, item, self.now)
                uow.schedule.done(item.id)
        return self._deliver()

    def _handle(self, said: Json, sender: str, replied_to: str | None) -> list[Json]:
        self.count += 1
        incoming = Incoming(ROOM, f"$in{self.count}", sender, content=said, replied_to=replied_to)
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)
        return self._deliver()

    def _deliver(self) -> list[Json]:
        sent: list[Json] = []
        while True:
            with self.store.begin(self.now) as uow:
                rows = uow.outbox.due(100, self.now)
            if not rows:
                return sent
            for row in rows:
                self.done.append(row.effect)
                self.count += 1
                result: Json = {"event_id": f"$out{self.count}"}
                if isinstance(row.effect, SealLink):
                    result = self.sealing or _seal(row.effect)
                if isinstance(row.effect, Send):
                    sent.append(row.effect.content)
                with self.store.begin(self.now) as uow:
                    uow.outbox.done(row.id, result.get("event_id"), result)
                    if row.then:
                        dispatch.continue_(self.app, uow, row, result, self.now)


def _seal(effect: SealLink) -> Json:
    made = seal_link(effect.link_id, effect.secret, effect.password, effect.about)
    return {**made.to_json(), "size": 1234}


def open_store(folder: Path) -> Store:
    url = f"sqlite:///{folder / 'w.db'}"
    return Store.open(url, folder / "keys.db", folder / "wecreate.key")


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, migrated once for all tests."""
    folder = tmp_path_factory.mktemp("fresh")
    open_store(folder).close()
    return folder


@pytest.fixture
def chat(tmp_path: Path, fresh: Path) -> Iterator[Chat]:
    """A German Box with Anna (an admin) and Ben."""
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)
    store = open_store(tmp_path)
    server = ServerFacts("w.example", links=LinkRules("https://files.w.example", max_days=90))
    app = App.assemble((basics.PART, files.PART), bot_user_id=BOT, server=server)
    box = Box("box1", ROOM, "Sommerfest", "de", "Europe/Berlin", ANNA, NOW)
    levels = {"users": {ANNA: 100, BOT: 100}}
    with store.begin(NOW) as uow:
        uow.rooms.save(Room(ROOM, encrypted=True, power_levels=levels, creator=ANNA))
        uow.boxes.add(box)
        for user_id, name in ((ANNA, "Anna Alt"), (BEN, "Ben Meier"), (BOT, "WeCreate")):
            uow.rooms.set_member(ROOM, user_id, "join", name)
    yield Chat(app, store, box)
    store.close()
