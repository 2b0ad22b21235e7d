"""What becomes of a listing: its steps, its text, its Box, the answers of those who are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from bots.kit.arguments import Rest, Text
from bots.kit.context import Context
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies
from bots.marketplace.arguments import EVERYWHERE, ListingLink, StepWord, when_and_where
from bots.marketplace.desk import (
    box_of,
    home,
    is_steward,
    meant,
    own,
    require_steward,
    rules,
)
from bots.marketplace.life import views
from bots.marketplace.life.boxmaking import make_box
from bots.marketplace.rooms.changes import changed
from wecreate_module.domain.effects import Publish
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_lives import MAX_ANSWER, is_open
from wecreate_module.domain.listing_rules import Organisation
from wecreate_module.domain.listings import (
    MAX_NAME,
    MAX_PLACE,
    MAX_SUMMARY,
    MAX_TITLE,
    InvalidListing,
    Kind,
    Listing,
    Status,
    read_text,
    require_step,
)
from wecreate_module.services import listing_lives as lives

MOST_VERSIONS_A_DAY = 5
_DECIDE = frozenset({Status.DECIDED, Status.REJECTED, Status.DONE})


@command(
    "markt status",
    "market status",
    area="marketplace",
    summary="See what has become of a listing, or of all of yours; with a word: take that step",
    where=EVERYWHERE,
    examples=(
        ("!markt status", "!market status"),
        ("!markt status eingereicht", "!market status submitted"),
    ),
    aliases=("markt schritt", "market step"),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
@argument("wanted", StepWord(), "schritt", "step", optional=True)
def status(ctx: Context, listing: Listing | None, wanted: Status | None) -> Replies:
    """`{"listing": {…}, "steps": […], "possible": […]}`; of all: `{"results": […], "total"}`."""
    if wanted is None and listing is None and (ctx.box or ctx.direct):
        return views.mine(ctx, _of_here(ctx))
    found = meant(ctx, listing)
    life = ctx.uow.listing_lives.get(found)
    if wanted is None:
        return views.standing(ctx, found, life, may=is_steward(ctx, found, life))
    if not (wanted in _DECIDE and life.addressee in _names(ctx)):
        require_steward(ctx, found, life)
    if found.status is wanted:
        return views.standing(ctx, found, life, may=True)
    require_step(found, wanted, ctx.language)
    if wanted is Status.BOX and box_of(ctx, life) is None:
        make_box(ctx, found)  # the step is taken when the Box stands
        return views.box_comes(ctx, found)
    found = lives.step(ctx.uow, found, wanted, rules(ctx), home(ctx))
    if wanted is Status.ARCHIVED:  # it is still found by searching, but nobody stumbles upon it
        replace(ctx, box=None).put(Publish(found.room_id, listed=False))
    life = ctx.uow.listing_lives.get(found)
    return [views.stepped(ctx, found, life), *changed(ctx, found)]


@command(
    "markt box",
    "market box",
    area="marketplace",
    summary="Make a Box for your listing, in which those who help plan it",
    where=EVERYWHERE,
    examples=(("!markt box", "!market box"),),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
def box(ctx: Context, listing: Listing | None) -> Replies:
    """`{"listing": …}`; the Box's address comes in the direct chat of who published it."""
    found = meant(ctx, listing)
    life = ctx.uow.listing_lives.get(found)
    require_steward(ctx, found, life)
    if not is_open(found):
        raise UserError("listing-over", "That is over; nobody works on it any more.")
    if not make_box(ctx, found):
        raise UserError("has-box", "There is a Box for it already.")
    return views.box_comes(ctx, found)


@command(
    "markt text",
    "market text",
    area="marketplace",
    summary="Write another text for your listing",
    where=EVERYWHERE,
    examples=(
        (
            "!markt text Eine alte Telefonzelle voller Romane, gleich am Brunnen.",
            "!market text An old phone box full of novels, next to the fountain.",
        ),
    ),
)
@argument("text", Rest(MAX_SUMMARY), "text", "text", ask="How shall the text be?")
def text(ctx: Context, text: str) -> Replies:
    """`{"listing": {…}, "version"}`."""
    found = _mine_to_change(ctx)
    return _rewritten(ctx, found, replace(found, summary=_read(text, "summary", MAX_SUMMARY)))


@command(
    "markt titel",
    "market title",
    area="marketplace",
    summary="Give your listing another title",
    where=EVERYWHERE,
    examples=(("!markt titel Bücherschrank am Brunnen", "!market title A bookcase"),),
)
@argument("title", Text(MAX_TITLE), "titel", "title", ask="Which title shall it have?")
def title(ctx: Context, title: str) -> Replies:
    """`{"listing": {…}, "version"}`."""
    found = _mine_to_change(ctx)
    return _rewritten(ctx, found, replace(found, title=_read(title, "title", MAX_TITLE)))


@command(
    "markt wann",
    "market when",
    area="marketplace",
    summary="Move your public event: time and place",
    where=EVERYWHERE,
    examples=(("!markt wann Samstag 15 Uhr, Rathaus", "!market when Saturday 3pm, town hall"),),
)
@argument(
    "when", Rest(300), "wann und wo", "when and where",
    ask="When and where? Like: Saturday 3pm, town hall",
)  # fmt: skip
def when(ctx: Context, when: str) -> Replies:
    """`{"listing": {…}, "version"}`."""
    found = _mine_to_change(ctx)
    if found.kind is not Kind.EVENT:
        raise UserError("no-event", "Only events have a time. Change the text: !market text")
    moment, place = when_and_where(ctx, when)
    place = _read(place, "place", MAX_PLACE, empty=True) or found.place
    return _rewritten(ctx, found, replace(found, starts_at=moment.astimezone(UTC), place=place))


@command(
    "markt an",
    "market to",
    area="marketplace",
    summary="Ask a town hall, a party or an association for an answer",
    where=EVERYWHERE,
    examples=(("!markt an Stadt Musterstadt", "!market to Stadt Musterstadt"),),
)
@argument("name", Text(MAX_NAME), "wen", "whom", ask="Whom do you ask for an answer?")
def to(ctx: Context, name: str) -> Replies:
    """`{"listing": {…}, "addressee"}`."""
    found = meant(ctx)
    require_steward(ctx, found, ctx.uow.listing_lives.get(found))
    body = rules(ctx).organisation(name)
    if body is None:
        known = ", ".join(each.name for each in rules(ctx).organisations)
        if not known:
            raise UserError("no-bodies", "Nobody answers officially on this marketplace yet.")
        raise UserError(
            "unknown-body", "I don't know “{name}”. There are: {known}", name=name[:60], known=known
        )
    life = lives.address(ctx.uow, found, body, rules(ctx), home(ctx))
    return [views.addressed(ctx, found, life), *changed(ctx, found)]


@command(
    "markt antwort",
    "market answer",
    area="marketplace",
    summary="Answer a listing officially, for the body that is asked",
    where=EVERYWHERE,
    examples=(("!markt antwort Wir prüfen das bis März.", "!market answer We look into it."),),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
@argument("text", Rest(MAX_ANSWER), "text", "text", ask="What is the answer?")
def answer(ctx: Context, listing: Listing | None, text: str) -> Replies:
    """`{"listing": {…}, "answer": {"organisation", "text"}}`."""
    here = listing or ctx.uow.listings.get(ctx.room_id)
    found = own(here) if here is not None or not ctx.direct else _which()
    life = ctx.uow.listing_lives.get(found)
    body = next((e for e in rules(ctx).of_member(ctx.sender) if e.name == life.addressee), None)
    if body is None:
        raise _may_not_answer(rules(ctx).of_member(ctx.sender), life.addressee)
    life = lives.answer(
        ctx.uow, found, body, _read(text, "answer", MAX_ANSWER), rules(ctx), home(ctx)
    )
    return [views.answered(ctx, found, life), *changed(ctx, found)]


def _may_not_answer(speaks_for: tuple[Organisation, ...], addressee: str) -> UserError:
    if not speaks_for:
        return UserError(
            "not-official", "Only people who speak for an organisation can answer officially."
        )
    if not addressee:
        return UserError("nobody-asked", "Nobody is asked for an official answer here.")
    return UserError(
        "other-body", "{body} is asked here; only its people can answer.", body=addressee
    )


def _which() -> Listing:
    raise UserError("no-listing", "This room is no listing of the marketplace.")


def _of_here(ctx: Context) -> list[Listing]:
    from_author = ctx.uow.listings.by_author(ctx.sender, views.MINE)
    if ctx.box is None:
        return from_author
    ids = ctx.uow.listing_lives.of_box(ctx.box.id)
    return [each for each in ctx.uow.listings.some(ids) if each.listed]


def _names(ctx: Context) -> set[str]:
    return {each.name for each in rules(ctx).of_member(ctx.sender)}


def _mine_to_change(ctx: Context) -> Listing:
    """Raises UserError unless this person may change a listing that is still going on."""
    found = meant(ctx)
    require_steward(ctx, found, ctx.uow.listing_lives.get(found))
    if not is_open(found):
        raise UserError("listing-over", "That is over; nobody works on it any more.")
    return found


def _rewritten(ctx: Context, before: Listing, after: Listing) -> Replies:
    if after == before:
        raise UserError("same-text", "That is how it stands already.")
    version = ctx.uow.listing_lives.get(before).version
    counted = f"market.texts:{before.room_id}:{ctx.now:%Y-%m-%d}"
    today = int(ctx.uow.meta.get(counted) or 0)
    if today >= MOST_VERSIONS_A_DAY:
        raise UserError(
            "too-many-texts",
            "It was changed {most} times today. Please go on tomorrow, so that people can follow.",
            most=MOST_VERSIONS_A_DAY,
        )
    ctx.uow.meta.set(counted, str(today + 1))
    after, life = lives.rewrite(ctx.uow, before, after, rules(ctx), home(ctx))
    said = views.rewritten(ctx, after, life, substance=life.version != version)
    return [said, *changed(ctx, after)]


def _read(text: str, name: str, most: int, *, empty: bool = False) -> str:
    try:
        return read_text(text, name, most, empty=empty)
    except InvalidListing as error:
        raise UserError(
            "wrong-listing", "That can't be published: {why}.", why=str(error)
        ) from error


COMMANDS: tuple[Command, ...] = (status, box, text, title, when, to, answer)
