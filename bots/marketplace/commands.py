"""`!markt …`: publishing, searching and supporting listings."""

from __future__ import annotations

from collections.abc import Sequence

from bots.kit.app import Part
from bots.kit.arguments import ArgumentType, Rest, Text
from bots.kit.context import Context
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies
from bots.marketplace import publishing, views
from bots.marketplace.searching import read_search
from bots.marketplace.support import SCHEDULED, refresh_later, withdrawn
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_queries import Query
from wecreate_module.domain.listings import (
    MAX_TITLE,
    InvalidListing,
    Kind,
    Offer,
    read_kind,
    read_offer,
)
from wecreate_module.services.listings import search_listings

SHOWN = 8
MINE = 20


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
        ("!markt suche Idee #rad Radweg", "!market search idea #bike"),
    ),
    aliases=("markt", "market"),
)
@argument("text", Rest(200), "wörter", "words", optional=True)
def search(ctx: Context, text: str | None) -> Replies:
    """`{"results": [{…}], "total"}`."""
    words, kinds, tags = read_search(text or "")
    query = Query(words=words, kinds=kinds, tags=tags, limit=SHOWN)
    return views.found(ctx, search_listings(ctx.uow, query), text or "")


@command(
    "markt status",
    "market status",
    area="marketplace",
    summary="See your own listings",
    where=Where.ANY,
    reading=True,
    examples=(("!markt status", "!market status"),),
)
def mine(ctx: Context) -> Replies:
    """`{"results": [{…}], "total"}`."""
    return views.mine(ctx, ctx.uow.listings.by_author(ctx.sender, MINE))


@command(
    "unterstützen",
    "support",
    area="marketplace",
    summary="Support a listing, in its room",
    where=Where.OTHER,
    reading=True,
    examples=(("!unterstützen", "!support"),),
)
def support(ctx: Context) -> Replies:
    """No answer but the count on the card, so that the room stays quiet."""
    listing = ctx.uow.listings.get(ctx.room_id)
    if listing is None or listing.origin or not listing.listed:
        raise UserError("no-listing", "This room is no listing of the marketplace.")
    # The outbox names rows by the Matrix event that led to them: here the 👍, or the command.
    ctx.uow.listings.add_support(listing.room_id, ctx.sender, ctx.keys.base)
    refresh_later(ctx.uow, listing)
    return None


COMMANDS: tuple[Command, ...] = (new, search, mine, support)

PART = Part(
    commands=COMMANDS,
    continuations=publishing.CONTINUATIONS,
    answers=publishing.ANSWERS,
    scheduled=SCHEDULED,
    on_redaction=(withdrawn,),
)
