from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.amendments import (
    Amendment,
    AmendmentKind,
    AmendmentState,
    Wish,
    edit_of,
    merged,
)
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.checks import Level, check
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, MotionState, Version
from wecreate_module.services import amendments, motions
from wecreate_module.services.bodies import shipped_bodies
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ANNA, BEN = "@anna:x", "@ben:x"
BOX = Box("box1", "!b", "Linden", "de", "Europe/Berlin", ANNA, NOW)
TEXT = "Eins.\nZwei.\nDrei.\nVier.\nFünf."
REPLACE, DELETE, INSERT = AmendmentKind.REPLACE, AmendmentKind.DELETE, AmendmentKind.INSERT


@pytest.fixture
def uow(store: Store) -> Iterator[UnitOfWork]:
    with store.begin(NOW) as opened:
        opened.boxes.add(BOX)
        yield opened


@pytest.fixture
def motion(uow: UnitOfWork) -> Motion:
    body = shipped_bodies().find("allgemein")
    motions.add_motion(uow, BOX, body, "Zwölf Linden", actor=ANNA)
    return motions.set_section(uow, BOX, 1, "text", TEXT, actor=ANNA)


def text(uow: UnitOfWork) -> str:
    return motions.get_motion(uow, BOX, 1).version.text


def code(caught: pytest.ExceptionInfo[UserError]) -> str:
    return caught.value.code


@pytest.mark.usefixtures("motion")
def test_two_people_who_edit_at_once_lose_nothing(uow: UnitOfWork) -> None:
    """Both looked at version 2; the second edit follows its lines."""
    motions.edit_lines(uow, BOX, 1, Wish(INSERT, 0, 0, "Null."), actor=ANNA, seen=2)
    motions.edit_lines(uow, BOX, 1, Wish(REPLACE, 4, 4, "4."), actor=BEN, seen=2)
    assert text(uow) == "Null.\nEins.\nZwei.\nDrei.\n4.\nFünf."
    with pytest.raises(UserError) as caught:
        motions.edit_lines(uow, BOX, 1, Wish(DELETE, 4, 4), actor=ANNA, seen=2)
    assert (code(caught), caught.value.params["line"]) == ("lines-changed", 5)
    assert [uow.motions.version(BOX.id, 1, n) is not None for n in range(1, 6)] == (
        [True] * 4 + [False]
    )


@pytest.mark.usefixtures("motion")
def test_amendments_are_adopted_together_or_not_at_all(uow: UnitOfWork) -> None:
    amendments.amend(uow, BOX, 1, Wish(REPLACE, 1, 1, "1."), actor=BEN)
    amendments.amend(uow, BOX, 1, Wish(DELETE, 3, 4), actor=BEN)
    amendments.amend(uow, BOX, 1, Wish(REPLACE, 4, 4, "4."), actor=ANNA)
    assert amendments.colliding(uow, BOX, motions.get_motion(uow, BOX, 1)) == [(2, 3)]
    with pytest.raises(UserError) as caught:
        amendments.adopt(uow, BOX, 1, (1, 2, 3), actor=ANNA)
    assert code(caught) == "amendments-collide"
    assert text(uow) == TEXT
    changed = amendments.adopt(uow, BOX, 1, (2, 1), actor=ANNA)
    assert text(uow) == "1.\nZwei.\n\nFünf."
    assert changed.version.note == "Ä1, Ä2"
    assert changed.amendment(1).adopted_in == changed.version.number
    with pytest.raises(UserError) as caught:
        amendments.adopt(uow, BOX, 1, (3,), actor=ANNA)
    assert (code(caught), caught.value.params["line"]) == ("amendment-outdated", 2)
    amendments.reject(uow, BOX, 1, (3,), actor=ANNA)
    with pytest.raises(UserError) as caught:
        amendments.adopt(uow, BOX, 1, (3,), actor=ANNA)
    assert code(caught) == "amendment-settled"
    assert motions.get_motion(uow, BOX, 1).amendment(3).state is AmendmentState.REJECTED


@pytest.mark.usefixtures("motion")
def test_an_amendment_to_an_older_version_follows_its_lines(uow: UnitOfWork) -> None:
    amendments.amend(uow, BOX, 1, Wish(REPLACE, 5, 5, "Ende."), actor=BEN)
    motions.edit_lines(uow, BOX, 1, Wish(INSERT, 1, 1, "Anderthalb."), actor=ANNA)
    amendments.adopt(uow, BOX, 1, (1,), actor=ANNA)
    assert text(uow) == "Eins.\nAnderthalb.\nZwei.\nDrei.\nVier.\nEnde."


@pytest.mark.usefixtures("motion")
def test_amendments_to_lines_that_are_not_there_are_refused(uow: UnitOfWork) -> None:
    with pytest.raises(UserError) as caught:
        amendments.amend(uow, BOX, 1, Wish(REPLACE, 4, 9, "x"), actor=BEN)
    assert code(caught) == "line-not-found"
    with pytest.raises(UserError) as caught:
        amendments.amend(uow, BOX, 1, Wish(REPLACE, 1, 1, " "), actor=BEN)
    assert code(caught) == "empty-text"
    assert motions.get_motion(uow, BOX, 1).amendments == ()


@pytest.mark.usefixtures("motion")
def test_a_whole_changed_text_becomes_amendments_that_lead_to_it(uow: UnitOfWork) -> None:
    wanted = "Null.\nEins.\n2.\nDrei.\nFünf.\nSechs.\nSieben."
    _, made = amendments.amend_by_text(uow, BOX, 1, wanted, actor=BEN)
    assert [each.kind for each in made] == [INSERT, REPLACE, DELETE, INSERT]
    amendments.adopt(uow, BOX, 1, [each.number for each in made], actor=ANNA)
    assert [line for line in text(uow).split("\n") if line] == wanted.split("\n")
    with pytest.raises(UserError) as caught:
        amendments.amend_by_text(uow, BOX, 1, text(uow), actor=BEN)
    assert code(caught) == "nothing-changed"
    every_second = "\n".join(f"{n}\nneu" for n in range(40))
    motions.set_section(uow, BOX, 1, "text", "\n".join(map(str, range(40))), actor=BEN)
    with pytest.raises(UserError) as caught:
        amendments.amend_by_text(uow, BOX, 1, every_second, actor=BEN)
    assert code(caught) == "too-much-changed"


@given(st.lists(st.sampled_from("abcdef"), max_size=8), st.lists(st.sampled_from("abcdef")))
def test_the_changes_between_two_texts_give_the_second_one(old: list[str], new: list[str]) -> None:
    version = Version(1, "T", {"text": "\n".join(old)}, ANNA, NOW)
    edits = [
        edit_of(
            Amendment(at, 1, wish.kind, wish.first, wish.last, wish.text, ANNA, NOW), version.lines
        )
        for at, wish in enumerate(amendments.wishes_between(version, "\n".join(new)))
    ]
    assert [line for line in merged(version.text, edits).split("\n") if line] == new


@pytest.mark.usefixtures("motion")
def test_versions_are_compared_section_by_section(uow: UnitOfWork) -> None:
    motions.set_section(uow, BOX, 1, "reason", "Schatten.", actor=BEN)
    motions.edit_lines(uow, BOX, 1, Wish(REPLACE, 2, 2, "2."), actor=BEN)
    found = motions.compare(uow, BOX, 1, 2, 4)
    assert [each.section for each in found] == ["text", "reason"]
    assert motions.compare(uow, BOX, 1, 3, 3) == []
    with pytest.raises(UserError) as caught:
        motions.compare(uow, BOX, 1, 2, 9)
    assert code(caught) == "version-not-found"


@pytest.mark.usefixtures("motion")
def test_what_i_still_have_to_sign(uow: UnitOfWork) -> None:
    assert [each.number for each in motions.unsigned(uow, BOX, BEN)] == [1]
    motions.cosign(uow, BOX, 1, actor=BEN)
    assert motions.unsigned(uow, BOX, BEN) == []
    motions.edit_lines(uow, BOX, 1, Wish(DELETE, 2, 2), actor=ANNA)
    assert [each.number for each in motions.unsigned(uow, BOX, BEN)] == [1]


@pytest.mark.usefixtures("motion")
def test_what_was_handed_in_takes_no_amendments(uow: UnitOfWork) -> None:
    motions.set_state(uow, BOX, 1, MotionState.SUBMITTED, actor=ANNA)
    with pytest.raises(UserError) as caught:
        amendments.amend(uow, BOX, 1, Wish(DELETE, 1, 1), actor=BEN)
    assert code(caught) == "motion-frozen"
    motions.set_state(uow, BOX, 1, MotionState.ADOPTED, actor=ANNA, body_number="VII-A-1")
    assert motions.get_motion(uow, BOX, 1).body_number == "VII-A-1"


class TestCheck:
    def findings(self, uow: UnitOfWork, body: str, **sections: str) -> dict[str, int | None]:
        found = shipped_bodies().find(body)
        number = motions.add_motion(uow, BOX, found, "Titel", actor=ANNA).number
        for key, words in sections.items():
            motions.set_section(uow, BOX, number, key, words, actor=ANNA)
        motion = motions.get_motion(uow, BOX, number)
        findings = check(motion, found, date(2026, 11, 22))
        return {each.code: each.line for each in findings if each.level is not Level.HINT}

    def test_what_the_body_asks_for_must_be_there(self, uow: UnitOfWork) -> None:
        assert self.findings(uow, "stadtrat", text="1. Ja.") == {"section-missing": None}
        assert self.findings(uow, "stadtrat", text="1. Ja.", reason="Darum.") == {}

    def test_slips_are_shown_with_their_lines(self, uow: UnitOfWork) -> None:
        slips = "Der Landesparteitag möge beschließen:\nMehr **Bäume**.\nKosten: ??? Euro."
        found = self.findings(uow, "LPT", mover="OV", text=slips, reason="x")
        assert found == {"prefix-doubled": 1, "not-plain": 2, "unfinished": 3}

    def test_a_text_that_is_too_long_is_shown_with_the_line(self, uow: UnitOfWork) -> None:
        found = self.findings(uow, "Stadtbezirksbudget", text="Wort und Satz. " * 400)
        assert found["section-too-long"] is not None

    def test_cost_and_finance_plan_must_balance(self, uow: UnitOfWork) -> None:
        plan = {"costs": "Sachkosten 800\nHonorare 1.200,50 €", "finance": "Antrag: 2000,50 EUR"}
        assert "plan-unbalanced" not in self.findings(uow, "Stadtbezirksbudget", **plan)
        plan["finance"] = "Antrag 1.999\nSpenden"
        found = self.findings(uow, "Stadtbezirksbudget", **plan)
        assert {"plan-unbalanced", "no-amount"} <= found.keys()

    def test_co_signers_are_counted(self, uow: UnitOfWork) -> None:
        found = self.findings(uow, "Initiativantrag Brandenburg", mover="x", text="x", reason="x")
        assert found == {"cosigners-missing": None}
        motions.cosign(uow, BOX, 1, actor=BEN)
        motion = motions.get_motion(uow, BOX, 1)
        body = shipped_bodies().get(motion.body)
        assert body is not None
        codes = {each.code for each in check(motion, body, NOW.date())}
        assert {"cosigners-missing", "chapters-missing"} <= codes
