"""What may stand in a room as `de.wecreate.listing`. Pure decisions: no Synapse here, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from wecreate_module.domain.listings import VERSION, InvalidListing, parse_record
from wecreate_module.synapse.box_policy import BOT_ONLY, STAYS_PRIVATE, Sent

NO_LISTING = "Das ist kein gültiger Eintrag für den Marktplatz: {why}. · That is no valid listing."
# An event that was right when it was sent has to pass again when a server joins anew, and a
# partner's clock is judged where its directory is read: only here and now is "now" looked at.
_ANY_TIME = datetime(2199, 12, 31, tzinfo=UTC)


def record_refusal(sent: Sent, bot: str, now: datetime, *, in_box: bool) -> str | None:
    """Judge a state event of the type; an empty one takes the listing back."""
    if sent.local and sent.sender != bot:
        return BOT_ONLY
    if in_box:
        return STAYS_PRIVATE
    if sent.content == {}:
        return None
    if sent.state_key != "":
        return NO_LISTING.format(why="state_key")
    return content_refusal(sent.content, now if sent.local else _ANY_TIME)


def publish_refusal(content: object, now: datetime) -> str | None:
    """Judge a room by its record, which is to stand in the room directory; None is none."""
    return None if content is None else content_refusal(content, now)


def content_refusal(content: object, now: datetime) -> str | None:
    """The schema of docs/reference/marketplace.md."""
    if not isinstance(content, Mapping) or content.get("version") != VERSION:
        return NO_LISTING.format(why="version")
    try:
        parse_record(content, room_id="", server="", now=now)
    except InvalidListing as error:
        return NO_LISTING.format(why=error)
    return None
