"""Votes on motions as rows, sealed with the Box's key, and which poll belongs to which vote."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from wecreate_module.domain.votes import Ballot, Choice, Majority, Vote, VoteState
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.motion_tables import motion_polls, motion_votes
from wecreate_module.storage.rows import upsert

Json = dict[str, Any]


@dataclass(frozen=True)
class Poll:
    """A poll that was sent. `voter` None: everybody's, in the Box; else that person's own."""

    event_id: str
    room_id: str
    box_id: str
    motion: int
    vote: int
    voter: str | None


class VoteRepository:
    """Nothing here goes into the journal: in which order people voted is nobody's business."""

    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def add(self, box_id: str, vote: Vote) -> Vote:
        """Keep a new vote; it gets the motion's next number."""
        table = motion_votes.c
        query = select(func.max(table.vote)).where(
            table.box_id == box_id, table.number == vote.motion
        )
        vote = replace(vote, number=(self._connection.execute(query).scalar() or 0) + 1)
        self.put(box_id, vote)
        return vote

    def put(self, box_id: str, vote: Vote) -> None:
        place = _place(box_id, vote.motion, vote.number)
        row = {
            "box_id": box_id,
            "number": vote.motion,
            "vote": vote.number,
            "state": vote.state.value,
            "sealed": self._keys.seal_json(box_id, place, _to_json(vote)),
        }
        upsert(self._connection, motion_votes, row)

    def get(self, box_id: str, motion: int, number: int) -> Vote | None:
        table = motion_votes.c
        query = select(motion_votes).where(
            table.box_id == box_id, table.number == motion, table.vote == number
        )
        row = self._connection.execute(query).first()
        return self._vote(row) if row else None

    def note_poll(self, poll: Poll) -> None:
        """A poll stands in a room: answers to it belong to its vote."""
        upsert(self._connection, motion_polls, vars(poll))

    def poll(self, event_id: str) -> Poll | None:
        query = select(motion_polls).where(motion_polls.c.event_id == event_id)
        row = self._connection.execute(query).mappings().first()
        return Poll(**row) if row else None

    def polls(self, box_id: str, motion: int, number: int) -> list[Poll]:
        table = motion_polls.c
        query = select(motion_polls).where(
            table.box_id == box_id, table.motion == motion, table.vote == number
        )
        rows = self._connection.execute(query.order_by(table.event_id)).mappings()
        return [Poll(**row) for row in rows.all()]

    def list(
        self,
        box_id: str,
        motion: int | None = None,
        states: Collection[VoteState] = (VoteState.OPEN,),
    ) -> list[Vote]:
        """Votes of a Box (on one motion) by number."""
        table = motion_votes.c
        query = select(motion_votes).where(table.box_id == box_id, table.state.in_(states))
        if motion is not None:
            query = query.where(table.number == motion)
        rows = self._connection.execute(query.order_by(table.number, table.vote))
        return [self._vote(row) for row in rows.all()]

    def _vote(self, row: Row[Any]) -> Vote:
        place = _place(row.box_id, row.number, row.vote)
        return _from_json(self._keys.unseal_json(row.box_id, place, row.sealed))


def _place(box_id: str, motion: int, number: int) -> str:
    return f"motion_votes:{box_id}:{motion}:{number}"


def _to_json(vote: Vote) -> Json:
    return {
        **vars(vote),
        "voters": list(vote.voters),
        "voted": list(vote.voted),
        "tally": {choice.value: count for choice, count in vote.tally.items()},
        "ballots": {
            who: [ballot.choice.value, ballot.at.isoformat(), ballot.event_id]
            for who, ballot in vote.ballots.items()
        },
        "opened_at": vote.opened_at.isoformat(),
        "ends_at": vote.ends_at.isoformat(),
    }


def _from_json(stored: Json) -> Vote:
    return Vote(
        **{
            **stored,
            "voters": tuple(stored["voters"]),
            "voted": tuple(stored["voted"]),
            "tally": {Choice(choice): count for choice, count in stored["tally"].items()},
            "ballots": {
                who: Ballot(Choice(choice), datetime.fromisoformat(at), *more)
                for who, (choice, at, *more) in stored["ballots"].items()
            },
            "majority": Majority(stored["majority"]),
            "state": VoteState(stored["state"]),
            "opened_at": datetime.fromisoformat(stored["opened_at"]),
            "ends_at": datetime.fromisoformat(stored["ends_at"]),
        }
    )
