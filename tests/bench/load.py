"""The load that all bots get: commands encrypted beforehand, replies recognised in raw syncs.

So the generator costs each bot's run the same and next to nothing: while it measures it sends
ready ciphertext and reads which event a reply answers, which stands outside the encryption.
Afterwards all replies are decrypted and counted.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from tests.clients import MatrixPerson
from tests.servers import SynapseServer

Json = dict[str, Any]
NOTHING: Json = {"types": []}
# nio starts a new Megolm session after 100 messages; what is prepared must stay below.
MOST_IN_A_ROOM = 95
DEADLINE = 120.0


class Load:
    """One person in many rooms. Its raw syncs use a device without keys, so that the room keys
    wait for the device that decrypts."""  # fmt: skip

    def __init__(self, synapse: SynapseServer, name: str) -> None:
        self.synapse = synapse
        self.name = name
        self.sent: dict[str, str] = {}
        self.answered_by: dict[str, Callable[[str, str], Awaitable[None]]] = {}
        """By room, who is told of each command instead of reading it."""
        self._said: dict[str, int] = defaultdict(int)
        self._answered: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[float]] = {}

    async def __aenter__(self) -> Self:
        self.token = await asyncio.to_thread(self.synapse.register, self.name, "secret")
        user_id = self.synapse.user_id(self.name)
        self.person = MatrixPerson(self.synapse.url, user_id, "secret")
        await self.person.start()
        headers = {"Authorization": f"Bearer {self.token}"}
        self._http = aiohttp.ClientSession(self.synapse.url, headers=headers)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()
        await self.person.stop()

    def prepare(self, room_id: str, texts: Sequence[str]) -> list[Json]:
        """Ciphertexts of these messages; the room's key must have been shared already."""
        self._said[room_id] += len(texts)
        if self._said[room_id] > MOST_IN_A_ROOM:
            raise ValueError(f"more than {MOST_IN_A_ROOM} messages prepared for one room")
        encrypt = self.person.client.encrypt
        contents = [{"msgtype": "m.text", "body": text} for text in texts]
        return [encrypt(room_id, "m.room.message", content)[1] for content in contents]

    async def __call__(self, room_id: str, content: Json) -> float:
        """Send one; the seconds until its reply was seen."""
        started = time.perf_counter()
        event_id = await self.put(room_id, content, self.token)
        self.sent[event_id] = room_id
        if answer := self.answered_by.get(room_id):
            await answer(room_id, event_id)
        if event_id not in self._answered:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting[event_id] = waiting
            async with asyncio.timeout(DEADLINE):
                await waiting
        return self._answered[event_id] - started

    async def put(self, room_id: str, content: Json, token: str) -> str:
        """Send ciphertext as the account of this token; its event id."""
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/send/m.room.encrypted/{uuid4()}"
        headers = {"Authorization": f"Bearer {token}"}
        async with self._http.put(path, json=content, headers=headers) as answer:
            answer.raise_for_status()
            return str((await answer.json())["event_id"])

    async def listen(self) -> None:
        """Read replies until cancelled; the decrypting client pauses meanwhile."""
        timeline = {"types": ["m.room.encrypted"], "not_senders": [self.person.user_id]}
        room = {"timeline": {**timeline, "limit": 500}, "state": NOTHING, "ephemeral": NOTHING}
        only = {"room": {**room, "account_data": NOTHING}, "presence": NOTHING}
        given = {"filter": json.dumps({**only, "account_data": NOTHING}), "timeout": "0"}
        while True:
            async with self._http.get("/_matrix/client/v3/sync", params=given) as answer:
                synced = await answer.json()
            now = time.perf_counter()
            for joined in synced.get("rooms", {}).get("join", {}).values():
                for event in joined["timeline"]["events"]:
                    self._note(event, now)
            given |= {"since": synced["next_batch"], "timeout": "30000"}

    def _note(self, event: Json, now: float) -> None:
        relation = event["content"].get("m.relates_to", {}).get("m.in_reply_to", {})
        answers = relation.get("event_id", "")
        self._answered.setdefault(answers, now)
        waiting = self._waiting.pop(answers, None)
        if waiting and not waiting.done():
            waiting.set_result(now)

    async def verify(self) -> None:
        """All that was sent has exactly one reply which can be decrypted."""
        await self.person.until(self._all_read, "all replies decrypted", DEADLINE)
        counts = {sent: len(self.person.replies_to(sent)) for sent in self.sent}
        wrong = {sent: count for sent, count in counts.items() if count != 1}
        assert not wrong, f"replies per command are not one: {wrong}"

    def _all_read(self) -> bool:
        answered = {seen.reply_to for seen in self.person.messages.values() if seen.readable}
        return self.sent.keys() <= answered
