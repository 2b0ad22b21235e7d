"""Findings of the check as sentences: what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping

from bots.kit.context import Context
from bots.kit.i18n import msgid
from wecreate_module.domain.checks import Finding
from wecreate_module.domain.motions import Motion

SENTENCES: Mapping[str, str] = {
    "section-missing": msgid(
        "“{section}” is missing. Write it with: !motion {number} section {section}: …"
    ),
    "section-too-long": msgid("“{section}” is too long: {length} characters, at most {most} fit."),
    "prefix-doubled": msgid("“{prefix}” comes by itself; leave it out of your text."),
    "not-plain": msgid("This body wants plain text, without bold, footnotes or links."),
    "unfinished": msgid("This looks unfinished."),
    "no-amount": msgid("I find no amount at the end of “{text}”."),
    "plan-unbalanced": msgid(
        "Costs are {costs} €, but the money that comes in is {finance} €; they must be equal."
    ),
    "cosigners-missing": msgid("{have} of {need} co-signers so far."),
    "chapters-missing": msgid(
        "They are from {have} of {need} chapters. Sign with: !motion {number} cosign for …"
    ),
    "cosigners-again": msgid("{n} who signed older words have not signed these yet."),
    "amendments-open": msgid("{n} amendments are still open."),
    "no-sitting-left": msgid("No sitting that I know of can be reached any more."),
    "hand-in-by": msgid("For the sitting on {sitting} hand it in by {last}."),
}


def in_words(ctx: Context, motion: Motion, finding: Finding) -> str:
    params = dict(finding.params)
    for name in ("sitting", "last"):
        if name in params:
            params[name] = ctx.when(params[name])  # type: ignore[arg-type]  # dates, by their names
    if finding.code == "hint":
        return str(params["text"])
    said = ctx.t(SENTENCES[finding.code], **{**params, "number": motion.number})
    if finding.line is None:
        return said
    return ctx.t("Line {line}: {finding}", line=finding.line, finding=said)
