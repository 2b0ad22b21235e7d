"""What is said about votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid, zone
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from bots.motions import views
from bots.motions.results import result_data, result_words
from wecreate_module.domain.amendments import AmendmentState
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.motions import Motion
from wecreate_module.domain.votes import Choice, Majority, Outcome, Vote, VoteResult, quorum_of

MAJORITIES: Mapping[Majority, str] = {
    Majority.SIMPLE: msgid("more yes than no"),
    Majority.ABSOLUTE: msgid("yes from more than half of all who may vote"),
    Majority.TWO_THIRDS: msgid("two thirds yes"),
    Majority.THREE_QUARTERS: msgid("three quarters yes"),
}


def for_all(ctx: Context, box: Box) -> Context:
    """What everybody in the Box reads: its language and clock, not one person's."""
    known = ctx.app.translators if ctx.app is not None else {}
    translator = known.get(box.language, ctx.translator)
    return replace(ctx, translator=translator, timezone=zone(box.timezone))


def choices(ctx: Context) -> dict[str, str]:
    words = (ctx.t("Yes"), ctx.t("No"), ctx.t("Abstention"))
    return dict(zip((choice.value for choice in Choice), words, strict=True))


def question(ctx: Context, box: Box, motion: Motion, vote: Vote) -> str:
    """The poll's question; it names the Box where it is asked elsewhere."""
    if vote.secret:
        said = ctx.t("Secret vote in “{box}”. Your first choice stays.", box=box.name)
        return f"🗳️ {said} {_asked(ctx, motion, vote)}"
    return f"🗳️ {_asked(ctx, motion, vote)}"


def _asked(ctx: Context, motion: Motion, vote: Vote) -> str:
    if vote.about is not None:
        return ctx.t(
            "Shall amendment Ä{amendment} to A{number} “{title}” be adopted?",
            amendment=vote.about,
            number=motion.number,
            title=motion.title,
        )
    return ctx.t(
        "Do you want A{number} “{title}” as it stands in version {version}?",
        number=motion.number,
        title=motion.title,
        version=vote.version,
    )


def vote_data(vote: Vote) -> dict[str, Any]:
    """For programs; while it goes on nobody sees numbers."""
    return {
        "number": vote.number,
        "motion": vote.motion,
        "version": vote.version,
        "amendment": vote.about,
        "secret": vote.secret,
        "voters": list(vote.voters),
        "voted": len(vote.taking_part),
        "majority": vote.majority.value,
        "needed": quorum_of(vote.quorum, len(vote.voters)),
        "ends_at": vote.ends_at.isoformat(),
        "state": vote.state.value,
    }


def opened(ctx: Context, motion: Motion, vote: Vote, without_chat: Sequence[str]) -> Reply:
    html = render_template(
        "motions/vote.html.j2",
        ctx,
        motion=motion,
        vote=vote,
        asked=_asked(ctx, motion, vote),
        majority=ctx.t(MAJORITIES[vote.majority]),
        needed=quorum_of(vote.quorum, len(vote.voters)),
        assumed=views.body_of(motion).majority is None and vote.about is None,
        without_chat=without_chat,
    )
    return Reply(
        html_to_text(html),
        html,
        data={"motion": views.motion_data(ctx, motion), "vote": vote_data(vote)},
        mentions=tuple(without_chat),
    )


def still_open(ctx: Context, drafts: Sequence[Motion], votes: Sequence[Vote]) -> Reply:
    """What waits for this person: votes first, then drafts to sign, with their amendments."""
    amended = [
        (motion, each)
        for motion in drafts
        for each in motion.amendments
        if each.state is AmendmentState.OPEN and ctx.sender not in (each.author, *each.cosigners)
    ]
    html = render_template("motions/open.html.j2", ctx, votes=votes, drafts=drafts, amended=amended)
    rows = views.listing(ctx, drafts, "", "").data or {}
    data = {
        **rows,
        "votes": [vote_data(vote) for vote in votes],
        "amendments": [
            {"motion": motion.number, **views.amendment_data(each)} for motion, each in amended
        ],
    }
    return Reply(html_to_text(html), html, data=data)


def counted(ctx: Context, motion: Motion, result: VoteResult) -> Reply:
    html = render_template(
        "motions/vote_result.html.j2",
        ctx,
        motion=motion,
        result=result,
        words=result_words(ctx, result),
        majority=ctx.t(MAJORITIES[result.majority]),
        carried=result.outcome is Outcome.ADOPTED,
    )
    buttons: tuple[Button, ...] = ()
    if result.about is not None and result.outcome is not Outcome.NO_QUORUM:
        what = {"number": motion.number, "amendment": result.about}
        if result.outcome is Outcome.ADOPTED:
            buttons = (Button("✅", ctx.t("!motion {number} adopt {amendment}", **what)),)
        else:
            buttons = (Button("❌", ctx.t("!motion {number} reject {amendment}", **what)),)
    return Reply(
        html_to_text(html),
        html,
        data={"motion": views.motion_data(ctx, motion), "vote": result_data(result)},
        buttons=buttons,
    )


def ballot_in(ctx: Context, box: Box, vote: Vote) -> Reply:
    text = ctx.t(
        "🗳️ Your vote on A{number} in “{box}” is in. I only keep that you voted, not what.",
        number=vote.motion,
        box=box.name,
    )
    return Reply(text, data={"vote": {"motion": vote.motion, "number": vote.number}})
