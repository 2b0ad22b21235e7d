"""Sharing a Box's calendars with calendar programs, and who may do what there."""

from __future__ import annotations

from dataclasses import dataclass

from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.domain.matrix import power_of, required_power
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendars import BoxCalendars, Sharing
from wecreate_module.storage.uow import UnitOfWork

MESSAGE = "m.room.message"


@dataclass(frozen=True)
class Collection:
    """One calendar as one person sees it. `id` is its random name in paths."""

    id: str
    kind: Kind
    box: Box
    may_write: bool


def share(uow: UnitOfWork, box: Box, sharing: Sharing, *, actor: str) -> BoxCalendars:
    shared = uow.calendars.share(box.id, sharing)
    uow.journal.add(box.id, "calendar.shared", "", actor, {"sharing": sharing.value})
    return shared


def sharing_of(uow: UnitOfWork, box: Box) -> Sharing:
    known = uow.calendars.get(box.id)
    return known.sharing if known else Sharing.OFF


def collections_of(uow: UnitOfWork, user_id: str) -> list[Collection]:
    """All calendars that somebody may read now: asked anew at each request.

    Who left, was removed or banned is no member any more, and sees none from that moment on.
    """
    boxes = {box.id: box for box in uow.boxes.of_member(user_id)}
    shared = uow.calendars.shared(boxes)
    found: list[Collection] = []
    for box in (boxes[box_id] for box_id in boxes if box_id in shared):
        calendars = shared[box.id]
        room = uow.rooms.get(box.room_id)
        if room is None or room.membership != "join":
            continue  # without the bot in the room, nobody knows who is a member
        power = power_of(user_id, room.create, room.creator, room.power_levels)
        may_write = (
            calendars.sharing is Sharing.WRITE
            and box.state is BoxState.ACTIVE
            and power >= required_power(MESSAGE, room.power_levels)
        )
        found.append(Collection(calendars.events_id, Kind.EVENT, box, may_write))
        found.append(Collection(calendars.tasks_id, Kind.TASK, box, may_write))
    return found
