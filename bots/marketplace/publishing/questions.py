"""`!markt neu`: the questions, the preview, the room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any, TypeVar

from bots.kit.arguments import Rest
from bots.kit.context import Context
from bots.kit.registry import Answer, answer
from bots.kit.replies import Question, Replies, Reply
from bots.marketplace import views
from bots.marketplace.arguments import when_and_where
from bots.marketplace.publishing import speakers
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.effects import CreateRoom
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listing_rooms import room_request
from wecreate_module.domain.listings import (
    MAX_DISTRICT,
    MAX_PLACE,
    MAX_SUMMARY,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    InvalidListing,
    Kind,
    Listing,
    Offer,
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


def require_may_speak(ctx: Context) -> None:
    """In a Box's name those speak who look after it."""
    if ctx.box is not None and ctx.power < Power.MODERATOR:
        raise UserError(
            "box-speaks",
            "In the name of this Box only its moderators and admins publish. For yourself you "
            "publish in our direct chat.",
        )


def begin(ctx: Context, kind: Kind, offer: Offer | None, title: str) -> Reply:
    """Ask for what it is about; the draft goes along with the questions."""
    draft = Listing(
        room_id="",
        server=ctx.server.server_name if ctx.server is not None else "",
        kind=kind,
        offer=offer,
        title=checked(lambda: read_text(title, "title", MAX_TITLE)),
        summary="",
        published_at=ctx.now,
        publisher=speakers.choices(ctx)[0],
    )
    text = ctx.t("What is it about? Two or three sentences that everybody understands.")
    return Reply(text, data={}, question=Question("market.summary", to_record(draft)))


@answer("market.summary")
def summary(ctx: Context, text: str, data: Json) -> Replies:
    """`{}`, or the preview."""
    said = Rest(MAX_SUMMARY).parse(text, ctx)
    record = {**data, "summary": checked(lambda: read_text(said, "summary", MAX_SUMMARY))}
    asked = ctx.t("In which district, and under which #words? Like: South #bike #children, or -")
    return Reply(asked, data={}, question=Question("market.place", record))


@answer("market.place")
def district(ctx: Context, text: str, data: Json) -> Replies:
    """`{}`, or the preview."""
    words = [] if text.strip().casefold() in _NOTHING else text.replace(",", " ").split()
    tags = [word for word in words if word.startswith("#")]
    named = " ".join(word for word in words if not word.startswith("#"))
    if len(named) > MAX_DISTRICT or len(tags) > MAX_TAGS or any(map(_is_long, tags)):
        raise UserError(
            "place-too-long",
            "That is too much: one district and at most {most} short #words, like: South #bike",
            most=MAX_TAGS,
        )
    record = {
        **data,
        "district": checked(lambda: read_text(named, "district", MAX_DISTRICT, empty=True)),
        "tags": list(checked(lambda: read_tags(tags))),
    }
    if record["kind"] == Kind.EVENT.value:
        said = ctx.t("When and where? Like: Saturday 3pm, town hall")
        return Reply(said, data={}, question=Question("market.time", record))
    return _who_or_preview(ctx, record)


@answer("market.time")
def time(ctx: Context, text: str, data: Json) -> Replies:
    """`{"preview": {…}}`."""
    moment, place = when_and_where(ctx, text)
    if moment <= ctx.now:
        raise UserError("time-past", "That time is over. Write one that is still to come.")
    if not place:
        raise UserError("no-place", "And where? Like: Saturday 3pm, town hall")
    record = {
        **data,
        "starts_at": moment.astimezone(UTC).isoformat(),
        "place": checked(lambda: read_text(place, "place", MAX_PLACE, empty=True)),
    }
    return _who_or_preview(ctx, record)


@answer("market.who")
def who(ctx: Context, text: str, data: Json) -> Replies:
    """`{"preview": {…}}`."""
    possible = speakers.choices(ctx)
    said = text.strip().strip(".#").casefold()
    number = int(said) if said.isascii() and said.isdigit() and len(said) == 1 else 0
    found = [each for each in possible if said and said in each.name.casefold()]
    if 1 <= number <= len(possible):
        found = [possible[number - 1]]
    if len(found) != 1:
        raise UserError("which-name", "Type the number of the name, from 1 to {most}.",
                        most=len(possible))  # fmt: skip
    publisher = {"type": found[0].type.value, "name": found[0].name}
    return _preview(ctx, {**data, "publisher": publisher})


@answer("market.publish")
def publish(ctx: Context, text: str, data: Json) -> Replies:
    """Answered by market.created."""
    if text.strip().casefold().rstrip("!.") not in _YES:
        raise UserError("yes-or-cancel", "Type yes to publish it, or cancel to leave it.")
    require_may_publish(ctx)
    require_may_speak(ctx)
    listing = replace(read_draft(ctx, data), published_at=ctx.now)
    if missing := speakers.not_agreed(ctx, listing):
        raise UserError(
            "not-agreed",
            "{people} stands in it by name and has not agreed. Ask them to tap 🤝, or leave the "
            "name out.",
            people=", ".join(ctx.display_name(one.user_id) for one in missing),
        )
    request = f"listing:{ctx.keys.base}:{ctx.keys.used}"
    body = room_request(listing, ctx.bot_user_id)
    effect = CreateRoom(request=request, body=body)
    kept = {"record": to_record(listing), "box_id": ctx.box.id if ctx.box else ""}
    replace(ctx, box=None).put(effect, then="market.created", extra=kept)
    return None


def _is_long(tag: str) -> bool:
    return len(tag.lstrip("#")) > MAX_TAG


def _who_or_preview(ctx: Context, record: Json) -> Reply:
    """Who may speak for others too is asked for whom."""
    possible = speakers.choices(ctx)
    if len(possible) == 1:
        return _preview(ctx, record)
    return views.in_whose_name(ctx, possible, Question("market.who", record))


def _preview(ctx: Context, record: Json) -> Reply:
    draft = read_draft(ctx, record)
    asked = speakers.not_agreed(ctx, draft)
    question = Question("market.publish", record)
    return views.preview(ctx, draft, question, asked, speakers.fingerprint(draft))


def read_draft(ctx: Context, record: Json) -> Listing:
    server = ctx.server.server_name if ctx.server is not None else ""
    draft = checked(lambda: parse_record(record, room_id="", server=server, now=ctx.now))
    return speakers.vouched(ctx, draft)


def checked(read: Callable[[], T]) -> T:
    try:
        return read()
    except InvalidListing as error:
        raise UserError(
            "wrong-listing", "That can't be published: {why}.", why=str(error)
        ) from error


ANSWERS: tuple[Answer, ...] = (summary, district, time, who, publish)
