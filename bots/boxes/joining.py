"""When the bot comes into a room that already names it."""

from __future__ import annotations

from bots.boxes import views
from bots.kit.context import Context
from bots.kit.replies import Replies
from wecreate_module.domain.boxes import Power, may_create
from wecreate_module.domain.matrix import marker_in
from wecreate_module.services import boxes
from wecreate_module.storage.rooms import Room


def joined(ctx: Context) -> Replies:
    """A room that an admin made as a Box in their own client is one from the first minute.

    Any other one has lost its rows, or is not private: an admin decides.
    """
    room = ctx.uow.rooms.get(ctx.room_id)
    if room is None or not _is_made_as_a_box(ctx, room):
        return views.lost(ctx)
    language = room.settings.get("language")
    known = ctx.app is not None and language in ctx.app.translators
    box = boxes.found(
        ctx.uow,
        room_id=room.room_id,
        name=boxes.room_name(room) or ctx.t("Our Box"),
        founder=ctx.sender,
        language=str(language) if known else ctx.language,
        timezone=str(ctx.timezone),
        adopted=True,
    )
    may_pin = boxes.may_send_state(room, ctx.bot_user_id, "m.room.pinned_events")
    return views.welcome(ctx, box, room_id=None, pin=may_pin)


def _is_made_as_a_box(ctx: Context, room: Room) -> bool:
    """Whether who invited the bot is an admin of it, and may make Boxes."""
    server = ctx.server
    return (
        marker_in(room.create) is not None
        and boxes.is_private(room)
        and ctx.power >= Power.ADMIN
        and server is not None
        and may_create(ctx.sender, server.box_creators, server.server_name)
    )
