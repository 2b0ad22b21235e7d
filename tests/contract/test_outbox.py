from datetime import timedelta

import pytest

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import (
    CreateRoom,
    DestroyKey,
    Effect,
    Invite,
    Join,
    Leave,
    React,
    Redact,
    Send,
    SendFile,
    SetState,
)
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import outbox

ROOM, OTHER = "!a:x", "!b:x"
EVERY_EFFECT: list[Effect] = [
    Send(ROOM, {"body": "Hallo"}, pin=True),
    React(ROOM, "✅", to_previous=True),
    Redact(ROOM, "$1", "weg"),
    SetState(ROOM, "m.room.name", {"name": "Fest"}),
    CreateRoom("r1", {"name": "Fest"}),
    Invite(ROOM, ("@ben:x", "@cem:x")),
    Join(ROOM, ("x", "y")),
    Leave(ROOM),
    SendFile(ROOM, "a.zip", "application/zip", "AAAA", {"info": 1}),
    DestroyKey("box1", ROOM),
]


def say(text: str, room_id: str = ROOM) -> Send:
    return Send(room_id, {"body": text})


class TestOutbox:
    @pytest.mark.parametrize("effect", EVERY_EFFECT, ids=lambda effect: type(effect).__name__)
    def test_every_effect_comes_back_as_it_was(
        self, store: Store, box: Box, effect: Effect
    ) -> None:
        origin, extra = {"room_id": ROOM}, {"n": 1}
        with store.begin(NOW) as uow:
            put = uow.outbox.put(
                effect, key="k:0", box_id=box.id, then="go.on", origin=origin, extra=extra
            )
        with store.begin(NOW) as uow:
            [row] = uow.outbox.due(10, NOW)
            assert row.effect == effect
            assert (row.id, row.key, row.then, row.origin, row.extra) == (
                put,
                "k:0",
                "go.on",
                origin,
                extra,
            )
            assert (row.attempts, row.status, row.box_id) == (0, "new", box.id)
            assert uow.outbox.get(put) == row

    def test_a_known_key_queues_nothing_again(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            first = uow.outbox.put(say("eins"), key="k")
            assert uow.outbox.put(say("zwei"), key="k") == first
            [row] = uow.outbox.due(10, NOW)
            assert row.effect == say("eins")
            uow.outbox.done(first, "$1")
        with store.begin(NOW) as uow:
            assert uow.outbox.put(say("drei"), key="k") == first
            assert uow.outbox.due(10, NOW) == []

    def test_the_transaction_id_belongs_to_the_key(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.outbox.put(say("eins"), key="a")
            uow.outbox.put(say("zwei", OTHER), key="b")
            one, two = uow.outbox.due(10, NOW)
            assert one.txn_id != two.txn_id
            uow.outbox.retry(one.id, NOW, "429")
            assert uow.outbox.due(10, NOW)[0].txn_id == one.txn_id

    def test_a_room_gives_only_its_first_unfinished_row(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            a1 = uow.outbox.put(say("a1"), key="a1")
            a2 = uow.outbox.put(say("a2"), key="a2")
            b1 = uow.outbox.put(say("b1", OTHER), key="b1")
            assert [row.id for row in uow.outbox.due(10, NOW)] == [a1, b1]
            assert uow.outbox.done(a1, "$1")
            assert [row.id for row in uow.outbox.due(10, NOW)] == [a2, b1]
            uow.outbox.fail(a2, "M_FORBIDDEN")
            assert [row.id for row in uow.outbox.due(10, NOW)] == [b1]

    def test_a_row_put_off_holds_its_room_up_and_no_other(self, store: Store) -> None:
        later = NOW + timedelta(seconds=5)
        with store.begin(NOW) as uow:
            a1 = uow.outbox.put(say("a1"), key="a1")
            uow.outbox.put(say("a2"), key="a2")
            b1 = uow.outbox.put(say("b1", OTHER), key="b1")
            uow.outbox.retry(a1, later, "M_LIMIT_EXCEEDED")
            assert [row.id for row in uow.outbox.due(10, NOW)] == [b1]
            assert uow.outbox.next_due() == later
            [first, _] = uow.outbox.due(10, later)
            assert (first.id, first.attempts) == (a1, 1)

    def test_a_row_can_be_put_for_later(self, store: Store) -> None:
        later = NOW + timedelta(seconds=5)
        with store.begin(NOW) as uow:
            uow.outbox.put(say("a1"), key="a1", not_before=later)
            assert uow.outbox.due(10, NOW) == []
            assert len(uow.outbox.due(10, later)) == 1

    def test_new_rooms_do_not_wait_for_each_other(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            for name in ("r1", "r2"):
                uow.outbox.put(CreateRoom(name, {}), key=name)
            first, second = uow.outbox.due(10, NOW)
            assert (first.room_id, second.room_id) == ("", "")
            uow.outbox.retry(first.id, NOW + timedelta(hours=1), "M_UNKNOWN")
            assert [row.id for row in uow.outbox.due(10, NOW)] == [second.id]

    def test_rows_being_worked_on_are_left_out_and_still_hold_up_their_room(
        self, store: Store
    ) -> None:
        with store.begin(NOW) as uow:
            a1 = uow.outbox.put(say("a1"), key="a1")
            uow.outbox.put(say("a2"), key="a2")
            b1 = uow.outbox.put(say("b1", OTHER), key="b1")
            assert [row.id for row in uow.outbox.due(1, NOW, busy={a1})] == [b1]
            assert uow.outbox.due(5, NOW, busy={a1, b1}) == []

    def test_a_row_ends_once(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            row = uow.outbox.put(say("a"), key="a")
            assert uow.outbox.done(row, "$1", {"ok": True})
            assert not uow.outbox.done(row, "$2")
            assert not uow.outbox.fail(row, "zu spät")
            assert uow.outbox.get(row) is None
            assert uow.outbox.counts() == {"done": 1}

    def test_a_reaction_finds_the_message_put_before_it(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            message = uow.outbox.put(say("a"), key="a")
            first = uow.outbox.put(React(ROOM, "✅", to_previous=True), key="b")
            second = uow.outbox.put(React(ROOM, "🙋", to_previous=True), key="c")
        with store.begin(NOW) as uow:
            # Meanwhile something else was said in the room.
            uow.outbox.done(uow.outbox.put(say("x"), key="x"), "$x")
            uow.outbox.done(message, "$a")
            rows = [uow.outbox.get(row) for row in (first, second)]
            assert [row and uow.outbox.event_id_before(row) for row in rows] == ["$a", "$a"]

    def test_a_reaction_without_a_message_finds_none(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.outbox.done(uow.outbox.put(say("x", OTHER), key="x"), "$x")
            put = uow.outbox.put(React(ROOM, "✅", to_previous=True), key="b")
            row = uow.outbox.get(put)
            assert row is not None
            assert uow.outbox.event_id_before(row) is None

    def test_rows_of_a_destroyed_box_fail_and_hold_nobody_up(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.outbox.put(say("geheim"), key="a", box_id=box.id)
            uow.outbox.put(Leave(ROOM), key="b", box_id=box.id)
            uow.outbox.put(DestroyKey(box.id, ROOM), key="c", box_id=box.id)
        store.keys.destroy(box.id)
        with store.begin(NOW) as uow:
            [row] = uow.outbox.due(10, NOW)
            assert row.effect == Leave(ROOM)
            uow.outbox.done(row.id, None)
            [row] = uow.outbox.due(10, NOW)
            assert row.effect == DestroyKey(box.id, ROOM)
            assert uow.outbox.counts() == {"done": 1, "failed": 1, "new": 1}

    def test_a_row_that_can_not_be_read_holds_nobody_up(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            for name in ("broken", "unknown", "fine"):
                uow.outbox.put(say(name), key=name)
            connection = uow.outbox._connection
            odd = store.keys.seal_json("server", "outbox:unknown", {"effect": {"kind": "Fly"}})
            for name, sealed in (("broken", b"x" * 50), ("unknown", odd)):
                connection.execute(
                    outbox.update().where(outbox.c.key == name).values(sealed=sealed)
                )
            assert [row.key for row in uow.outbox.due(10, NOW)] == ["fine"]
            assert uow.outbox.counts() == {"failed": 2, "new": 1}

    def test_only_what_ended_long_ago_is_pruned(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.outbox.done(uow.outbox.put(say("a"), key="a"), "$1")
            uow.outbox.put(say("b"), key="b")
        with store.begin(NOW) as uow:
            assert uow.outbox.prune(NOW + timedelta(days=1)) == 1
            assert [row.key for row in uow.outbox.due(10, NOW)] == ["b"]
