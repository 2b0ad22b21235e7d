from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.votes import (
    Choice,
    Majority,
    Outcome,
    Vote,
    VoteState,
    cast,
    end,
    quorum_of,
    result,
)

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
PEOPLE = tuple(f"@p{at}:x" for at in range(12))


def vote(majority: Majority = Majority.SIMPLE, quorum: str = "", *, secret: bool = False) -> Vote:
    return Vote(
        motion=1,
        number=1,
        version=1,
        about=None,
        secret=secret,
        voters=PEOPLE,
        majority=majority,
        quorum=quorum,
        opened_by=PEOPLE[0],
        opened_at=NOW,
        ends_at=NOW + timedelta(days=1),
    )


def after(given: Vote, yes: int, no: int = 0, abstain: int = 0) -> Vote:
    words = [Choice.YES] * yes + [Choice.NO] * no + [Choice.ABSTAIN] * abstain
    for who, choice in zip(PEOPLE, words, strict=False):
        given = cast(given, who, choice, NOW, NOW)
    return given


@pytest.mark.parametrize(
    ("majority", "yes", "no", "abstain", "carried"),
    [
        (Majority.SIMPLE, 1, 0, 11, True),
        (Majority.SIMPLE, 3, 3, 0, False),
        (Majority.SIMPLE, 0, 0, 5, False),
        (Majority.ABSOLUTE, 6, 0, 0, False),
        (Majority.ABSOLUTE, 7, 5, 0, True),
        (Majority.TWO_THIRDS, 4, 2, 6, True),
        (Majority.TWO_THIRDS, 5, 3, 0, False),
        (Majority.TWO_THIRDS, 0, 0, 3, False),
        (Majority.THREE_QUARTERS, 3, 1, 0, True),
        (Majority.THREE_QUARTERS, 5, 2, 0, False),
    ],
)
def test_majorities(majority: Majority, yes: int, no: int, abstain: int, carried: bool) -> None:  # noqa: FBT001  a table's column
    found = result(after(vote(majority), yes, no, abstain))
    assert found.outcome is (Outcome.ADOPTED if carried else Outcome.REJECTED)
    assert (found.yes, found.no, found.abstain) == (yes, no, abstain)


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        ("", 0),
        ("half", 6),
        ("more than half", 7),
        ("third", 4),
        ("20 %", 3),
        ("100%", 12),
        ("5", 5),
    ],
)
def test_quorums(rule: str, needed: int) -> None:
    assert quorum_of(rule, 12) == needed
    short = result(after(vote(quorum=rule), max(0, needed - 1)))
    assert (short.outcome is Outcome.NO_QUORUM) == (needed > 0)
    assert result(after(vote(quorum=rule), max(1, needed))).outcome is Outcome.ADOPTED


@pytest.mark.parametrize("rule", ["many", "120 %", "-1", "half of us"])
def test_other_quorums_are_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        quorum_of(rule, 12)


def test_the_last_word_counts_whatever_order_they_come_in() -> None:
    early, late = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
    now = NOW + timedelta(minutes=5)
    one = cast(cast(vote(), PEOPLE[0], Choice.NO, early, now), PEOPLE[0], Choice.YES, late, now)
    other = cast(cast(vote(), PEOPLE[0], Choice.YES, late, now), PEOPLE[0], Choice.NO, early, now)
    assert one.ballots == other.ballots
    assert one.ballots[PEOPLE[0]].choice is Choice.YES


def test_nobody_votes_from_the_future() -> None:
    ahead = cast(vote(), PEOPLE[0], Choice.NO, NOW + timedelta(hours=1), NOW)
    later = NOW + timedelta(minutes=1)
    assert cast(ahead, PEOPLE[0], Choice.YES, later, later).ballots[PEOPLE[0]].choice is Choice.YES


def test_a_vote_that_ended_takes_what_was_sent_before_and_once_counted_nothing() -> None:
    over = end(vote(), NOW + timedelta(hours=1))
    in_time, late = NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)
    assert cast(over, PEOPLE[0], Choice.YES, in_time, late).count(Choice.YES) == 1
    for closed, at in ((over, late), (replace(over, state=VoteState.COUNTED), in_time)):
        with pytest.raises(UserError, match="over"):
            cast(closed, PEOPLE[0], Choice.YES, at, late)
    with pytest.raises(UserError, match="over"):
        end(over, late)


@given(st.permutations([*[Choice.YES] * 5, *[Choice.NO] * 4, *[Choice.ABSTAIN] * 3]))
def test_a_secret_vote_holds_no_trace_of_who_chose_what(words: list[Choice]) -> None:
    filled = vote(secret=True)
    for who, choice in zip(PEOPLE, words, strict=True):
        filled = cast(filled, who, choice, NOW, NOW)
    straight = after(vote(secret=True), 5, 4, 3)
    assert filled == straight
    assert filled.ballots == {}
