"""`!melden`: what somebody says goes to the moderators, and to nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bots.kit.arguments import Rest
from bots.kit.context import Context
from bots.kit.registry import Answer, Command, answer, argument, command
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace.arguments import EVERYWHERE, ListingLink
from bots.marketplace.desk import rules, shown
from bots.marketplace.moderation import views
from bots.marketplace.moderation.room import to_moderators
from wecreate_module.domain.effects import Redact
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.listing_cases import CaseKind

Json = dict[str, Any]
MAX_TEXT = 500
MOST_A_DAY = 10
A_DAY = timedelta(days=1)


@command(
    "melden",
    "report",
    area="marketplace",
    summary="Report a listing that does harm; only the moderators learn of it",
    where=EVERYWHERE,
    reading=True,
    examples=(("!melden", "!report"),),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
@argument("reason", Rest(MAX_TEXT), "warum", "why", optional=True)
def report(ctx: Context, listing: Listing | None, reason: str | None) -> Replies:
    """`{"reported": room id}`. In the listing's room what was typed is taken away again."""
    found = shown(listing or ctx.uow.listings.get(ctx.room_id))
    _require_may_report(ctx)
    public = ctx.box is None and not ctx.direct
    if public and ctx.keys.base.startswith("$"):
        ctx.put(Redact(ctx.room_id, ctx.keys.base))
    if reason is None:
        letters.tell(ctx, ctx.sender, lambda reader: views.why(reader, found))
        return None
    _file(ctx, found, reason)
    if public:
        letters.tell(ctx, ctx.sender, lambda reader: views.thanks(reader, found))
        return None
    return views.thanks(ctx, found)


@answer("market.report")
def reported(ctx: Context, text: str, data: Json) -> Replies:
    """`{"reported": room id}`."""
    found = shown(ctx.uow.listings.get(str(data["listing"])))
    _require_may_report(ctx)
    _file(ctx, found, Rest(MAX_TEXT).parse(text, ctx))
    return views.thanks(ctx, found)


def _require_may_report(ctx: Context) -> None:
    if not rules(ctx).moderators:
        raise UserError(
            "no-moderators",
            "Nobody looks after reports here yet. Please turn to those who run this server.",
        )
    if ctx.uow.listing_cases.complained_since(ctx.sender, ctx.now - A_DAY) >= MOST_A_DAY:
        raise UserError(
            "too-many-reports",
            "You have reported {most} listings today. Please go on tomorrow.",
            most=MOST_A_DAY,
        )


def _file(ctx: Context, listing: Listing, text: str) -> None:
    case, new = ctx.uow.listing_cases.open(listing.room_id, CaseKind.REPORT, ctx.sender, text)
    to_moderators(ctx, case, new=new)


COMMANDS: tuple[Command, ...] = (report,)
ANSWERS: tuple[Answer, ...] = (reported,)
