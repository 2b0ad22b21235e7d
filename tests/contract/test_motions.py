from __future__ import annotations

from dataclasses import replace

from tests.contract.conftest import NOW
from wecreate_module.domain.amendments import Amendment, AmendmentKind, AmendmentState
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.motions import Cosignature, Motion, MotionState, Version
from wecreate_module.storage.store import Store

WORDS = Version(1, "Mehr Bäume", {"text": "Zwölf Linden.", "reason": "Schatten 🌳"}, "@a:x", NOW)
PLAIN = Motion(1, "general", WORDS, "@a:x", NOW)
FULL = replace(
    PLAIN,
    state=MotionState.SUBMITTED,
    substance=1,
    cosigners=(Cosignature("@b:x", 1, NOW),),
    amendments=(
        Amendment(
            1, 1, AmendmentKind.REPLACE, 1, 1, "Elf.", "@b:x", NOW, "weniger",
            AmendmentState.ADOPTED, 2, ("@c:x",),
        ),
    ),
    submitted_at=NOW,
    decided_at=NOW,
    body_number="VII-A-1",
    remark="vertagt",
)  # fmt: skip


class TestMotions:
    def test_a_motion_comes_back_as_it_was(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            first = uow.motions.add(box.id, PLAIN)
            second = uow.motions.add(box.id, replace(FULL, number=2))
        with store.begin(NOW) as uow:
            assert uow.motions.get(box.id, 1) == first
            assert uow.motions.get(box.id, 2) == second
            assert uow.motions.get(box.id, 3) is None
            assert uow.motions.list(box.id) == [first, second]
            assert uow.motions.list(box.id, (MotionState.DRAFT,)) == [first]

    def test_every_version_is_kept(self, store: Store, box: Box) -> None:
        newer = replace(WORDS, number=2, sections={"text": "Elf Linden."})
        with store.begin(NOW) as uow:
            motion = uow.motions.add(box.id, PLAIN)
            uow.motions.update(box.id, replace(motion, version=newer), "@b:x", "changed")
        with store.begin(NOW) as uow:
            assert uow.motions.version(box.id, 1, 1) == WORDS
            assert uow.motions.version(box.id, 1, 2) == newer
            assert uow.motions.version(box.id, 1, 3) is None

    def test_numbers_are_motions_own(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            assert uow.tasks.next_number(box.id) == 1
            assert [uow.motions.next_number(box.id) for _ in range(2)] == [1, 2]

    def test_each_write_counts_the_box_up_and_stands_in_the_journal(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            motion = uow.motions.add(box.id, PLAIN)
            changed = uow.motions.update(box.id, motion, "@b:x", "cosigned")
            entries = uow.journal.of_box(box.id)
        assert changed.revision == motion.revision + 1
        assert [entry.kind for entry in entries] == ["motion.added", "motion.cosigned"]
        assert entries[1].actor == "@b:x"

    def test_a_deleted_box_takes_its_motions_with_it(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.motions.add(box.id, PLAIN)
            uow.boxes.delete(box.id)
        with store.begin(NOW) as uow:
            assert uow.motions.list(box.id) == []
            assert uow.motions.version(box.id, 1, 1) is None
