"""Outbox rows are sent in order within a room, and again without doing anything twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bots.kit.app import App
from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.context import Context, ServerFacts
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.pump import delivery
from bots.kit.pump.delivery import Delivery
from bots.kit.pump.effects import Effects
from bots.kit.pump.jobs import Jobs
from bots.kit.pump.views import RoomViews
from bots.kit.registry import Continuation
from tests.conditions import eventually
from wecreate_module.domain import effects as fx
from wecreate_module.storage.store import Store

BOT = "@wecreate:test"
Json = dict[str, Any]


CREATED: list[Json] = [
    {"type": "m.room.create", "state_key": "", "sender": BOT, "content": {"x": 1}},
    {"type": "m.room.member", "state_key": BOT, "sender": BOT, "content": {"membership": "join"}},
]
RULES: Json = {"type": "m.room.power_levels", "state_key": "", "sender": BOT, "content": {}}


class FakeHomeserver:
    """Remembers what was sent by transaction id, as Synapse does; fails as it is told."""

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str, Json]] = {}
        self.requests: list[str] = []
        self.trouble: list[Exception | Callable[[], None]] = []
        self.aliases: dict[str, str] = {}
        self.state: dict[str, list[Json]] = {}
        self.lose_answers = 0
        self.never_made: set[str] = set()
        self.left: list[str] = []
        self.looks: list[list[Json]] = []
        self.made = 0

    def _meet_trouble(self) -> None:
        if self.trouble:
            trouble = self.trouble.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            trouble()

    def _lose_answer(self) -> None:
        if self.lose_answers:
            self.lose_answers -= 1
            raise Unreachable("the answer was lost")

    async def send_event(self, room_id: str, type_: str, txn_id: str, content: Json) -> str:
        self.requests.append(txn_id)
        self._meet_trouble()
        self.sent.setdefault(txn_id, (room_id, type_, content))
        self._lose_answer()
        return f"${list(self.sent).index(txn_id)}"

    async def get_state(self, room_id: str) -> list[Json]:
        if room_id in self.never_made:
            raise MatrixError(403, "M_FORBIDDEN")
        if self.looks and room_id == "!new0":
            return self.looks.pop(0)
        return self.state.get(room_id, [*CREATED, RULES])

    async def create_room(self, body: Json) -> str:
        self._meet_trouble()
        alias = f"#{body['room_alias_name']}:test"
        if alias in self.aliases:
            raise MatrixError(400, "M_ROOM_IN_USE")
        self.aliases[alias] = f"!new{self.made}"
        self.made += 1
        self._lose_answer()
        return self.aliases[alias]

    async def resolve_alias(self, alias: str) -> Json:
        return {"room_id": self.aliases[alias]}

    async def delete_alias(self, alias: str) -> None:
        del self.aliases[alias]

    async def leave(self, room_id: str, reason: str = "") -> None:
        assert not reason
        self.left.append(room_id)

    def bodies(self, room_id: str) -> list[str]:
        return [content["body"] for room, _, content in self.sent.values() if room == room_id]


class FakeSealer:
    """Stands for the encryption: remembers by which rules it was asked to seal."""

    def __init__(self) -> None:
        self.rules: list[Mapping[str, Any]] = []

    async def encrypt(
        self, room_id: str, members: Collection[str], kind: str, content: Json, rules: Json
    ) -> Json:
        assert members
        self.rules.append(rules)
        return {"sealed": [room_id, kind, content]}


continued: list[Json] = []


def note_result(ctx: Context, effect: fx.Effect, result: Json) -> None:
    del ctx, effect
    continued.append(result)


@pytest.fixture(autouse=True)
def nothing_continued() -> None:
    continued.clear()


@asynccontextmanager
async def delivering(
    store: Store, fake: FakeHomeserver, sealer: FakeSealer | None = None
) -> AsyncIterator[Delivery]:
    homeserver = cast("Homeserver", fake)
    server = ServerFacts(server_name="test")
    app = App.assemble((), bot_user_id=BOT, server=server)
    continuations = {"test.noted": Continuation("test.noted", note_result)}
    object.__setattr__(app, "continuations", continuations)
    views = RoomViews(store, homeserver, BOT)
    effects = Effects(store, homeserver, cast("CryptoMachine", sealer), views, "test")
    delivery = Delivery(app, store, effects, lambda: None, Jobs())
    task = asyncio.create_task(delivery.run())
    delivery.wake()
    yield delivery
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def put(store: Store, *effects: fx.Effect, then: str | None = None) -> None:
    now = datetime.now(UTC)
    with store.begin(now) as uow:
        known = sum(uow.outbox.counts().values())
        for index, effect in enumerate(effects, start=known):
            origin = {"room_id": "!r", "sender": "@anna:test", "command": "box new"}
            uow.outbox.put(effect, key=f"k{index}", then=then, origin=origin)


def message(room_id: str, body: str) -> fx.Send:
    return fx.Send(room_id, {"msgtype": "m.notice", "body": body})


def counts(store: Store) -> dict[str, int]:
    with store.read(datetime.now(UTC)) as uow:
        return uow.outbox.counts()


async def emptied(store: Store) -> dict[str, int]:
    await eventually(lambda: not counts(store).get("new"))
    return counts(store)


async def test_a_rooms_messages_keep_their_order_when_the_server_asks_to_slow_down(
    store: Store,
) -> None:
    fake = FakeHomeserver()
    fake.trouble = [MatrixError(429, "M_LIMIT_EXCEEDED", retry_after_ms=30)]
    put(store, *(message("!a", str(n)) for n in range(5)))
    async with delivering(store, fake):
        assert await emptied(store) == {"done": 5}
    assert fake.bodies("!a") == ["0", "1", "2", "3", "4"]


async def test_a_lost_answer_repeats_the_same_transaction_and_not_the_message(
    store: Store,
) -> None:
    fake = FakeHomeserver()
    fake.lose_answers = 1
    put(store, message("!a", "once"))
    async with delivering(store, fake):
        await emptied(store)
    assert fake.bodies("!a") == ["once"]
    assert len(fake.requests) == 2
    assert len(set(fake.requests)) == 1


async def test_one_rooms_trouble_does_not_hold_up_another(store: Store) -> None:
    fake = FakeHomeserver()
    fake.trouble = [MatrixError(429, "M_LIMIT_EXCEEDED", retry_after_ms=60_000)]
    put(store, message("!a", "waits"))
    async with delivering(store, fake) as delivery:
        await eventually(lambda: fake.requests)
        put(store, message("!b", "goes"))
        delivery.wake()
        await eventually(lambda: fake.bodies("!b"))
    assert fake.bodies("!a") == []


async def test_what_is_refused_for_good_lets_the_next_message_pass(store: Store) -> None:
    fake = FakeHomeserver()
    fake.trouble = [MatrixError(403, "M_FORBIDDEN")]
    put(store, message("!a", "refused"), message("!a", "next"))
    async with delivering(store, fake):
        assert await emptied(store) == {"failed": 1, "done": 1}
    assert fake.bodies("!a") == ["next"]


@pytest.mark.parametrize(
    ("times", "ended", "said"),
    [
        pytest.param(1, {"done": 2}, ["first", "next"], id="once"),
        pytest.param(delivery.TRIES_OF_A_BROKEN, {"failed": 1, "done": 1}, ["next"], id="always"),
    ],
)
async def test_an_effect_that_breaks_is_tried_again_and_given_up_in_the_end(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    ended: dict[str, int],
    said: list[str],
) -> None:
    monkeypatch.setattr(delivery, "SHORTEST_PAUSE", timedelta(milliseconds=1))
    fake = FakeHomeserver()
    fake.trouble = [ValueError("a bug")] * times
    put(store, message("!a", "first"), message("!a", "next"))
    async with delivering(store, fake):
        assert await emptied(store) == ended
    assert fake.bodies("!a") == said


async def test_a_reply_outlives_a_token_that_is_no_longer_good(store: Store) -> None:
    fake = FakeHomeserver()
    fake.trouble = [MatrixError(401, "M_UNKNOWN_TOKEN")]
    put(store, message("!a", "kept"))
    async with delivering(store, fake):
        assert await emptied(store) == {"done": 1}
    assert fake.bodies("!a") == ["kept"]


async def test_a_room_whose_answer_was_lost_is_found_again_and_not_made_twice(
    store: Store,
) -> None:
    fake = FakeHomeserver()
    fake.lose_answers = 1
    put(store, fx.CreateRoom("request-1", {"initial_state": []}), then="test.noted")
    async with delivering(store, fake):
        await emptied(store)
    assert len(fake.aliases) == 1
    assert [result["room_id"] for result in continued] == ["!new0"]


async def test_a_room_that_a_killed_homeserver_made_by_half_is_made_anew(
    store: Store,
) -> None:
    fake = FakeHomeserver()
    fake.state["!new0"] = CREATED
    fake.lose_answers = 1
    put(store, fx.CreateRoom("request-3", {"initial_state": []}), then="test.noted")
    async with delivering(store, fake):
        await emptied(store)
    assert [result["room_id"] for result in continued] == ["!new1"]
    assert list(fake.aliases.values()) == ["!new1"]
    assert fake.left == ["!new0"]


async def test_an_address_without_a_room_does_not_keep_a_box_from_being_made(
    store: Store,
) -> None:
    fake = FakeHomeserver()
    fake.never_made = {"!new0"}
    fake.lose_answers = 1
    put(store, fx.CreateRoom("request-4", {"initial_state": []}), then="test.noted")
    async with delivering(store, fake):
        await emptied(store)
    assert [result["room_id"] for result in continued] == ["!new1"]
    assert fake.left == []


async def test_a_room_that_is_still_in_the_making_is_waited_for(store: Store) -> None:
    fake = FakeHomeserver()
    fake.lose_answers = 1
    fake.looks = [CREATED, CREATED, [*CREATED, RULES]]
    put(store, fx.CreateRoom("request-5", {"initial_state": []}), then="test.noted")
    async with delivering(store, fake):
        await emptied(store)
    assert [result["room_id"] for result in continued] == ["!new0"]


async def test_a_rooms_own_rule_for_new_keys_reaches_the_encryption(store: Store) -> None:
    rule = {"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 2}
    fake = FakeHomeserver()
    encryption = {"type": "m.room.encryption", "state_key": "", "sender": BOT, "content": rule}
    fake.state["!a"] = [*CREATED, RULES, encryption]
    sealer = FakeSealer()
    put(store, message("!a", "secret"))
    async with delivering(store, fake, sealer):
        await emptied(store)
    assert sealer.rules == [rule]


async def test_when_an_effect_is_refused_the_person_is_told(store: Store) -> None:
    fake = FakeHomeserver()
    fake.trouble = [MatrixError(403, "M_FORBIDDEN")]
    put(store, fx.CreateRoom("request-2", {"initial_state": []}), then="test.noted")
    async with delivering(store, fake):
        assert await emptied(store) == {"failed": 1, "done": 1}
    assert len(fake.bodies("!r")) == 1
    assert continued == []


async def test_a_button_goes_below_the_message_sent_before_it(store: Store) -> None:
    fake = FakeHomeserver()
    put(store, message("!a", "text"), fx.React("!a", "✅", to_previous=True))
    async with delivering(store, fake):
        await emptied(store)
    relation = [content for _, kind, content in fake.sent.values() if kind == "m.reaction"]
    assert relation == [
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0", "key": "✅"}}
    ]


async def test_a_row_served_twice_goes_on_once(store: Store) -> None:
    fake = FakeHomeserver()
    put(store, message("!a", "once"), then="test.noted")
    now = datetime.now(UTC)
    async with delivering(store, fake) as delivery:
        with store.read(now) as uow:
            stale = uow.outbox.next_in("!a", now)
        await emptied(store)
        assert stale is not None
        await eventually(lambda: not delivery.busy)
        delivery.offer(stale)
        await eventually(lambda: len(fake.requests) == 2)
        put(store, message("!a", "after"))
        delivery.wake()
        await eventually(lambda: fake.bodies("!a") == ["once", "after"])
    assert len(continued) == 1
