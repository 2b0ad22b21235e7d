"""Where passwords may be said."""

from __future__ import annotations

from bots.kit.context import Context
from wecreate_module.domain.errors import UserError


def require_private(ctx: Context) -> None:
    """Only where nobody else reads: encrypted, and only the two of us. Raises UserError."""
    room = ctx.uow.rooms.get(ctx.room_id)
    others = {member.user_id for member in ctx.members()} - {ctx.sender, ctx.bot_user_id}
    if room is None or not room.encrypted or others:
        raise UserError(
            "not-private",
            "Others could read along here. Open an encrypted direct chat with me and ask there.",
        )
