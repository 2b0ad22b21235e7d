from datetime import timedelta

from tests.contract.conftest import NOW, interrupted
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import inbox

ROOM, OTHER = "!a:x", "!b:x"


class TestInbox:
    def test_an_event_is_taken_once(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            assert uow.inbox.put("$1", ROOM, "m.room.message", {"body": "!hilfe"}, NOW)
            assert not uow.inbox.put("$1", ROOM, "m.room.message", {"body": "doppelt"}, NOW)
        with store.begin(NOW) as uow:
            assert not uow.inbox.put("$1", ROOM, "m.room.message", {"body": "doppelt"}, NOW)
            row = uow.inbox.next_new(ROOM)
            assert row is not None
            assert row.payload == {"body": "!hilfe"}
            assert (row.kind, row.status, row.attempts) == ("m.room.message", "new", 0)
            assert (row.received_at, row.told) == (NOW, False)

    def test_a_finished_event_is_known_but_empty(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.inbox.put("$1", ROOM, "m", {"body": "geheim"})
            uow.inbox.finish("$1")
            assert not uow.inbox.put("$1", ROOM, "m", {"body": "geheim"})
            assert uow.inbox.next_new(ROOM) is None
            row = uow.inbox.get("$1")
            assert row is not None
            assert (row.status, row.payload) == ("done", {})

    def test_events_of_a_room_come_in_order(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            for number in (3, 1, 2):
                uow.inbox.put(f"${number}", ROOM, "m", {})
            uow.inbox.put("$x", OTHER, "m", {})
            order = []
            while row := uow.inbox.next_new(ROOM):
                order.append(row.event_id)
                uow.inbox.finish(row.event_id)
            assert order == ["$3", "$1", "$2"]
            assert uow.inbox.rooms_with_work() == [OTHER]

    def test_rooms_with_work_are_those_with_new_events_the_longest_waiting_first(
        self, store: Store
    ) -> None:
        with store.begin(NOW) as uow:
            uow.inbox.put("$1", OTHER, "m", {})
            uow.inbox.put("$2", ROOM, "m", {})
            uow.inbox.put("$3", OTHER, "m", {})
            uow.inbox.put("$4", "!c:x", "m", {})
            uow.inbox.finish("$4", "failed")
            assert uow.inbox.rooms_with_work() == [OTHER, ROOM]

    def test_an_event_without_its_key_waits_and_holds_nobody_up(self, store: Store) -> None:
        until = NOW + timedelta(minutes=1)
        with store.begin(NOW) as uow:
            uow.inbox.put("$1", ROOM, "m", {"ciphertext": "…"})
            uow.inbox.put("$2", ROOM, "m", {})
            uow.inbox.wait("$1", "session", until)
            row = uow.inbox.next_new(ROOM)
            assert row is not None
            assert row.event_id == "$2"
        with store.begin(NOW) as uow:
            [waiting] = uow.inbox.waiting()
            assert waiting.payload == {"ciphertext": "…"}
            assert (waiting.session_id, waiting.retry_at, waiting.attempts) == ("session", until, 1)
            assert uow.inbox.waiting(["other"]) == []
            assert uow.inbox.waiting([]) == []
            assert uow.inbox.waiting(["other", "session"]) == [waiting]

    def test_a_woken_event_is_new_again_and_first_in_its_room(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.inbox.put("$1", ROOM, "m", {})
            uow.inbox.put("$2", ROOM, "m", {})
            uow.inbox.wait("$1", "session", NOW)
            uow.inbox.mark_told("$1")
            uow.inbox.wake("$1")
            row = uow.inbox.next_new(ROOM)
            assert row is not None
            assert (row.event_id, row.status, row.told) == ("$1", "new", True)

    def test_a_finished_event_is_not_woken(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.inbox.put("$1", ROOM, "m", {})
            uow.inbox.finish("$1")
            uow.inbox.wake("$1")
            assert uow.inbox.next_new(ROOM) is None

    def test_what_a_rolled_back_transaction_took_is_not_there(self, store: Store) -> None:
        with interrupted(store.begin(NOW)) as uow:
            uow.inbox.put("$1", ROOM, "m", {})
        with store.begin(NOW) as uow:
            assert uow.inbox.put("$1", ROOM, "m", {})

    def test_an_event_that_can_not_be_read_holds_nobody_up(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.inbox.put("$1", ROOM, "m", {})
            uow.inbox.put("$2", ROOM, "m", {})
            broken = inbox.update().where(inbox.c.event_id == "$1").values(sealed=b"x" * 50)
            uow.inbox._connection.execute(broken)
            row = uow.inbox.next_new(ROOM)
            assert row is not None
            assert row.event_id == "$2"
            assert uow.inbox.counts() == {"failed": 1, "new": 1}

    def test_only_what_ended_long_ago_is_pruned(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            for name in ("$old", "$new"):
                uow.inbox.put(name, ROOM, "m", {})
            uow.inbox.finish("$old")
        with store.begin(NOW + timedelta(days=40)) as uow:
            assert uow.inbox.prune(NOW) == 0
            assert uow.inbox.prune(NOW + timedelta(days=1)) == 1
            assert uow.inbox.get("$old") is None
            assert uow.inbox.counts() == {"new": 1}

    def test_any_json_survives(self, store: Store) -> None:
        odd = {"": [None, True, 1.5, 10**30, "\x00\ud83d\ude00\ud800"], "ü": {"a": {"b": []}}}
        with store.begin(NOW) as uow:
            uow.inbox.put("$1", ROOM, "m", odd)
            row = uow.inbox.next_new(ROOM)
            assert row is not None
            assert row.payload == odd
