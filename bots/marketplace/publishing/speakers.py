"""In whose name a listing stands, and whose names may stand in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from bots.kit.context import Context
from bots.marketplace.desk import rules
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import MAX_NAME, Listing, Publisher, PublisherType
from wecreate_module.storage.rooms import Member

_SHORTEST_NAME = 3
_AGREED = "market.agreed:"


def choices(ctx: Context) -> tuple[Publisher, ...]:
    """Themselves or their Box first, then the organisations they may speak for."""
    verified = tuple(each.publisher for each in rules(ctx).of_member(ctx.sender))
    if ctx.box is not None:  # the Box speaks, and none of its members is named
        return (Publisher(PublisherType.GROUP, ctx.box.name[:MAX_NAME]), *verified)
    return (Publisher(PublisherType.PERSON, ctx.display_name(ctx.sender)[:MAX_NAME]), *verified)


def vouched(ctx: Context, listing: Listing) -> Listing:
    """With the mark where the operator vouches; UserError for a name that is another's."""
    said = listing.publisher
    mine = rules(ctx).of_member(ctx.sender)
    for each in mine:
        if (each.name, each.type) == (said.name, said.type):
            return replace(listing, publisher=each.publisher)
    owner = rules(ctx).claimed_by(said.name)
    if owner is not None and owner not in mine:
        raise UserError(
            "name-of-others",
            "“{name}” would be taken for {organisation}, and only its people may publish so. "
            "Please choose another name.",
            name=said.name,
            organisation=owner.name,
        )
    return listing


def named(ctx: Context, listing: Listing) -> tuple[Member, ...]:
    """Members of the Box whose names the text tells; who publishes it is asked by doing so."""
    if ctx.box is None:
        return ()
    text = "\n".join((_words(listing), listing.publisher.name))
    people = [one for one in ctx.members() if one.user_id not in {ctx.sender, ctx.bot_user_id}]
    return tuple(one for one in people if any(_stands_in(name, text) for name in _names(one)))


def not_agreed(ctx: Context, listing: Listing) -> tuple[Member, ...]:
    """Those of them who have not said yes to this very text."""
    mark = fingerprint(listing)
    return tuple(
        one
        for one in named(ctx, listing)
        if ctx.uow.meta.get(f"{_AGREED}{mark}:{one.user_id}") is None
    )


def agree(ctx: Context, mark: str) -> None:
    ctx.uow.meta.set(f"{_AGREED}{mark}:{ctx.sender}", ctx.now.isoformat())


def fingerprint(listing: Listing) -> str:
    return hashlib.sha256(_words(listing).encode()).hexdigest()[:16]


def _words(listing: Listing) -> str:
    return "\n".join((listing.title, listing.summary, listing.place, *listing.tags))


def _names(person: Member) -> set[str]:
    """As the room calls them, their first name, and the part of their id before the server."""
    shown = " ".join((person.display_name or "").split())
    local = person.user_id.removeprefix("@").partition(":")[0]
    found = {person.user_id, shown, shown.partition(" ")[0], local}
    return {name for name in found if len(name) >= _SHORTEST_NAME}


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
