from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.contract.conftest import BOX, NOW
from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.domain.effects import Send
from wecreate_module.domain.tasks import Task
from wecreate_module.storage.dialogues import Dialogue
from wecreate_module.storage.errors import KeyDestroyed
from wecreate_module.storage.rooms import Member, Room
from wecreate_module.storage.store import Store


class TestBoxes:
    def test_a_box_is_found_by_its_id_and_its_room(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            assert uow.boxes.get(box.id) == box
            assert uow.boxes.by_room(box.room_id) == box
            assert uow.boxes.get("other") is None
            assert uow.boxes.by_room("!other:x") is None
            assert uow.boxes.all() == [box]

    def test_a_room_is_one_box_only(self, store: Store, box: Box) -> None:
        with pytest.raises(IntegrityError), store.begin(NOW) as uow:
            uow.boxes.add(replace(box, id="second"))

    def test_boxes_are_listed_by_age(self, store: Store, box: Box) -> None:
        older = replace(box, id="z", room_id="!z:x", created_at=NOW - timedelta(days=1))
        with store.begin(NOW) as uow:
            uow.boxes.add(older)
            assert uow.boxes.all() == [older, box]

    def test_an_update_changes_everything_but_the_revision(self, store: Store, box: Box) -> None:
        changed = replace(
            box,
            name="Sommerfest ☀",
            language="en",
            timezone="Europe/Lisbon",
            state=BoxState.ARCHIVED,
            adopted=True,
        )
        with store.begin(NOW) as uow:
            uow.boxes.bump(box.id)
            uow.boxes.update(replace(changed, revision=99))
            assert uow.boxes.get(box.id) == replace(changed, revision=1)

    def test_the_revision_counts_up(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            assert [uow.boxes.bump(box.id) for _ in range(3)] == [1, 2, 3]
            with pytest.raises(KeyError):
                uow.boxes.bump("other")

    def test_only_joined_members_have_a_box(self, store: Store, box: Box) -> None:
        people = [
            Member("@anna:x.org"),
            Member("@ben:x.org", "invite"),
            Member("@cem:x.org", "leave"),
        ]
        with store.begin(NOW) as uow:
            uow.rooms.set_members(box.room_id, people)
            assert uow.boxes.of_member("@anna:x.org") == [box]
            assert uow.boxes.of_member("@ben:x.org") == []
            assert uow.boxes.of_member("@cem:x.org") == []

    def test_a_live_message_is_kept_until_it_is_unset(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            assert uow.boxes.live_message(box.id, "tasks") is None
            uow.boxes.set_live_message(box.id, "tasks", "$1")
            uow.boxes.set_live_message(box.id, "tasks", "$2")
            assert uow.boxes.live_message(box.id, "tasks") == "$2"
            assert uow.boxes.live_message(box.id, "events") is None
            uow.boxes.set_live_message(box.id, "tasks", None)
            assert uow.boxes.live_message(box.id, "tasks") is None

    def test_a_deleted_box_leaves_no_row(self, store: Store, box: Box) -> None:
        task = Task(1, "uid", "Kuchen", "@anna:x.org", NOW)
        with store.begin(NOW) as uow:
            uow.boxes.set_live_message(box.id, "tasks", "$1")
            uow.tasks.add(box.id, replace(task, number=uow.tasks.next_number(box.id)))
            uow.schedule.put(NOW, "tasks.remind", key="k", box_id=box.id, subject="task:1")
            uow.dialogues.save(Dialogue(box.room_id, "@anna:x.org", {}, NOW + timedelta(days=1)))
        with store.begin(NOW) as uow:
            uow.boxes.delete(box.id)
            uow.boxes.delete(box.id)
            assert uow.boxes.all() == []
            assert uow.boxes.live_message(box.id, "tasks") is None
            assert uow.tasks.list(box.id) == []
            assert uow.journal.of_box(box.id) == []
            assert uow.schedule.due(NOW, 10) == []
            assert uow.dialogues.get(box.room_id, "@anna:x.org") is None

    def test_a_last_word_can_be_said_in_the_room_of_a_deleted_box(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            uow.rooms.save(Room(box.room_id, encrypted=True, name="Gartenfest"))
            uow.rooms.set_member(box.room_id, "@anna:x.org", "join", "Anna")
            uow.boxes.delete(box.id)
            uow.outbox.put(Send(box.room_id, {"body": "Tschüss"}), key="a", box_id=box.id)
        with store.begin(NOW) as uow:
            room = uow.rooms.get(box.room_id)
            assert room is not None
            assert room.encrypted
            assert room.name is None
            assert uow.rooms.members(box.room_id) == [Member("@anna:x.org")]
            assert [row.key for row in uow.outbox.due(10, NOW)] == ["a"]
        store.keys.destroy(box.id)
        with store.begin(NOW) as uow:
            assert uow.rooms.get(box.room_id) == room

    def test_a_destroyed_key_can_not_be_brought_back_by_a_new_box(self, store: Store) -> None:
        store.keys.destroy(BOX.id)
        with pytest.raises(KeyDestroyed), store.begin(NOW) as uow:
            uow.boxes.add(BOX)
