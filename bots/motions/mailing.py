"""A motion's mail: what stands in it, and what is said of it before and after."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Button, Replies, Reply
from bots.kit.templates import html_to_text, render_template
from bots.motions import exporting, views
from bridges.documents.making import named
from bridges.documents.recipes import Recipe
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import SendMail
from wecreate_module.domain.motions import Motion
from wecreate_module.services import submission

MAILED = "motions.mailed"
# What mail servers say to each other before the words (RFC 5321, RFC 3463): "550 5.1.1 ".
_CODES = re.compile(r"^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?")


def subject(motion: Motion, body: Body) -> str:
    return f"{body.heading}: {motion.title}"


def letter(ctx: Context, box: Box, motion: Motion, body: Body, names: Sequence[str]) -> str:
    """The mail's words, in German: bodies here read nothing else."""
    german = ctx.in_language(ctx.app.translators["de"]) if ctx.app is not None else ctx
    return render_template(
        "motions/letter.txt.j2",
        german,
        box=box,
        motion=motion,
        body=body,
        files=names,
        signers=[ctx.display_name(who) for who in motion.signed],
    ).strip() + "\n"  # fmt: skip


def send(ctx: Context, box: Box, motion: Motion, body: Body, files: Sequence[Recipe]) -> None:
    """Queue the mail; what came of it goes on in `mailed`."""
    mailing = motion.mailing
    if mailing is None:
        raise RuntimeError("a motion without a recipient can't be sent")
    packed = [exporting.packed(file) for file in files]
    mail = SendMail(
        box_id=box.id,
        message_id=mailing.message_id,
        from_name=box.name,
        to=mailing.to,
        reply_to=mailing.reply_to,
        subject=subject(motion, body),
        text=letter(ctx, box, motion, body, [each["name"] for each in packed]),
        files=packed,
    )
    ctx.put(mail, then=MAILED, extra={"number": motion.number})


@continuation(MAILED)
def mailed(ctx: Context, effect: SendMail, result: dict[str, Any]) -> Replies:
    """The receipt and the files as they went out; or one sentence why nothing did."""
    box, number = ctx.box, int(ctx.extra["number"])
    if box is None:
        return None
    actor = ctx.sender
    if "accepted" in result:
        answer = str(result["accepted"])
        motion = submission.was_accepted(ctx.uow, box, number, answer, actor=actor)
        exporting.send_packed(ctx, motion, effect.files)
        return _receipt(ctx, motion, effect, answer)
    if "uncertain" in result:
        return _unknown(ctx, submission.is_unknown(ctx.uow, box, number, actor=actor), effect)
    motion = submission.was_refused(ctx.uow, box, number, actor=actor)
    return _nothing_went_out(ctx, motion, effect, result)


def _receipt(ctx: Context, motion: Motion, mail: SendMail, answer: str) -> Reply:
    html = render_template("motions/receipt.html.j2", ctx, motion=motion, mail=mail)
    data = {
        "motion": views.motion_data(ctx, motion),
        "mail": {**_mail_data(mail), "answer": answer},
    }
    return Reply(html_to_text(html), html, data=data)


def _mail_data(mail: SendMail) -> dict[str, Any]:
    return {
        "to": mail.to,
        "message_id": mail.message_id,
        "subject": mail.subject,
        "files": [each["name"] for each in mail.files],
    }


def _unknown(ctx: Context, motion: Motion, mail: SendMail) -> Reply:
    text = ctx.t(
        "⚠️ The connection broke at the very last step, so I don't know whether the mail with "
        "A{number} reached {to}. Please ask there (its mark: {message_id}). It did? Then: "
        "!motion {number} status submitted. It did not? Then once more: !motion {number} submit",
        number=motion.number,
        to=mail.to,
        message_id=mail.message_id,
    )
    return Reply(text, error={"code": "mail-uncertain", "message": text})


def _nothing_went_out(
    ctx: Context, motion: Motion, mail: SendMail, result: dict[str, Any]
) -> Reply:
    number = motion.number
    if "refused" in result:
        text = ctx.t(
            "❌ The mail server does not take the mail to {to}: “{answer}”. Nothing went out and "
            "A{number} is a draft as before. Look at the address and try again.",
            to=mail.to,
            answer=_CODES.sub("", str(result["refused"]))[:200],
            number=number,
        )
        return Reply(text, error={"code": "mail-refused", "message": text})
    sentences = {
        "insecure": ctx.t(
            "❌ The way to the mail server is not safe, so nothing went out and A{number} is a "
            "draft as before. Please tell whoever runs this server.",
            number=number,
        ),
        "unwritable": ctx.t(
            "❌ I could not write that mail, so nothing went out and A{number} is a draft as "
            "before. Please tell whoever runs this server.",
            number=number,
        ),
        "document": ctx.t(
            "❌ I could not make the files for the mail, so nothing went out and A{number} is a "
            "draft as before. Please tell whoever runs this server.",
            number=number,
        ),
        "login": ctx.t(
            "❌ The mail server does not let me in, so nothing went out and A{number} is a draft "
            "as before. Please tell whoever runs this server.",
            number=number,
        ),
    }
    unreachable = ctx.t(
        "❌ The mail server does not answer, so nothing went out and A{number} is a draft as "
        "before. Try again later: !motion {number} submit",
        number=number,
    )
    reason = str(result.get("failed", "unreachable"))
    text = sentences.get(reason, unreachable)
    return Reply(text, error={"code": f"mail-{reason}", "message": text})


def preview(
    ctx: Context, box: Box, motion: Motion, body: Body, to: str, reply_to: str, code: str
) -> Reply:
    """All that would leave the Box, and to whom; a button for those who may."""
    names = [named(each)[2] for each in exporting.submission_files(ctx, box, motion)]
    sender = ctx.server.mail_sender if ctx.server is not None else ""
    words = letter(ctx, box, motion, body, names)
    html = render_template(
        "motions/mail.html.j2",
        ctx,
        motion=motion,
        box=box,
        sender=sender,
        to=to,
        reply_to=reply_to,
        subject=subject(motion, body),
        words=words,
        files=names,
    )
    command = ctx.t("!motion {number} send {code} to {to}", number=motion.number, code=code, to=to)
    if reply_to:
        command = f"{command} {ctx.t('reply to {address}', address=reply_to)}"
    data = {
        "motion": views.motion_data(ctx, motion),
        "mail": {
            "from": sender,
            "to": to,
            "reply_to": reply_to,
            "subject": subject(motion, body),
            "text": words,
            "files": names,
        },
    }
    return Reply(html_to_text(html), html, data=data, buttons=(Button("📨", command),))


CONTINUATIONS: tuple[Continuation, ...] = (mailed,)
