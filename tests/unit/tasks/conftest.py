"""People talking to the bot in a Box: commands through the dispatch, on a store, no server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.kit import basics, dispatch
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.kit.incoming import Incoming
from bots.tasks import commands as tasks
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Effect, Send
from wecreate_module.domain.matrix import BUTTONS, RESULT
from wecreate_module.domain.tasks import Task
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
BOT, ANNA, BEN, CEM = "@wecreate:w.example", "@anna:w.example", "@ben:w.example", "@cem:w.example"
ROOM, DIRECT = "!box", "!direct"
# A Wednesday, 10:00 in Berlin.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Message:
    """A message of the bot, as Matrix would get it."""

    room_id: str
    content: Json
    pinned: bool
    event_id: str

    @property
    def text(self) -> str:
        return str(self.content["body"])

    @property
    def html(self) -> str:
        return str(self.content["formatted_body"])

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
    def task(self) -> Json:
        task: Json = self.data["task"]
        return task

    @property
    def code(self) -> str:
        assert self.result["ok"] is False, self.text
        return str(self.result["error"]["code"])

    @property
    def buttons(self) -> Json:
        return dict(self.content.get(BUTTONS, {}))

    @property
    def mentions(self) -> list[str]:
        return list(self.content["m.mentions"].get("user_ids", []))

    @property
    def edits(self) -> str | None:
        relation = self.content.get("m.relates_to", {})
        return relation["event_id"] if relation.get("rel_type") == "m.replace" else None


@dataclass(repr=False)
class Chat:
    """`done` are the effects carried out, in order."""

    app: App
    store: Store
    box: Box
    now: datetime = NOW
    done: list[Effect] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    _count: int = 0

    def say(self, text: str, sender: str = ANNA, room_id: str = ROOM) -> list[Message]:
        """What the bot sends to this, edits included."""
        before = len(self.sent)
        self.hand_in(text, sender, room_id)
        self.deliver()
        return self.sent[before:]

    def hand_in(self, text: str, sender: str = ANNA, room_id: str = ROOM) -> None:
        """Done, but what it sends waits for `deliver`."""
        self._count += 1
        content = {"msgtype": "m.text", "body": text}
        self._handle(Incoming(room_id, f"$in{self._count}", sender, content=content))

    def ask(self, text: str, sender: str = ANNA, room_id: str = ROOM) -> Message:
        """The one answer, edits aside."""
        (answer,) = [m for m in self.say(text, sender, room_id) if m.edits is None]
        return answer

    def reply(self, to: str, text: str, sender: str = ANNA) -> Message:
        """The one answer to what is said in reply to a Matrix event."""
        self._count += 1
        before = len(self.sent)
        content = {"msgtype": "m.text", "body": text}
        self._handle(Incoming(ROOM, f"$in{self._count}", sender, content=content, replied_to=to))
        self.deliver()
        (answer,) = [m for m in self.sent[before:] if m.edits is None]
        return answer

    def ask_formatted(self, body: str, html: str, sender: str = ANNA) -> Message:
        """Said with a client that writes HTML, links to people for example."""
        self._count += 1
        content = {
            "msgtype": "m.text",
            "body": body,
            "format": "org.matrix.custom.html",
            "formatted_body": html,
        }
        before = len(self.sent)
        self._handle(Incoming(ROOM, f"$in{self._count}", sender, content=content))
        self.deliver()
        (answer,) = [m for m in self.sent[before:] if m.edits is None]
        return answer

    def press(self, message: Message, emoji: str, sender: str = ANNA) -> Message:
        """Click a button of a message."""
        self._count += 1
        incoming = Incoming.pressed(
            room_id=message.room_id,
            event_id=f"$in{self._count}",
            sender=sender,
            command=message.buttons[emoji],
            message_id=message.event_id,
        )
        before = len(self.sent)
        self._handle(incoming)
        self.deliver()
        (answer,) = [m for m in self.sent[before:] if m.edits is None]
        return answer

    def wait_until(self, instant: datetime) -> list[Message]:
        """What the bot sends by itself until then."""
        before = len(self.sent)
        while (next_due := self._next_due()) is not None and next_due <= instant:
            self.now = max(self.now, next_due)
            with self.store.begin(self.now) as uow:
                for item in uow.schedule.due(self.now, 50):
                    dispatch.run_scheduled(self.app, uow, item, self.now)
                    uow.schedule.done(item.id)
        self.now = instant
        self.deliver()
        return self.sent[before:]

    def wait(self, **delta: float) -> list[Message]:
        return self.wait_until(self.now + timedelta(**delta))

    def task(self, number: int) -> Task | None:
        with self.store.begin(self.now) as uow:
            return uow.tasks.get(self.box.id, number)

    def deliver(self) -> None:
        while True:
            with self.store.begin(self.now) as uow:
                rows = uow.outbox.due(100, self.now)
            if not rows:
                return
            for row in rows:
                self._count += 1
                result = {"event_id": f"$out{self._count}"}
                self.done.append(row.effect)
                if isinstance(row.effect, Send):
                    effect = row.effect
                    self.sent.append(
                        Message(effect.room_id, effect.content, effect.pin, result["event_id"])
                    )
                with self.store.begin(self.now) as uow:
                    uow.outbox.done(row.id, result["event_id"], result)
                    if row.then:
                        dispatch.continue_(self.app, uow, row, result, self.now)

    def _next_due(self) -> datetime | None:
        with self.store.begin(self.now) as uow:
            return uow.schedule.next_due()

    def _handle(self, incoming: Incoming) -> None:
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)


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
    """A German Box with Anna (an admin), Ben and Cem, and Anna's direct chat with the bot."""
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)
    store = open_store(tmp_path)
    app = App.assemble((basics.PART, tasks.PART), bot_user_id=BOT, server=ServerFacts("w.example"))
    box = Box("box1", ROOM, "Sommerfest", "de", "Europe/Berlin", ANNA, NOW)
    levels = {"users": {ANNA: 100, BOT: 100}}
    with store.begin(NOW) as uow:
        uow.rooms.save(Room(ROOM, encrypted=True, power_levels=levels, creator=ANNA))
        uow.rooms.save(Room(DIRECT, encrypted=True, direct=True, inviter=ANNA))
        uow.boxes.add(box)
        for user_id, name in ((ANNA, "Anna"), (BEN, "Ben Meier"), (CEM, "Cem"), (BOT, "WeCreate")):
            uow.rooms.set_member(ROOM, user_id, "join", name)
        for user_id in (ANNA, BOT):
            uow.rooms.set_member(DIRECT, user_id, "join", None)
    yield Chat(app, store, box)
    store.close()
