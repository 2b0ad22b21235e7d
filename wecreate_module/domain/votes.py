"""Votes on a motion: who may vote, what counts, and what came of it. Pure.

An open vote knows who chose what, and the last word counts. A secret one only knows that
somebody voted, so the first word stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from wecreate_module.domain.errors import UserError

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=60)
USUAL = timedelta(days=3)
_SHARE = re.compile(r"(\d{1,3})\s*%")
_COUNT = re.compile(r"\d{1,6}")


class Choice(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Majority(StrEnum):
    """Of the votes for and against; ABSOLUTE is more than half of all who may vote."""

    SIMPLE = "simple"
    ABSOLUTE = "absolute"
    TWO_THIRDS = "two-thirds"
    THREE_QUARTERS = "three-quarters"


class VoteState(StrEnum):
    OPEN = "open"
    ENDED = "ended"
    """Nothing more is accepted; what was sent in time may still come in."""
    COUNTED = "counted"


class Outcome(StrEnum):
    ADOPTED = "adopted"
    REJECTED = "rejected"
    NO_QUORUM = "no-quorum"


@dataclass(frozen=True)
class Ballot:
    """One person's word in an open vote. `at` is when it was sent, as far as is known."""

    choice: Choice
    at: datetime
    event_id: str = ""
    """The answer to the poll, so that removing it takes the word back."""


@dataclass(frozen=True)
class Vote:
    """`about` is an amendment's number, None the motion itself. `voters` were fixed at the start.

    `ballots` belong to open votes; `voted` and `tally` to secret ones.
    """

    motion: int
    number: int
    version: int
    about: int | None
    secret: bool
    voters: tuple[str, ...]
    majority: Majority
    quorum: str
    opened_by: str
    opened_at: datetime
    ends_at: datetime
    state: VoteState = VoteState.OPEN
    ballots: Mapping[str, Ballot] = field(default_factory=dict)
    voted: tuple[str, ...] = ()
    tally: Mapping[Choice, int] = field(default_factory=dict)

    @property
    def taking_part(self) -> frozenset[str]:
        """Who has voted so far."""
        return frozenset(self.voted if self.secret else self.ballots)

    def count(self, choice: Choice) -> int:
        if self.secret:
            return self.tally.get(choice, 0)
        return sum(ballot.choice is choice for ballot in self.ballots.values())


@dataclass(frozen=True)
class VoteResult:
    """What stands in the motion for ever."""

    number: int
    version: int
    about: int | None
    secret: bool
    yes: int
    no: int
    abstain: int
    eligible: int
    majority: Majority
    needed: int
    """How many had to take part."""
    outcome: Outcome
    ended_at: datetime


def quorum_of(rule: str, eligible: int) -> int:
    """How many must take part: "", "half", "more than half", "third", "20 %" or a number.

    Raises ValueError for other words.
    """
    said = " ".join(rule.casefold().split())
    shares = {"": Fraction(0), "half": Fraction(1, 2), "third": Fraction(1, 3)}
    if said == "more than half":
        return eligible // 2 + 1
    if said in shares:
        return math.ceil(shares[said] * eligible)
    if (found := _SHARE.fullmatch(said)) and int(found[1]) <= 100:  # noqa: PLR2004  per cent
        return math.ceil(Fraction(int(found[1]), 100) * eligible)
    if _COUNT.fullmatch(said):
        return int(said)
    raise ValueError(rule)


def cast(
    vote: Vote,
    who: str,
    choice: Choice | None,
    sent_at: datetime,
    now: datetime,
    event_id: str = "",
) -> Vote:
    """Take a person's word; None takes back what an open vote has of them.

    UserError for those who may not, for what comes too late, and for a second secret word. An
    older word than the one that counts changes nothing.
    """
    if who not in vote.voters:
        raise UserError("vote-not-yours", "You are not on the list for this vote.")
    at = min(sent_at, now)
    if vote.state is VoteState.COUNTED or at > vote.ends_at:
        raise UserError("vote-over", "This vote is over.")
    if vote.secret:
        return _cast_secretly(vote, who, choice)
    before = vote.ballots.get(who)
    if before is not None and before.at > at:
        return vote
    others = {name: ballot for name, ballot in vote.ballots.items() if name != who}
    mine = {} if choice is None else {who: Ballot(choice, at, event_id)}
    return replace(vote, ballots={**others, **mine})


def _cast_secretly(vote: Vote, who: str, choice: Choice | None) -> Vote:
    if choice is None:
        return vote
    if who in vote.voted:
        raise UserError(
            "ballot-in-already",
            "Your vote is in already. Nobody knows any more which one it was, so it stays.",
        )
    tally = {**vote.tally, choice: vote.count(choice) + 1}
    return replace(vote, voted=tuple(sorted((*vote.voted, who))), tally=tally)


def end(vote: Vote, now: datetime) -> Vote:
    """Nothing sent from now on counts."""
    if vote.state is not VoteState.OPEN:
        raise UserError("vote-over", "This vote is over.")
    return replace(vote, state=VoteState.ENDED, ends_at=min(now, vote.ends_at))


def result(vote: Vote) -> VoteResult:
    yes, no, abstain = (vote.count(choice) for choice in Choice)
    eligible = len(vote.voters)
    needed = quorum_of(vote.quorum, eligible)
    if yes + no + abstain < needed:
        outcome = Outcome.NO_QUORUM
    else:
        carried = _carried(vote.majority, yes, no, eligible)
        outcome = Outcome.ADOPTED if carried else Outcome.REJECTED
    return VoteResult(
        number=vote.number,
        version=vote.version,
        about=vote.about,
        secret=vote.secret,
        yes=yes,
        no=no,
        abstain=abstain,
        eligible=eligible,
        majority=vote.majority,
        needed=needed,
        outcome=outcome,
        ended_at=vote.ends_at,
    )


def _carried(majority: Majority, yes: int, no: int, eligible: int) -> bool:
    """A tie is no majority; nobody for it is none either."""
    match majority:
        case Majority.SIMPLE:
            return yes > no
        case Majority.ABSOLUTE:
            return 2 * yes > eligible
        case Majority.TWO_THIRDS:
            return yes > 0 and 3 * yes >= 2 * (yes + no)
        case Majority.THREE_QUARTERS:
            return yes > 0 and 4 * yes >= 3 * (yes + no)
