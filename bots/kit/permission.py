"""Whether a command may be run here and by this person; a refusal says where or who."""

from __future__ import annotations

from bots.kit.context import Context
from bots.kit.registry import Command, Where
from bots.kit.situation import Situation
from wecreate_module.domain.boxes import BoxState, Power, require_active
from wecreate_module.domain.errors import UserError

_NAMED = 3


def require_allowed(command: Command, ctx: Context, situation: Situation) -> None:
    """Raise UserError when the room, the Box's state or the person's power forbids it."""
    if situation.where not in command.where:
        raise _wrong_place(command, situation.where)
    if ctx.power < command.power:
        raise _too_little_power(command, ctx, situation)
    box = situation.box
    if box is not None and box.state is BoxState.ARCHIVED and not command.reading:
        require_active(box)


def _wrong_place(command: Command, where: Where) -> UserError:
    if where is not Where.DIRECT and Where.DIRECT in command.where:
        return UserError(
            "only-direct",
            "That only works when we are alone: write to me in a direct chat.",
        )
    return UserError(
        "only-in-box",
        "That only works in a Box. Type it there, or make one: !box new Garden party",
    )


def _too_little_power(command: Command, ctx: Context, situation: Situation) -> UserError:
    able = [
        ctx.display_name(member.user_id)
        for member in ctx.members()
        if member.user_id != ctx.bot_user_id and situation.power(member.user_id) >= command.power
    ]
    people = ", ".join(able[:_NAMED]) + (" …" if len(able) > _NAMED else "")
    if not able:
        return UserError("not-allowed", "Only an admin of this room can do that.")
    if command.power >= Power.ADMIN:
        return UserError(
            "not-allowed", "Only admins can do that. Please ask: {people}", people=people
        )
    return UserError(
        "not-allowed", "Only moderators and admins can do that. Please ask: {people}", people=people
    )
