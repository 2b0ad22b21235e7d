"""The life of a listing, driven at random; what counts as another text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_lives import (
    OfficialAnswer,
    born,
    changes_substance,
    from_json,
    is_open,
    take_step,
    to_json,
    way_to_box,
)
from wecreate_module.domain.listings import (
    Kind,
    Listing,
    Status,
    next_statuses,
    read_status,
    status_word,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LISTING = Listing(
    "!l", "x.org", Kind.IDEA, "Radweg am Kanal", "Zwei Meter breit, ohne Schotter.", NOW
)
ENDED = {Status.DONE, Status.REJECTED, Status.WITHDRAWN, Status.ARCHIVED}


class LifeMachine(RuleBasedStateMachine):
    """Any steps in any order, with kills (stored and read again) between them."""

    @initialize(kind=st.sampled_from(Kind))
    def publish(self, kind: Kind) -> None:
        self.listing = replace(LISTING, kind=kind)
        self.life = born(self.listing)
        self.now = NOW
        self.taken = [Status.IDEA]

    @rule(wanted=st.sampled_from(Status), hours=st.integers(0, 500))
    def step(self, wanted: Status, hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = (self.listing, self.life)
        legal = wanted in next_statuses(self.listing)
        try:
            self.listing, self.life = take_step(self.listing, self.life, wanted, self.now)
        except UserError:
            assert not legal
            assert (self.listing, self.life) == before
        else:
            assert legal
            self.taken.append(wanted)

    @precondition(lambda self: bool(way_to_box(self.listing)))
    @rule()
    def get_a_box(self) -> None:
        for status in way_to_box(self.listing):
            self.step(status, 0)
        assert self.listing.status is Status.BOX

    @rule(text=st.text(max_size=20))
    def answered(self, text: str) -> None:
        given = OfficialAnswer("Stadt", text, self.now)
        self.life = replace(self.life, answers=(given,), addressee="Stadt")

    @rule()
    def killed(self) -> None:
        self.life = from_json(self.life.room_id, self.life.box_id, to_json(self.life))

    @invariant()
    def the_steps_are_those_that_were_taken_in_their_order(self) -> None:
        assert [step.status for step in self.life.steps] == self.taken
        days = [step.at for step in self.life.steps]
        assert days == sorted(days)
        assert len(set(self.taken)) == len(self.taken)
        assert self.life.steps[-1].status is self.listing.status

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        if self.listing.status in ENDED:
            assert next_statuses(self.listing) <= {Status.ARCHIVED}
            assert not is_open(self.listing)
            assert not way_to_box(self.listing)

    @invariant()
    def no_reform_is_carried_out_undecided(self) -> None:
        if self.listing.kind is Kind.REFORM and Status.DONE in self.taken:
            assert Status.DECIDED in self.taken


TestLife = LifeMachine.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize(
    "summary",
    [
        "Zwei Meter breit,   ohne Schotter!",
        "zwei meter breit, ohne SCHOTTER",
        "Zwei Meter breit, ohne Schoter.",
        "Zwei Meter breit, ohne Schottre.",
    ],
)
def test_signs_capitals_and_slips_of_the_pen_change_nothing(summary: str) -> None:
    assert not changes_substance(LISTING, replace(LISTING, summary=summary))


@pytest.mark.parametrize(
    "summary",
    [
        "Zwei Meter breit, mit Schotter.",
        "Zwei Meter breit, nicht ohne Schotter.",
        "Zwei Meter breit.",
        "Drei Meter breit, ohne Schotter.",
        "",
    ],
)
def test_a_word_more_less_or_other_is_another_text(summary: str) -> None:
    assert changes_substance(LISTING, replace(LISTING, summary=summary))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("keinen Schotter", "einen Schotter"),
        ("100000 Euro", "100001 Euro"),
        ("Kosten 2024", "Kosten 2025"),
        ("Rasen mähen", "Rasen säen"),
        ("Garten Schule Straße", "Gärten Schulen Strassen"),
    ],
)
def test_one_letter_can_be_all_the_difference(before: str, after: str) -> None:
    assert changes_substance(replace(LISTING, title=before), replace(LISTING, title=after))


def test_another_time_or_place_is_another_event() -> None:
    event = replace(LISTING, kind=Kind.EVENT, starts_at=NOW, place="Rathaus")
    assert changes_substance(event, replace(event, starts_at=NOW + timedelta(hours=1)))
    assert changes_substance(event, replace(event, place="Marktplatz"))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("status", list(Status))
def test_every_step_can_be_typed_as_it_is_told(status: Status, language: str) -> None:
    assert read_status(status_word(status, language)) is status
