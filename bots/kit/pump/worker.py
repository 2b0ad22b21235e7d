"""Inbox rows to finished commands: in order within a room, rooms side by side."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from bots.kit import dispatch
from bots.kit.app import App
from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.crypto.results import MissingKey, Undecryptable
from bots.kit.dispatch import Done
from bots.kit.incoming import Incoming, NotYet
from bots.kit.pump.buttons import Buttons
from bots.kit.pump.clock import Clock
from bots.kit.pump.delivery import Delivery
from bots.kit.pump.figures import Figures
from bots.kit.pump.invites import InvitePolicy
from bots.kit.pump.jobs import Jobs
from bots.kit.pump.json_fields import as_dict, as_int, as_text
from bots.kit.pump.unreadable import Unreadable
from bots.kit.pump.views import RoomViews
from wecreate_module.domain.effects import Join
from wecreate_module.storage.inbox import InboxRow
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

log = logging.getLogger("wecreate.pump.worker")

Json = dict[str, Any]
# What clients send without encryption everywhere; the homeserver vouches for who sent it.
BARE_TYPES = frozenset({"m.reaction", "m.room.redaction"})
# An answer can come before our own message that it answers is noted.
A_MOMENT = timedelta(milliseconds=200)
MOMENTS = 50


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
        jobs: Jobs,
    ) -> None:
        self._app = app
        self._store = store
        self._crypto = crypto
        self._views = views
        self._invites = invites
        self._figures = figures
        self._delivery = delivery
        self._clock = clock
        self._jobs = jobs
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._buttons = Buttons(homeserver, crypto, views, app.bot_user_id)
        self._unreadable = Unreadable(app, store, crypto)

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
                row = await self._jobs.run(self._next, room_id)
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
                await self._jobs.run(self._invited, row)
            case "joined":
                await self._jobs.run(self._joined, row)
            case "newcomer":
                await self._jobs.run(self._came, row)
                self._clock.wake()
            case _:
                incoming = await self._incoming(row)
                if incoming is not None:
                    return await self._handle(row, incoming)
        self._delivery.wake()
        return await self._jobs.run(self._next, row.room_id)

    async def _handle(self, row: InboxRow, incoming: Incoming) -> InboxRow | None:
        started = monotonic()
        ran = await self._jobs.run(self._run, row, incoming)
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
        except NotYet:
            with self._store.begin(now) as uow:
                if row.attempts < MOMENTS:
                    uow.inbox.wait(row.event_id, None, now + A_MOMENT)
                else:
                    uow.inbox.finish(row.event_id)
                return _ran(uow, row.room_id, None)
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

    def _came(self, row: InboxRow) -> None:
        now = datetime.now(UTC)
        user_id = as_text(row.payload.get("user_id"))
        try:
            with self._store.begin(now) as uow:
                dispatch.came(self._app, uow, row.room_id, user_id, row.event_id, now)
                uow.inbox.finish(row.event_id)
        except Exception:  # a bug in a greeting must not hold up what people ask for
            log.exception("a newcomer could not be greeted")
            with self._store.begin(now) as uow:
                uow.inbox.finish(row.event_id, status="failed")

    async def _incoming(self, row: InboxRow) -> Incoming | None:
        """The row as dispatch wants it; None when it waits or is of no concern."""
        event = row.payload
        kind, content = as_text(event.get("type")), as_dict(event.get("content"))
        relation = as_dict(content.get("m.relates_to"))
        if kind == "m.room.encrypted":
            try:
                clear = self._crypto.decrypt(row.room_id, event)
            except MissingKey as missing:
                await self._unreadable.wait(row, missing)
                return None
            except Undecryptable as never:
                await self._unreadable.give_up(row, never)
                return None
            kind, content = clear.type, as_dict(clear.content)
            relation = as_dict(content.get("m.relates_to")) or relation
        elif kind not in BARE_TYPES and (await self._views.get(row.room_id)).encrypted:
            # Plain text in an encrypted room proves nothing about who sent it.
            await self._finish(row)
            return None
        if kind == "m.reaction":
            return await self._button(row, relation)
        if kind == "m.room.redaction":
            # Room versions before 11 have it beside the content.
            content = {"redacts": content.get("redacts") or event.get("redacts")}
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
        target, key = as_text(relation.get("event_id")), as_text(relation.get("key"))
        command = None
        if relation.get("rel_type") == "m.annotation" and target and key:
            command = await self._buttons.command(row.room_id, target, key)
        if command is None:
            await self._finish(row)
            return None
        return Incoming.pressed(
            room_id=row.room_id,
            event_id=row.event_id,
            sender=as_text(row.payload.get("sender")),
            command=command,
            message_id=target,
            origin_server_ts=as_int(row.payload.get("origin_server_ts")),
        )

    async def _finish(self, row: InboxRow) -> None:
        """End a row that asks for nothing."""
        await self._jobs.run(self._note_finished, row.event_id)

    def _note_finished(self, event_id: str) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            uow.inbox.finish(event_id)
