"""Votes as Matrix polls: sent, answered, ended, counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bots.kit.context import Context
from bots.kit.incoming import Incoming, NotYet
from bots.kit.registry import Continuation, Scheduler, continuation, scheduled
from bots.kit.replies import Button, Replies, Reply
from bots.motions import vote_views
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Send
from wecreate_module.domain.motions import Motion
from wecreate_module.domain.polls import END, START, poll_end, poll_start, read_answer
from wecreate_module.domain.votes import Choice, Vote, VoteState
from wecreate_module.services import motions, votes
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.votes import Poll

SENT, ENDED = "motions.poll_sent", "motions.poll_ended"
END_DUE, COUNT_DUE = "motions.vote_end", "motions.vote_count"
# What was sent in time may still be on its way: after the poll's end stands in the room this long,
# and while messages of the room wait for their keys.
_ON_ITS_WAY = timedelta(seconds=2)
_PATIENCE = timedelta(minutes=5)


def start(ctx: Context, box: Box, motion: Motion, vote: Vote) -> list[str]:
    """Send the polls and plan the end; who has no direct chat for a secret ballot."""
    without: list[str] = []
    if vote.secret:
        for who in vote.voters:
            room_id = ctx.uow.rooms.direct_with(who)
            if room_id is None:
                without.append(who)
            else:
                _send_poll(ctx.for_person(who), box, motion, vote, room_id, who)
    else:
        _send_poll(vote_views.for_all(ctx, box), box, motion, vote, box.room_id, None)
    ctx.uow.schedule.put(
        vote.ends_at,
        END_DUE,
        key=f"{END_DUE}:{_name(box, vote)}",
        box_id=box.id,
        subject=f"motion:{vote.motion}",
        payload={"motion": vote.motion, "vote": vote.number},
    )
    return without


def _send_poll(
    ctx: Context, box: Box, motion: Motion, vote: Vote, room_id: str, voter: str | None
) -> None:
    question = vote_views.question(ctx, box, motion, vote)
    content = poll_start(question, vote_views.choices(ctx), disclosed=voter is None)
    if room_id == ctx.room_id and ctx.origin.thread_id is not None:
        content["m.relates_to"] = {
            "rel_type": "m.thread",
            "event_id": ctx.origin.thread_id,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": ctx.origin.event_id},
        }
    about = {"box": box.id, "motion": vote.motion, "vote": vote.number, "voter": voter}
    ctx.put(Send(room_id, content, START), then=SENT, extra=about, box_id=box.id)


@continuation(SENT)
def sent(ctx: Context, effect: Send, result: dict[str, Any]) -> Replies:
    """The poll stands in its room: from now on answers to it are known."""
    about = ctx.extra
    poll = Poll(
        str(result["event_id"]),
        effect.room_id,
        str(about["box"]),
        int(about["motion"]),
        int(about["vote"]),
        about["voter"],
    )
    if ctx.uow.boxes.get(poll.box_id) is not None:
        ctx.uow.votes.note_poll(poll)
    return None


def answered(ctx: Context, incoming: Incoming) -> Replies:
    """Somebody chose in a poll of ours; only a secret ballot is answered."""
    answer = read_answer(incoming.content)
    if answer is None:
        return None
    poll = ctx.uow.votes.poll(answer.poll)
    if poll is None:
        if _a_poll_is_on_its_way(ctx):
            raise NotYet
        return None
    box = ctx.uow.boxes.get(poll.box_id)
    vote = ctx.uow.votes.get(poll.box_id, poll.motion, poll.vote)
    right_place = poll.room_id == ctx.room_id and poll.voter in {None, ctx.sender}
    if box is None or vote is None or not right_place:
        return None
    choice = Choice(answer.choice) if answer.choice in set(Choice) else None
    if choice is None and vote.secret:
        return None
    sent_at, event_id = _sent_at(incoming), incoming.event_id
    taken = votes.take(ctx.uow, box, vote, ctx.sender, choice, sent_at, event_id)
    return took(ctx, box, taken)


def taken_back(ctx: Context, incoming: Incoming) -> Replies:
    """Who removes their answer from an open vote has not voted."""
    event_id = incoming.content.get("redacts")
    if ctx.box is None or not isinstance(event_id, str):
        return None
    for vote in ctx.uow.votes.list(ctx.box.id):
        ballot = vote.ballots.get(ctx.sender)
        if ballot is not None and ballot.event_id == event_id:
            votes.take(ctx.uow, ctx.box, vote, ctx.sender, None, ctx.now)
    return None


def took(ctx: Context, box: Box, vote: Vote) -> Replies:
    """After a person's word: thanks for a secret ballot; and when all have voted."""
    all_in = len(vote.taking_part) == len(vote.voters) and vote.state is VoteState.OPEN
    if vote.secret:
        if all_in:
            end(ctx, box, vote)
        return vote_views.ballot_in(ctx, box, vote)
    if not all_in or not _first_time(ctx, f"all-voted:{_name(box, vote)}"):
        return None
    reader = vote_views.for_all(ctx, box)
    return Reply(
        reader.t(
            "🗳️ All {n} have voted on A{number}. Tap 🏁 to end the vote; until then everybody "
            "can change their mind.",
            n=len(vote.voters),
            number=vote.motion,
        ),
        buttons=(Button("🏁", reader.t("!motion {number} vote end", number=vote.motion)),),
        room_id=box.room_id,
    )


def _first_time(ctx: Context, what: str) -> bool:
    if ctx.uow.meta.get(what) is not None:
        return False
    ctx.uow.meta.set(what, "told")
    return True


def _a_poll_is_on_its_way(ctx: Context) -> bool:
    """Whether this may answer a poll that was just sent and is not noted yet."""
    uow = ctx.uow
    boxes = [ctx.box] if ctx.box is not None else uow.boxes.of_member(ctx.sender)
    for box in boxes:
        for vote in uow.votes.list(box.id):
            known = {poll.voter for poll in uow.votes.polls(box.id, vote.motion, vote.number)}
            if (ctx.sender if vote.secret else None) not in known:
                return True
    return False


def _sent_at(incoming: Incoming) -> datetime:
    """As the person's server says; the rules never take the future."""
    return datetime.fromtimestamp(max(0, min(incoming.origin_server_ts, 1 << 42)) / 1000, UTC)


def end(ctx: Context, box: Box, vote: Vote) -> Vote:
    """Close the polls; the count comes when all that was sent in time is here."""
    ended = votes.end_vote(ctx.uow, box, vote, actor=ctx.sender)
    reader = vote_views.for_all(ctx, box)
    text = reader.t("The vote on A{number} is over.", number=vote.motion)
    polls = ctx.uow.votes.polls(box.id, vote.motion, vote.number)
    for poll in polls:
        ctx.put(
            Send(poll.room_id, poll_end(poll.event_id, text), END),
            then=ENDED,
            extra={"box": box.id, "motion": vote.motion, "vote": vote.number},
            box_id=box.id,
        )
    ctx.uow.schedule.cancel(box.id, f"motion:{vote.motion}", END_DUE)
    _plan_count(ctx, box, ended, _PATIENCE if polls else _ON_ITS_WAY)
    return ended


def _plan_count(ctx: Context, box: Box, vote: Vote, wait: timedelta, tries: int = 0) -> None:
    ctx.uow.schedule.put(
        ctx.now + wait,
        COUNT_DUE,
        key=f"{COUNT_DUE}:{_name(box, vote)}:{tries}",
        box_id=box.id,
        subject=f"motion:{vote.motion}",
        payload={"motion": vote.motion, "vote": vote.number, "tries": tries},
    )


@continuation(ENDED)
def ended(ctx: Context, effect: Send, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - that it is sent is enough
    """The end stands in the room, so the homeserver can be reached: count in a moment."""
    about = ctx.extra
    box = ctx.uow.boxes.get(str(about["box"]))
    vote = ctx.uow.votes.get(str(about["box"]), int(about["motion"]), int(about["vote"]))
    if box is not None and vote is not None and vote.state is VoteState.ENDED:
        _plan_count(ctx, box, vote, _ON_ITS_WAY)
    return None


@scheduled(END_DUE, reading=True)
def end_due(ctx: Context, item: Scheduled) -> Replies:
    """Its time is up."""
    vote = _vote_of(ctx, item)
    if ctx.box is not None and vote is not None and vote.state is VoteState.OPEN:
        end(ctx, ctx.box, vote)
    return None


@scheduled(COUNT_DUE, reading=True)
def count_due(ctx: Context, item: Scheduled) -> Replies:
    """Count, unless messages of the room that may hold votes are still to be read."""
    box, vote = ctx.box, _vote_of(ctx, item)
    if box is None or vote is None:
        return None
    tries = int(item.payload["tries"])
    if ctx.now < vote.ends_at + _PATIENCE and _answers_are_waiting(ctx, box, vote):
        _plan_count(ctx, box, vote, _ON_ITS_WAY, tries + 1)
        return None
    counted = votes.count(ctx.uow, box, vote.motion, vote.number)
    return vote_views.counted(ctx, *counted) if counted is not None else None


def _vote_of(ctx: Context, item: Scheduled) -> Vote | None:
    box_id = item.box_id or ""
    return ctx.uow.votes.get(box_id, int(item.payload["motion"]), int(item.payload["vote"]))


def _answers_are_waiting(ctx: Context, box: Box, vote: Vote) -> bool:
    polls = ctx.uow.votes.polls(box.id, vote.motion, vote.number)
    rooms, ids = {poll.room_id for poll in polls}, {poll.event_id for poll in polls}
    if any(ctx.uow.inbox.next_new(room_id) is not None for room_id in rooms):
        return True
    return any(_relates_to(row.payload) in ids for row in ctx.uow.inbox.waiting())


def _relates_to(event: dict[str, Any]) -> object:
    """What an event answers; that stands outside of its encryption."""
    content = event.get("content")
    relation = content.get("m.relates_to") if isinstance(content, dict) else None
    found = relation.get("event_id") if isinstance(relation, dict) else None
    return found if isinstance(found, str) else None


def _name(box: Box, vote: Vote) -> str:
    return f"{box.id}:{vote.motion}:{vote.number}"


def motion_of(ctx: Context, box: Box, vote: Vote) -> Motion:
    return motions.get_motion(ctx.uow, box, vote.motion)


CONTINUATIONS: tuple[Continuation, ...] = (sent, ended)
SCHEDULED: tuple[Scheduler, ...] = (end_due, count_due)
