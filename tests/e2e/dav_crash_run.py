"""Calendar programs write without pause while bot and `dav` are killed; then an exact account.

What was acknowledged is there, nothing twice, and the room was told of each change exactly once,
however bundled. What was cut off may have happened or not, but not half.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from tests.clients import MatrixPerson, Message, PersonError
from tests.conditions import eventually
from tests.dav import vevent, vtodo
from tests.e2e.faulty_proxy import CALM, Faults, FaultyProxy
from tests.e2e.kill_plan import WEATHER
from tests.e2e.our_bot import OurBot
from tests.processes import Process

LONGEST_DELAY = 1.5
READY = 180.0
# Between two writes of one program: as much as a room can be told of while it lasts.
PAUSES = (0.02, 0.2)
CREATED, NO_CONTENT, OK = 201, 204, 200

Json = dict[str, Any]


@dataclass(frozen=True)
class DavStep:
    """One kill: of whom, so many seconds into the writing, in which weather."""

    bot: bool
    dav: bool
    delay: float
    faults: Faults


def dav_plan(seed: int, kills: int) -> list[DavStep]:
    """All of it follows from the seed: two of five kill the one, two the other, one both."""
    rng = random.Random(seed)
    victims = [(True, False), (False, True), (True, False), (False, True), (True, True)]
    chosen = [victims[number % len(victims)] for number in range(kills)]
    rng.shuffle(chosen)
    return [
        DavStep(bot, dav, rng.uniform(0, LONGEST_DELAY), rng.choice(WEATHER)) for bot, dav in chosen
    ]


@dataclass
class Written:
    """One object. `may_be` are the titles it may have now; None: it may be gone."""

    path: str
    etag: str = ""
    may_be: set[str | None] = field(default_factory=lambda: {None})

    @property
    def sure(self) -> bool:
        return len(self.may_be) == 1


class Program:
    """A calendar program that writes into one collection; each title is its own."""

    def __init__(self, name: str, calendar: Json, collection: str, seed: int) -> None:
        self.name = name
        self.objects: dict[str, Written] = {}
        self.acknowledged = 0
        self._calendar = calendar
        self._path = urlsplit(collection).path
        self._make = vevent if "/events" in name else vtodo
        self._random = random.Random(seed)

    async def write_until(self, end: asyncio.Event) -> None:
        while not end.is_set():
            await self.write()
            await asyncio.sleep(self._random.uniform(*PAUSES))  # a program's own pace

    async def write(self) -> None:
        """Something new, or a change or the end of something that we know."""
        known = [one for one in self.objects.values() if one.sure and None not in one.may_be]
        what = self._random.choices(("new", "change", "delete"), (5, 3, 1))[0]
        if what == "new" or not known:
            await self.add()
        elif what == "change":
            await self._put(self._random.choice(known), {"If-Match": ""})
        else:
            await self._delete(self._random.choice(known))

    async def add(self) -> Written:
        uid = f"{self.name.replace('/', '-')}-{len(self.objects)}"
        written = Written(f"{self._path}{uid}.ics")
        self.objects[uid] = written
        await self._put(written, {"If-None-Match": "*"})
        return written

    async def _put(self, one: Written, condition: Mapping[str, str]) -> None:
        uid = one.path.rpartition("/")[2].removesuffix(".ics")
        title = f"{uid} v{self.acknowledged}."
        headers = {name: value or one.etag for name, value in condition.items()}
        one.may_be.add(title)
        status, etag = await self._ask("PUT", one.path, self._make(uid, title), headers)
        if status in {CREATED, NO_CONTENT}:
            one.may_be, one.etag = {title}, etag
            self.acknowledged += 1
        elif status:
            raise AssertionError(f"{title}: {status}")

    async def _delete(self, one: Written) -> None:
        one.may_be.add(None)
        status, _ = await self._ask("DELETE", one.path, b"", {"If-Match": one.etag})
        if status in {OK, NO_CONTENT}:
            one.may_be = {None}
            self.acknowledged += 1
        elif status:
            raise AssertionError(f"DELETE {one.path}: {status}")

    async def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        """Status and etag; (0, "") when there was no answer."""
        return await asyncio.to_thread(request, self._calendar, method, path, body, headers)


def request(
    calendar: Json, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    place = urlsplit(calendar["url"])
    connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        connection.request(method, path, body, {**headers, "Authorization": calendar["basic"]})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("ETag", "")
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


@dataclass
class DavCrashRun:
    """`rooms` is room id → the programs that write into that Box."""

    bot: OurBot
    dav: Process
    dav_healthy: Callable[[], bool]
    proxy: FaultyProxy
    witness: MatrixPerson
    rooms: Mapping[str, Sequence[Program]]
    settle: float = 120
    say: Callable[[str], None] = print
    kills: int = 0

    @property
    def programs(self) -> list[Program]:
        return [program for programs in self.rooms.values() for program in programs]

    async def run(self, steps: Sequence[DavStep]) -> None:
        end = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for program in self.programs:
                group.create_task(program.write_until(end))
            for number, step in enumerate(steps, 1):
                await self._step(step)
                count = sum(program.acknowledged for program in self.programs)
                self.say(f"kill {number}/{len(steps)}: {step}, {count} writes so far")
            end.set()
        self.proxy.faults = CALM
        # Once more from the start: what would be told twice is told now.
        await self._kill(bot=True, dav=True)
        for programs in self.rooms.values():
            for program in programs:
                await program.add()
        try:
            await self.witness.until(self._all_told, "the room was told of all", self.settle)
        except PersonError:
            self.say("\n".join(self.wrong()))

    async def _step(self, step: DavStep) -> None:
        self.proxy.faults = step.faults
        await self._all_write_again()
        await asyncio.sleep(step.delay)
        await self._kill(bot=step.bot, dav=step.dav)

    async def _all_write_again(self) -> None:
        """A kill that hits nobody who writes proves nothing."""
        before = [program.acknowledged for program in self.programs]

        def all_did() -> bool:
            after = [program.acknowledged for program in self.programs]
            return all(now > then for now, then in zip(after, before, strict=True))

        await eventually(all_did, READY)

    async def _kill(self, *, bot: bool, dav: bool) -> None:
        if dav:
            await asyncio.to_thread(self.dav.kill)
        if bot:
            await asyncio.to_thread(self.bot.kill)
        self.kills += bot + dav
        if bot:
            self.proxy.synced.clear()
            await asyncio.to_thread(self.bot.start)
        if dav:
            await asyncio.to_thread(self.dav.start, self.dav_healthy)
        if bot:
            async with asyncio.timeout(READY):
                await self.proxy.synced.wait()

    def _all_told(self) -> bool:
        return not self.wrong()

    def wrong(self) -> list[str]:
        """What the room was told otherwise than it is; nothing when all is well."""
        found = []
        for room_id, programs in self.rooms.items():
            told = told_in(self.witness.messages.values(), room_id)
            for program in programs:
                for uid, one in program.objects.items():
                    kind = "event" if "/events" in program.name else "task"
                    found.extend(amiss(uid, one, told.pop((kind, uid), [])))
            found.extend(f"told of {key}, which nobody wrote" for key in told)
        return found


def told_in(messages: Iterable[Message], room_id: str) -> dict[tuple[str, str], list[Json]]:
    """What a room was told, in order, by kind and the name that each title begins with."""
    told: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for message in messages:
        if message.room_id == room_id and message.readable and not message.replaces:
            for change in message.data.get("changes", ()) if message.result.get("ok") else ():
                told[change["kind"], str(change["title"]).split(" ")[0]].append(change)
    return told


def amiss(uid: str, one: Written, told: Sequence[Json]) -> list[str]:
    """Each change at most once, the first that it is there, the last as it is now."""
    kinds = [change["change"] for change in told]
    said: str | None = None
    if told and kinds[-1] != "deleted":
        said = str(told[-1]["title"])
    titles = [change["title"] for change in told if change["change"] != "deleted"]
    well = (
        said in one.may_be
        and kinds.count("added") == (1 if told else 0)
        and kinds.count("deleted") <= 1
        and len(set(titles)) == len(titles)
        and (not kinds or kinds[0] == "added")
    )
    return [] if well else [f"{uid} is one of {one.may_be}, told was {told}"]
