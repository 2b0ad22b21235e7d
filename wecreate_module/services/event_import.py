"""Events out of a file that somebody dropped into the Box."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import MAX_PLACE, Event, EventStatus, require_span
from wecreate_module.domain.tasks import MAX_TITLE, clean_line
from wecreate_module.services import event_reminders
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.ical import ICalendarError
from wecreate_module.storage.ical_events import ical_to_event
from wecreate_module.storage.ical_import import MOST_BYTES, Piece, pieces_of
from wecreate_module.storage.uow import UnitOfWork

__all__ = ["MOST_BYTES", "Found", "look_into", "take_in"]


@dataclass(frozen=True)
class Found:
    """What a file holds: new events, how many are here already, how many can't be read."""

    new: tuple[tuple[Piece, Event], ...]
    known: int = 0
    broken: int = 0


def look_into(uow: UnitOfWork, box: Box, data: bytes, *, actor: str, untitled: str) -> Found:
    """Raises UserError for what is no calendar. `untitled` is the name of what has none."""
    try:
        pieces = pieces_of(data)
    except ICalendarError as error:
        raise UserError(
            "ics-unreadable",
            "I can't read this calendar file. Export it once more from your calendar, with at "
            "most 500 events.",
        ) from error
    new, known, broken = [], 0, 0
    for piece in pieces:
        if _is_known(uow, box, piece.uid):
            known += 1
            continue
        try:
            new.append((piece, _event(piece, box, uow.now, actor, untitled)))
        except (ICalendarError, UserError, OverflowError):
            broken += 1
    return Found(tuple(new), known, broken)


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


def _event(piece: Piece, box: Box, now: datetime, actor: str, untitled: str) -> Event:
    """As ours: who comes is said in the Box and nowhere else."""
    epoch = datetime.fromtimestamp(0, UTC)
    blank = Event(0, piece.uid, "", actor, now, epoch, epoch)
    event = ical_to_event(piece.text, zone=ZoneInfo(box.timezone), known=blank)
    require_span(event.start, event.end)
    held = event.status is not EventStatus.CANCELLED
    return replace(
        event,
        uid=piece.uid,
        title=clean_line(
            event.title[:MAX_TITLE] if event.title.strip() else untitled, MAX_TITLE, "title"
        ),
        place=event.place[:MAX_PLACE],
        created_by=actor,
        status=EventStatus.CONFIRMED if held else EventStatus.CANCELLED,
        answers=(),
        variants=tuple(replace(each, answers=()) for each in event.variants),
        proposals=(),
        reminders=None,
    )
