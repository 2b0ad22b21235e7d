from datetime import timedelta

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.storage.dialogues import Dialogue
from wecreate_module.storage.store import Store

DAY = timedelta(days=1)


class TestDialogues:
    def test_a_dialogue_is_of_one_person_in_one_room(self, store: Store, box: Box) -> None:
        asked = Dialogue(box.room_id, "@anna:x", {"ask": "number", "known": [1, "ü"]}, NOW + DAY)
        with store.begin(NOW) as uow:
            uow.dialogues.save(asked)
        with store.begin(NOW) as uow:
            assert uow.dialogues.get(box.room_id, "@anna:x") == asked
            assert uow.dialogues.get(box.room_id, "@ben:x") is None
            assert uow.dialogues.get("!other:x", "@anna:x") is None

    def test_a_new_question_takes_the_place_of_the_old(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            for step in (1, 2):
                uow.dialogues.save(Dialogue("!r:x", "@anna:x", {"step": step}, NOW + DAY))
            found = uow.dialogues.get("!r:x", "@anna:x")
            assert found is not None
            assert found.state == {"step": 2}

    def test_a_dialogue_ends(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.dialogues.save(Dialogue("!r:x", "@anna:x", {}, NOW + DAY))
            uow.dialogues.end("!r:x", "@anna:x")
            uow.dialogues.end("!r:x", "@anna:x")
            assert uow.dialogues.get("!r:x", "@anna:x") is None

    def test_a_dialogue_that_expired_is_none(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.dialogues.save(Dialogue("!r:x", "@anna:x", {}, NOW + DAY))
        with store.begin(NOW + DAY) as uow:
            assert uow.dialogues.get("!r:x", "@anna:x") is None
