"""People writing motions in a Box: commands through the dispatch, on a store, no server."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.kit import basics, dispatch
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.kit.incoming import Incoming
from bots.motions import commands as motions
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Send, SendFile, SendMail
from wecreate_module.domain.matrix import BUTTONS, RESULT
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
BOT, ANNA, BEN, CEM = "@wecreate:w.example", "@anna:w.example", "@ben:w.example", "@cem:w.example"
ROOM, DIRECT = "!box", "!direct"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TEXT = (
    "1. Die Stadt pflanzt zwölf Linden.\n"
    "2. Sie berichtet halbjährlich.\n"
    "3. Die Kosten trägt das Stadtbezirksbudget."
)


@dataclass(frozen=True)
class Message:
    """A message of the bot, as Matrix would get it."""

    content: Json
    event_id: str
    room_id: str = ROOM

    @property
    def text(self) -> str:
        return str(self.content["body"])

    @property
    def html(self) -> str:
        return str(self.content.get("formatted_body", ""))

    @property
    def data(self) -> Json:
        result = self.content[RESULT]
        assert result["ok"] is True, self.text
        data: Json = result["data"]
        return data

    @property
    def motion(self) -> Json:
        motion: Json = self.data["motion"]
        return motion

    @property
    def lines(self) -> list[str]:
        return [text for _, text in self.motion["lines"]]

    @property
    def code(self) -> str:
        result = self.content[RESULT]
        assert result["ok"] is False, self.text
        return str(result["error"]["code"])

    @property
    def mentions(self) -> list[str]:
        return list(self.content["m.mentions"].get("user_ids", []))


@dataclass(frozen=True)
class Event:
    """Something of the bot's that is no message: a poll, say."""

    room_id: str
    type: str
    content: Json
    event_id: str


@dataclass
class Chat:
    """`files` are what came into the Box, in order; `other` what is no message."""

    app: App
    store: Store
    box: Box
    files: list[tuple[str, bytes]] = field(default_factory=list)
    refuse_files: bool = False
    mails: list[SendMail] = field(default_factory=list)
    mail_answer: Json = field(default_factory=lambda: {"accepted": "250 OK"})
    now: datetime = NOW
    other: list[Event] = field(default_factory=list)
    _count: int = 0

    def can_mail(self) -> None:
        """From now on there is a mail server."""
        server = replace(self.app.server, mail_sender="antrag@w.example")
        self.app = replace(self.app, server=server)

    def say(self, text: str, sender: str = ANNA, room_id: str = ROOM) -> Message:
        """The last answer to this."""
        return self.hear(text, sender, room_id)[-1]

    def hear(self, text: str, sender: str = ANNA, room_id: str = ROOM) -> list[Message]:
        """All that is said after this."""
        return self.gets("m.room.message", {"msgtype": "m.text", "body": text}, sender, room_id)

    def gets(
        self,
        kind: str,
        content: Json,
        sender: str = ANNA,
        room_id: str = ROOM,
        sent_at: datetime | None = None,
    ) -> list[Message]:
        """A Matrix event of any type."""
        self._count += 1
        stamp = int((sent_at or self.now).timestamp() * 1000)
        with self.store.begin(self.now) as uow:
            incoming = Incoming(room_id, f"$in{self._count}", sender, kind, content, stamp)
            dispatch.handle(self.app, uow, incoming, self.now)
        return self._deliver()

    def passes(self, time: timedelta) -> list[Message]:
        """All that is said because it is so much later."""
        until = self.now + time
        said: list[Message] = []
        while True:
            with self.store.begin(until) as uow:
                due = uow.schedule.next_due()
            if due is None or due > until:
                self.now = until
                return said
            self.now = max(self.now, due)
            with self.store.begin(self.now) as uow:
                for item in uow.schedule.due(self.now, 1):
                    dispatch.run_scheduled(self.app, uow, item, self.now)
                    uow.schedule.done(item.id)
            said += self._deliver()

    def press(self, message: Message, emoji: str, sender: str = ANNA) -> Message:
        """Click a button of a message."""
        self._count += 1
        incoming = Incoming.pressed(
            room_id=ROOM,
            event_id=f"$in{self._count}",
            sender=sender,
            command=message.content[BUTTONS][emoji],
            message_id=message.event_id,
        )
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)
        return self._deliver()[-1]

    def _deliver(self) -> list[Message]:
        sent: list[Message] = []
        while True:
            with self.store.begin(self.now) as uow:
                rows = uow.outbox.due(100, self.now)
            if not rows:
                return sent
            for row in rows:
                self._count += 1
                result: Json = {"event_id": f"$out{self._count}"}
                if isinstance(row.effect, Send):
                    event = Event(
                        row.effect.room_id, row.effect.type, row.effect.content, result["event_id"]
                    )
                    if event.type == "m.room.message":
                        sent.append(Message(event.content, event.event_id, event.room_id))
                    else:
                        self.other.append(event)
                if isinstance(row.effect, SendMail):
                    self.mails.append(row.effect)
                    result = dict(self.mail_answer)
                if isinstance(row.effect, SendFile):
                    if self.refuse_files:
                        result = {"error": {"status": 413, "errcode": "M_TOO_LARGE"}}
                    else:
                        self.files.append((row.effect.name, base64.b64decode(row.effect.data)))
                        result["mxc"] = f"mxc://w.example/{self._count}"
                with self.store.begin(self.now) as uow:
                    uow.outbox.done(row.id, result.get("event_id"), result)
                    if row.then:
                        dispatch.continue_(self.app, uow, row, result, self.now)


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
    """A German Box with Anna (an admin), Ben and Cem."""
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)
    store = open_store(tmp_path)
    parts = (basics.PART, motions.PART)
    app = App.assemble(parts, bot_user_id=BOT, server=ServerFacts("w.example"))
    box = Box("box1", ROOM, "Grüne Karl-Heine", "de", "Europe/Berlin", ANNA, NOW)
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


@pytest.fixture
def motion(chat: Chat) -> Message:
    """Motion 1 with a text, begun by Ben."""
    chat.say("!antrag neu SBB Südwest Zwölf Linden", BEN)
    chat.say("später", BEN)
    return chat.say(f"!antrag 1 text {TEXT}", BEN)
