"""Votes on motions: opened, answered, ended, counted; in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wecreate_module.domain import votes as rules
from wecreate_module.domain.amendments import AmendmentState
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, require_draft
from wecreate_module.domain.votes import Choice, Majority, Vote, VoteResult, VoteState
from wecreate_module.services.motions import get_motion, require_no_vote
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Wanted:
    """A vote as it was asked for. `voters` empty: everybody in the Box."""

    secret: bool = False
    until: datetime | None = None
    voters: tuple[str, ...] = ()
    about: int | None = None


def open_vote(
    uow: UnitOfWork, box: Box, number: int, body: Body, wanted: Wanted, *, actor: str, bot: str
) -> tuple[Motion, Vote]:
    """Begin a vote on the words as they are; who may vote is fixed now."""
    require_active(box)
    motion = get_motion(uow, box, number)
    _require_votable(uow, box, motion, wanted.about)
    until = wanted.until or uow.now + rules.USUAL
    if not rules.SHORTEST <= until - uow.now <= rules.LONGEST:
        raise UserError(
            "vote-end-impossible",
            "A vote lasts from one minute to {days} days. Write for example: until friday 20:00",
            days=rules.LONGEST.days,
        )
    members = [member.user_id for member in uow.rooms.members(box.room_id)]
    voters = tuple(dict.fromkeys(wanted.voters or [who for who in members if who != bot]))
    majority = Majority.SIMPLE
    if wanted.about is None and body.majority is not None:
        majority = Majority(body.majority)
    vote = Vote(
        motion=number,
        number=0,
        version=motion.version.number,
        about=wanted.about,
        secret=wanted.secret,
        voters=voters,
        majority=majority,
        quorum=body.quorum or "",
        opened_by=actor,
        opened_at=uow.now,
        ends_at=until,
    )
    vote = uow.votes.add(box.id, vote)
    data = {"vote": vote.number, "version": vote.version, "secret": vote.secret}
    uow.journal.add(box.id, "motion.vote-opened", str(number), actor, data)
    return motion, vote


def _require_votable(uow: UnitOfWork, box: Box, motion: Motion, about: int | None) -> None:
    require_draft(motion)
    require_no_vote(uow, box, motion.number)
    if not motion.version.text:
        raise UserError("vote-without-text", "There is no text yet to vote on. Write it first.")
    if about is not None and motion.amendment(about).state is not AmendmentState.OPEN:
        raise UserError(
            "amendment-settled", "Amendment {amendment} has been decided already.", amendment=about
        )


def open_vote_on(uow: UnitOfWork, box: Box, number: int) -> Vote:
    """The vote that goes on about a motion; UserError when there is none."""
    get_motion(uow, box, number)
    found = uow.votes.list(box.id, number)
    if not found:
        raise UserError(
            "no-vote",
            "No vote on A{number} is going on. Start one with: !motion {number} vote",
            number=number,
        )
    return found[0]


def take(
    uow: UnitOfWork,
    box: Box,
    vote: Vote,
    who: str,
    choice: Choice | None,
    sent_at: datetime,
    event_id: str = "",
) -> Vote:
    """A person's word. In an archived Box nothing is taken any more."""
    require_active(box)
    changed = rules.cast(vote, who, choice, sent_at, uow.now, event_id)
    if changed != vote:
        uow.votes.put(box.id, changed)
    return changed


def end_vote(uow: UnitOfWork, box: Box, vote: Vote, *, actor: str) -> Vote:
    """Nothing sent from now on counts; the result is counted a moment later."""
    ended = rules.end(vote, uow.now)
    uow.votes.put(box.id, ended)
    data = {"vote": vote.number}
    uow.journal.add(box.id, "motion.vote-ended", str(vote.motion), actor, data)
    return ended


def count(uow: UnitOfWork, box: Box, motion: int, number: int) -> tuple[Motion, VoteResult] | None:
    """Write the result into the motion; None when that was done before."""
    vote = uow.votes.get(box.id, motion, number)
    if vote is None or vote.state is not VoteState.ENDED:
        return None
    found = rules.result(vote)
    uow.votes.put(box.id, replace(vote, state=VoteState.COUNTED))
    before = get_motion(uow, box, motion)
    changed = replace(before, votes=(*before.votes, found))
    return uow.motions.update(box.id, changed, vote.opened_by, "voted"), found


def waiting_for(uow: UnitOfWork, boxes: Sequence[Box], who: str) -> list[tuple[Box, Vote]]:
    """Open votes in which this person may still vote."""
    return [
        (box, vote)
        for box in boxes
        for vote in uow.votes.list(box.id)
        if who in vote.voters and who not in vote.taking_part
    ]
