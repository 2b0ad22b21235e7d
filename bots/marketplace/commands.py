"""`!markt …`: publishing, searching and supporting listings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bots.kit.app import Part
from bots.kit.arguments import ArgumentType, Rest, Text
from bots.kit.context import Context
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies
from bots.marketplace import (
    boxmaking,
    joiners,
    joining,
    letters,
    life,
    moderation,
    news,
    publishing,
    spaces,
    speakers,
    views,
)
from bots.marketplace.desk import ListingLink, own
from bots.marketplace.searching import read_search
from bots.marketplace.starting import started
from bots.marketplace.support import SCHEDULED, refresh_later, withdrawn
from wecreate_module.domain.effects import Redact
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import (
    MAX_TITLE,
    InvalidListing,
    Kind,
    Listing,
    Offer,
    read_kind,
    read_offer,
)
from wecreate_module.services.listings import search_listings


class KindWord(ArgumentType[tuple[Kind, Offer | None]]):
    """One word: `idee`, `event`, `raum`."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - words are enough
        try:
            read_kind(words[0])
        except InvalidListing:
            return 0
        return 1

    def parse(self, text: str, ctx: Context) -> tuple[Kind, Offer | None]:  # noqa: ARG002 - likewise
        try:
            return read_kind(text), read_offer(text)
        except InvalidListing as error:
            raise UserError(
                "unknown-kind",
                "I don't know the kind “{text}”. There are: idea, event, reform, request, offer.",
                text=text[:60],
            ) from error


@command(
    "markt neu",
    "market new",
    area="marketplace",
    summary="Publish an idea, an event, a reform, a request or an offer",
    where=Where.ANY,
    examples=(
        ("!markt neu Idee Bücherschrank am Markt", "!market new idea A bookcase in the square"),
    ),
)
@argument(
    "kind",
    KindWord(),
    "art",
    "kind",
    ask="What is it: an idea, an event, a reform, a request or an offer?",
)
@argument("title", Text(MAX_TITLE), "titel", "title", ask="Which title shall it have?")
def new(ctx: Context, kind: tuple[Kind, Offer | None], title: str) -> Replies:
    """Asks for the rest; answered by market.created with `{"listing": {…}}`."""
    publishing.require_may_publish(ctx)
    publishing.require_may_speak(ctx)
    return publishing.begin(ctx, kind[0], kind[1], title)


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


@command(
    "unterstützen",
    "support",
    area="marketplace",
    summary="Support a listing, in its room",
    where=joining.EVERYWHERE,
    reading=True,
    examples=(("!unterstützen", "!support"),),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
def support(ctx: Context, listing: Listing | None) -> Replies:
    """No answer but the count on the card, so that the room stays quiet."""
    wanted = own(listing or ctx.uow.listings.get(ctx.room_id))
    version = ctx.uow.listing_lives.get(wanted).version
    # The outbox names rows by the Matrix event that led to them: here the 👍, or the command.
    ctx.uow.listings.add_support(wanted.room_id, ctx.sender, ctx.keys.base, version)
    refresh_later(ctx.uow, wanted)
    return None if wanted.room_id == ctx.room_id else views.supported(ctx, wanted)


@command(
    "unterstützung zurücknehmen",
    "support withdraw",
    area="marketplace",
    summary="Withdraw your support of a listing, in its room",
    where=joining.EVERYWHERE,
    reading=True,
    examples=(("!unterstützung zurücknehmen", "!support withdraw"),),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
def withdraw(ctx: Context, listing: Listing | None) -> Replies:
    """Like taking the 👍 away."""
    wanted = own(listing or ctx.uow.listings.get(ctx.room_id))
    events = ctx.uow.listings.events_of_support(wanted.room_id, ctx.sender)
    if not events:
        raise UserError("no-support", "You don't support this, so there is nothing to withdraw.")
    for event_id in events:
        ctx.uow.listings.take_support(event_id)
        if event_id.startswith("$"):  # so that the reactions below the card tell the same
            replace(ctx, box=None).put(Redact(wanted.room_id, event_id))
    refresh_later(ctx.uow, wanted)
    return views.withdrawn(ctx, wanted)


@command(
    "markt einverstanden",
    "market agree",
    area="marketplace",
    summary="Agree that your name stands in what your Box publishes",
    where=Where.BOX,
    listed=False,
)
@argument("mark", Text(16), "text", "text", ask="Tap 🤝 below the text that you agree to.")
def agree(ctx: Context, mark: str) -> Replies:
    """`{"agreed": user id}`, for that very text."""
    speakers.agree(ctx, mark)
    return views.agreed(ctx)


COMMANDS: tuple[Command, ...] = (
    new,
    search,
    show,
    support,
    withdraw,
    agree,
    *joining.COMMANDS,
    *life.COMMANDS,
    *news.COMMANDS,
    *moderation.COMMANDS,
)

PART = Part(
    commands=COMMANDS,
    continuations=(
        *publishing.CONTINUATIONS,
        *spaces.CONTINUATIONS,
        *letters.CONTINUATIONS,
        *joiners.CONTINUATIONS,
        *boxmaking.CONTINUATIONS,
        *moderation.CONTINUATIONS,
    ),
    answers=(*publishing.ANSWERS, *joining.ANSWERS, *moderation.ANSWERS),
    scheduled=(*SCHEDULED, *news.SCHEDULED, *spaces.SCHEDULED),
    on_redaction=(withdrawn,),
    on_start=started,
)
