"""`!antrag 3 einreichen`: check, show what leaves the Box, ask, then send it or give files."""

from __future__ import annotations

import hashlib
from typing import Any

from bots.kit.context import Context, box_of
from bots.kit.registry import Answer, Command, answer, argument, command, plain_word
from bots.kit.replies import Question, Replies, Reply
from bots.kit.templates import html_to_text, render_template
from bots.motions import exporting, mailing, views
from bots.motions.amending import require_author
from bots.motions.sentences import Way, WayText
from bridges.documents.view import Layout
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion
from wecreate_module.services import motions, submission

REALLY = "motions.submit"
_YES = frozenset({"ja", "yes", "einreichen", "submit", "abschicken", "send"})


@command(
    "antrag # einreichen",
    "motion # submit",
    area="motions",
    summary="Hand a motion in: I check it, show what will go out, and send it when you say so",
    examples=(
        ("!antrag 3 einreichen", "!motion 3 submit"),
        ("!antrag 3 einreichen an rat@stadt.example", "!motion 3 submit to council@city.example"),
        (
            "!antrag 3 einreichen antwort an anna@post.example",
            "!motion 3 submit reply to anna@post.example",
        ),
        ("!antrag 3 einreichen ohne Mail", "!motion 3 submit without mail"),
    ),
)
@argument("way", WayText(), "an wen", "to whom", optional=True)
def submit(ctx: Context, number: int, way: Way | None) -> Replies:
    """`{"motion": {…}, "mail": {…}}`, then a question and a button; without mail no "mail"."""
    box, way = box_of(ctx), way or Way()
    motion = motions.get_motion(ctx.uow, box, number)
    require_author(ctx, motion)
    body = views.body_of(motion)
    ready = submission.require_ready(ctx.uow, box, number, body, ctx.today)
    to = way.to or body.email or ""
    if way.to and not _can_mail(ctx):
        raise UserError(
            "no-mail-here",
            "This server sends no mail. Type !motion {number} submit and I give you the files.",
            number=number,
        )
    kept = {"number": number, "sha256": ready.sha256}
    if way.by_hand or not to or not _can_mail(ctx):
        return _by_hand(ctx, motion, body, Question(REALLY, kept))
    code = _code(ready.sha256, to, way.reply_to)
    shown = mailing.preview(ctx, box, motion, body, to, way.reply_to, code)
    question = Question(REALLY, {**kept, "to": to, "reply_to": way.reply_to})
    return Reply(shown.text, shown.html, shown.data, shown.buttons, question=question)


def _can_mail(ctx: Context) -> bool:
    return ctx.server is not None and bool(ctx.server.mail_sender)


def _code(sha256: str, to: str, reply_to: str) -> str:
    """Stands for exactly what was shown."""
    return hashlib.sha256(f"{sha256}\n{to}\n{reply_to}".encode()).hexdigest()[:10]


def _by_hand(ctx: Context, motion: Motion, body: Body, question: Question) -> Reply:
    html = render_template(
        "motions/submit.html.j2",
        ctx,
        motion=motion,
        body=body,
        formats=exporting.usual_formats(motion, Layout.SUBMISSION),
    )
    data = {"motion": views.motion_data(ctx, motion)}
    return Reply(html_to_text(html), html, data=data, question=question)


@command(
    "antrag # abschicken",
    "motion # send",
    area="motions",
    summary="Confirm a motion's mail as it was shown",
    examples=(
        (
            "!antrag 3 abschicken 1a2b3c4d5e an rat@stadt.example",
            "!motion 3 send 1a2b3c4d5e to council@city.example",
        ),
    ),
    listed=False,
)
@argument("way", WayText(), "an wen", "to whom", ask="Type !motion 3 submit and I ask you again.")
def send(ctx: Context, number: int, way: Way) -> Replies:
    """`{"motion": {…}}`; the receipt comes as a message of its own. Only as it was shown."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    require_author(ctx, motion)
    sha256 = motion.version.sha256
    if not way.to or way.code != _code(sha256, way.to, way.reply_to):
        raise UserError(
            "motion-changed-meanwhile",
            "The text has changed meanwhile. Look at it and type again: !motion {number} submit",
            number=number,
        )
    return _send(ctx, number, sha256, way.to, way.reply_to)


def _send(ctx: Context, number: int, sha256: str, to: str, reply_to: str) -> Replies:
    box = box_of(ctx)
    body = views.body_of(motions.get_motion(ctx.uow, box, number))
    motion = submission.start_sending(
        ctx.uow,
        box,
        number,
        body,
        ctx.today,
        sha256=sha256,
        to=to,
        reply_to=reply_to,
        sender=ctx.server.mail_sender if ctx.server is not None else "",
        actor=ctx.sender,
    )
    mailing.send(ctx, box, motion, body, exporting.submission_files(ctx, box, motion))
    text = ctx.t("📨 A{number} is on its way to {to} …", number=number, to=to)
    return Reply(text, data={"motion": views.motion_data(ctx, motion)})


@answer(REALLY)
def really(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """Only a plain yes hands it in."""
    number = int(data["number"])
    if plain_word(text.strip(" .!")) not in _YES:
        return Reply(ctx.t("All right, A{number} stays a draft.", number=number))
    box = box_of(ctx)
    before = motions.get_motion(ctx.uow, box, number)
    require_author(ctx, before)
    if data.get("to"):
        return _send(ctx, number, str(data["sha256"]), str(data["to"]), str(data["reply_to"]))
    body = views.body_of(before)
    motion = submission.hand_in(
        ctx.uow, box, number, body, ctx.today, sha256=str(data["sha256"]), actor=ctx.sender
    )
    files = exporting.submission_files(ctx, box, motion)
    html = render_template("motions/submitted.html.j2", ctx, motion=motion, body=body)
    told = Reply(html_to_text(html), html, data={"motion": views.motion_data(ctx, motion)})
    exporting.send(ctx, motion, files)
    return told


COMMANDS: tuple[Command, ...] = (submit, send)
ANSWERS: tuple[Answer, ...] = (really,)
