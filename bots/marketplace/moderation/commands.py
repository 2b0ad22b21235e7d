"""What moderators decide about a report, and how who published it appeals."""

from __future__ import annotations

from bots.kit.arguments import Rest
from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace.moderation import reports, views
from bots.marketplace.moderation.choices import CHOICES, Choice
from bots.marketplace.moderation.measures import carry_out
from bots.marketplace.moderation.passing import pass_on
from bots.marketplace.moderation.reports import MAX_TEXT
from bots.marketplace.moderation.room import require_moderator, to_moderators
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.listing_cases import Case, CaseKind, Decision

LOGGED = 20
_WHY = msgid("Why? One sentence; who published it gets to read it.")


def _deciding(decision: Decision, choice: Choice) -> Command:
    @command(
        f"{choice.german} #", f"{choice.english} #", area="marketplace", listed=False,
        summary=choice.summary, where=Where.OTHER,
    )  # fmt: skip
    @argument("reason", Rest(MAX_TEXT), "warum", "why", ask=_WHY)
    def decide(ctx: Context, number: int, reason: str) -> Replies:
        """`{"case": {…}}`."""
        return _decide(ctx, number, decision, reason)

    return decide


@command(
    "markt protokoll", "market log", area="marketplace", listed=False,
    summary="Moderators: what was decided, and why",
    where=Where.OTHER,
)  # fmt: skip
def log(ctx: Context) -> Replies:
    """`{"cases": [{…}]}`, the newest first."""
    require_moderator(ctx)
    return views.log(ctx, ctx.uow.listing_cases.last(LOGGED))


@command(
    "markt widerspruch #", "market appeal #", area="marketplace", listed=False,
    summary="Say why a decision about your listing is wrong",
    where=Where.DIRECT, reading=True,
)  # fmt: skip
@argument("text", Rest(MAX_TEXT), "warum", "why", ask="Why is the decision wrong?")
def appeal(ctx: Context, number: int, text: str) -> Replies:
    """`{"appeal": number}`; once for each decision."""
    cases = ctx.uow.listing_cases
    case = cases.get(number)
    listing = ctx.uow.listings.get(case.room_id) if case is not None else None
    if case is None or case.kind is CaseKind.APPEAL or listing is None:
        raise _no_case()
    if listing.author != ctx.sender or case.decision in {None, Decision.DISMISS}:
        raise _no_case()
    if cases.appeal_of(number) is not None:
        raise UserError("appealed-before", "You have said so before; the moderators look into it.")
    made, _ = cases.open(case.room_id, CaseKind.APPEAL, ctx.sender, text, of=number)
    to_moderators(ctx, made, new=True)
    return views.appealed(ctx, made)


def _decide(ctx: Context, number: int, decision: Decision, reason: str) -> Replies:
    """Log it, do it, tell who published and who reported."""
    require_moderator(ctx)
    case = ctx.uow.listing_cases.get(number)
    listing = ctx.uow.listings.get(case.room_id) if case is not None else None
    if case is None or listing is None:
        raise _no_case()
    if decision is Decision.RESTORE and _hidden_here(case, listing):
        case, _ = ctx.uow.listing_cases.open(
            case.room_id, CaseKind.APPEAL, ctx.sender, reason, of=case.number
        )
    if not CHOICES[decision].fits(case, listing):
        raise UserError("other-case", "That doesn't fit this case; tap a sign below it.")
    if case.decision is not None:
        raise UserError("decided-before", "That was decided before.")
    if decision is Decision.FORWARD:
        pass_on(ctx, case, listing)
    case = ctx.uow.listing_cases.decide(case, decision, ctx.sender, reason)
    carry_out(ctx, listing, decision)
    letters.tell(ctx, listing.author, lambda reader: views.told(reader, case, listing))
    if case.kind is CaseKind.REPORT:
        for user_id in dict.fromkeys(each.user_id for each in case.complaints):
            letters.tell(ctx, user_id, lambda reader: views.outcome(reader, case, listing))
    return views.decided(ctx, case, listing)


def _hidden_here(case: Case, listing: Listing) -> bool:
    """A partner's listing that moderators here have hidden: there is nobody to appeal."""
    decided = case.kind is CaseKind.REPORT and case.decision is Decision.HIDE
    return bool(listing.origin) and decided and not listing.listed


def _no_case() -> UserError:
    return UserError("no-such-case", "There is no such case here.")


COMMANDS: tuple[Command, ...] = (
    *reports.COMMANDS,
    *(_deciding(decision, choice) for decision, choice in CHOICES.items()),
    log,
    appeal,
)
