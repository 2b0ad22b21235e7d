"""A matrix-js-sdk client in a Node process, spoken to in JSON lines (js/client.js)."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FOLDER = Path(__file__).parent / "js"
NODE = FOLDER / "node_modules" / ".bin" / "node"
LINE_LIMIT = 2**24
Json = dict[str, Any]


class JsError(Exception):
    """What the client threw, with its stack."""


@dataclass(frozen=True)
class Seen:
    """A Matrix event as that client shows it; `shield` is none, grey or red.

    `rings`: by its person's push rules, once it is read.
    """

    event_id: str
    sender: str
    type: str
    content: Json
    encrypted: bool
    failure: str | None
    shield: str | None
    shield_reason: int | None
    rings: bool

    @property
    def body(self) -> str:
        return str(self.content.get("body", ""))

    @property
    def result(self) -> Json:
        return dict(self.content.get("de.wecreate.result", {}))


class JsClient:
    """Use as `async with`; `log` gets what the SDK prints."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.user_id = ""
        self._calls = 0

    async def __aenter__(self) -> Self:
        if not NODE.exists():
            raise JsError("Node is missing: run `make interop-setup`")
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(NODE),
                "client.js",
                cwd=FOLDER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=LINE_LIMIT,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        assert self._process.stdout
        try:
            async with asyncio.timeout(60):
                # To the end: a pipe that is still open outlives the loop, and warns of it later.
                await self._process.stdout.read()
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def call(self, name: str, /, **given: object) -> Json:
        """One call, one answer; raises JsError."""
        assert self._process.stdin
        assert self._process.stdout
        self._calls += 1
        line = json.dumps({"id": self._calls, "call": name, "with": given})
        self._process.stdin.write(f"{line}\n".encode())
        answer = json.loads(await self._process.stdout.readline() or '{"error": "it ended"}')
        if "error" in answer:
            raise JsError(f"{name}: {answer['error']}\n{self.log.read_text()[-3000:]}")
        return dict(answer["value"])

    async def login(self, url: str, user: str, password: str, *, only_signed: bool) -> None:
        given = {"url": url, "user": user, "password": password, "only_signed": only_signed}
        self.user_id = (await self.call("login", **given))["user_id"]

    async def direct_chat(self, user_id: str, deadline: float = 120) -> str:
        """A new encrypted direct chat; its room id once the other has joined."""
        room_id = str((await self.call("create_direct_chat", user_id=user_id))["room_id"])
        await self.until_joined(room_id, user_id, deadline)
        return room_id

    async def until_joined(self, room_id: str, user_id: str, deadline: float = 120) -> None:
        await self.call("until_joined", room_id=room_id, user_id=user_id, deadline=deadline)

    async def accept_invite(self, deadline: float = 120) -> tuple[str, Json]:
        """The room's id and its create content as the invite showed it."""
        accepted = await self.call("accept_invite", deadline=deadline)
        return str(accepted["room_id"]), dict(accepted["create"])

    async def say(self, room_id: str, text: str) -> str:
        return await self.send(room_id, "m.room.message", {"msgtype": "m.text", "body": text})

    async def react(self, room_id: str, event_id: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send(room_id, "m.reaction", {"m.relates_to": relation})

    async def send(self, room_id: str, type_: str, content: Json) -> str:
        sent = await self.call("send", room_id=room_id, type=type_, content=content)
        return str(sent["event_id"])

    async def fetch_file(
        self, room_id: str, name: str, sender: str, deadline: float = 120
    ) -> bytes:
        """What somebody posted under this name, opened by the SDK."""
        given = {"room_id": room_id, "name": name, "sender": sender, "deadline": deadline}
        return base64.b64decode((await self.call("fetch_file", **given))["data"])

    async def send_file(self, room_id: str, name: str, data: bytes, mimetype: str) -> str:
        encoded = base64.b64encode(data).decode()
        given = {"room_id": room_id, "name": name, "mimetype": mimetype, "data": encoded}
        return str((await self.call("send_file", **given))["event_id"])

    async def ask(self, room_id: str, command: str, deadline: float = 120) -> Seen:
        return await self.answer_to(room_id, await self.say(room_id, command), deadline)

    async def answer_to(self, room_id: str, event_id: str, deadline: float = 120) -> Seen:
        return await self._see("answer", room_id, event_id, deadline)

    async def spoken(self, room_id: str, sender: str, words: str, deadline: float = 120) -> Seen:
        """What somebody said with these words, answering nothing."""
        given = {"sender": sender, "words": words}
        return Seen(**await self.call("spoken", room_id=room_id, deadline=deadline, **given))

    async def message(self, room_id: str, event_id: str, deadline: float = 120) -> Seen:
        return await self._see("message", room_id, event_id, deadline)

    async def unreadable(self, room_id: str, event_id: str, deadline: float = 120) -> Seen:
        """The event once it has failed to decrypt."""
        return await self._see("unreadable", room_id, event_id, deadline)

    async def _see(self, call: str, room_id: str, event_id: str, deadline: float) -> Seen:
        return Seen(**await self.call(call, room_id=room_id, event_id=event_id, deadline=deadline))
