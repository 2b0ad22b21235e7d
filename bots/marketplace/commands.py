"""`!markt suche`, and all tables of the marketplace together."""

from __future__ import annotations

from bots.kit.app import Part
from bots.kit.arguments import Rest
from bots.kit.context import Context
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies
from bots.marketplace import farewells, letters, views
from bots.marketplace.arguments import ListingLink
from bots.marketplace.joining import commands as joining
from bots.marketplace.joining import continuations as joiners
from bots.marketplace.life import boxmaking
from bots.marketplace.life import commands as life
from bots.marketplace.moderation import commands as moderation
from bots.marketplace.moderation import passing, reports
from bots.marketplace.moderation import room as moderators
from bots.marketplace.news import commands as following
from bots.marketplace.news import schedule as news
from bots.marketplace.publishing import commands as publishing
from bots.marketplace.publishing import continuations as published
from bots.marketplace.publishing import questions
from bots.marketplace.rooms import spaces
from bots.marketplace.searching import read_search
from bots.marketplace.starting import companions, started
from bots.marketplace.supporting import commands as supporting
from bots.marketplace.supporting import schedule as counting
from wecreate_module.domain.listings import Listing
from wecreate_module.services.listings import search_listings


@command(
    "markt suche",
    "market search",
    area="marketplace",
    summary="Search the marketplace",
    where=Where.ANY,
    reading=True,
    examples=(
        ("!markt suche Spielplatz", "!market search playground"),
        ("!markt suche Idee #rad in Süd", "!market search idea #bike district:South"),
        ("!markt suche von:partei status:sammelt", "!market search by:party status:gathering"),
    ),
    aliases=("markt", "market"),
)
@argument("text", Rest(200), "wörter", "words", optional=True)
def search(ctx: Context, text: str | None) -> Replies:
    """`{"results": [{…}], "total", "page"}`."""
    asked = read_search(text or "", ctx)
    return views.found(ctx, search_listings(ctx.uow, asked.query), asked)


@command(
    "markt zeigen",
    "market show",
    area="marketplace",
    summary="Look at a listing without going into its room",
    where=Where.ANY,
    reading=True,
    examples=(("!markt zeigen https://matrix.to/#/!abc", "!market show https://matrix.to/#/!abc"),),
)
@argument("listing", ListingLink(), "eintrag", "listing", ask="Which one? Send me its link.")
def show(ctx: Context, listing: Listing) -> Replies:
    """`{"listing": {…}}`."""
    return views.shown(ctx, listing)


COMMANDS: tuple[Command, ...] = (
    *publishing.COMMANDS,
    search,
    show,
    *supporting.COMMANDS,
    *joining.COMMANDS,
    *life.COMMANDS,
    *following.COMMANDS,
    *moderation.COMMANDS,
)

PART = Part(
    commands=COMMANDS,
    continuations=(
        *published.CONTINUATIONS,
        *spaces.CONTINUATIONS,
        *letters.CONTINUATIONS,
        *joiners.CONTINUATIONS,
        *boxmaking.CONTINUATIONS,
        *moderators.CONTINUATIONS,
        *passing.CONTINUATIONS,
    ),
    answers=(*questions.ANSWERS, *joining.ANSWERS, *reports.ANSWERS),
    scheduled=(
        *counting.SCHEDULED,
        *farewells.SCHEDULED,
        *news.SCHEDULED,
        *passing.SCHEDULED,
        *spaces.SCHEDULED,
    ),
    on_redaction=(counting.withdrawn,),
    on_start=started,
    companions=companions,
)
