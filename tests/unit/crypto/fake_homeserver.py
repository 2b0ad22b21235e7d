"""The end-to-end encryption part of a homeserver, in memory, and devices to talk to it."""

from __future__ import annotations

import copy
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.crypto.store import CryptoStore

Json = dict[str, Any]
ROOM = "!box:test"


class FakeServer:
    def __init__(self) -> None:
        self.devices: dict[str, dict[str, Json]] = {}
        self.one_time: dict[tuple[str, str], dict[str, Json]] = {}
        self.fallback: dict[tuple[str, str], dict[str, Json]] = {}
        self.fallback_used: set[tuple[str, str]] = set()
        self.cross_signing: dict[str, dict[str, Json]] = {}
        self.inbox: dict[tuple[str, str], list[Json]] = {}
        self.changed: dict[tuple[str, str], set[str]] = {}
        self.silent: set[str] = set()
        self.down = False

    def client(self, user_id: str, device_id: str) -> FakeClient:
        return FakeClient(self, user_id, device_id)

    def sync(self, user_id: str, device_id: str) -> Json:
        """What /sync would say of the encryption; to-device messages are handed out once."""
        me = (user_id, device_id)
        unused = ["signed_curve25519"]
        if me not in self.fallback or me in self.fallback_used:
            unused = []
        return {
            "to_device": {"events": self.inbox.pop(me, [])},
            "device_lists": {"changed": sorted(self.changed.pop(me, set())), "left": []},
            "device_one_time_keys_count": {"signed_curve25519": len(self.one_time.get(me, {}))},
            "device_unused_fallback_key_types": unused,
        }

    def tell_change(self, user_id: str) -> None:
        for user, devices in self.devices.items():
            for device in devices:
                self.changed.setdefault((user, device), set()).add(user_id)

    def drop_device(self, user_id: str, device_id: str) -> None:
        del self.devices[user_id][device_id]
        self.tell_change(user_id)

    def answer(self, user_id: str, device_id: str, method: str, path: str, body: Json) -> Json:
        if self.down:
            raise Unreachable("down")
        me = (user_id, device_id)
        match (method, path.removeprefix("/_matrix/client/v3/").split("/")):
            case ("POST", ["keys", "upload"]):
                return self._upload(me, body)
            case ("POST", ["keys", "query"]):
                return self._query(body)
            case ("POST", ["keys", "claim"]):
                return {"one_time_keys": self._claim(body)}
            case ("PUT", ["sendToDevice", type_, _]):
                self._send(user_id, type_, body)
                return {}
            case ("POST", ["keys", "device_signing", "upload"]):
                self.cross_signing.setdefault(user_id, {}).update(body)
                return {}
            case ("POST", ["keys", "signatures", "upload"]):
                return self._sign(user_id, body)
        raise MatrixError(404, "M_UNRECOGNIZED", path)

    def _upload(self, me: tuple[str, str], body: Json) -> Json:
        user_id, device_id = me
        if "device_keys" in body:
            self.devices.setdefault(user_id, {})[device_id] = body["device_keys"]
            self.tell_change(user_id)
        held = self.one_time.setdefault(me, {})
        for key_id, key in body.get("one_time_keys", {}).items():
            if key_id in held and held[key_id] != key:
                raise MatrixError(400, "M_INVALID_PARAM", f"One time key {key_id} already exists.")
            held[key_id] = key
        if fallback := body.get("fallback_keys"):
            self.fallback[me] = fallback
            self.fallback_used.discard(me)
        return {"one_time_key_counts": {"signed_curve25519": len(held)}}

    def _query(self, body: Json) -> Json:
        asked = [user for user in body["device_keys"] if user not in self.silent]
        answer: Json = {"device_keys": {u: self.devices.get(u, {}) for u in asked}, "failures": {}}
        for user in asked:
            for kind, key in self.cross_signing.get(user, {}).items():
                answer.setdefault(f"{kind.removesuffix('_key')}_keys", {})[user] = key
        return copy.deepcopy(answer)

    def _claim(self, body: Json) -> Json:
        given: Json = {}
        for user, devices in body["one_time_keys"].items():
            for device in devices:
                held = self.one_time.get((user, device), {})
                if held:
                    key_id = next(iter(held))
                    key = {key_id: held.pop(key_id)}
                elif key := self.fallback.get((user, device), {}):
                    self.fallback_used.add((user, device))
                else:
                    continue
                given.setdefault(user, {})[device] = key
        return given

    def _send(self, sender: str, type_: str, body: Json) -> None:
        for user, devices in body["messages"].items():
            for device, content in devices.items():
                event = {"type": type_, "sender": sender, "content": content}
                self.inbox.setdefault((user, device), []).append(json.loads(json.dumps(event)))

    def _sign(self, user_id: str, body: Json) -> Json:
        for name, signed in body.get(user_id, {}).items():
            held = self.devices[user_id].get(name) or self.cross_signing[user_id]["master_key"]
            theirs = held.setdefault("signatures", {}).setdefault(user_id, {})
            theirs.update(signed["signatures"][user_id])
        self.tell_change(user_id)
        return {"failures": {}}


class FakeClient(Homeserver):
    """Counts its requests; the next one fails with `fails_with` when that is set."""

    def __init__(self, server: FakeServer, user_id: str, device_id: str) -> None:
        super().__init__("http://test", "token", user_id=user_id, device_id=device_id)
        self.server = server
        self.requests: Counter[str] = Counter()
        self.fails_with: Exception | None = None

    async def request(
        self, method: str, path: str, body: Json | None = None, *_: object, **__: object
    ) -> Json:
        parts = path.split("/")
        self.requests[parts[-1] if method == "POST" else parts[-2]] += 1
        if self.fails_with is not None:
            error, self.fails_with = self.fails_with, None
            raise error
        return self.server.answer(self.user_id, self.device_id, method, path, body or {})


class Party:
    """A machine and its way to the fake server."""

    def __init__(
        self, server: FakeServer, folder: Path, user_id: str, device_id: str, trust: str = "all"
    ) -> None:
        folder.mkdir(exist_ok=True, parents=True)
        self.server = server
        self.folder = folder
        self.user_id, self.device_id = user_id, device_id
        self.trust = trust
        self.client = server.client(user_id, device_id)
        self._events = itertools.count()
        self.start()

    def start(self) -> None:
        store = CryptoStore.open(self.folder, self.user_id, self.device_id, "key")
        self.store = store
        self.machine = CryptoMachine(self.client, store, self.trust)  # type: ignore[arg-type] # a test names it by a string

    def restart(self) -> None:
        """As after SIGKILL: only what is on disk is left."""
        self.machine.close()
        self.start()

    async def sync(self) -> Any:
        keys = self.machine.receive_sync(self.server.sync(self.user_id, self.device_id))
        await self.machine.upkeep()
        return keys

    async def say(self, text: str, *members: Party | str, room: str = ROOM) -> Json:
        people = {m if isinstance(m, str) else m.user_id for m in members} | {self.user_id}
        content = {"msgtype": "m.text", "body": text}
        sealed = await self.machine.encrypt(room, people, "m.room.message", content)
        return {
            "type": "m.room.encrypted",
            "event_id": f"${self.user_id}{self.device_id}{next(self._events)}",
            "sender": self.user_id,
            "content": sealed,
            "origin_server_ts": 1,
        }

    def read(self, event: Json, room: str = ROOM) -> str:
        return str(self.machine.decrypt(room, event).content["body"])
