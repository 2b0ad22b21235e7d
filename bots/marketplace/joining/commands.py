"""`!mitmachen`: somebody offers help, the Box's admins say yes or no."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bots.kit.arguments import Number, Rest
from bots.kit.context import Context, Origin
from bots.kit.outgoing import say
from bots.kit.registry import Answer, Command, Where, answer, argument, command
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace.arguments import EVERYWHERE, ListingLink
from bots.marketplace.desk import (
    admins,
    box_of,
    is_admin,
    meant,
    of_server,
    own,
)
from bots.marketplace.joining import views
from bots.marketplace.joining.continuations import take_in
from bots.marketplace.life.boxmaking import make_box
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_lives import is_open
from wecreate_module.domain.listings import Listing
from wecreate_module.services import boxes
from wecreate_module.storage.listing_requests import Asked, JoinRequest

Json = dict[str, Any]
MAX_OFFER = 500
MOST_A_DAY = 10
A_DAY = timedelta(days=1)
AGAIN_AFTER = timedelta(days=7)


@command(
    "mitmachen",
    "join",
    area="marketplace",
    summary="Offer your help with a listing, in its room",
    where=EVERYWHERE,
    reading=True,
    examples=(
        ("!mitmachen", "!join"),
        ("!mitmachen 2 Stunden die Woche, ich kann tischlern", "!join two hours a week"),
    ),
)
@argument("listing", ListingLink(), "eintrag", "listing", optional=True)
@argument("offer", Rest(MAX_OFFER), "was du anbietest", "what you offer", optional=True)
def join(ctx: Context, listing: Listing | None, offer: str | None) -> Replies:
    """`{"request": {…}}`; without an offer the direct chat asks for it: `{}`."""
    wanted = meant(ctx, listing) if listing or not ctx.direct else _no_listing()
    _require_may_ask(ctx, wanted)
    if offer is not None:
        return views.sent(ctx, _ask(ctx, wanted, offer))
    letters.tell(ctx, ctx.sender, lambda reader: views.question(reader, wanted))
    return None if ctx.direct or ctx.via_button else views.look_there(ctx)


@answer("market.offer")
def offered(ctx: Context, text: str, data: Json) -> Replies:
    """`{"request": {…}}`."""
    wanted = own(ctx.uow.listings.get(str(data["listing"])))
    _require_may_ask(ctx, wanted)
    return views.sent(ctx, _ask(ctx, wanted, Rest(MAX_OFFER).parse(text, ctx)))


@command(
    "markt annehmen",
    "market accept",
    area="marketplace",
    summary="Take somebody in who wants to join in",
    where=Where.ANY,
    examples=(("!markt annehmen 3", "!market accept 3"),),
)
@argument("number", Number(), "nummer", "number", ask="Which request? It has a number.")
def accept(ctx: Context, number: int) -> Replies:
    """`{"request": {…}, "outcome", "task"}`, once the invite is out."""
    request, listing = _request(ctx, number)
    box = _decider_in(ctx, listing)
    if not ctx.uow.listing_requests.decide(number, Asked.ACCEPTED):
        raise UserError("decided-before", "That was decided before.")
    request = replace(request, status=Asked.ACCEPTED)
    if box is None:
        make_box(ctx, listing)
        return views.box_comes(ctx, request)
    take_in(ctx, box, listing, request)
    return None


@command(
    "markt ablehnen",
    "market decline",
    area="marketplace",
    summary="Tell somebody kindly that there is no place right now",
    where=Where.ANY,
    examples=(("!markt ablehnen 3", "!market decline 3"),),
)
@argument("number", Number(), "nummer", "number", ask="Which request? It has a number.")
def decline(ctx: Context, number: int) -> Replies:
    """`{"request": {…}}`."""
    request, listing = _request(ctx, number)
    _decider_in(ctx, listing)
    if not ctx.uow.listing_requests.decide(number, Asked.DECLINED):
        raise UserError("decided-before", "That was decided before.")
    letters.tell(ctx, request.user_id, lambda reader: views.not_now(reader, listing))
    return views.declined(ctx, replace(request, status=Asked.DECLINED))


def _no_listing() -> Listing:
    raise UserError("no-listing", "This room is no listing of the marketplace.")


def _require_may_ask(ctx: Context, listing: Listing) -> None:
    """Raises UserError: nobody asks twice, or more often than anybody would in earnest."""
    if not is_open(listing):
        raise UserError("listing-over", "That is over; nobody works on it any more.")
    if ctx.sender == listing.author:
        raise UserError("own-listing", "It is yours. Shall I make a Box for it? Type !market box")
    life = ctx.uow.listing_lives.get(listing)
    box = box_of(ctx, life)
    if box is not None and ctx.sender in boxes.member_ids(ctx.uow, box, ctx.bot_user_id):
        raise UserError("member-already", "You are in its Box already.")
    if box is None and not listing.author:
        raise UserError("nobody-asks", "Nobody here looks after this listing yet.")
    last = ctx.uow.listing_requests.of_person(listing.room_id, ctx.sender)
    if last is not None and last.status is Asked.OPEN:
        raise UserError("asked-before", "You have asked already; they have not answered yet.")
    if last is not None and last.status is Asked.ACCEPTED and box is None:
        raise UserError("accepted-before", "They said yes already; the Box is being made.")
    declined = last is not None and last.status is Asked.DECLINED
    if last is not None and declined and last.asked_at > ctx.now - AGAIN_AFTER:
        raise UserError("declined-lately", "They can't take anybody in right now. Ask in a week.")
    if ctx.uow.listing_requests.asked_since(ctx.sender, ctx.now - A_DAY) >= MOST_A_DAY:
        raise UserError(
            "too-many-requests",
            "You have asked {most} groups today. Please go on tomorrow.",
            most=MOST_A_DAY,
        )


def _ask(ctx: Context, listing: Listing, offer: str) -> JoinRequest:
    """Note it, and ask those who decide: in the Box, else who published it."""
    name = ctx.display_name(ctx.sender)[:100]
    request = ctx.uow.listing_requests.add(listing.room_id, ctx.sender, name, offer)
    box = box_of(ctx, ctx.uow.listing_lives.get(listing))
    if box is None:
        letters.tell(ctx, listing.author, lambda reader: views.asked(reader, listing, request, ()))
        return request
    there = _in_box(ctx, box)
    say(there, views.asked(there, listing, request, admins(ctx, box)))
    return request


def _in_box(ctx: Context, box: Box) -> Context:
    """In the Box' language, as an answer to nothing in it."""
    spoken = of_server(ctx)
    if ctx.app is not None and box.language in ctx.app.translators:
        spoken = spoken.in_language(ctx.app.translators[box.language])
    return replace(spoken, box=box, origin=Origin(box.room_id, ctx.sender, command="join"))


def _request(ctx: Context, number: int) -> tuple[JoinRequest, Listing]:
    request = ctx.uow.listing_requests.get(number)
    listing = ctx.uow.listings.get(request.room_id) if request is not None else None
    if request is None or listing is None:
        raise _not_here()
    return request, listing


def _decider_in(ctx: Context, listing: Listing) -> Box | None:
    """The listing's Box, if this person decides about it; None where there is none yet.

    Raises UserError for anybody else, and tells strangers nothing.
    """
    box = box_of(ctx, ctx.uow.listing_lives.get(listing))
    if box is None:
        if ctx.direct and ctx.sender == listing.author:
            return None
        raise _not_here()
    if not (ctx.direct or (ctx.box is not None and ctx.box.id == box.id)):
        raise _not_here()
    if is_admin(ctx, box, ctx.sender):
        return box
    if ctx.direct:
        raise _not_here()
    people = ", ".join(ctx.display_name(who) for who in admins(ctx, box)[:3])
    raise UserError("not-allowed", "Only admins can do that. Please ask: {people}", people=people)


def _not_here() -> UserError:
    return UserError("no-such-request", "There is no such request here.")


COMMANDS: tuple[Command, ...] = (join, accept, decline)
ANSWERS: tuple[Answer, ...] = (offered,)
