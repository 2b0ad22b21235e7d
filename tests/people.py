"""A person at a plain Matrix client: what integration tests speak with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.processes import POLL
from tests.servers import MatrixRefused, SynapseServer, quoted, transaction

Json = dict[str, Any]
CLIENT = "/_matrix/client/v3"


@dataclass(frozen=True)
class Person:
    """`base` is the process they talk to: None is the main one."""

    server: SynapseServer
    user_id: str
    token: str
    base: str | None = None

    def at_worker(self) -> Person:
        """The same person, through the generic worker."""
        return replace(self, base=self.server.worker_url)

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        return self.server.request(method, CLIENT + path, self.token, body, base=self.base)

    def create_room(self, **body: Any) -> str:
        return str(self.call("POST", "/createRoom", body)["room_id"])

    def send(self, room_id: str, content: Json, kind: str = "m.room.message") -> str:
        path = f"/rooms/{quoted(room_id)}/send/{kind}/{transaction()}"
        return str(self.call("PUT", path, content)["event_id"])

    def say(self, room_id: str, text: str) -> str:
        return self.send(room_id, {"msgtype": "m.text", "body": text})

    def say_encrypted(self, room_id: str) -> str:
        """The shape of an encrypted message; nobody holds its key."""
        return self.send(room_id, ENCRYPTED, "m.room.encrypted")

    def set_state(self, room_id: str, kind: str, content: Json, key: str = "") -> str:
        path = f"/rooms/{quoted(room_id)}/state/{kind}/{quoted(key)}"
        return str(self.call("PUT", path, content)["event_id"])

    def state(self, room_id: str, kind: str, key: str = "") -> Json:
        return self.call("GET", f"/rooms/{quoted(room_id)}/state/{kind}/{quoted(key)}")

    def all_state(self, room_id: str) -> list[Json]:
        events: Any = self.call("GET", f"/rooms/{quoted(room_id)}/state")
        found: list[Json] = events
        return found

    def event(self, room_id: str, event_id: str) -> Json:
        return self.call("GET", f"/rooms/{quoted(room_id)}/event/{quoted(event_id)}")

    def messages(self, room_id: str) -> list[Json]:
        chunk: list[Json] = self.call("GET", f"/rooms/{quoted(room_id)}/messages?dir=b&limit=100")[
            "chunk"
        ]
        return chunk

    def invite(self, room_id: str, user_id: str) -> None:
        self.call("POST", f"/rooms/{quoted(room_id)}/invite", {"user_id": user_id})

    def join(self, room_id: str, via: str | None = None) -> None:
        query = f"?server_name={quoted(via)}&via={quoted(via)}" if via else ""
        self.call("POST", f"/join/{quoted(room_id)}{query}", {})

    def joined(self) -> list[str]:
        rooms: list[str] = self.call("GET", "/joined_rooms")["joined_rooms"]
        return rooms

    def invites(self) -> Json:
        """Room id → stripped state."""
        rooms = self.call("GET", "/sync?timeout=0").get("rooms", {})
        found: Json = rooms.get("invite", {})
        return found


ENCRYPTED: Json = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg",
    "device_id": "DEVICE",
    "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
    "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
}


def register(server: SynapseServer, name: str, *, admin: bool = False) -> Person:
    token = server.register(name, f"password of {name}", admin=admin)
    return Person(server, server.user_id(name), token)


def wait_for(condition: Callable[[], bool], what: str, deadline: float = 90) -> None:
    """Ask again until it holds; raises AssertionError after `deadline` seconds."""
    until = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < until, f"waited {deadline} s in vain: {what}"
        time.sleep(POLL)  # between two looks: leave the processor to the servers


def refusal(call: Callable[[], object]) -> MatrixRefused:
    """The homeserver's refusal of what `call` does; fails when it is let through."""
    try:
        call()
    except MatrixRefused as refused:
        return refused
    raise AssertionError("the homeserver let it through")
