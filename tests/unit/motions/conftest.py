"""People writing motions in a Box: commands through the dispatch, on a store, no server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
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
from bridges.documents.workshop import Workshop
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Effect, FetchFile, MakeFile, Send, SendFile, SendMail
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
    def thread(self) -> str | None:
        relation = self.content.get("m.relates_to", {})
        return relation["event_id"] if relation.get("rel_type") == "m.thread" else None

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
    """`files` are what came into the Box, in order; `other` what is no message.

    `house` is the operator's folder with templates.
    """

    app: App
    store: Store
    box: Box
    files: list[tuple[str, bytes]] = field(default_factory=list)
    refuse_files: bool = False
    heard: list[str] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    mails: list[SendMail] = field(default_factory=list)
    mail_answer: Json = field(default_factory=lambda: {"accepted": "250 OK"})
    now: datetime = NOW
    other: list[Event] = field(default_factory=list)
    house: Path | None = None
    _count: int = 0

    def can_mail(self) -> None:
        """From now on there is a mail server."""
        server = replace(self.app.server, mail_sender="antrag@w.example")
        self.app = replace(self.app, server=server)

    def say(self, text: str, sender: str = ANNA, room_id: str = ROOM) -> Message:
        """The last answer to this."""
        return self.hear(text, sender, room_id)[-1]

    def hear(
        self, text: str, sender: str = ANNA, room_id: str = ROOM, thread: str | None = None
    ) -> list[Message]:
        """All that is said after this."""
        content = {"msgtype": "m.text", "body": text}
        return self.gets("m.room.message", content, sender, room_id, thread=thread)

    def sends(
        self,
        name: str,
        data: bytes,
        sender: str = ANNA,
        caption: str = "",
        thread: str = "",
        room_id: str = ROOM,
    ) -> list[Message]:
        """A file, encrypted as clients do; with a caption its name stands beside it."""
        url = f"mxc://w.example/file{len(self.uploads)}"
        self.uploads[url] = data
        media = {
            "url": url,
            "key": {"k": "A" * 43, "alg": "A256CTR", "kty": "oct"},
            "iv": "A" * 22,
            "hashes": {"sha256": "A" * 43},
            "v": "v2",
        }
        content = {"msgtype": "m.file", "body": caption or name, "filename": name, "file": media}
        return self.gets("m.room.message", content, sender, room_id, thread=thread or None)

    def gets(
        self,
        kind: str,
        content: Json,
        sender: str = ANNA,
        room_id: str = ROOM,
        sent_at: datetime | None = None,
        thread: str | None = None,
    ) -> list[Message]:
        """A Matrix event of any type."""
        self._count += 1
        self.heard.append(f"$in{self._count}")
        stamp = int((sent_at or self.now).timestamp() * 1000)
        with self.store.begin(self.now) as uow:
            incoming = Incoming(room_id, f"$in{self._count}", sender, kind, content, stamp, thread)
            dispatch.handle(self.app, uow, incoming, self.now)
        return self._deliver()

    @property
    def newest_event(self) -> str:
        """What was last said or pressed."""
        return self.heard[-1]

    def redacts(self, event_id: str, sender: str) -> list[Message]:
        """Somebody takes an event back."""
        return self.gets("m.room.redaction", {"redacts": event_id}, sender)

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

    def press(
        self, message: Message, emoji: str, sender: str = ANNA, room_id: str = ROOM
    ) -> Message:
        """Click a button of a message."""
        self._count += 1
        self.heard.append(f"$in{self._count}")
        incoming = Incoming.pressed(
            room_id=room_id,
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
                result = self._carry_out(row.effect, f"$out{self._count}", sent)
                with self.store.begin(self.now) as uow:
                    uow.outbox.done(row.id, result.get("event_id"), result)
                    if row.then:
                        dispatch.continue_(self.app, uow, row, result, self.now)

    def _carry_out(self, effect: Effect, event_id: str, sent: list[Message]) -> Json:
        if isinstance(effect, MakeFile):
            made = asyncio.run(Workshop(self.house).make(effect))
            if not isinstance(made, SendFile):
                return made
            effect = made
        if isinstance(effect, SendFile):
            return self._file(effect, event_id)
        if isinstance(effect, FetchFile):
            return {"data": base64.b64encode(self.uploads[effect.media["url"]]).decode()}
        if isinstance(effect, SendMail):
            mail = asyncio.run(Workshop(self.house).attach(effect))
            if not isinstance(mail, SendMail):
                return mail
            self.mails.append(mail)
            return dict(self.mail_answer)
        if isinstance(effect, Send):
            event = Event(effect.room_id, effect.type, effect.content, event_id)
            if event.type == "m.room.message":
                sent.append(Message(event.content, event.event_id, event.room_id))
            else:
                self.other.append(event)
        return {"event_id": event_id}

    def _file(self, file: SendFile, event_id: str) -> Json:
        if self.refuse_files:
            return {"error": {"status": 413, "errcode": "M_TOO_LARGE"}}
        data = base64.b64decode(file.data)
        self.files.append((file.name, data))
        mxc, sha256 = f"mxc://w.example/{self._count}", hashlib.sha256(data).hexdigest()
        return {"event_id": event_id, "mxc": mxc, "sha256": sha256}


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
