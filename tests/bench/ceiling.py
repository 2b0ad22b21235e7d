"""The ceiling of all bots: answers that nobody had to read for.

The load hands over each command's event id, and one reply to it is encrypted and sent at once. A
bot has to do that much, and to hear of the command besides: none gets past this homeserver faster.
"""

from __future__ import annotations

from tests.bench.load import Json, Load
from tests.clients import MatrixPerson
from tests.servers import SynapseServer

NAME = "ceiling"


class Ceiling:
    """An account that reads nothing once its rooms are made."""

    def __init__(self, synapse: SynapseServer, load: Load) -> None:
        synapse.register(NAME, "secret")
        self._person = MatrixPerson(synapse.url, synapse.user_id(NAME), "secret")
        self._load = load

    async def make_rooms(self, count: int, command: str, deadline: float) -> list[str]:
        """Encrypted rooms of two, the keys of both shared."""
        await self._person.start()
        rooms = []
        for _ in range(count):
            room_id = await self._load.person.create_room([self._person.user_id])
            await self._person.until_joined(room_id, self._load.person.user_id, deadline=deadline)
            asked = await self._load.person.say(room_id, command)
            await self._person.send(room_id, "m.room.message", _echo(command, asked))
            await self._load.person.answer_to(asked, deadline)
            self._load.answered_by[room_id] = self._answer
            rooms.append(room_id)
        await self._person.pause()
        return rooms

    async def stop(self) -> None:
        await self._person.stop()

    async def _answer(self, room_id: str, event_id: str) -> None:
        content = _echo("!echo Hallo", event_id)
        encrypted = self._person.client.encrypt(room_id, "m.room.message", content)[1]
        relation = {"m.relates_to": content["m.relates_to"]}
        token = self._person.client.access_token
        await self._load.put(room_id, {**encrypted, **relation}, token)


def _echo(text: str, event_id: str) -> Json:
    relation = {"m.in_reply_to": {"event_id": event_id}}
    return {"msgtype": "m.notice", "body": text, "m.relates_to": relation}
