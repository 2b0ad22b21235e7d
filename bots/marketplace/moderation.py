"""`!melden`, and what moderators do about it in a room of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bots.kit.arguments import Rest
from bots.kit.context import Context, Origin
from bots.kit.i18n import msgid
from bots.kit.outgoing import say
from bots.kit.registry import (
    Answer,
    Command,
    Continuation,
    Where,
    answer,
    argument,
    command,
    continuation,
)
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace import moderation_views as views
from bots.marketplace.desk import ListingLink, of_server, own, rules
from bots.marketplace.measures import carry_out
from wecreate_module.domain.effects import CreateRoom, Invite, Redact, SetState
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.listing_cases import Case, CaseKind, Decision

Json = dict[str, Any]
EVERYWHERE = Where.BOX | Where.DIRECT | Where.OTHER
MAX_TEXT = 500
MOST_A_DAY = 10
A_DAY = timedelta(days=1)
LOGGED = 20
_ROOM = "market.moderation"
_COMING = "coming"
_WHY = msgid("Why? One sentence; who published it gets to read it.")


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
    found = own(listing or ctx.uow.listings.get(ctx.room_id))
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
    found = own(ctx.uow.listings.get(str(data["listing"])))
    _require_may_report(ctx)
    _file(ctx, found, Rest(MAX_TEXT).parse(text, ctx))
    return views.thanks(ctx, found)


@command(
    "markt ausblenden #", "market hide #", area="marketplace", listed=False,
    summary="Moderators: take a listing off the marketplace, until somebody appeals",
    where=Where.OTHER,
)  # fmt: skip
@argument("reason", Rest(MAX_TEXT), "warum", "why", ask=_WHY)
def hide(ctx: Context, number: int, reason: str) -> Replies:
    """`{"case": {…}}`."""
    return _decide(ctx, number, Decision.HIDE, reason)


@command(
    "markt verwarnen #", "market warn #", area="marketplace", listed=False,
    summary="Moderators: leave a listing as it is and warn who published it",
    where=Where.OTHER,
)  # fmt: skip
@argument("reason", Rest(MAX_TEXT), "warum", "why", ask=_WHY)
def warn(ctx: Context, number: int, reason: str) -> Replies:
    """`{"case": {…}}`."""
    return _decide(ctx, number, Decision.WARN, reason)


@command(
    "markt entfernen #", "market remove #", area="marketplace", listed=False,
    summary="Moderators: remove a listing and close its room",
    where=Where.OTHER,
)  # fmt: skip
@argument("reason", Rest(MAX_TEXT), "warum", "why", ask=_WHY)
def remove(ctx: Context, number: int, reason: str) -> Replies:
    """`{"case": {…}}`."""
    return _decide(ctx, number, Decision.REMOVE, reason)


@command(
    "markt freigeben #", "market dismiss #", area="marketplace", listed=False,
    summary="Moderators: nothing is wrong with a listing",
    where=Where.OTHER,
)  # fmt: skip
@argument("reason", Rest(MAX_TEXT), "warum", "why", ask=_WHY)
def dismiss(ctx: Context, number: int, reason: str) -> Replies:
    """`{"case": {…}}`."""
    return _decide(ctx, number, Decision.DISMISS, reason)


@command(
    "markt stattgeben #", "market restore #", area="marketplace", listed=False,
    summary="Moderators: an appeal is right, the listing comes back",
    where=Where.OTHER,
)  # fmt: skip
@argument("reason", Rest(MAX_TEXT), "warum", "why", ask=_WHY)
def restore(ctx: Context, number: int, reason: str) -> Replies:
    """`{"case": {…}}`."""
    return _decide(ctx, number, Decision.RESTORE, reason)


@command(
    "markt dabei bleiben #", "market uphold #", area="marketplace", listed=False,
    summary="Moderators: an appeal changes nothing",
    where=Where.OTHER,
)  # fmt: skip
@argument("reason", Rest(MAX_TEXT), "warum", "why", ask=_WHY)
def uphold(ctx: Context, number: int, reason: str) -> Replies:
    """`{"case": {…}}`."""
    return _decide(ctx, number, Decision.UPHOLD, reason)


@command(
    "markt protokoll", "market log", area="marketplace", listed=False,
    summary="Moderators: what was decided, and why",
    where=Where.OTHER,
)  # fmt: skip
def log(ctx: Context) -> Replies:
    """`{"cases": [{…}]}`, the newest first."""
    _require_moderator(ctx)
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
    _to_moderators(ctx, made, new=True)
    return views.appealed(ctx, made)


@continuation("market.moderation")
def room_made(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """It stands: the moderators come in and find what has been reported meanwhile."""
    del effect
    room_id = str(result["room_id"])
    if ctx.uow.meta.get(_ROOM) == room_id:  # asked for twice, made once
        return None
    ctx.uow.meta.set(_ROOM, room_id)
    inside = _inside(ctx, room_id)
    inside.put(Invite(room_id, rules(ctx).moderators))
    say(inside, views.what_this_is(inside))
    for case in ctx.uow.listing_cases.still_open():
        _say_case(inside, case, new=True)
    return None


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
    _to_moderators(ctx, case, new=new)


def _to_moderators(ctx: Context, case: Case, *, new: bool) -> None:
    """Into their room; while it is being made, it waits for it."""
    room_id = ctx.uow.meta.get(_ROOM)
    if room_id is None:
        ctx.uow.meta.set(_ROOM, _COMING)
        there = of_server(ctx)
        body = views.room_request(there)
        replace(ctx, box=None).put(CreateRoom("market:moderation", body), then="market.moderation")
    elif room_id != _COMING:
        let_in(ctx)
        _say_case(_inside(ctx, room_id), case, new=new)


def begin_again(ctx: Context) -> None:
    """At a start: a room that never came is asked for anew, by the same name, so it is one."""
    waiting = ctx.uow.listing_cases.still_open()
    if ctx.uow.meta.get(_ROOM) == _COMING and waiting:
        ctx.uow.meta.set(_ROOM, None)
        _to_moderators(ctx, waiting[0], new=True)


def let_in(ctx: Context) -> None:
    """Who became a moderator is invited, who is none any more goes."""
    room_id = ctx.uow.meta.get(_ROOM)
    if room_id is None or room_id == _COMING:
        return
    ctx = _inside(ctx, room_id)
    wanted = set(rules(ctx).moderators)
    there = {one.user_id for one in ctx.uow.rooms.members(room_id, ("join", "invite"))}
    if missing := tuple(sorted(wanted - there)):
        ctx.put(Invite(room_id, missing))
    for user_id in sorted(there - wanted - {ctx.bot_user_id}):
        ctx.put(SetState(room_id, "m.room.member", {"membership": "leave"}, user_id))


def _say_case(ctx: Context, case: Case, *, new: bool) -> None:
    listing = ctx.uow.listings.get(case.room_id)
    if listing is not None:
        earlier = [e for e in ctx.uow.listing_cases.last(200) if e.room_id == case.room_id]
        say(ctx, views.case(ctx, case, listing, earlier, new=new))


def _inside(ctx: Context, room_id: str) -> Context:
    origin = Origin(room_id, ctx.bot_user_id)
    return replace(of_server(ctx), origin=origin, box=None, direct=False, replied_to=None)


def _require_moderator(ctx: Context) -> None:
    """Elsewhere, and to anybody else, these commands are none."""
    if ctx.room_id != ctx.uow.meta.get(_ROOM) or ctx.sender not in rules(ctx).moderators:
        raise UserError("not-moderator", "Only the marketplace's moderators can do that.")


def _decide(ctx: Context, number: int, decision: Decision, reason: str) -> Replies:
    """Log it, do it, tell who published and who reported."""
    _require_moderator(ctx)
    case = ctx.uow.listing_cases.get(number)
    listing = ctx.uow.listings.get(case.room_id) if case is not None else None
    if case is None or listing is None:
        raise _no_case()
    answers_appeal = decision in {Decision.RESTORE, Decision.UPHOLD}
    if answers_appeal is not (case.kind is CaseKind.APPEAL):
        raise UserError("other-case", "That doesn't fit this case; tap a sign below it.")
    if case.decision is not None:
        raise UserError("decided-before", "That was decided before.")
    case = ctx.uow.listing_cases.decide(case, decision, ctx.sender, reason)
    carry_out(ctx, listing, decision)
    letters.tell(ctx, listing.author, lambda reader: views.told(reader, case, listing))
    if case.kind is CaseKind.REPORT:
        for user_id in dict.fromkeys(each.user_id for each in case.complaints):
            letters.tell(ctx, user_id, lambda reader: views.outcome(reader, case, listing))
    return views.decided(ctx, case, listing)


def _no_case() -> UserError:
    return UserError("no-such-case", "There is no such case here.")


COMMANDS: tuple[Command, ...] = (
    report, hide, warn, remove, dismiss, restore, uphold, log, appeal,
)  # fmt: skip
ANSWERS: tuple[Answer, ...] = (reported,)
CONTINUATIONS: tuple[Continuation, ...] = (room_made,)
