"""How each effect is carried out on Matrix so that doing it twice is doing it once.

Timeline events carry a transaction id derived from their outbox row; rooms are found again
by an alias derived from the request; everything else looks first whether it is so already.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.attachments import BrokenAttachment, decrypted, upload_encrypted
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.pump.json_fields import as_dict, as_list, as_text
from bots.kit.pump.views import RoomViews
from wecreate_module.domain import effects as fx
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.pump.effects")

Json = dict[str, Any]
# A join over federation can come before the room is ready for it: about ten minutes of tries.
JOIN_TRIES = 12
# A room of an earlier try may still be in the making: so many looks until it is given up.
LOOKS = 3
PINNED_KEPT = 20


class Effects:
    def __init__(
        self,
        store: Store,
        homeserver: Homeserver,
        crypto: CryptoMachine,
        views: RoomViews,
        server_name: str,
        more: Mapping[type[Any], Callable[[Any], Awaitable[Json | fx.SendFile]]] | None = None,
    ) -> None:
        self._store = store
        self._homeserver = homeserver
        self._crypto = crypto
        self._views = views
        self._server_name = server_name
        self._how: dict[type[Any], Callable[[OutboxRow, Any], Any]] = {
            fx.Send: self._send,
            fx.React: self._react,
            fx.Redact: self._redact,
            fx.SetState: self._set_state,
            fx.Publish: self._publish,
            fx.CreateRoom: self._create_room,
            fx.Invite: self._invite,
            fx.Join: self._join,
            fx.Leave: self._leave,
            fx.SendFile: self._send_file,
            fx.FetchFile: self._fetch_file,
            fx.DestroyKey: self._destroy_key,
        }
        for kind, do in (more or {}).items():
            self._how[kind] = partial(self._elsewhere, do)

    async def carry_out(self, row: OutboxRow) -> Json:
        """Do it; the result is for the continuation.

        Raises MatrixError (refused, or later) or Unreachable (later).
        """
        result: Json = await self._how[type(row.effect)](row, row.effect)
        return result

    def worth_repeating(self, row: OutboxRow, error: MatrixError) -> bool:
        """Whether a refusal may be only that the other server isn't ready yet."""
        too_early = isinstance(row.effect, fx.Join) and error.status in {403, 404}
        return too_early and row.attempts < JOIN_TRIES

    async def _send(self, row: OutboxRow, effect: fx.Send) -> Json:
        event_id = await self._event(row, effect.room_id, effect.type, effect.content)
        if effect.pin:
            await self._pin(effect.room_id, event_id)
        return {"event_id": event_id}

    async def _event(self, row: OutboxRow, room_id: str, kind: str, content: Json) -> str:
        view = await self._views.get(room_id)
        if view.encrypted:
            content = await self._crypto.encrypt(
                room_id, view.readers, kind, content, view.encryption
            )
            kind = "m.room.encrypted"
        return await self._homeserver.send_event(room_id, kind, row.txn_id, content)

    async def _pin(self, room_id: str, event_id: str) -> None:
        now = await self._state_or_none(room_id, "m.room.pinned_events", "")
        pinned = [p for p in as_list((now or {}).get("pinned")) if isinstance(p, str)]
        if event_id not in pinned:
            content = {"pinned": [*pinned, event_id][-PINNED_KEPT:]}
            try:
                await self._homeserver.send_state(room_id, "m.room.pinned_events", content)
            except MatrixError as error:
                # In an adopted room the bot may not be allowed to: the message stands anyway.
                if error.status != 403:  # noqa: PLR2004  Forbidden
                    raise
                log.info("a message could not be pinned")

    async def _react(self, row: OutboxRow, effect: fx.React) -> Json:
        target = effect.event_id
        if effect.to_previous:
            target = await asyncio.to_thread(self._previous, row)
        if target is None:
            return {}
        relation = {"rel_type": "m.annotation", "event_id": target, "key": effect.key}
        # Reactions go unencrypted, as every client sends them.
        try:
            event_id = await self._homeserver.send_event(
                effect.room_id, "m.reaction", row.txn_id, {"m.relates_to": relation}
            )
        except MatrixError as error:
            if error.errcode == "M_DUPLICATE_ANNOTATION":
                return {}
            raise
        return {"event_id": event_id}

    def _previous(self, row: OutboxRow) -> str | None:
        with self._store.read(datetime.now(UTC)) as uow:
            return uow.outbox.event_id_before(row)

    async def _redact(self, row: OutboxRow, effect: fx.Redact) -> Json:
        event_id = await self._homeserver.redact(
            effect.room_id, effect.event_id, row.txn_id, effect.reason
        )
        return {"event_id": event_id}

    async def _set_state(self, row: OutboxRow, effect: fx.SetState) -> Json:
        now = await self._state_or_none(effect.room_id, effect.type, effect.state_key)
        if now == effect.content:
            return {}
        event_id = await self._homeserver.send_state(
            effect.room_id, effect.type, effect.content, effect.state_key
        )
        return {"event_id": event_id, "row": row.id}

    async def _publish(self, row: OutboxRow, effect: fx.Publish) -> Json:
        path = f"/_matrix/client/v3/directory/list/room/{quote(effect.room_id, safe='')}"
        body = {"visibility": "public" if effect.listed else "private"}
        await self._homeserver.request("PUT", path, body)
        return {"row": row.id}

    async def _state_or_none(self, room_id: str, kind: str, state_key: str) -> Json | None:
        try:
            return await self._homeserver.get_state_event(room_id, kind, state_key)
        except MatrixError as error:
            if error.status == 404:  # noqa: PLR2004  Not Found
                return None
            raise

    async def _create_room(self, row: OutboxRow, effect: fx.CreateRoom) -> Json:
        name = "wecreate-" + hashlib.sha256(effect.request.encode()).hexdigest()[:24]
        hidden = {"type": "m.room.canonical_alias", "state_key": "", "content": {}}
        state = [*as_list(effect.body.get("initial_state")), hidden]
        body = {**effect.body, "room_alias_name": name, "initial_state": state}
        try:
            room_id = await self._homeserver.create_room(body)
        except MatrixError as error:
            if error.errcode != "M_ROOM_IN_USE":
                raise
            room_id = await self._made_before(row, effect, f"#{name}:{self._server_name}")
        await self._views.get(room_id)
        return {"room_id": room_id, "row": row.id}

    async def _made_before(self, row: OutboxRow, effect: fx.CreateRoom, alias: str) -> str:
        """The room of an earlier try, as whole as if nothing had come between.

        A homeserver writes down the address, the room, its maker, then all state at once. One
        that was killed before the last step left a room without rules (who may do what, who
        may come): nothing sent later makes that as good as new. It is made again.
        """
        found = await self._homeserver.resolve_alias(alias)
        room_id = as_text(found.get("room_id"))
        there = await self._state_of(room_id)
        if ("m.room.power_levels", "") in there:
            await self._complete(room_id, effect, there)
            return room_id
        if row.attempts < LOOKS:
            raise Unreachable("a room of an earlier try has no rules yet")
        log.warning("a room that was made only by half is given up", extra={"room": room_id})
        await self._homeserver.delete_alias(alias)
        if there:
            await self._homeserver.leave(room_id)
        raise Unreachable("a room that was made only by half is made again")

    async def _state_of(self, room_id: str) -> set[tuple[Any, Any]]:
        """What state there is; nothing where we aren't in it, or where there is no room."""
        try:
            state = await self._homeserver.get_state(room_id)
        except MatrixError as error:
            if error.status not in {403, 404}:
                raise
            return set()
        return {(event.get("type"), event.get("state_key")) for event in state}

    async def _complete(
        self, room_id: str, effect: fx.CreateRoom, there: set[tuple[Any, Any]]
    ) -> None:
        """Whatever an earlier try didn't get to is done now."""
        for event in as_list(effect.body.get("initial_state")):
            if (event["type"], event.get("state_key", "")) not in there:
                await self._homeserver.send_state(
                    room_id, event["type"], event["content"], event.get("state_key", "")
                )
        if "name" in effect.body and ("m.room.name", "") not in there:
            name = {"name": effect.body["name"]}
            await self._homeserver.send_state(room_id, "m.room.name", name)
        for user_id in as_list(effect.body.get("invite")):
            if ("m.room.member", user_id) not in there:
                await self._homeserver.invite(room_id, user_id)

    async def _invite(self, row: OutboxRow, effect: fx.Invite) -> Json:
        state = await self._homeserver.get_state(effect.room_id)
        members = {
            as_text(event.get("state_key")): as_text(as_dict(event.get("content"))["membership"])
            for event in state
            if event.get("type") == "m.room.member" and event.get("content")
        }
        outcomes = {}
        for user_id in effect.users:
            outcomes[user_id] = await self._invite_one(
                effect.room_id, user_id, members.get(user_id, ""), row.attempts
            )
        invited = [user_id for user_id, outcome in outcomes.items() if outcome == "invited"]
        await self._views.get(effect.room_id)
        await self._views.invited(effect.room_id, invited)
        return {"outcomes": outcomes}

    async def _invite_one(self, room_id: str, user_id: str, membership: str, tries: int) -> str:
        known = {"join": "member", "invite": "invited", "ban": "banned"}
        if membership in known:
            return known[membership]
        try:
            await self._homeserver.profile(user_id)
        except MatrixError as error:
            if error.status == 404:  # noqa: PLR2004  Not Found
                return "unknown"
            if error.status == 429:  # noqa: PLR2004  Too Many Requests
                raise
            # A profile may be private, or the partner slow: the invite itself decides.
        try:
            await self._homeserver.invite(room_id, user_id)
        except MatrixError as error:
            if error.status == 429:  # noqa: PLR2004  Too Many Requests
                raise
            if error.status >= 500:  # noqa: PLR2004  the other server's trouble
                if tries < 2:  # noqa: PLR2004  then the person is told
                    raise Unreachable(str(error)) from error
                return "unreachable"
            return "refused" if error.status == 403 else "unknown"  # noqa: PLR2004  Forbidden
        return "invited"

    async def _join(self, row: OutboxRow, effect: fx.Join) -> Json:
        await self._homeserver.join(effect.room_id, effect.via)
        return {"room_id": effect.room_id, "row": row.id}

    async def _leave(self, row: OutboxRow, effect: fx.Leave) -> Json:
        try:
            await self._homeserver.leave(effect.room_id, effect.reason)
        except MatrixError as error:
            if error.status not in {403, 404}:
                raise
        return {"row": row.id}

    async def _send_file(self, row: OutboxRow, effect: fx.SendFile) -> Json:
        data = base64.b64decode(effect.data)
        content: Json = {
            "msgtype": "m.file",
            "body": effect.name,
            "filename": effect.name,
            "info": {"size": len(data), "mimetype": effect.mimetype},
            **effect.extra,
        }
        if (await self._views.get(effect.room_id)).encrypted:
            content["file"] = await upload_encrypted(self._homeserver, data)
            uri = content["file"]["url"]
        else:
            uri = content["url"] = await self._homeserver.upload(data, effect.mimetype)
        event_id = await self._event(row, effect.room_id, "m.room.message", content)
        return {"event_id": event_id, "mxc": uri, "sha256": hashlib.sha256(data).hexdigest()}

    async def _elsewhere(
        self,
        do: Callable[[Any], Awaitable[Json | fx.SendFile]],
        row: OutboxRow,
        effect: Any,  # noqa: ANN401 - each knows its own kind
    ) -> Json:
        """What another part carries out; a file that it made is sent from here."""
        result = await do(effect)
        return await self._send_file(row, result) if isinstance(result, fx.SendFile) else result

    async def _fetch_file(self, row: OutboxRow, effect: fx.FetchFile) -> Json:  # noqa: ARG002 - asked for by all
        pieces = self._homeserver.download_stream(str(effect.media.get("url")), effect.most)
        try:
            data = b"".join([piece async for piece in decrypted(pieces, effect.media)])
        except BrokenAttachment:
            return {"failed": "altered"}
        except MatrixError as error:
            if error.status != 413:  # noqa: PLR2004  Content Too Large
                raise
            return {"failed": "too-large"}
        return {"data": base64.b64encode(data).decode()}

    async def _destroy_key(self, row: OutboxRow, effect: fx.DestroyKey) -> Json:
        await asyncio.to_thread(self._store.keys.destroy, effect.box_id)
        self._crypto.forget_room(effect.room_id)
        return {"row": row.id}
