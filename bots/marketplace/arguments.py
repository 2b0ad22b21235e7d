"""What people type behind `!markt …`: a listing, a kind, a step, a time with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import unquote

from bots.kit.arguments import ArgumentType
from bots.kit.context import Context
from bots.kit.registry import Where
from wecreate_module.domain.dates import find_moment, parse_moment
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import (
    InvalidListing,
    Kind,
    Listing,
    Offer,
    Status,
    read_kind,
    read_offer,
    read_status,
)

EVERYWHERE = Where.BOX | Where.DIRECT | Where.OTHER
"""In a listing's room too, which is none of the bot's Boxes."""
_LINK = re.compile(r"(?:https://matrix\.to/#/|matrix:roomid/)?(!?[^\s?]+)(?:\?\S*)?")
_MOST_COMMAS = 6


class ListingLink(ArgumentType[Listing]):
    """A listing's room: its id, or a link to it."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - words are enough
        first = words[0] if words else ""
        return int(first.startswith(("!", "https://matrix.to/#/", "matrix:roomid/")))

    def parse(self, text: str, ctx: Context) -> Listing:
        found = _LINK.fullmatch(text.strip())
        room_id = unquote(found[1]) if found else ""
        room_id = room_id if room_id.startswith("!") else f"!{room_id}"
        listing = ctx.uow.listings.get(room_id)
        if listing is None or not listing.listed:
            raise UserError(
                "no-such-listing", "I don't know that listing. Find one: !market search"
            )
        return listing


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


class StepWord(ArgumentType[Status]):
    """One word: `eingereicht`, `submitted`."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - words are enough
        return 1

    def parse(self, text: str, ctx: Context) -> Status:  # noqa: ARG002 - likewise
        try:
            return read_status(text)
        except InvalidListing as error:
            raise UserError(
                "unknown-step",
                "I don't know the step “{text}”. There are: idea, gathering, box, motion, "
                "submitted, decided, done, rejected, withdrawn, archived.",
                text=text[:60],
            ) from error


def when_and_where(ctx: Context, text: str) -> tuple[datetime, str]:
    """`Saturday 3pm, town hall`; without a comma the time may stand at either end."""
    commas = [at for at, sign in enumerate(text) if sign == ","]
    for at in reversed(commas[:_MOST_COMMAS]):
        with suppress(UserError):
            moment = parse_moment(text[:at], ctx.now, ctx.timezone)
            if isinstance(moment.value, datetime):
                return moment.value, text[at + 1 :].strip(" ,;.")
    found = find_moment(text, ctx.now, ctx.timezone)
    if found is None or not isinstance(found[0].value, datetime):
        raise UserError("no-time", "Tell me day and time, like: Saturday 3pm, town hall")
    return found[0].value, found[1].strip(" ,;.")
