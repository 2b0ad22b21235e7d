"""What a vote came to, in words and as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from wecreate_module.domain.votes import Outcome, VoteResult

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
