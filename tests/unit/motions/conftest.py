"""People writing motions in a Box; files, mails and what is no message, caught on their way."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bots.motions import commands as motions
from bridges.documents.workshop import Workshop
from tests.unit.chat import (
    ANNA,
    BEN,
    BOT,
    BOX,
    CEM,
    DIRECT,
    NOW,
    ROOM,
    BoxChat,
    Json,
    Message,
    add_box,
    make_app,
    words,
)
from wecreate_module.domain.effects import (
    Effect,
    FetchFile,
    MakeFile,
    PrepareFile,
    Send,
    SendFile,
    SendMail,
)
from wecreate_module.storage.store import Store

__all__ = [
    "ANNA",
    "BEN",
    "BOT",
    "CEM",
    "DIRECT",
    "NOW",
    "ROOM",
    "TEXT",
    "Chat",
    "Event",
    "Json",
    "Message",
]

TEXT = (
    "1. Die Stadt pflanzt zwölf Linden.\n"
    "2. Sie berichtet halbjährlich.\n"
    "3. Die Kosten trägt das Stadtbezirksbudget."
)


@dataclass(frozen=True)
class Event:
    """Something of the bot's that is no message: a poll, say."""

    room_id: str
    type: str
    content: Json
    event_id: str


@dataclass(repr=False)
class Chat(BoxChat):
    """`files` are what came into the Box, in order; `other` what is no message.

    `house` is the operator's folder with templates.
    """

    files: list[tuple[str, bytes]] = field(default_factory=list)
    refuse_files: bool = False
    heard: list[str] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    mails: list[SendMail] = field(default_factory=list)
    mail_answer: Json = field(default_factory=lambda: {"accepted": "250 OK"})
    other: list[Event] = field(default_factory=list)
    house: Path | None = None

    def can_mail(self) -> None:
        """From now on there is a mail server."""
        server = replace(self.app.server, mail_sender="antrag@w.example")
        self.app = replace(self.app, server=server)

    def say(self, text: str, sender: str = ANNA, room_id: str = ROOM) -> Message:
        """The last answer to this."""
        return self.hear(text, sender, room_id)[-1]

    def hear(
        self,
        text: str,
        sender: str = ANNA,
        room_id: str | None = None,
        thread: str | None = None,
    ) -> list[Message]:
        return self.gets("m.room.message", words(text), sender, room_id or ROOM, thread=thread)

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
        stamp = int((sent_at or self.now).timestamp() * 1000)
        more: Json = {"type": kind, "origin_server_ts": stamp, "thread_id": thread}
        return self.receive(self.incoming(content, sender, room_id, **more))

    def new_id(self) -> str:
        self.heard.append(super().new_id())
        return self.newest_event

    @property
    def newest_event(self) -> str:
        """What was last said or pressed."""
        return self.heard[-1]

    def redacts(self, event_id: str, sender: str) -> list[Message]:
        """Somebody takes an event back."""
        return self.redact(event_id, sender)

    def passes(self, time: timedelta) -> list[Message]:
        """All that is said because it is so much later."""
        return self.wait_until(self.now + time)

    def press(
        self, message: Message, emoji: str, sender: str = ANNA, room_id: str | None = None
    ) -> Message:
        """The last answer to a button."""
        return self.click(message, emoji, sender, room_id or ROOM)[-1]

    def carry_out(self, effect: Effect) -> Json:
        if isinstance(effect, MakeFile | PrepareFile):
            shop = Workshop(self.house)
            made = asyncio.run(
                shop.make(effect) if isinstance(effect, MakeFile) else shop.prepare(effect)
            )
            if not isinstance(made, SendFile):
                return made
            effect = made
        if isinstance(effect, SendFile):
            return self._file(effect)
        if isinstance(effect, FetchFile):
            return {"data": base64.b64encode(self.uploads[effect.media["url"]]).decode()}
        if isinstance(effect, SendMail):
            mail = asyncio.run(Workshop(self.house).attach(effect))
            if not isinstance(mail, SendMail):
                return mail
            self.mails.append(mail)
            return dict(self.mail_answer)
        result = super().carry_out(effect)
        if isinstance(effect, Send) and effect.type != "m.room.message":
            event = Event(effect.room_id, effect.type, effect.content, result["event_id"])
            self.other.append(event)
        return result

    def _file(self, file: SendFile) -> Json:
        if self.refuse_files:
            return {"error": {"status": 413, "errcode": "M_TOO_LARGE"}}
        data = base64.b64decode(file.data)
        self.files.append((file.name, data))
        mxc, sha256 = f"mxc://w.example/{self.count}", hashlib.sha256(data).hexdigest()
        return {"event_id": f"$out{self.count}", "mxc": mxc, "sha256": sha256}


@pytest.fixture
def chat(store: Store) -> Chat:
    """A German Box with Anna (an admin), Ben and Cem."""
    box = replace(BOX, name="Grüne Karl-Heine")
    add_box(store, box)
    return Chat(make_app(motions.PART), store, box=box)


@pytest.fixture
def motion(chat: Chat) -> Message:
    """Motion 1 with a text, begun by Ben."""
    chat.say("!antrag neu SBB Südwest Zwölf Linden", BEN)
    chat.say("später", BEN)
    return chat.say(f"!antrag 1 text {TEXT}", BEN)
