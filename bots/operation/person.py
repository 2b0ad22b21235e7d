"""A person at a Matrix client, end-to-end encrypted: plays the demo, tests the stack from outside.

It stands on plain matrix-nio and shares no code with the bot, so that what it reads is what any
client would.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import nio
from nio.crypto.attachments import decrypt_attachment

from bots.operation.accounts import register

Json = dict[str, Any]
OK = 200
DEADLINE = 120.0
"""Seconds: a slow machine that does much else answers within it too."""
ACCEPT_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0)
"""Seconds between tries."""
SYNC_FILTER: Json = {"presence": {"types": []}, "room": {"timeline": {"limit": 100}}}
ENCRYPTION: Json = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}


class PersonError(Exception):
    """The homeserver refused what the person did, or nothing came within the deadline."""


@dataclass(frozen=True)
class Message:
    """A Matrix event of a timeline as the person sees it: decrypted where there was a key."""

    room_id: str
    event_id: str
    sender: str
    type: str
    content: Mapping[str, Any]
    encrypted: bool
    readable: bool
    sent_at: int

    @property
    def body(self) -> str:
        return str(self.content.get("body", ""))

    @property
    def html(self) -> str:
        return str(self.content.get("formatted_body", ""))

    @property
    def msgtype(self) -> str:
        return str(self.content.get("msgtype", ""))

    @property
    def relation(self) -> Mapping[str, Any]:
        return self.content.get("m.relates_to") or {}

    @property
    def reply_to(self) -> str | None:
        return (self.relation.get("m.in_reply_to") or {}).get("event_id")

    @property
    def replaces(self) -> str | None:
        """The message that this one edits."""
        replaced = self.relation.get("rel_type") == "m.replace"
        return self.relation.get("event_id") if replaced else None

    @property
    def result(self) -> Mapping[str, Any]:
        """`{"command", "ok", "data"|"error"}` of a reply of the bot, or empty."""
        return self.content.get("de.wecreate.result") or {}

    @property
    def data(self) -> Mapping[str, Any]:
        return self.result.get("data") or {}

    @property
    def buttons(self) -> Mapping[str, str]:
        return self.content.get("de.wecreate.buttons") or {}


class MatrixPerson:
    """One logged-in device that joins what it is invited to and trusts every device.

    Use as `async with`; the crypto store is a temporary folder unless `store` is given.
    """

    def __init__(
        self,
        homeserver: str,
        user_id: str,
        password: str,
        *,
        store: Path | None = None,
        accept_invites: bool = True,
    ) -> None:
        self.user_id = user_id
        self.password = password
        self.accept_invites = accept_invites
        self.messages: dict[str, Message] = {}
        self.invites: dict[str, str] = {}
        self._temporary = None if store else tempfile.TemporaryDirectory(prefix="person-")
        folder = store or Path(self._temporary.name if self._temporary else "")
        config = nio.AsyncClientConfig(store_sync_tokens=False, encryption_enabled=True)
        self.client = nio.AsyncClient(homeserver, user_id, store_path=str(folder), config=config)
        self._unread: dict[str, nio.MegolmEvent] = {}
        self._news = asyncio.Condition()
        self._syncing: asyncio.Task[None] | None = None
        self._accepting: set[asyncio.Task[None]] = set()

    @classmethod
    async def new(cls, homeserver: str, secret: str, name: str, password: str = "") -> Self:
        """A fresh account (without `password`: one of its own); log in with `async with`."""
        password = password or secrets.token_urlsafe()
        return cls(homeserver, await register(homeserver, secret, name, password), password)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Log in, publish the device's keys, read all rooms, go on reading."""
        _checked(await self.client.login(self.password, device_name="person"))
        self.client.add_event_callback(self._on_invite, nio.InviteMemberEvent)
        self.client.add_event_callback(self._on_event, nio.Event)
        self.client.add_response_callback(self._on_sync, nio.SyncResponse)
        await self.client.keys_upload()
        _checked(await self.client.sync(0, SYNC_FILTER, full_state=True))
        self.resume()

    def resume(self) -> None:
        """Read on, from where `pause` left off."""
        self._syncing = asyncio.create_task(
            self.client.sync_forever(30_000, SYNC_FILTER), name=f"sync of {self.user_id}"
        )

    async def pause(self) -> None:
        """Stop reading: what comes waits at the homeserver."""
        if self._syncing:
            self._syncing.cancel()
            with suppress(asyncio.CancelledError):
                await self._syncing
            self._syncing = None

    async def stop(self) -> None:
        await self.pause()
        for accepting in self._accepting:
            accepting.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        await self.client.close()
        if self._temporary:
            self._temporary.cleanup()

    # ── what comes in ──

    async def _on_invite(self, room: nio.MatrixInvitedRoom, event: nio.InviteMemberEvent) -> None:
        if event.state_key != self.user_id or event.membership != "invite":
            return
        self.invites[room.room_id] = event.sender
        if self.accept_invites:
            accepting = asyncio.create_task(self._accept(room.room_id))
            self._accepting.add(accepting)
            accepting.add_done_callback(self._accepting.discard)

    async def _accept(self, room_id: str) -> None:
        """An invite over federation may come before its room can be joined: try for a while."""
        for wait in ACCEPT_AGAIN:
            if not isinstance(await self.client.join(room_id), nio.ErrorResponse):
                return
            await asyncio.sleep(wait)

    async def _on_event(self, room: nio.MatrixRoom, event: nio.Event) -> None:
        if isinstance(event, nio.MegolmEvent):
            self._unread[event.event_id] = event
        self._note(room.room_id, event)

    async def _on_sync(self, response: nio.SyncResponse) -> None:
        for room_id, joined in response.rooms.join.items():
            if joined.timeline.limited and self._syncing:
                await self._fill_gap(room_id, joined.timeline.prev_batch)
        for event_id, event in list(self._unread.items()):
            with suppress(nio.EncryptionError):
                self._note(event.room_id, self.client.decrypt_event(event))
                del self._unread[event_id]
        if self.client.should_query_keys:
            await self.client.keys_query()
        async with self._news:
            self._news.notify_all()

    async def _fill_gap(self, room_id: str, end: str | None) -> None:
        """Read backwards to what is known: a sync holds at most 100 events of a room."""
        while end:
            page = _checked(await self.client.room_messages(room_id, end, limit=100))
            known = any(event.event_id in self.messages for event in page.chunk)
            for event in page.chunk:
                event.room_id = room_id
                if event.event_id not in self.messages:
                    await self._on_event(self.client.rooms[room_id], event)
            end = None if known else page.end

    def _note(self, room_id: str, event: nio.Event) -> None:
        source = event.source
        self.messages[event.event_id] = Message(
            room_id=room_id,
            event_id=event.event_id,
            sender=event.sender,
            type=source.get("type", ""),
            content=source.get("content", {}),
            encrypted=event.decrypted or isinstance(event, nio.MegolmEvent),
            readable=not isinstance(event, nio.MegolmEvent),
            sent_at=event.server_timestamp,
        )

    async def until(
        self, condition: Callable[[], bool], what: str, deadline: float = DEADLINE
    ) -> None:
        """Wait till `condition` holds, asked after each sync; PersonError after `deadline` s."""
        try:
            async with asyncio.timeout(deadline), self._news:
                await self._news.wait_for(condition)
        except TimeoutError:
            if self._syncing and self._syncing.done():
                self._syncing.result()
            raise PersonError(
                f"{self.user_id} waited {deadline:.0f} s for {what}; last seen: {self.last(5)}"
            ) from None

    async def wait_for(
        self,
        predicate: Callable[[Message], bool],
        deadline: float = DEADLINE,
        what: str = "a message",
    ) -> Message:
        """The first message, old or new, for which `predicate` holds; `deadline` in seconds."""
        found: list[Message] = []

        def arrived() -> bool:
            found.extend(seen for seen in self.messages.values() if predicate(seen))
            return bool(found)

        await self.until(arrived, what, deadline)
        return found[0]

    def last(self, count: int) -> list[str]:
        seen = list(self.messages.values())[-count:]
        return [f"{one.sender}: {one.body or one.type}" for one in seen]

    def replies_to(self, event_id: str) -> list[Message]:
        """The notices that answer this message."""
        seen = self.messages.values()
        return [one for one in seen if one.msgtype == "m.notice" and one.reply_to == event_id]

    # ── what the person does ──

    async def direct_chat(self, other: str, deadline: float = DEADLINE) -> str:
        """A new encrypted direct chat; returns its room id when `other` has joined."""
        return await self.create_room([other], is_direct=True, deadline=deadline)

    async def create_room(
        self, others: list[str], *, name: str | None = None, is_direct: bool = False,
        deadline: float = DEADLINE,
    ) -> str:  # fmt: skip
        """A private encrypted room; returns its id when all of `others` have joined."""
        made = _checked(
            await self.client.room_create(
                name=name,
                is_direct=is_direct,
                preset=nio.RoomPreset.trusted_private_chat,
                invite=others,
                initial_state=[ENCRYPTION],
            )
        )
        room_id = str(made.room_id)
        await self.until_joined(room_id, *others, deadline=deadline)
        return room_id

    async def until_joined(self, room_id: str, *users: str, deadline: float = DEADLINE) -> None:
        """Wait till the person and all `users` are joined members of the room."""

        def joined() -> bool:
            room = self.client.rooms.get(room_id)
            if room is None or not room.encrypted:
                return False
            there = room.users.keys() - room.invited_users.keys()
            return bool(there >= {self.user_id, *users})

        await self.until(joined, f"{', '.join(users) or 'its own join'} in {room_id}", deadline)

    async def join(self, room_id: str, via: str, deadline: float = DEADLINE) -> None:
        """Join a public room that lives on the server `via`, and wait till it can be read."""
        path = f"/_matrix/client/v3/join/{quote(room_id, safe='')}"
        query = urlencode([("via", via), ("server_name", via)])
        headers = {"Authorization": f"Bearer {self.client.access_token}"}
        answer = await self.client.send("POST", f"{path}?{query}", "{}", headers)
        if answer.status != OK:
            raise PersonError(f"{room_id} can't be joined: {await answer.text()}")
        await self.until(lambda: room_id in self.client.rooms, f"its join of {room_id}", deadline)

    async def say(self, room_id: str, text: str, **extra: object) -> str:
        """Send a text message; `extra` is merged into its content. Returns the event id."""
        content = {"msgtype": "m.text", "body": text, **extra}
        return await self.send(room_id, "m.room.message", content)

    async def reply(self, room_id: str, event_id: str, text: str) -> str:
        relation = {"m.in_reply_to": {"event_id": event_id}}
        return await self.say(room_id, text, **{"m.relates_to": relation})

    async def react(self, room_id: str, event_id: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send(room_id, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room_id: str, event_id: str) -> None:
        _checked(await self.client.room_redact(room_id, event_id))

    async def send(self, room_id: str, type_: str, content: Json, txn: str | None = None) -> str:
        """Send any event, encrypted if the room is; keys go to every device of every member."""
        while self.client.should_query_keys:
            _checked(await self.client.keys_query())
        sent = await self.client.room_send(
            room_id, type_, content, tx_id=txn, ignore_unverified_devices=True
        )
        return str(_checked(sent).event_id)

    async def ask(self, room_id: str, command: str, deadline: float = DEADLINE) -> Message:
        """Say a command; the bot's reply to exactly that message."""
        return await self.answer_to(await self.say(room_id, command), deadline, command)

    async def answer_to(self, event_id: str, deadline: float = DEADLINE, what: str = "") -> Message:
        return await self.wait_for(
            lambda seen: seen.msgtype == "m.notice" and seen.reply_to == event_id,
            deadline,
            f"the answer to {what or event_id}",
        )

    async def send_file(
        self, room_id: str, name: str, data: bytes, mimetype: str = "application/octet-stream"
    ) -> str:
        """Upload `data` encrypted and post it; returns the event id."""
        uploaded, keys = await self.client.upload(
            io.BytesIO(data), mimetype, name, encrypt=True, filesize=len(data)
        )
        file = {**(keys or {}), "url": _checked(uploaded).content_uri, "mimetype": mimetype}
        info = {"size": len(data), "mimetype": mimetype}
        content = {"msgtype": "m.file", "body": name, "filename": name, "file": file, "info": info}
        return await self.send(room_id, "m.room.message", content)

    async def fetch_file(self, message: Message) -> bytes:
        """The decrypted content of a file message; raises EncryptionError when it was altered."""
        file = message.content["file"]
        got = _checked(await self.client.download(file["url"]))
        return bytes(
            decrypt_attachment(got.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        )


def _checked(response: Any) -> Any:  # noqa: ANN401 - nio is untyped
    if isinstance(response, nio.ErrorResponse):
        raise PersonError(str(response))
    return response
