"""Inbox rows become commands: in order, once, and with patience for keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import Mock

import pytest

from bots.kit.app import App, Part
from bots.kit.arguments import Text
from bots.kit.client import Homeserver
from bots.kit.context import Context, ServerFacts
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.crypto.results import Decrypted, MissingKey, Undecryptable
from bots.kit.incoming import Incoming, NotYet
from bots.kit.pump.clock import Clock
from bots.kit.pump.delivery import Delivery
from bots.kit.pump.figures import NoFigures
from bots.kit.pump.invites import InvitePolicy
from bots.kit.pump.jobs import Jobs
from bots.kit.pump.unreadable import PATIENCE
from bots.kit.pump.views import RoomViews
from bots.kit.pump.worker import MOMENTS, Worker
from bots.kit.registry import Where, argument, command
from bots.kit.replies import Replies, Reply
from tests.conditions import eventually
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Join, Send
from wecreate_module.domain.matrix import BOX, BUTTONS
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

BOT, ANNA, ROOM = "@wecreate:test", "@anna:test", "!room"
Json = dict[str, Any]
said: list[str] = []


@command("merke", "note", area="tasks", summary="Notes a word", where=Where.BOX | Where.DIRECT)
@argument("text", Text(100), "text", "text", ask="What?")
def note(ctx: Context, text: str) -> Reply:
    said.append(text)
    if text == "bug":
        raise ZeroDivisionError
    return Reply(ctx.t("{text}", text=text))


def answered(ctx: Context, incoming: Incoming) -> Replies:
    """An answer to a poll, which has to be known first."""
    if ctx.uow.meta.get("poll") is None:
        raise NotYet
    said.append(incoming.content["answer"])
    return None


def greeted(ctx: Context) -> Replies:
    if "bug" in ctx.sender:
        raise ZeroDivisionError
    return Reply(f"hello {ctx.sender}")


class FakeCrypto:
    """Opens what it has the key for; the "ciphertext" is the content itself."""

    def __init__(self) -> None:
        self.keys = {"s"}
        self.withheld: str | None = None
        self.asked = 0

    def decrypt(self, room_id: str, event: Json) -> Decrypted:
        del room_id
        session = event["content"]["session_id"]
        if session == "broken":
            raise Undecryptable("replay")
        if session not in self.keys:
            raise MissingKey(session, event["sender"], self.withheld)
        kind = event["content"].get("kind", "m.room.message")
        return Decrypted(kind, event["content"]["clear"], "DEV", trusted=True)

    async def request_key(self, room_id: str, event: Json) -> None:
        del room_id, event
        self.asked += 1


class FakeHomeserver:
    def __init__(self) -> None:
        self.events: dict[str, Json] = {}

    async def get_event(self, room_id: str, event_id: str) -> Json:
        del room_id
        return self.events[event_id]


@pytest.fixture(autouse=True)
def nothing_said() -> None:
    said.clear()


class Bench:
    """A worker on a real store with one Box."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.crypto = FakeCrypto()
        self.fake = FakeHomeserver()
        homeserver = cast("Homeserver", self.fake)
        app = App.assemble(
            [Part(commands=(note,), on_event={"test.answer": answered}, newcomer=greeted)],
            bot_user_id=BOT,
            server=ServerFacts(server_name="test"),
        )
        self.worker = Worker(
            app,
            store,
            homeserver,
            cast("CryptoMachine", self.crypto),
            RoomViews(store, homeserver, BOT),
            InvitePolicy("test", frozenset({"partner"})),
            NoFigures(),
            cast("Delivery", Mock()),
            cast("Clock", Mock()),
            Jobs(),
        )
        now = datetime.now(UTC)
        box = Box("b1", ROOM, "Garten", "en", "Europe/Berlin", ANNA, now)
        marker = {"version": 1, "bot": BOT}
        room = Room(ROOM, {"room_version": "12", BOX: marker}, BOT, encrypted=True, marker=marker)
        with store.begin(now) as uow:
            uow.rooms.save(room)
            uow.rooms.set_member(ROOM, ANNA, "join", "Anna")
            uow.boxes.add(box)

    def receive(
        self, event_id: str, text: str, *, session: str = "s", age: timedelta = timedelta()
    ) -> None:
        clear = {"msgtype": "m.text", "body": text}
        self.put(
            event_id,
            {
                "type": "m.room.encrypted",
                "event_id": event_id,
                "sender": ANNA,
                "content": {"session_id": session, "clear": clear},
            },
            age=age,
        )

    def put(
        self, event_id: str, event: Json, *, kind: str = "event", age: timedelta = timedelta()
    ) -> None:
        now = datetime.now(UTC)
        with self.store.begin(now) as uow:
            uow.inbox.put(event_id, ROOM, kind, event, now - age)

    def status(self, event_id: str) -> str:
        with self.store.read(datetime.now(UTC)) as uow:
            row = uow.inbox.get(event_id)
        return row.status if row else "unknown"

    def replies(self) -> list[str]:
        now = datetime.now(UTC)
        found = []
        with self.store.begin(now) as uow:
            while row := uow.outbox.next_in(ROOM, now):
                if isinstance(row.effect, Send):
                    found.append(row.effect.content["body"])
                uow.outbox.done(row.id, "$x")
        return found

    async def drained(self, *event_ids: str) -> None:
        await self.worker.wake_all()
        await eventually(lambda: all(self.status(each) != "new" for each in event_ids))


@pytest.fixture
async def bench(store: Store) -> AsyncIterator[Bench]:
    async with _running(store) as made:
        yield made


@asynccontextmanager
async def _running(store: Store) -> AsyncIterator[Bench]:
    made = Bench(store)
    yield made
    await made.worker.stop()
    await asyncio.sleep(0)


async def test_commands_of_a_room_run_in_order_with_one_reply_each(bench: Bench) -> None:
    for number in range(10):
        bench.receive(f"${number}", f"!note {number}")
    await bench.drained(*(f"${number}" for number in range(10)))
    assert said == [str(number) for number in range(10)]
    assert bench.replies() == said


async def test_who_comes_is_greeted_and_a_bug_in_that_holds_nobody_up(bench: Bench) -> None:
    bench.put("$0", {"user_id": "@bug:test"}, kind="newcomer")
    bench.put("$1", {"user_id": "@ben:test"}, kind="newcomer")
    bench.receive("$2", "!note fine")
    await bench.drained("$0", "$1", "$2")
    assert bench.status("$0") == "failed"
    assert bench.replies() == ["hello @ben:test", "fine"]


async def test_a_bug_in_a_command_is_told_and_the_next_command_runs(bench: Bench) -> None:
    bench.receive("$1", "!note bug")
    bench.receive("$2", "!note fine")
    await bench.drained("$1", "$2")
    assert bench.status("$1") == "failed"
    replies = bench.replies()
    assert len(replies) == 2
    assert replies[1] == "fine"


async def test_a_message_without_its_key_lets_later_ones_pass_and_is_done_when_it_comes(
    bench: Bench,
) -> None:
    bench.receive("$late", "!note late", session="other")
    bench.receive("$2", "!note now")
    await bench.drained("$late", "$2")
    assert (said, bench.status("$late"), bench.crypto.asked) == (["now"], "waiting", 1)
    assert bench.replies() == ["now"]
    bench.crypto.keys.add("other")
    with bench.store.begin(datetime.now(UTC)) as uow:
        uow.inbox.wake("$late")
    await bench.drained("$late")
    assert said == ["now", "late"]


async def test_a_key_that_stays_away_is_told_once_for_all_its_messages(bench: Bench) -> None:
    old = PATIENCE + timedelta(seconds=1)
    for event_id in ("$1", "$2", "$3"):
        bench.receive(event_id, "!note x", session="other", age=old)
    await bench.drained("$1", "$2", "$3")
    assert len(bench.replies()) == 1
    assert said == []


async def test_a_withheld_key_is_told_at_once(bench: Bench) -> None:
    bench.crypto.withheld = "m.unverified"
    bench.receive("$1", "!note x", session="other")
    await bench.drained("$1")
    assert len(bench.replies()) == 1


async def test_what_can_never_be_read_is_given_up(bench: Bench) -> None:
    bench.receive("$1", "!note x", session="broken")
    await bench.drained("$1")
    assert bench.status("$1") == "failed"


async def test_what_speaks_of_something_not_yet_known_is_taken_again(bench: Bench) -> None:
    content = {"session_id": "s", "kind": "test.answer", "clear": {"answer": "yes"}}
    bench.put("$1", {"type": "m.room.encrypted", "sender": ANNA, "content": content})
    await bench.drained("$1")
    assert (said, bench.status("$1")) == ([], "waiting")
    with bench.store.begin(datetime.now(UTC)) as uow:
        uow.meta.set("poll", "known")
        uow.inbox.wake("$1")
    await bench.drained("$1")
    assert (said, bench.status("$1")) == (["yes"], "done")


async def test_what_stays_unknown_is_given_up(bench: Bench) -> None:
    content = {"session_id": "s", "kind": "test.answer", "clear": {"answer": "yes"}}
    bench.put("$1", {"type": "m.room.encrypted", "sender": ANNA, "content": content})
    for _ in range(MOMENTS + 1):
        await bench.drained("$1")
        with bench.store.begin(datetime.now(UTC)) as uow:
            uow.inbox.wake("$1")
    assert (said, bench.status("$1")) == ([], "done")


async def test_a_command_in_plain_text_is_ignored_in_an_encrypted_room(bench: Bench) -> None:
    content = {"msgtype": "m.text", "body": "!note spoofed"}
    bench.put("$1", {"type": "m.room.message", "sender": ANNA, "content": content})
    await bench.drained("$1")
    assert said == []
    assert bench.replies() == []


def reaction(key: str) -> Json:
    relation = {"rel_type": "m.annotation", "event_id": "$card", "key": key}
    return {"type": "m.reaction", "sender": ANNA, "content": {"m.relates_to": relation}}


async def test_a_button_runs_the_command_that_stands_in_the_bots_own_message(
    bench: Bench,
) -> None:
    clear = {"msgtype": "m.notice", "body": "card", BUTTONS: {"✅": "!note pressed"}}
    content = {"session_id": "s", "clear": clear}
    bench.fake.events["$card"] = {"type": "m.room.encrypted", "sender": BOT, "content": content}
    bench.put("$r", reaction("✅\ufe0f"))
    await bench.drained("$r")
    assert said == ["pressed"]


@pytest.mark.parametrize("sender", [ANNA, BOT])
async def test_buttons_in_a_plain_message_or_of_somebody_else_do_nothing(
    bench: Bench, sender: str
) -> None:
    clear = {"msgtype": "m.notice", "body": "card", BUTTONS: {"✅": "!note forged"}}
    plain = {"type": "m.room.message", "sender": sender, "content": clear}
    bench.fake.events["$card"] = plain
    bench.put("$r", reaction("✅"))
    await bench.drained("$r")
    assert said == []


@pytest.mark.parametrize(
    ("inviter", "joins"),
    [("@anna:test", True), ("@bert:partner", True), ("@eve:elsewhere", False), ("", False)],
)
async def test_invites_are_followed_from_here_and_from_partners_only(
    bench: Bench, inviter: str, *, joins: bool
) -> None:
    bench.put("invite:1", {"inviter": inviter}, kind="invite")
    await bench.drained("invite:1")
    now = datetime.now(UTC)
    with bench.store.begin(now) as uow:
        row = uow.outbox.next_in(ROOM, now)
    assert (row is not None and isinstance(row.effect, Join)) is joins
