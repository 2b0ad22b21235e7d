"""Inbox rows to finished commands: in order within a room, rooms side by side."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from bots.kit import dispatch
from bots.kit.app import App
from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.crypto.results import UNKNOWN_DEVICE, MissingKey, Undecryptable
from bots.kit.dispatch import Done
from bots.kit.incoming import Incoming
from bots.kit.pump.clock import Clock
from bots.kit.pump.delivery import Delivery
from bots.kit.pump.figures import Figures
from bots.kit.pump.invites import InvitePolicy
from bots.kit.pump.json_fields import as_dict, as_int, as_text
from bots.kit.pump.views import RoomViews
from wecreate_module.domain.effects import Join
from wecreate_module.domain.matrix import BUTTONS
from wecreate_module.storage.inbox import InboxRow
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

log = logging.getLogger("wecreate.pump.worker")

Json = dict[str, Any]
VARIATION_SELECTOR = "\ufe0f"
# A key that comes late comes within seconds; then people are told, and waiting goes on.
PATIENCE = timedelta(seconds=12)
RETRY = timedelta(seconds=4)
GIVE_UP = timedelta(days=7)
BUTTONS_KEPT = 500


@dataclass(frozen=True)
class Ran:
    """What a command left: the room's next row, its first reply, replies for other rooms."""

    done: Done | None
    following: InboxRow | None
    head: OutboxRow | None
    elsewhere: bool
    planned: bool


def _ran(uow: UnitOfWork, room_id: str, done: Done | None) -> Ran:
    touched = uow.outbox.touched
    return Ran(
        done,
        following=uow.inbox.next_new(room_id),
        head=uow.outbox.next_in(room_id, uow.now) if room_id in touched else None,
        elsewhere=bool(touched - {room_id}),
        planned=uow.schedule.touched,
    )


class Worker:
    """Takes inbox rows; one asyncio task for each room that has any."""

    def __init__(
        self,
        app: App,
        store: Store,
        homeserver: Homeserver,
        crypto: CryptoMachine,
        views: RoomViews,
        invites: InvitePolicy,
        figures: Figures,
        delivery: Delivery,
        clock: Clock,
    ) -> None:
        self._app = app
        self._store = store
        self._homeserver = homeserver
        self._crypto = crypto
        self._views = views
        self._invites = invites
        self._figures = figures
        self._delivery = delivery
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._buttons: OrderedDict[str, Json] = OrderedDict()

    def wake(self, room_ids: set[str]) -> None:
        """There may be new rows in these rooms."""
        for room_id in room_ids:
            if room_id in self._tasks:
                self._again.add(room_id)
            else:
                task = asyncio.create_task(self._drain(room_id), name=f"room {room_id}")
                self._tasks[room_id] = task

    async def wake_all(self) -> None:
        """After a start: whatever stands in the inbox."""
        self.wake(set(await asyncio.to_thread(self._rooms_with_work)))

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _rooms_with_work(self) -> list[str]:
        with self._store.read(datetime.now(UTC)) as uow:
            return uow.inbox.rooms_with_work()

    async def _drain(self, room_id: str) -> None:
        try:
            while True:
                self._again.discard(room_id)
                row = await asyncio.to_thread(self._next, room_id)
                while row is not None:
                    row = await self._take(row)
                if room_id not in self._again:
                    return
        except (MatrixError, Unreachable) as error:
            log.warning("a room has to wait for the homeserver", extra={"why": str(error)})
            asyncio.get_running_loop().call_later(2.0, self.wake, {room_id})
        except Exception:  # the boundary of a room's loop: others go on, this one is tried again
            log.exception("a room's worker broke", extra={"room": room_id})
            asyncio.get_running_loop().call_later(5.0, self.wake, {room_id})
        finally:
            self._tasks.pop(room_id, None)
            if room_id in self._again:
                asyncio.get_running_loop().call_soon(self.wake, {room_id})

    def _next(self, room_id: str) -> InboxRow | None:
        with self._store.read(datetime.now(UTC)) as uow:
            return uow.inbox.next_new(room_id)

    async def _take(self, row: InboxRow) -> InboxRow | None:
        """Do one row; the room's next one."""
        match row.kind:
            case "invite":
                await asyncio.to_thread(self._invited, row)
            case "joined":
                await asyncio.to_thread(self._joined, row)
            case _:
                incoming = await self._incoming(row)
                if incoming is not None:
                    return await self._handle(row, incoming)
        self._delivery.wake()
        return await asyncio.to_thread(self._next, row.room_id)

    async def _handle(self, row: InboxRow, incoming: Incoming) -> InboxRow | None:
        started = monotonic()
        ran = await asyncio.to_thread(self._run, row, incoming)
        if ran.head is not None:
            self._delivery.offer(ran.head)
        if ran.elsewhere:
            self._delivery.wake()
        if ran.planned:
            self._clock.wake()
        if ran.done is not None:
            self._figures.command(ran.done.command, ran.done.ok, monotonic() - started)
        return ran.following

    def _run(self, row: InboxRow, incoming: Incoming) -> Ran:
        now = datetime.now(UTC)
        try:
            with self._store.begin(now) as uow:
                done = dispatch.handle(self._app, uow, incoming, now)
                uow.inbox.finish(row.event_id)
                return _ran(uow, row.room_id, done)
        except Exception:  # a bug in a command: noted, told, and the next command goes on
            log.exception("a command broke", extra={"matrix_event": row.event_id})
            with self._store.begin(now) as uow:
                dispatch.failed(self._app, uow, incoming, now)
                uow.inbox.finish(row.event_id, status="failed")
                return _ran(uow, row.room_id, Done(command="failed", ok=False))

    def _invited(self, row: InboxRow) -> None:
        now = datetime.now(UTC)
        inviter = as_text(row.payload.get("inviter"))
        with self._store.begin(now) as uow:
            if self._invites.welcomes(inviter):
                server = inviter.partition(":")[2]
                join = Join(room_id=row.room_id, via=(server,) if server else ())
                uow.outbox.put(join, key=row.event_id)
            else:
                log.info("an invite from outside the partners was left alone")
            uow.inbox.finish(row.event_id)

    def _joined(self, row: InboxRow) -> None:
        now = datetime.now(UTC)
        with self._store.begin(now) as uow:
            inviter = as_text(row.payload.get("inviter"))
            dispatch.joined(self._app, uow, row.room_id, inviter, now)
            uow.inbox.finish(row.event_id)

    async def _incoming(self, row: InboxRow) -> Incoming | None:
        """The row as dispatch wants it; None when it waits or is of no concern."""
        event = row.payload
        kind, content = as_text(event.get("type")), as_dict(event.get("content"))
        relation = as_dict(content.get("m.relates_to"))
        if kind == "m.room.encrypted":
            try:
                clear = self._crypto.decrypt(row.room_id, event)
            except MissingKey as missing:
                await self._wait(row, missing)
                return None
            except Undecryptable as never:
                await asyncio.to_thread(self._note_unreadable, row, never)
                return None
            kind, content = clear.type, as_dict(clear.content)
            relation = as_dict(content.get("m.relates_to")) or relation
        elif kind != "m.reaction" and (await self._views.get(row.room_id)).encrypted:
            # Plain text in an encrypted room proves nothing about who sent it.
            await self._finish(row, "done")
            return None
        if kind == "m.reaction":
            return await self._button(row, relation)
        return self._message(row, kind, content, relation)

    def _message(self, row: InboxRow, kind: str, content: Json, relation: Json) -> Incoming:
        event = row.payload
        in_thread = relation.get("rel_type") == "m.thread"
        replied = as_dict(relation.get("m.in_reply_to"))
        falling_back = in_thread and relation.get("is_falling_back") is True
        return Incoming(
            room_id=row.room_id,
            event_id=row.event_id,
            sender=as_text(event.get("sender")),
            type=kind,
            content={**content, "m.relates_to": relation} if relation else content,
            origin_server_ts=as_int(event.get("origin_server_ts")),
            thread_id=(as_text(relation.get("event_id")) or None) if in_thread else None,
            replied_to=None if falling_back else as_text(replied.get("event_id")) or None,
        )

    async def _button(self, row: InboxRow, relation: Json) -> Incoming | None:
        target = as_text(relation.get("event_id"))
        key = as_text(relation.get("key")).replace(VARIATION_SELECTOR, "")
        if relation.get("rel_type") != "m.annotation" or not target or not key:
            await self._finish(row, "done")
            return None
        buttons = await self._buttons_of(row.room_id, target)
        command = {k.replace(VARIATION_SELECTOR, ""): v for k, v in buttons.items()}.get(key)
        if not isinstance(command, str):
            await self._finish(row, "done")
            return None
        return Incoming.pressed(
            room_id=row.room_id,
            event_id=row.event_id,
            sender=as_text(row.payload.get("sender")),
            command=command,
            message_id=target,
            origin_server_ts=as_int(row.payload.get("origin_server_ts")),
        )

    async def _buttons_of(self, room_id: str, event_id: str) -> Json:
        """What the buttons below a message mean: it stands in the message itself."""
        if event_id in self._buttons:
            self._buttons.move_to_end(event_id)
            return self._buttons[event_id]
        found = await self._read_buttons(room_id, event_id)
        self._buttons[event_id] = found
        while len(self._buttons) > BUTTONS_KEPT:
            self._buttons.popitem(last=False)
        return found

    async def _read_buttons(self, room_id: str, event_id: str) -> Json:
        try:
            event = await self._homeserver.get_event(room_id, event_id)
        except MatrixError as error:
            if error.status in {403, 404}:
                return {}
            raise
        if event.get("sender") != self._app.bot_user_id:
            return {}
        content = as_dict(event.get("content"))
        if event.get("type") == "m.room.encrypted":
            try:
                content = as_dict(self._crypto.decrypt(room_id, event).content)
            except (MissingKey, Undecryptable):
                return {}
        elif (await self._views.get(room_id)).encrypted:
            # In plain text anybody's server could have put words into our mouth.
            return {}
        return as_dict(content.get(BUTTONS))

    async def _wait(self, row: InboxRow, missing: MissingKey) -> None:
        """Keep the row for when the key comes; say so once, after a while."""
        now = datetime.now(UTC)
        if now - row.received_at > GIVE_UP:
            await self._finish(row, "failed")
            return
        if row.attempts == 0:
            await self._crypto.request_key(row.room_id, row.payload)
        late = now - row.received_at >= PATIENCE
        tell = not row.told and (late or missing.withheld_code is not None)
        await asyncio.to_thread(self._note_waiting, row, missing, now, tell=tell)
        if self._readable_after_all(row):
            await asyncio.to_thread(self._note_awake, row.event_id)

    def _note_waiting(
        self,
        row: InboxRow,
        missing: MissingKey,
        now: datetime,
        *,
        tell: bool,
    ) -> None:
        with self._store.begin(now) as uow:
            # Every try doubles the pause: a key that is hours late needs no asking each second.
            pause = min(RETRY * 2 ** min(row.attempts, 10), timedelta(hours=1))
            if not row.told and not tell:
                pause = min(pause, PATIENCE)
            uow.inbox.wait(row.event_id, missing.session_id, now + pause)
            told = any(other.told for other in uow.inbox.waiting({missing.session_id}))
            if tell and not told:
                reason = missing.withheld_code or "late"
                sender = as_text(row.payload.get("sender"))
                dispatch.unreadable(
                    self._app,
                    uow,
                    room_id=row.room_id,
                    event_id=row.event_id,
                    sender=sender,
                    reason=reason,
                    now=now,
                )
            if tell:
                uow.inbox.mark_told(row.event_id)

    def _note_unreadable(self, row: InboxRow, never: Undecryptable) -> None:
        """Give the row up. Its sender is told when it is their device, not an attack."""
        log.warning("a message can't be read", extra={"why": never.reason})
        now = datetime.now(UTC)
        with self._store.begin(now) as uow:
            if never.reason == UNKNOWN_DEVICE:
                sender, reason = as_text(row.payload.get("sender")), never.reason
                dispatch.unreadable(
                    self._app, uow, row.room_id, row.event_id, sender, reason=reason, now=now
                )
            uow.inbox.finish(row.event_id, status="failed")

    def _readable_after_all(self, row: InboxRow) -> bool:
        """Whether the key came between the first look and the row's being set aside."""
        try:
            self._crypto.decrypt(row.room_id, row.payload)
        except (MissingKey, Undecryptable):
            return False
        return True

    def _note_awake(self, event_id: str) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            uow.inbox.wake(event_id)

    async def _finish(self, row: InboxRow, status: str) -> None:
        await asyncio.to_thread(self._note_finished, row.event_id, status)

    def _note_finished(self, event_id: str, status: str) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            uow.inbox.finish(event_id, status=status)
