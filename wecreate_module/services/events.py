"""What people do with events: one function for each verb, in the transaction of the caller.

Each takes the open unit of work, the Box, who acts, and what is wanted; writes the change and
plans the reminders that follow from it; raises UserError and then has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from wecreate_module.domain import events as rules
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.dates import Recurrence, full_rule
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import (
    Answer,
    Event,
    EventStatus,
    Proposal,
    When,
    from_wall,
    instant,
    wall,
)
from wecreate_module.domain.occurrences import Occurrence
from wecreate_module.domain.series import read_rule
from wecreate_module.services import event_reminders, trash
from wecreate_module.services.calendar_entries import new_uid, require_to_come
from wecreate_module.services.event_search import (
    EVERY,
    Scope,
    Selection,
    occurrence,
    occurrence_at,
)
from wecreate_module.services.recurrence import first_due
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.uow import UnitOfWork

__all__ = ["EVERY", "NewEvent", "Scope", "Selection"]


@dataclass(frozen=True)
class NewEvent:
    """What was said about an event that is to be. `end` open: an hour, or the day."""

    title: str
    start: When | None = None
    end: When | None = None
    place: str = ""
    description: str = ""
    recurrence: Recurrence | None = None


def add_event(uow: UnitOfWork, box: Box, new: NewEvent, *, actor: str) -> Event:
    require_active(box)
    start, rrule = _first(new, uow.now, box.zone)
    end = _end_of(start, new)
    event = _made(uow, box, new, start, end, actor)
    require_to_come(start, uow.now, box.zone)
    return keep_new(uow, box, replace(event, rrule=rrule), actor)


def propose(
    uow: UnitOfWork, box: Box, title: str, spans: Sequence[NewEvent], *, actor: str
) -> Event:
    """An event whose date is being found among these."""
    require_active(box)
    if not 2 <= len(spans) <= rules.MAX_PROPOSALS:  # noqa: PLR2004 - one is no choice
        raise UserError(
            "proposals-count",
            "Write two to {most} dates, with commas between them, like !event find Summer party "
            "friday 6pm, saturday 3pm",
            most=rules.MAX_PROPOSALS,
        )
    dates = []
    for each in spans:
        if each.start is None:
            raise UserError("when-missing", "When is it? Write for example friday 6pm or 24.12.")
        end = _end_of(each.start, each)
        rules.require_span(each.start, end)
        dates.append(Proposal(each.start, end))
    # Days and times beside each other: in the order of the calendar.
    dates = sorted(dict.fromkeys(dates), key=lambda each: wall(each.start))
    event = _made(uow, box, NewEvent(title), dates[0].start, dates[0].end, actor)
    for date_ in dates:
        require_to_come(date_.start, uow.now, box.zone)
    event = replace(event, status=EventStatus.TENTATIVE, proposals=tuple(dates))
    return keep_new(uow, box, event, actor)


def get_event(uow: UnitOfWork, box: Box, number: int) -> Event:
    event = uow.events.get(box.id, number)
    if event is None:
        raise UserError(
            "event-not-found",
            "There is no event #{number} here. See all with !events",
            number=number,
        )
    return event


def respond(
    uow: UnitOfWork, box: Box, number: int, answer: Answer, selection: Selection, *, actor: str
) -> tuple[Event, Occurrence | None]:
    """Say whether one comes: to all of a series, or to the one occurrence that is given back."""
    event = get_event(uow, box, number)
    require_date(event)
    if selection.scope is Scope.FOLLOWING:
        raise UserError(
            "answer-once", "Answer for one day or for all: !event {number} yes", number=number
        )
    if selection.scope is Scope.ALL or not event.repeats:
        return write(uow, box, event, rules.respond(event, actor, answer), actor), None
    at = occurrence(uow, event, selection, box.zone).at
    event = write(uow, box, event, rules.respond(event, actor, answer, at), actor)
    return event, occurrence_at(event, at)


def reopen(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Event:
    return edit_event(uow, box, number, rules.hold_again, actor=actor)


def edit_event(
    uow: UnitOfWork, box: Box, number: int, change: Callable[[Event], Event], *, actor: str
) -> Event:
    """Apply a rule of domain/events.py to an event."""
    event = get_event(uow, box, number)
    return write(uow, box, event, change(event), actor)


def set_recurrence(
    uow: UnitOfWork, box: Box, number: int, recurrence: Recurrence | None, *, actor: str
) -> Event:
    """Repeat it from its date on; None: not any more."""

    def repeat(event: Event) -> Event:
        require_date(event)
        bare = replace(event, rrule=None, added=(), excluded=(), variants=())
        if recurrence is None:
            return bare
        new = NewEvent(event.title, event.start, event.end, recurrence=recurrence)
        start, rrule = _first(new, uow.now, box.zone)
        return replace(
            bare, start=start, end=from_wall(wall(start) + event.length, start), rrule=rrule
        )

    return edit_event(uow, box, number, repeat, actor=actor)


def set_reminders(
    uow: UnitOfWork, box: Box, number: int, minutes: Iterable[int] | None, *, actor: str
) -> Event:
    """Minutes before the start; () for none, None for the usual ones."""
    chosen = None if minutes is None else tuple(sorted(set(minutes), reverse=True))
    if chosen is not None and len(chosen) > rules.MAX_REMINDERS:
        raise UserError(
            "too-many-reminders",
            "At most {most} reminders fit on one event.",
            most=rules.MAX_REMINDERS,
        )
    event = edit_event(
        uow, box, number, lambda event: replace(event, reminders=chosen), actor=actor
    )
    event_reminders.plan(uow, box, event)
    return event


def vote(uow: UnitOfWork, box: Box, number: int, place: int, *, actor: str) -> Event:
    return edit_event(uow, box, number, lambda event: rules.vote(event, actor, place), actor=actor)


def fix(uow: UnitOfWork, box: Box, number: int, place: int, *, actor: str) -> Event:
    return edit_event(uow, box, number, lambda event: rules.fix(event, place), actor=actor)


def delete_event(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Event:
    """The event as it was; for a month it can be brought back."""
    require_active(box)
    event = get_event(uow, box, number)
    trash.keep_numbered(uow, box, Kind.EVENT, number, actor=actor)
    uow.events.delete(box.id, number, actor)
    uow.schedule.cancel(box.id, event_reminders.subject(event))
    return event


def _made(uow: UnitOfWork, box: Box, new: NewEvent, start: When, end: When, actor: str) -> Event:
    del box
    event = Event(
        number=0,
        uid=new_uid(),
        title=new.title,
        created_by=actor,
        created_at=uow.now,
        start=start,
        end=end,
        place=new.place,
        description=new.description,
    )
    return rules.new_event(event)


def _first(new: NewEvent, now: datetime, zone: tzinfo) -> tuple[When, str | None]:
    """When a series begins: on the first day that its rule has, not before what was said."""
    start, recurrence = new.start, new.recurrence
    if recurrence is None:
        if start is None:
            raise UserError("when-missing", "When is it? Write for example friday 6pm or 24.12.")
        return start, None
    if start is None:
        start = first_due(recurrence, now, zone)
    elif recurrence.own_day:
        at = recurrence.time
        if at is None and isinstance(start, datetime):
            at = start.time()
        before = instant(start, zone) - timedelta(seconds=1)
        start = first_due(
            replace(recurrence, time=at, start=None), before, rules.zone_of(start) or zone
        )
    rrule = full_rule(recurrence, start, zone)
    read_rule(rrule)
    return start, rrule


def _end_of(start: When, new: NewEvent) -> When:
    """As said (from the start that was said); else an hour, or the day."""
    if new.end is None or new.start is None:
        usual = rules.DEFAULT_LENGTH if isinstance(start, datetime) else timedelta(days=1)
        return from_wall(wall(start) + usual, start)
    if isinstance(new.end, datetime) != isinstance(new.start, datetime):
        raise UserError("end-before-start", "It would end before it begins. Write the start first.")
    length = wall(new.end, rules.zone_of(new.start)) - wall(new.start)
    return from_wall(wall(start) + length, start)


def keep_new(uow: UnitOfWork, box: Box, event: Event, actor: str, text: str | None = None) -> Event:
    event = replace(event, number=event.number or uow.events.next_number(box.id))
    event = uow.events.add(box.id, event, actor, text)
    event_reminders.plan(uow, box, event)
    return event


def write(uow: UnitOfWork, box: Box, before: Event, event: Event, actor: str) -> Event:
    require_active(box)
    if event == before:
        return before
    event = uow.events.update(box.id, event, actor)
    event_reminders.plan(uow, box, event)
    return event


def require_date(event: Event) -> None:
    if event.proposals:
        raise UserError(
            "date-is-open",
            "The date of #{number} is not fixed yet. Fix it with !event {number} fix 1",
            number=event.number,
        )
