"""A report goes on to the moderators of a partner's server: our bot tells theirs, as people do.

The partner's bot takes `!melden` in a direct chat, as from anybody of a partner's server; nothing
there has to trust us more than that.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bots.kit.context import Context
from bots.kit.outgoing import say
from bots.kit.registry import Continuation, Scheduler, continuation, scheduled
from bots.kit.replies import Replies
from bots.marketplace import letters
from bots.marketplace.desk import of_server
from bots.marketplace.moderation import views
from bots.marketplace.moderation.room import inside_room
from bots.marketplace.views import link
from wecreate_module.domain.effects import CreateRoom, Invite, Send
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import Listing
from wecreate_module.services.partners import state_of
from wecreate_module.storage.listing_cases import Case
from wecreate_module.storage.schedule import Scheduled

Json = dict[str, Any]
MAX_TEXT = 450
_FORWARD = "market.forward"
# A minute at first, then longer and longer: three days in all.
FIRST_WAIT = timedelta(seconds=2)
MOST_TRIES = 18


def pass_on(ctx: Context, case: Case, listing: Listing) -> None:
    """Raises UserError where the partner's bot is not known."""
    contact = state_of(ctx.uow, listing.origin).contact
    if not contact:
        raise UserError(
            "no-way-there",
            "I don't know how to reach the moderators of {server}. Open the room of the listing "
            "and ask there.",
            server=listing.origin,
        )
    words = " · ".join(dict.fromkeys(each.text for each in case.complaints))
    kept = {
        "contact": contact,
        "text": f"!melden {link(listing)} {words[:MAX_TEXT]}",
        "number": case.number,
    }
    room_id = ctx.uow.rooms.direct_with(contact)
    if room_id is not None:
        _when_there(ctx, {**kept, "room_id": room_id, "tries": 0})
        return
    name = hashlib.sha256(contact.encode()).hexdigest()[:32]
    body = letters.chat_with(of_server(ctx), contact)
    effect = CreateRoom(f"market:passing:{name}:{case.number}", body)
    replace(ctx, box=None).put(effect, then=_FORWARD, extra=kept)


@continuation(_FORWARD)
def chat_made(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """The chat stands: the partner's bot is asked in, and told once it is there."""
    del effect
    room_id = str(result["room_id"])
    room = ctx.uow.rooms.get(room_id)
    if room is not None and not room.direct:
        ctx.uow.rooms.save(replace(room, direct=True))
    kept = {name: ctx.extra[name] for name in ("contact", "text", "number")}
    replace(ctx, box=None).put(Invite(room_id, (str(kept["contact"]),)))
    _when_there(ctx, {**kept, "room_id": room_id, "tries": 0})
    return None


@scheduled(_FORWARD)
def tell(ctx: Context, item: Scheduled) -> Replies:
    """What was said before it came in, a bot does not listen to: so this waits for it."""
    payload = dict(item.payload)
    room_id, contact = str(payload["room_id"]), str(payload["contact"])
    member = ctx.uow.rooms.member(room_id, contact)
    if member is not None and member.membership == "join":
        ctx.put(Send(room_id, {"msgtype": "m.text", "body": str(payload["text"])}))
    elif int(payload["tries"]) < MOST_TRIES:
        _when_there(ctx, {**payload, "tries": int(payload["tries"]) + 1})
    elif (inside := inside_room(ctx)) is not None:
        say(inside, views.not_passed_on(inside, contact.partition(":")[2]))
    return None


def _when_there(ctx: Context, payload: Json) -> None:
    tries = int(payload["tries"])
    due = ctx.now + FIRST_WAIT * 2 ** min(tries, 14)
    key = f"{_FORWARD}:{payload['number']}:{tries}"
    ctx.uow.schedule.put(due, _FORWARD, key=key, subject=str(payload["room_id"]), payload=payload)


CONTINUATIONS: tuple[Continuation, ...] = (chat_made,)
SCHEDULED: tuple[Scheduler, ...] = (tell,)
