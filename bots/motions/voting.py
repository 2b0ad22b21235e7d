"""`!antrag 3 abstimmen`: votes as polls; words for those whose app shows no polls."""

from __future__ import annotations

from typing import Any

from bots.kit.context import Context, box_of
from bots.kit.registry import Answer, Command, Where, answer, argument, command, plain_word
from bots.kit.replies import Question, Replies, Reply
from bots.motions import polling, views, vote_views
from bots.motions.amending import require_author
from bots.motions.sentences import VoteText
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.votes import Choice, Vote
from wecreate_module.services import motions, votes
from wecreate_module.services.votes import Wanted

BALLOT = "motions.ballot"
_CHOICES = {
    **dict.fromkeys(("ja", "dafuer", "yes", "y", "j", "👍"), Choice.YES),
    **dict.fromkeys(("nein", "dagegen", "no", "n", "👎"), Choice.NO),
    **dict.fromkeys(("enthaltung", "enthalten", "abstain", "abstention"), Choice.ABSTAIN),
}
_LATER = frozenset({"spaeter", "later", "ueberspringen", "skip"})


@command(
    "antrag # abstimmen",
    "motion # vote",
    area="motions",
    summary="Let the Box vote on a motion or an amendment",
    examples=(
        ("!antrag 3 abstimmen", "!motion 3 vote"),
        ("!antrag 3 abstimmen bis Freitag 20 Uhr", "!motion 3 vote until friday 20:00"),
        ("!antrag 3 abstimmen geheim", "!motion 3 vote secret"),
        ("!antrag 3 abstimmen Ä1", "!motion 3 vote Ä1"),
        ("!antrag 3 abstimmen von @anna, @ben", "!motion 3 vote by @anna, @ben"),
    ),
)
@argument("wanted", VoteText(), "wie", "how", optional=True)
def vote(ctx: Context, number: int, wanted: Wanted | None) -> Replies:
    """`{"motion": {…}, "vote": {…}}`; the poll stands above, or goes to each direct chat."""
    box = box_of(ctx)
    motion = motions.get_motion(ctx.uow, box, number)
    require_author(ctx, motion)
    motion, opened = votes.open_vote(
        ctx.uow,
        box,
        number,
        views.body_of(motion),
        wanted or Wanted(),
        actor=ctx.sender,
        bot=ctx.bot_user_id,
    )
    without_chat = polling.start(ctx, box, motion, opened)
    return vote_views.opened(ctx, motion, opened, without_chat)


@command(
    "antrag # abstimmen ende",
    "motion # vote end",
    area="motions",
    summary="End a vote and count it",
    examples=(("!antrag 3 abstimmen ende", "!motion 3 vote end"),),
)
def end(ctx: Context, number: int) -> Replies:
    """`{"vote": {…}}`; the result comes as a message of its own."""
    box = box_of(ctx)
    open_vote = votes.open_vote_on(ctx.uow, box, number)
    require_author(ctx, motions.get_motion(ctx.uow, box, number))
    ended = polling.end(ctx, box, open_vote)
    text = ctx.t("🏁 The vote on A{number} is over. I am counting …", number=number)
    return Reply(text, data={"vote": vote_views.vote_data(ended)})


def _say(ctx: Context, number: int, choice: Choice | None) -> Replies:
    box = box_of(ctx)
    open_vote = votes.open_vote_on(ctx.uow, box, number)
    if open_vote.secret:
        raise UserError(
            "vote-is-secret",
            "This vote is secret. Write to me in our direct chat: ballot",
        )
    taken = votes.take(ctx.uow, box, open_vote, ctx.sender, choice, ctx.now)
    told = Reply(
        ctx.t("🗳️ Noted. Until the end you can change your mind."),
        data={"vote": vote_views.vote_data(taken)},
    )
    more = polling.took(ctx, box, taken)
    return [told, more] if isinstance(more, Reply) else told


@command("antrag # ja", "motion # yes", area="motions", summary="Vote yes",
         examples=(("!antrag 3 ja", "!motion 3 yes"),), aliases=("antrag # dafür",))  # fmt: skip
def yes(ctx: Context, number: int) -> Replies:
    """`{"vote": {…}}`; the same as in the poll."""
    return _say(ctx, number, Choice.YES)


@command("antrag # nein", "motion # no", area="motions", summary="Vote no",
         examples=(("!antrag 3 nein", "!motion 3 no"),), aliases=("antrag # dagegen",))  # fmt: skip
def no(ctx: Context, number: int) -> Replies:
    """`{"vote": {…}}`."""
    return _say(ctx, number, Choice.NO)


@command("antrag # enthaltung", "motion # abstain", area="motions", summary="Abstain from a vote",
         examples=(("!antrag 3 enthaltung", "!motion 3 abstain"),))  # fmt: skip
def abstain(ctx: Context, number: int) -> Replies:
    """`{"vote": {…}}`."""
    return _say(ctx, number, Choice.ABSTAIN)


@command(
    "stimmzettel",
    "ballot",
    area="motions",
    summary="Vote secretly, here where only we are",
    where=Where.DIRECT,
    examples=(("!stimmzettel", "!ballot"),),
)
def ballot(ctx: Context) -> Replies:
    """`{"ballots": n}`, then a question for the first of them."""
    return _next_ballot(ctx, after=("", 0, 0))


def _next_ballot(ctx: Context, after: tuple[str, int, int], said: str = "") -> Reply:
    waiting = _ballots(ctx)
    place = [(box.id, one.motion, one.number) for box, one in waiting]
    ahead = [pair for pair, here in zip(waiting, place, strict=True) if here > after]
    if not ahead:
        done = ctx.t("There is no secret vote that waits for you.")
        return Reply(said or done, data={"ballots": len(waiting)})
    box, one = ahead[0]
    asked = vote_views.question(ctx, box, polling.motion_of(ctx, box, one), one)
    how = ctx.t("Write: yes, no or abstention. Or: later")
    return Reply(
        "\n".join(filter(None, (said, asked, how))),
        data={"ballots": len(waiting)},
        question=Question(BALLOT, {"box": box.id, "motion": one.motion, "vote": one.number}),
    )


def _ballots(ctx: Context) -> list[tuple[Box, Vote]]:
    boxes = ctx.uow.boxes.of_member(ctx.sender)
    found = [pair for pair in votes.waiting_for(ctx.uow, boxes, ctx.sender) if pair[1].secret]
    return sorted(found, key=lambda pair: (pair[0].id, pair[1].motion, pair[1].number))


@answer(BALLOT)
def filled_in(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """A secret ballot in words; the next one follows."""
    word = plain_word(text.strip(" .!"))
    here = (str(data["box"]), int(data["motion"]), int(data["vote"]))
    if word in _LATER:
        return _next_ballot(ctx, here, ctx.t("All right."))
    if word not in _CHOICES:
        raise UserError("ballot-unclear", "Please write yes, no or abstention.")
    box, one = ctx.uow.boxes.get(here[0]), ctx.uow.votes.get(*here)
    if box is None or one is None:
        raise UserError("vote-over", "This vote is over.")
    told = polling.took(
        ctx, box, votes.take(ctx.uow, box, one, ctx.sender, _CHOICES[word], ctx.now)
    )
    said = told.text if isinstance(told, Reply) else ""
    return _next_ballot(ctx, here, said)


COMMANDS: tuple[Command, ...] = (vote, end, yes, no, abstain, ballot)
ANSWERS: tuple[Answer, ...] = (filled_in,)
