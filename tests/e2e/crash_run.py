"""A bot under `kill -9`: commands from several encrypted rooms, and afterwards an exact account.

The account is kept twice: by an independent client in the rooms, which decrypts, and by the
homeserver's own database.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.clients import MatrixPerson, Message, PersonError
from tests.e2e.faulty_proxy import CALM, FaultyProxy
from tests.e2e.kill_plan import Aim, Homeserver, Step
from tests.servers import SynapseServer

READY = 180.0
FENCE = 180.0  # of a bot that lives, however slow the machine


class Bot(Protocol):
    """What is killed. It must talk to its homeserver through the proxy."""

    user_id: str

    def command(self, number: int) -> str:
        """The text of the command with this number; all texts differ."""
        ...

    def start(self) -> None:
        """Start the process and return at once."""
        ...

    def kill(self) -> None:
        """SIGKILL, and reap."""
        ...


@dataclass
class Account:
    """What became of the commands. `sent` is event id → room id."""

    sent: dict[str, str] = field(default_factory=dict)
    seen: dict[str, list[Message]] = field(default_factory=dict)
    in_database: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    kills: int = 0

    @property
    def lost(self) -> list[str]:
        return [one for one in self.sent if not self.seen[one] or not self.in_database[one]]

    @property
    def doubled(self) -> list[str]:
        return [one for one in self.sent if max(len(self.seen[one]), self.in_database[one]) > 1]

    def __str__(self) -> str:
        return (
            f"{len(self.sent)} commands, {self.kills} kills: {len(self.lost)} lost, "
            f"{len(self.doubled)} doubled, {len(self.unreadable)} replies unreadable"
        )


class CrashRun:
    """`rooms` are encrypted and hold sender, witness and bot; the bot runs when this starts.

    In seconds: `caught_up` is the longest wait for replies between two kills, `settle` at the end.
    """

    def __init__(
        self,
        *,
        bot: Bot,
        synapse: SynapseServer,
        proxy: FaultyProxy,
        sender: MatrixPerson,
        witness: MatrixPerson,
        rooms: Sequence[str],
        caught_up: float = 20,
        settle: float = 120,
        say: Callable[[str], None] = print,
    ) -> None:
        self.bot = bot
        self.synapse = synapse
        self.proxy = proxy
        self.sender = sender
        self.witness = witness
        self.rooms = rooms
        self.caught_up = caught_up
        self.settle = settle
        self.say = say
        self.account = Account()
        self._number = 0
        # Written before the witness came: nobody gave it the keys.
        self._before = set(witness.messages)

    async def run(self, steps: Sequence[Step]) -> Account:
        for number, step in enumerate(steps, 1):
            started = time.monotonic()
            await self._step(step)
            self.say(
                f"kill {number}/{len(steps)} {step.aim}, homeserver {step.homeserver}: "
                f"{len(self.account.sent)} commands so far, {time.monotonic() - started:.1f} s"
            )
        self.proxy.faults = CALM
        await self._settle()
        # Once more from the start: what would be heard twice is heard now.
        await self._kill()
        await self._wake()
        await self._settle()
        self._count()
        return self.account

    async def _step(self, step: Step) -> None:
        # A bot that only ever works off old commands is not hit in the midst of new ones.
        with suppress(PersonError):
            await self.witness.until(self._nearly_all_answered, "most replies", self.caught_up)
        self.proxy.faults = step.faults
        if step.aim is Aim.CATCH_UP:
            await self._kill()
            await self._homeserver(step.homeserver, self._burst(step.burst))
            await self._wake()
            await asyncio.sleep(step.delay)
            await self._kill()
        else:
            burst = asyncio.create_task(self._burst(step.burst))
            await asyncio.sleep(step.delay)
            await self._kill()
            await self._homeserver(step.homeserver, burst)
        await self._wake()

    async def _burst(self, counts: Sequence[int]) -> None:
        """As many commands in each room as `counts` says; rooms side by side."""
        await asyncio.gather(*map(self._speak, self.rooms, counts))

    async def _speak(self, room_id: str, count: int) -> None:
        for _ in range(count):
            self._number += 1
            event_id = await self.sender.say(room_id, self.bot.command(self._number))
            self.account.sent[event_id] = room_id

    async def _homeserver(
        self, what: Homeserver, meanwhile: asyncio.Task[None] | Coroutine[Any, Any, None]
    ) -> None:
        """Let it fall while commands are being sent; the clients' own retries carry them over."""
        talk = asyncio.ensure_future(meanwhile)
        if what is Homeserver.RESTARTS:
            await asyncio.to_thread(self.synapse.restart)
        elif what is Homeserver.IS_KILLED:
            await asyncio.to_thread(self.synapse.kill)
            await asyncio.to_thread(self.synapse.start)
        await talk

    async def _kill(self) -> None:
        await asyncio.to_thread(self.bot.kill)
        self.account.kills += 1

    async def _wake(self) -> None:
        """Start the bot; return as it gets its first sync."""
        self.proxy.synced.clear()
        await asyncio.to_thread(self.bot.start)
        async with asyncio.timeout(READY):
            await self.proxy.synced.wait()

    async def _settle(self) -> None:
        """Till all commands are answered, or the deadline; then a fence: one more in each room."""
        try:
            await self.witness.until(self._all_answered, "all replies", self.settle)
        except PersonError:
            self.say("not all commands were answered")
        before = len(self.account.sent)
        await self._burst([1] * len(self.rooms))
        fences = list(self.account.sent)[before:]
        for fence in fences:
            await self.witness.answer_to(fence, FENCE)

    def _nearly_all_answered(self) -> bool:
        return len(self._unanswered()) <= len(self.rooms)

    def _all_answered(self) -> bool:
        return not self._unanswered()

    def _unanswered(self) -> set[str]:
        return self.account.sent.keys() - {
            seen.reply_to for seen in self.witness.messages.values() if seen.reply_to
        }

    def _count(self) -> None:
        account = self.account
        account.seen = {sent: self.witness.replies_to(sent) for sent in account.sent}
        account.unreadable = [
            seen.event_id
            for seen in self.witness.messages.values()
            if seen.sender == self.bot.user_id
            and not seen.readable
            and seen.event_id not in self._before
        ]
        account.in_database = replies_in_database(self.synapse, self.bot.user_id)


def replies_in_database(synapse: SynapseServer, sender: str) -> Counter[str]:
    """Synapse's own events: how many of `sender` answer which event."""
    path = synapse.directory / "homeserver.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(
            "select json from event_json join events using (event_id)"
            " where sender = ? and type = 'm.room.encrypted'",
            (sender,),
        ).fetchall()
    database.close()
    relations = (json.loads(row[0])["content"].get("m.relates_to", {}) for row in rows)
    return Counter(
        relation["m.in_reply_to"]["event_id"]
        for relation in relations
        if "m.in_reply_to" in relation
    )
