"""Which events and which of their single dates are meant; nothing is changed here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from wecreate_module.domain import events as rules
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import Answer, Event, EventStatus, When, from_wall, instant, wall
from wecreate_module.domain.occurrences import Occurrence, at_day, occurrences, upcoming
from wecreate_module.storage.events import HELD
from wecreate_module.storage.uow import UnitOfWork

_LOOK_FOR_CONFLICTS = timedelta(days=366)
_MOST_CONFLICTS = 3
_MOST_OF_A_SERIES = 60


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


def _collide(one: Occurrence, other: Occurrence, zone: tzinfo) -> bool:
    if isinstance(one.start, datetime) != isinstance(other.start, datetime):
        return False
    starts = instant(one.start, zone), instant(other.start, zone)
    ends = instant(one.end, zone), instant(other.end, zone)
    return starts[0] < ends[1] and starts[1] < ends[0]
