from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.votes import Ballot, Choice, Majority, Vote, VoteState
from wecreate_module.storage.store import Store
from wecreate_module.storage.votes import Poll

VOTE = Vote(
    motion=1,
    number=0,
    version=3,
    about=None,
    secret=False,
    voters=("@a:x", "@b:x"),
    majority=Majority.TWO_THIRDS,
    quorum="half",
    opened_by="@a:x",
    opened_at=NOW,
    ends_at=NOW + timedelta(days=3),
    ballots={"@a:x": Ballot(Choice.YES, NOW)},
)


class TestVotes:
    def test_a_vote_comes_back_as_it_was(self, store: Store, box: Box) -> None:
        secret = replace(
            VOTE, about=2, secret=True, ballots={}, voted=("@b:x",), tally={Choice.NO: 1}
        )
        with store.begin(NOW) as uow:
            first = uow.votes.add(box.id, VOTE)
            second = uow.votes.add(box.id, secret)
            other = uow.votes.add(box.id, replace(VOTE, motion=2))
        assert [each.number for each in (first, second, other)] == [1, 2, 1]
        with store.begin(NOW) as uow:
            assert uow.votes.get(box.id, 1, 1) == first
            assert uow.votes.get(box.id, 1, 2) == second
            assert uow.votes.get(box.id, 1, 3) is None
            assert uow.votes.list(box.id) == [first, second, other]
            ended = replace(first, state=VoteState.ENDED)
            uow.votes.put(box.id, ended)
            assert uow.votes.list(box.id, 1) == [second]
            assert uow.votes.list(box.id, 1, tuple(VoteState)) == [ended, second]

    def test_a_poll_leads_to_its_vote(self, store: Store, box: Box) -> None:
        mine = Poll("$poll", "!dm:x", box.id, 1, 1, "@a:x")
        with store.begin(NOW) as uow:
            uow.votes.note_poll(mine)
            uow.votes.note_poll(mine)
        with store.begin(NOW) as uow:
            assert uow.votes.poll("$poll") == mine
            assert uow.votes.poll("$other") is None
            assert uow.votes.polls(box.id, 1, 1) == [mine]

    def test_who_voted_what_goes_into_no_journal(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.votes.add(box.id, VOTE)
            assert [each.kind for each in uow.journal.of_box(box.id)] == []
