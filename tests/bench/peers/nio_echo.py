"""The floor that benches and the crash harness compare with: a bare matrix-nio echo bot.

It says again what begins with a `!`; to `!file 1000` it sends a file of a thousand random bytes.

Ordinary AsyncClient use as nio's examples show it: the sync token in nio's store, one task per
command. `--redeliver` keeps its own token instead, written once all commands of a sync are
answered, so a kill makes it hear them again: it doubles where the ordinary bot loses.

    python -m tests.bench.peers.nio_echo HOMESERVER USER_ID PASSWORD FOLDER [--redeliver]
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import sys
from pathlib import Path

import nio

FILE = "!file "
# A burst in all of 50 rooms fits into one sync; nio does not fill gaps.
SYNC_FILTER = {"presence": {"types": []}, "room": {"timeline": {"limit": 100}}}


class EchoBot:
    def __init__(self, client: nio.AsyncClient, folder: Path, *, redeliver: bool) -> None:
        self.client = client
        self.folder = folder
        self.redeliver = redeliver
        self.replies: set[asyncio.Task[None]] = set()

    async def run(self, password: str) -> None:
        await self.login(password)
        self.client.add_event_callback(self.on_invite, nio.InviteMemberEvent)
        since = self.token.read_text() if self.redeliver and self.token.exists() else None
        if since is None and not self.client.loaded_sync_token:
            await self.client.sync(0, SYNC_FILTER, full_state=True)
        self.client.add_event_callback(self.on_message, nio.RoomMessageText)
        self.client.add_response_callback(self.on_sync, nio.SyncResponse)
        await self.client.sync_forever(30_000, SYNC_FILTER, since=since, full_state=True)

    @property
    def token(self) -> Path:
        return self.folder / "since"

    async def login(self, password: str) -> None:
        identity = self.folder / "identity.json"
        if identity.exists():
            self.client.restore_login(**json.loads(identity.read_text()))
            return
        await self.client.login(password, device_name="echo")
        kept = ("user_id", "device_id", "access_token")
        identity.write_text(json.dumps({name: getattr(self.client, name) for name in kept}))
        await self.client.keys_upload()

    async def on_invite(self, room: nio.MatrixRoom, _event: nio.InviteMemberEvent) -> None:
        await self.client.join(room.room_id)

    async def on_message(self, room: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
        if event.sender == self.client.user_id or not event.body.startswith("!"):
            return
        task = asyncio.create_task(self.reply(room, event))
        self.replies.add(task)
        task.add_done_callback(self.replies.discard)

    async def reply(self, room: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
        if event.body.startswith(FILE):
            content = await self.uploaded(os.urandom(int(event.body.removeprefix(FILE))))
        else:
            relation = {"m.in_reply_to": {"event_id": event.event_id}}
            content = {"msgtype": "m.notice", "body": event.body, "m.relates_to": relation}
        await self.client.room_send(
            room.room_id, "m.room.message", content, ignore_unverified_devices=True
        )

    async def uploaded(self, data: bytes) -> dict[str, object]:
        kind = "application/octet-stream"
        answer, keys = await self.client.upload(
            io.BytesIO(data), kind, "file", encrypt=True, filesize=len(data)
        )
        if isinstance(answer, nio.UploadError):
            raise nio.SendRetryError(str(answer))
        file = {**(keys or {}), "url": answer.content_uri}
        return {"msgtype": "m.file", "body": "file", "file": file, "info": {"size": len(data)}}

    async def on_sync(self, response: nio.SyncResponse) -> None:
        if self.redeliver:
            await asyncio.gather(*self.replies)
            self.token.write_text(response.next_batch)
        sys.stdout.write("synced\n")
        sys.stdout.flush()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("homeserver")
    parser.add_argument("user_id")
    parser.add_argument("password")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--redeliver", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    config = nio.AsyncClientConfig(
        store_sync_tokens=not given.redeliver, encryption_enabled=True, request_timeout=60
    )
    client = nio.AsyncClient(
        given.homeserver, given.user_id, store_path=str(given.folder), config=config
    )
    await EchoBot(client, given.folder, redeliver=given.redeliver).run(given.password)


if __name__ == "__main__":
    asyncio.run(main())
