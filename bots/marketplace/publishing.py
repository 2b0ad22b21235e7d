"""`!markt neu`: the questions, the preview, the room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any, TypeVar

from bots.kit.context import Context
from bots.kit.registry import Answer, Continuation, answer, continuation
from bots.kit.replies import Question, Replies, Reply
from bots.marketplace import views
from bots.marketplace.card import Standing, card
from bots.marketplace.desk import of_server
from bots.marketplace.spaces import place
from bots.marketplace.times import when_and_where
from wecreate_module.domain.effects import CreateRoom, Send, SetState
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_lives import born
from wecreate_module.domain.listing_rooms import local_alias, room_request
from wecreate_module.domain.listings import (
    MAX_DISTRICT,
    MAX_PLACE,
    MAX_SUMMARY,
    MAX_TITLE,
    InvalidListing,
    Kind,
    Listing,
    Offer,
    Publisher,
    PublisherType,
    parse_record,
    read_tags,
    read_text,
    to_record,
)

Json = dict[str, Any]
T = TypeVar("T")
A_DAY = timedelta(days=1)
MOST_A_DAY = 5
_NOTHING = frozenset({"-", "nein", "no", "keine", "nichts", "none", "weiter", "next"})
_YES = frozenset({"ja", "yes", "ok", "okay", "y", "j", "✅", "veröffentlichen", "publish"})


def require_may_publish(ctx: Context) -> None:
    """People of this server, a few a day: a marketplace is no billboard."""
    server = ctx.server.server_name if ctx.server is not None else ""
    if ctx.sender.partition(":")[2] != server:
        raise UserError(
            "publish-at-home",
            "Please publish with the WeCreate of your own server.",
        )
    recent = ctx.uow.listings.by_author(ctx.sender, MOST_A_DAY)
    if len(recent) == MOST_A_DAY and recent[-1].published_at > ctx.now - A_DAY:
        raise UserError(
            "too-many-listings",
            "You have published {most} listings today. Please go on tomorrow.",
            most=MOST_A_DAY,
        )


def begin(ctx: Context, kind: Kind, offer: Offer | None, title: str) -> Reply:
    """Ask for what it is about; the draft goes along with the questions."""
    draft = Listing(
        room_id="",
        server=ctx.server.server_name if ctx.server is not None else "",
        kind=kind,
        offer=offer,
        title=_checked(lambda: read_text(title, "title", MAX_TITLE)),
        summary="",
        published_at=ctx.now,
        publisher=_publisher(ctx),
    )
    text = ctx.t("What is it about? Two or three sentences that everybody understands.")
    return Reply(text, data={}, question=Question("market.summary", to_record(draft)))


@answer("market.summary")
def summary(ctx: Context, text: str, data: Json) -> Replies:
    """`{}`, or the preview."""
    record = {**data, "summary": _checked(lambda: read_text(text, "summary", MAX_SUMMARY))}
    said = ctx.t("In which district, and under which #words? Like: South #bike #children, or -")
    return Reply(said, data={}, question=Question("market.place", record))


@answer("market.place")
def district(ctx: Context, text: str, data: Json) -> Replies:
    """`{}`, or the preview."""
    words = [] if text.strip().casefold() in _NOTHING else text.replace(",", " ").split()
    tags = [word for word in words if word.startswith("#")]
    named = " ".join(word for word in words if not word.startswith("#"))
    record = {
        **data,
        "district": _checked(lambda: read_text(named, "district", MAX_DISTRICT, empty=True)),
        "tags": list(_checked(lambda: read_tags(tags))),
    }
    if record["kind"] == Kind.EVENT.value:
        said = ctx.t("When and where? Like: Saturday 3pm, town hall")
        return Reply(said, data={}, question=Question("market.time", record))
    return _preview(ctx, record)


@answer("market.time")
def time(ctx: Context, text: str, data: Json) -> Replies:
    """`{"preview": {…}}`."""
    moment, place = when_and_where(ctx, text)
    record = {
        **data,
        "starts_at": moment.astimezone(UTC).isoformat(),
        "place": _checked(lambda: read_text(place, "place", MAX_PLACE, empty=True)),
    }
    return _preview(ctx, record)


@answer("market.publish")
def publish(ctx: Context, text: str, data: Json) -> Replies:
    """Answered by market.created."""
    if text.strip().casefold().rstrip("!.") not in _YES:
        raise UserError("yes-or-cancel", "Type yes to publish it, or cancel to leave it.")
    require_may_publish(ctx)
    listing = replace(_draft(ctx, data), published_at=ctx.now)
    request = f"listing:{ctx.keys.base}:{ctx.keys.used}"
    body = room_request(listing, ctx.bot_user_id)
    effect = CreateRoom(request=request, body=body)
    kept = {"record": to_record(listing), "box_id": ctx.box.id if ctx.box else ""}
    replace(ctx, box=None).put(effect, then="market.created", extra=kept)
    return None


@continuation("market.created")
def created(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """The room stands: its address, its card, its place in the directory, the answer."""
    room_id = str(result["room_id"])
    draft = _draft(ctx, dict(ctx.extra["record"]))
    alias = f"#{local_alias(effect.request)}:{draft.server}"
    listing = replace(draft, room_id=room_id, alias=alias, author=ctx.sender)
    ctx.uow.listings.put(listing)
    life = ctx.uow.listing_lives.put(
        replace(born(listing), box_id=str(ctx.extra.get("box_id", "")))
    )
    outside = replace(ctx, box=None)
    outside.put(SetState(room_id, "m.room.canonical_alias", {"alias": alias}))
    here = of_server(ctx)
    shown = card(here.translator, listing, here.timezone, ctx.now, Standing(life))
    announced = replace(shown, room_id=room_id, then="market.announced", keep={"room_id": room_id})
    return [announced, views.published(ctx, listing)]


@continuation("market.announced")
def announced(ctx: Context, effect: Send, result: Json) -> Replies:
    """Remember the card: supports are counted below it, and it is kept up to date."""
    del effect
    listing = ctx.uow.listings.get(str(ctx.extra["room_id"]))
    if listing is not None:
        listing = ctx.uow.listings.put(replace(listing, card=str(result["event_id"])))
        place(ctx, listing)
    return None


def _preview(ctx: Context, record: Json) -> Reply:
    return views.preview(ctx, _draft(ctx, record), Question("market.publish", record))


def _draft(ctx: Context, record: Json) -> Listing:
    server = ctx.server.server_name if ctx.server is not None else ""
    return _checked(lambda: parse_record(record, room_id="", server=server, now=ctx.now))


def _publisher(ctx: Context) -> Publisher:
    """In a Box it is the Box that speaks, and none of its members is named."""
    if ctx.box is not None:
        return Publisher(PublisherType.GROUP, ctx.box.name[:100])
    return Publisher(PublisherType.PERSON, ctx.display_name(ctx.sender)[:100])


def _checked(read: Callable[[], T]) -> T:
    try:
        return read()
    except InvalidListing as error:
        raise UserError(
            "wrong-listing", "That can't be published: {why}.", why=str(error)
        ) from error


ANSWERS: tuple[Answer, ...] = (summary, district, time, publish)
CONTINUATIONS: tuple[Continuation, ...] = (created, announced)
