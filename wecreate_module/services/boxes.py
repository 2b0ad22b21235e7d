"""What can be done with a Box: one function for each verb; effects on Matrix are the caller's."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from wecreate_module.domain import matrix
from wecreate_module.domain.boxes import (
    Box,
    BoxState,
    Power,
    clean_name,
    require_active,
    same_name,
)
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import EventStatus
from wecreate_module.domain.tasks import TaskStatus
from wecreate_module.services import box_clock
from wecreate_module.storage.keys import SERVER
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.uow import UnitOfWork

CHECK = "boxes.check"
WELCOMED = "box.welcomed"
CHECK_EVERY = timedelta(days=30)
INVITE_ONLY = frozenset({"invite", "knock", "private"})


@dataclass(frozen=True)
class Overview:
    """A Box in numbers, and who is in it (user ids, sorted; WeCreate's bot is not counted)."""

    box: Box
    members: tuple[str, ...]
    open_tasks: int
    done_tasks: int
    events: int


def found(
    uow: UnitOfWork,
    *,
    room_id: str,
    name: str,
    founder: str,
    language: str,
    timezone: str,
    adopted: bool = False,
) -> Box:
    """Write down a new Box; the one that is there already when asked twice."""
    known = uow.boxes.by_room(room_id)
    if known is not None:
        return known
    box = Box(
        id=secrets.token_hex(8),
        room_id=room_id,
        name=clean_name(name),
        language=language,
        timezone=timezone,
        created_by=founder,
        created_at=uow.now,
        adopted=adopted,
    )
    uow.boxes.add(box)
    kind = "box.adopted" if adopted else "box.created"
    uow.journal.add(box.id, kind, "box", founder, {"name": box.name})
    plan_check(uow, box, 1, empty=False)
    return box


def plan_check(uow: UnitOfWork, box: Box, count: int, *, empty: bool) -> None:
    """Plan to look, in CHECK_EVERY, whether anybody is left; `empty` is what this look saw."""
    uow.schedule.put(
        uow.now + CHECK_EVERY,
        CHECK,
        key=f"{CHECK}:{box.id}:{count}",
        box_id=box.id,
        payload={"count": count, "empty": empty},
    )


def check(uow: UnitOfWork, box: Box, bot_user_id: str, *, count: int, empty: bool) -> bool:
    """Look whether a Box is given up: nobody joined or invited, two looks in a row.

    Such a Box is deleted (True: the caller destroys the key); else the next look is planned.
    """
    people = {member.user_id for member in uow.rooms.members(box.room_id, ("join", "invite"))}
    alone = not people - {bot_user_id}
    if alone and empty:
        uow.boxes.delete(box.id)
        return True
    plan_check(uow, box, count + 1, empty=alone)
    return False


def note_welcome(uow: UnitOfWork, box: Box) -> None:
    """Note that a welcome is said now, and who can read it: all who are here or invited."""
    readers = [member.user_id for member in uow.rooms.members(box.room_id, ("join", "invite"))]
    uow.journal.add(box.id, WELCOMED, "box", None, {"readers": readers})


def was_welcomed(uow: UnitOfWork, box: Box, user_id: str) -> bool:
    """Whether this person can read what the last welcome said; its founder was always greeted."""
    last = uow.journal.last(box.id, WELCOMED)
    return user_id == box.created_by or (last is not None and user_id in last.data["readers"])


def rename(uow: UnitOfWork, box: Box, name: str, actor: str) -> Box:
    """Raises UserError for an archived Box or a name that is none."""
    require_active(box)
    return _change(uow, box, actor, "box.renamed", name=clean_name(name))


def set_language(uow: UnitOfWork, box: Box, language: str, actor: str) -> Box:
    """`language` is "de" or "en"; raises UserError for an archived Box."""
    require_active(box)
    return _change(uow, box, actor, "box.language", language=language)


def set_timezone(uow: UnitOfWork, box: Box, timezone: str, actor: str) -> Box:
    """`timezone` is an IANA name; raises UserError for an archived Box."""
    require_active(box)
    changed = _change(uow, box, actor, "box.timezone", timezone=timezone)
    box_clock.follow(uow, changed)
    return changed


def archive(uow: UnitOfWork, box: Box, actor: str) -> Box:
    """From now on the Box is only read. Raises UserError when it is archived already."""
    if box.state is BoxState.ARCHIVED:
        raise UserError(
            "box-archived-already", "This Box is archived already. Open it again: !box reopen"
        )
    return _change(uow, box, actor, "box.archived", state=BoxState.ARCHIVED)


def reopen(uow: UnitOfWork, box: Box, actor: str) -> Box:
    """Raises UserError when it is not archived."""
    if box.state is not BoxState.ARCHIVED:
        raise UserError("box-not-archived", "This Box is open; there is nothing to reopen.")
    return _change(uow, box, actor, "box.reopened", state=BoxState.ACTIVE)


def delete(uow: UnitOfWork, box: Box, typed: str) -> None:
    """Remove every row of the Box; its key goes by the DestroyKey effect of the caller.

    Raises UserError unless `typed` is the Box's name.
    """
    shown = title(uow, box)
    if not (same_name(typed, shown) or same_name(typed, box.name)):
        raise UserError(
            "box-name-differs",
            "That is not this Box's name, so nothing was deleted. To delete it, type: "
            "!box delete {name}",
            name=shown,
        )
    uow.boxes.delete(box.id)


def room_name(room: Room) -> str | None:
    """The name that the room shows; None when it has none that is fit for a Box."""
    try:
        return clean_name(room.name or "")
    except UserError:
        return None


def title(uow: UnitOfWork, box: Box) -> str:
    """The Box's name as people see it: a name changed in a client counts."""
    room = uow.rooms.get(box.room_id)
    return (room_name(room) if room else None) or box.name


def is_private(room: Room) -> bool:
    """Encrypted, and by invitation only."""
    return room.encrypted and room.join_rule in INVITE_ONLY


def overview(uow: UnitOfWork, box: Box, bot_user_id: str) -> Overview:
    return Overview(
        box=box,
        members=member_ids(uow, box, bot_user_id),
        open_tasks=len(uow.tasks.list(box.id)),
        done_tasks=len(uow.tasks.list(box.id, (TaskStatus.DONE,))),
        events=len(uow.events.list(box.id, tuple(EventStatus))),
    )


def member_ids(uow: UnitOfWork, box: Box, bot_user_id: str) -> tuple[str, ...]:
    """Who is joined, sorted, without the bot."""
    joined = uow.rooms.members(box.room_id)
    return tuple(sorted(m.user_id for m in joined if m.user_id != bot_user_id))


def require_invite_power(room: Room, power: int) -> None:
    """Raise UserError when someone with this power may not invite into the room."""
    needed = matrix.required_power("invite", room.power_levels)
    if power < needed:
        raise UserError(
            "invite-not-allowed",
            "You may not invite people into this Box; please ask someone who looks after it.",
        )


def require_bot_may_invite(room: Room, bot_user_id: str) -> None:
    """Raise UserError when the group of an adopted room gave the bot too little power for it."""
    needed = matrix.required_power("invite", room.power_levels)
    if power_in(room, bot_user_id) < needed:
        raise UserError(
            "bot-may-not-invite",
            "I may not invite people here. Please invite them with your app, or give me the role "
            '"Moderator" in the list of people.',
        )


def require_bot_may_rename(room: Room, bot_user_id: str) -> None:
    """Raise UserError when the bot may not; a name given in a client counts just as well."""
    if not may_send_state(room, bot_user_id, "m.room.name"):
        raise UserError(
            "bot-may-not-rename",
            "I may not rename this room. Please change the name in the room's settings; "
            "I will use it.",
        )


def require_adoptable(uow: UnitOfWork, room: Room, bot_user_id: str) -> None:
    """Raise UserError with the one thing to do before this room can become a Box."""
    if uow.boxes.by_room(room.room_id) is not None:
        raise UserError("box-already", "This room is a Box already. What I can do here: !help")
    named = matrix.parse_marker(room.marker)
    if named is not None and named.bot != bot_user_id:
        raise UserError(
            "box-of-another-bot",
            "This Box belongs to {bot}; it stays with that one.",
            bot=named.bot,
        )
    if room.direct:
        raise UserError(
            "box-direct-chat", "This is our direct chat. A Box of its own: !box new Summer party"
        )
    if not room.encrypted:
        raise UserError(
            "room-not-encrypted",
            "This room is not encrypted. Please turn on encryption in the room's settings "
            "(Security & Privacy), then type !box adopt again.",
        )
    if room.join_rule not in INVITE_ONLY:
        raise UserError(
            "room-not-private",
            "This room is open to people without an invite. Please set it to invite only in the "
            "room's settings (Security & Privacy), then type !box adopt again.",
        )
    _require_bot_power(room, bot_user_id)


def moved_from(uow: UnitOfWork, room: Room, actor: str) -> Box | None:
    """The Box whose upgraded room this is, if `actor` is an admin of the room it had before.

    The word of the new room alone does not count: anyone can make a room that claims so.
    """
    predecessor = room.create.get("predecessor")
    old_id = predecessor.get("room_id") if isinstance(predecessor, Mapping) else None
    if not isinstance(old_id, str):
        return None
    box, old = uow.boxes.by_room(old_id), uow.rooms.get(old_id)
    if box is None or old is None or power_in(old, actor) < Power.ADMIN:
        return None
    return box


def move(uow: UnitOfWork, box: Box, room_id: str, actor: str) -> Box:
    """The Box goes on in another room: what follows when a room was upgraded."""
    uow.boxes.forget_live_messages(box.id)
    # What is kept of the old room must stay readable when the Box's key is destroyed one day.
    uow.rooms.move_to(box.room_id, SERVER, nameless=True)
    uow.rooms.move_to(room_id, box.id)
    return _change(uow, box, actor, "box.moved", room_id=room_id)


def power_in(room: Room, user_id: str) -> int:
    return matrix.power_of(user_id, room.create, room.creator, room.power_levels)


def may_send_state(room: Room, user_id: str, event_type: str) -> bool:
    needed = matrix.required_power(event_type, room.power_levels, state=True)
    return power_in(room, user_id) >= needed


def _require_bot_power(room: Room, bot_user_id: str) -> None:
    needed = max(
        matrix.required_power(kind, room.power_levels, state=True)
        for kind in (matrix.BOX, matrix.SETTINGS)
    )
    if power_in(room, bot_user_id) >= needed:
        return
    if needed <= Power.MODERATOR:
        raise UserError(
            "bot-needs-moderator",
            "I may not leave a note in this room's settings yet. Please open the list of people, "
            'tap {bot}, set the role to "Moderator", then type !box adopt again.',
            bot=bot_user_id,
        )
    raise UserError(
        "bot-needs-admin",
        "I may not leave a note in this room's settings yet. Please open the list of people, "
        'tap {bot}, set the role to "Admin", then type !box adopt again.',
        bot=bot_user_id,
    )


def _change(uow: UnitOfWork, box: Box, actor: str, kind: str, **fields: Any) -> Box:  # noqa: ANN401  fields of Box, checked by `replace`
    changed = replace(box, **fields)
    uow.boxes.update(changed)
    data = {name: str(value) for name, value in fields.items()}
    uow.journal.add(box.id, kind, "box", actor, data)
    return changed
