"""What people do with events: one function for each verb, in the transaction of the caller.

Each takes the open unit of work, the Box, who acts, and what is wanted; writes the change and
plans the reminders that follow from it; raises UserError and then has changed nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

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
from wecreate_module.domain.occurrences import Occurrence, at_day, occurrences, upcoming
from wecreate_module.domain.series import read_rule
from wecreate_module.domain.splitting import cut_before, is_first, move_all, rest_from
from wecreate_module.services import event_reminders, trash
from wecreate_module.services.recurrence import first_due
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.events import HELD
from wecreate_module.storage.uow import UnitOfWork

MAX_EVENTS_SHOWN = 500
_LOOK_FOR_CONFLICTS = timedelta(days=366)
_MOST_CONFLICTS = 3
_MOST_OF_A_SERIES = 60

Target = Callable[[When, When], tuple[When, When]]


@dataclass(frozen=True)
class NewEvent:
    """What was said about an event that is to be. `end` open: an hour, or the day."""

    title: str
    start: When | None = None
    end: When | None = None
    place: str = ""
    description: str = ""
    recurrence: Recurrence | None = None


class Scope(StrEnum):
    """Of a series: one occurrence, that and all after it, or all."""

    ONE = "one"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True)
class Selection:
    """Which occurrences; `day` None: the one that is next."""

    scope: Scope
    day: date | None = None


EVERY = Selection(Scope.ALL)


@dataclass(frozen=True)
class Changed:
    """An event after a change. `at`: the one occurrence meant; `rest`: its series goes on there."""

    event: Event
    at: When | None = None
    rest: Event | None = None


def add_event(uow: UnitOfWork, box: Box, new: NewEvent, *, actor: str) -> Event:
    require_active(box)
    start, rrule = _first(new, uow.now, _zone(box))
    end = _end_of(start, new)
    event = _made(uow, box, new, start, end, actor)
    _require_to_come(replace(event, rrule=rrule), uow.now, _zone(box))
    return _keep_new(uow, box, replace(event, rrule=rrule), actor)


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
        _require_to_come(replace(event, start=date_.start, end=date_.end), uow.now, _zone(box))
    event = replace(event, status=EventStatus.TENTATIVE, proposals=tuple(dates))
    return _keep_new(uow, box, event, actor)


def get_event(uow: UnitOfWork, box: Box, number: int) -> Event:
    event = uow.events.get(box.id, number)
    if event is None:
        raise UserError(
            "event-not-found",
            "There is no event #{number} here. See all with !events",
            number=number,
        )
    return event


def list_occurrences(
    uow: UnitOfWork,
    box: Box,
    begin: datetime,
    end: datetime,
    zone: tzinfo,
    statuses: Collection[EventStatus] = HELD,
) -> list[Occurrence]:
    """What takes place in this time, in order. `zone` is the reader's, for whole days."""
    found = [
        each
        for event in uow.events.between(box.id, begin, end, statuses)
        for each in occurrences(event, begin, end, zone)
    ]
    return sorted(found, key=lambda each: (instant(each.start, zone), each.event.number))


def occurrences_of_person(
    uow: UnitOfWork, user_id: str, begin: datetime, end: datetime, zone: tzinfo
) -> list[tuple[Box, list[Occurrence]]]:
    """What takes place in a person's Boxes, but for what they said no to."""
    found = []
    for box in uow.boxes.of_member(user_id):
        coming = [
            each
            for each in list_occurrences(uow, box, begin, end, zone)
            if answer_of(each, user_id) is not Answer.NO
        ]
        if coming:
            found.append((box, coming))
    return found


def answer_of(found: Occurrence, user_id: str) -> Answer | None:
    return next((one.answer for one in found.answers if one.user == user_id), None)


def concerns(found: Occurrence, user_id: str) -> bool:
    """Whether it is one of a person's own: they come, may come, or planned it."""
    answer = answer_of(found, user_id)
    if answer is None:
        return found.event.created_by == user_id
    return answer is not Answer.NO


def conflicts(uow: UnitOfWork, box: Box, event: Event, zone: tzinfo) -> list[Occurrence]:
    """Other events of the Box at the same time; whole days and hours don't collide."""
    own = occurrences(event, uow.now, uow.now + _LOOK_FOR_CONFLICTS, zone, _MOST_OF_A_SERIES)
    found: dict[int, Occurrence] = {}
    if not own or event.proposals:
        return []
    begin, end = instant(own[0].start, zone), max(instant(each.end, zone) for each in own)
    others = [
        each
        for each in list_occurrences(uow, box, begin, end, zone)
        if each.event.number != event.number and not each.event.proposals
    ]
    for other in others:
        if any(_collide(each, other, zone) for each in own):
            found.setdefault(other.event.number, other)
        if len(found) >= _MOST_CONFLICTS:
            break
    return list(found.values())


def respond(
    uow: UnitOfWork, box: Box, number: int, answer: Answer, selection: Selection, *, actor: str
) -> tuple[Event, Occurrence | None]:
    """Say whether one comes: to all of a series, or to the one occurrence that is given back."""
    event = get_event(uow, box, number)
    _require_date(event)
    if selection.scope is Scope.FOLLOWING:
        raise UserError(
            "answer-once", "Answer for one day or for all: !event {number} yes", number=number
        )
    if selection.scope is Scope.ALL or not event.repeats:
        return _write(uow, box, event, rules.respond(event, actor, answer), actor), None
    at = occurrence(uow, event, selection, _zone(box)).at
    event = _write(uow, box, event, rules.respond(event, actor, answer, at), actor)
    return event, occurrence_at(event, at)


def move(
    uow: UnitOfWork,
    box: Box,
    number: int,
    selection: Selection,
    target: Target,
    *,
    actor: str,
) -> Changed:
    """`target` makes the new start and end from those before."""
    event = get_event(uow, box, number)
    rules.require_held(event)
    _require_date(event)
    if not event.repeats or selection.scope is Scope.ALL:
        moved = move_all(event, *target(event.start, event.end))
        # A series that is on began in the past, and may begin there an hour later.
        if wall(moved.start) < wall(event.start) or upcoming(moved, uow.now, _zone(box)) is None:
            _require_to_come(moved, uow.now, _zone(box))
        return Changed(_write(uow, box, event, moved, actor))
    found = occurrence(uow, event, selection, _zone(box))
    start, end = target(found.start, found.end)
    if selection.scope is Scope.ONE:
        _require_to_come(replace(event, start=start, end=end, rrule=None), uow.now, _zone(box))
        changed = rules.move_one(event, found.at, start, end)
        return Changed(_write(uow, box, event, changed, actor), found.at)
    if is_first(event, found.at):
        return Changed(_write(uow, box, event, move_all(event, start, end), actor))
    number = uow.events.next_number(box.id)
    rest = move_all(rest_from(event, found.at, number, _new_uid()), start, end)
    _require_to_come(rest, uow.now, _zone(box))
    text = uow.events.ical(box.id, event.number)
    rest = _keep_new(uow, box, rest, actor, text)
    return Changed(_write(uow, box, event, cut_before(event, found.at), actor), found.at, rest)


def cancel(uow: UnitOfWork, box: Box, number: int, selection: Selection, *, actor: str) -> Changed:
    event = get_event(uow, box, number)
    if not event.repeats or selection.scope is Scope.ALL:
        return Changed(_write(uow, box, event, rules.call_off(event), actor))
    rules.require_held(event)
    found = occurrence(uow, event, selection, _zone(box))
    if selection.scope is Scope.ONE:
        return Changed(_write(uow, box, event, rules.drop_one(event, found.at), actor), found.at)
    if is_first(event, found.at):
        return Changed(_write(uow, box, event, rules.call_off(event), actor))
    return Changed(_write(uow, box, event, cut_before(event, found.at), actor), found.at)


def reopen(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Event:
    return edit_event(uow, box, number, rules.hold_again, actor=actor)


def edit_event(
    uow: UnitOfWork, box: Box, number: int, change: Callable[[Event], Event], *, actor: str
) -> Event:
    """Apply a rule of domain/events.py to an event."""
    event = get_event(uow, box, number)
    return _write(uow, box, event, change(event), actor)


def set_recurrence(
    uow: UnitOfWork, box: Box, number: int, recurrence: Recurrence | None, *, actor: str
) -> Event:
    """Repeat it from its date on; None: not any more."""

    def repeat(event: Event) -> Event:
        _require_date(event)
        bare = replace(event, rrule=None, added=(), excluded=(), variants=())
        if recurrence is None:
            return bare
        new = NewEvent(event.title, event.start, event.end, recurrence=recurrence)
        start, rrule = _first(new, uow.now, _zone(box))
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


def open_proposals(uow: UnitOfWork, box: Box) -> list[Event]:
    """Events whose date is being found, the newest last."""
    return [each for each in uow.events.list(box.id, (EventStatus.TENTATIVE,)) if each.proposals]


def occurrence(uow: UnitOfWork, event: Event, selection: Selection, zone: tzinfo) -> Occurrence:
    """The one that is meant; UserError when there is none."""
    if selection.day is not None:
        return at_day(event, selection.day, zone)
    found = upcoming(event, uow.now, zone)
    if found is None:
        raise UserError("event-over", "#{number} is over.", number=event.number)
    return found


def occurrence_at(event: Event, at: When) -> Occurrence:
    """The occurrence that the series has `at`, as it is now."""
    variant = rules.variant_at(event, at)
    start = at if variant.start is None else variant.start
    end = from_wall(wall(start) + event.length, start) if variant.end is None else variant.end
    return Occurrence(event, at, start, end, variant)


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
        uid=_new_uid(),
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


def _keep_new(
    uow: UnitOfWork, box: Box, event: Event, actor: str, text: str | None = None
) -> Event:
    event = replace(event, number=event.number or uow.events.next_number(box.id))
    event = uow.events.add(box.id, event, actor, text)
    event_reminders.plan(uow, box, event)
    return event


def _write(uow: UnitOfWork, box: Box, before: Event, event: Event, actor: str) -> Event:
    require_active(box)
    if event == before:
        return before
    event = uow.events.update(box.id, event, actor)
    event_reminders.plan(uow, box, event)
    return event


def _collide(one: Occurrence, other: Occurrence, zone: tzinfo) -> bool:
    if isinstance(one.start, datetime) != isinstance(other.start, datetime):
        return False
    starts = instant(one.start, zone), instant(other.start, zone)
    ends = instant(one.end, zone), instant(other.end, zone)
    return starts[0] < ends[1] and starts[1] < ends[0]


def _require_date(event: Event) -> None:
    if event.proposals:
        raise UserError(
            "date-is-open",
            "The date of #{number} is not fixed yet. Fix it with !event {number} fix 1",
            number=event.number,
        )


def _require_to_come(event: Event, now: datetime, zone: tzinfo) -> None:
    """A day that has passed is a slip of the pen; an hour that has passed today may be meant."""
    start = event.start
    day = start.astimezone(zone).date() if isinstance(start, datetime) else start
    if day < now.astimezone(zone).date():
        raise UserError(
            "date-past",
            "The {day}.{month}.{year} is over. Write a day that is still to come.",
            day=day.day,
            month=day.month,
            year=day.year,
        )


def _zone(box: Box) -> ZoneInfo:
    return ZoneInfo(box.timezone)


def _new_uid() -> str:
    """Unguessable: it is the event's name in calendars."""
    return secrets.token_hex(16)
