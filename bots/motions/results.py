"""What a check found and what a vote came to: in words, and as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from wecreate_module.domain.checks import Finding
from wecreate_module.domain.motions import Motion
from wecreate_module.domain.votes import Outcome, VoteResult

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
    "no-sitting-left": msgid(
        "No sitting that I know of can be reached any more. Do you know one? "
        "!motion {number} sitting 15 Jan"
    ),
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


OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.ADOPTED: ("✅", msgid("carried")),
    Outcome.REJECTED: ("❌", msgid("not carried")),
    Outcome.NO_QUORUM: ("⚠️", msgid("too few took part, so it counts for nothing")),
}


def result_data(result: VoteResult) -> dict[str, Any]:
    return {
        "number": result.number,
        "version": result.version,
        "amendment": result.about,
        "secret": result.secret,
        "yes": result.yes,
        "no": result.no,
        "abstain": result.abstain,
        "eligible": result.eligible,
        "majority": result.majority.value,
        "needed": result.needed,
        "outcome": result.outcome.value,
        "ended_at": result.ended_at.isoformat(),
    }


def result_words(ctx: Context, result: VoteResult) -> str:
    """One line with all numbers: "5 Ja, 2 Nein, 1 Enthaltung …"."""
    emoji, outcome = OUTCOMES[result.outcome]
    return ctx.t(
        "{emoji} {outcome}: {yes} yes, {no} no, {abstain} abstentions; {took_part} of {eligible} "
        "took part",
        emoji=emoji,
        outcome=ctx.t(outcome),
        yes=result.yes,
        no=result.no,
        abstain=result.abstain,
        took_part=result.yes + result.no + result.abstain,
        eligible=result.eligible,
    )
