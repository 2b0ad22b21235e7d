"""`!antrag 3 einreichen`: check, show what leaves the Box, ask, freeze, give files and steps."""

from __future__ import annotations

from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Answer, Command, answer, command, plain_word
from bots.kit.replies import Question, Replies, Reply
from bots.kit.templates import html_to_text, render_template
from bots.motions import exporting, views
from bots.motions.amending import box_of, require_author
from bots.motions.arguments import Wanted
from bridges.documents.view import Layout
from wecreate_module.services import motions, submission

REALLY = "motions.submit"
_YES = frozenset({"ja", "yes", "einreichen", "submit"})


@command(
    "antrag # einreichen",
    "motion # submit",
    area="motions",
    summary="Hand a motion in: I check it, make the files and keep the text as it is",
    examples=(("!antrag 3 einreichen", "!motion 3 submit"),),
)
def submit(ctx: Context, number: int) -> Replies:
    """`{"motion": {…}}`, then a question."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    require_author(ctx, motion)
    body = views.body_of(motion)
    ready = submission.require_ready(ctx.uow, box_of(ctx), number, body, ctx.today)
    html = render_template(
        "motions/submit.html.j2",
        ctx,
        motion=motion,
        body=body,
        formats=exporting.usual_formats(motion, Layout.SUBMISSION),
    )
    return Reply(
        html_to_text(html),
        html,
        data={"motion": views.motion_data(ctx, motion)},
        question=Question(REALLY, {"number": number, "sha256": ready.sha256}),
    )


@answer(REALLY)
def really(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """Only a plain yes hands it in."""
    number = int(data["number"])
    if plain_word(text.strip(" .!")) not in _YES:
        return Reply(ctx.t("All right, A{number} stays a draft.", number=number))
    box = box_of(ctx)
    before = motions.get_motion(ctx.uow, box, number)
    require_author(ctx, before)
    body = views.body_of(before)
    motion = submission.hand_in(
        ctx.uow, box, number, body, ctx.today, sha256=str(data["sha256"]), actor=ctx.sender
    )
    files = exporting.files_of(ctx, box, motion, Wanted((), Layout.SUBMISSION))
    html = render_template("motions/submitted.html.j2", ctx, motion=motion, body=body)
    told = Reply(html_to_text(html), html, data={"motion": views.motion_data(ctx, motion)})
    exporting.send(ctx, motion, files)
    return told


COMMANDS: tuple[Command, ...] = (submit,)
ANSWERS: tuple[Answer, ...] = (really,)
