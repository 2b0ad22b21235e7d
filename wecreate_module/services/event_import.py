"""Events out of a file that somebody dropped into the Box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import MAX_PLACE, Event, EventStatus, require_span
from wecreate_module.domain.tasks import MAX_TITLE, clean_line
from wecreate_module.services import event_reminders
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.ical import ICalendarError
from wecreate_module.storage.ical_events import ical_to_event
from wecreate_module.storage.ical_import import MOST_BYTES, Piece, only_once, pieces_of
from wecreate_module.storage.uow import UnitOfWork

__all__ = ["MOST_BYTES", "Found", "Wanted", "look_into", "take_in"]


@dataclass(frozen=True)
class Found:
    """What a file holds: new events, how many are here already, how many can't be read."""

    new: tuple[tuple[Piece, Event], ...]
    known: int = 0
    broken: int = 0
    once: int = 0
    """Of the new ones those whose repetition nobody could follow: their first date is taken."""


@dataclass(frozen=True)
class Wanted:
    """`untitled` is the name of what has none; `sound` says whether a text may be kept."""

    actor: str
    untitled: str
    sound: Callable[[str], bool]


def look_into(uow: UnitOfWork, box: Box, data: bytes, wanted: Wanted) -> Found:
    """Raises UserError for what is no calendar, or has nothing in it that can be read."""
    try:
        pieces = pieces_of(data)
    except ICalendarError as error:
        raise _unreadable() from error
    new, known, broken, once = [], 0, 0, 0
    for piece in pieces:
        if _is_known(uow, box, piece.uid):
            known += 1
            continue
        try:
            kept = piece if wanted.sound(piece.text) else only_once(piece)
            if not wanted.sound(kept.text):
                broken += 1
                continue
            new.append((kept, _event(kept, box, uow.now, wanted)))
            once += kept is not piece
        except (ICalendarError, UserError, OverflowError):
            broken += 1
    if not new and not known:
        raise _unreadable()
    return Found(tuple(new), known, broken, once)


def take_in(uow: UnitOfWork, box: Box, found: Found, *, actor: str) -> list[Event]:
    """Keep them all; what other programs wrote into them stays."""
    require_active(box)
    kept = []
    for piece, event in found.new:
        numbered = replace(event, number=uow.events.next_number(box.id))
        stored = uow.events.add(box.id, numbered, actor, piece.text)
        event_reminders.plan(uow, box, stored)
        kept.append(stored)
    return kept


def _is_known(uow: UnitOfWork, box: Box, uid: str) -> bool:
    objects = uow.calendar_objects
    return any(objects.href_of(box.id, kind, uid) is not None for kind in Kind)


def _unreadable() -> UserError:
    return UserError(
        "ics-unreadable",
        "I can't read this calendar file. Export it once more from your calendar, with at "
        "most 500 events.",
    )


def _event(piece: Piece, box: Box, now: datetime, wanted: Wanted) -> Event:
    """As ours: who comes is said in the Box and nowhere else."""
    epoch = datetime.fromtimestamp(0, UTC)
    blank = Event(0, piece.uid, "", wanted.actor, now, epoch, epoch)
    event = ical_to_event(piece.text, zone=box.zone, known=blank)
    require_span(event.start, event.end)
    held = event.status is not EventStatus.CANCELLED
    return replace(
        event,
        uid=piece.uid,
        title=clean_line(
            event.title[:MAX_TITLE] if event.title.strip() else wanted.untitled, MAX_TITLE, "title"
        ),
        place=event.place[:MAX_PLACE],
        created_by=wanted.actor,
        status=EventStatus.CONFIRMED if held else EventStatus.CANCELLED,
        answers=(),
        variants=tuple(replace(each, answers=()) for each in event.variants),
        proposals=(),
        reminders=None,
    )
