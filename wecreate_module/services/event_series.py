"""Moving and calling off: all of a series, one date of it, or from a date on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wecreate_module.domain import events as rules
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import Event, When, wall
from wecreate_module.domain.occurrences import upcoming
from wecreate_module.domain.splitting import cut_before, is_first, move_all, rest_from
from wecreate_module.services import events
from wecreate_module.services.calendar_entries import new_uid, require_to_come
from wecreate_module.services.event_search import Scope, Selection, occurrence
from wecreate_module.storage.uow import UnitOfWork

Target = Callable[[When, When], tuple[When, When]]


@dataclass(frozen=True)
class Changed:
    """An event after a change. `at`: the one occurrence meant; `rest`: its series goes on there."""

    event: Event
    at: When | None = None
    rest: Event | None = None


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
    event = events.get_event(uow, box, number)
    rules.require_held(event)
    events.require_date(event)
    if not event.repeats or selection.scope is Scope.ALL:
        moved = move_all(event, *target(event.start, event.end))
        # A series that is on began in the past, and may begin there an hour later.
        if wall(moved.start) < wall(event.start) or upcoming(moved, uow.now, box.zone) is None:
            require_to_come(moved.start, uow.now, box.zone)
        return Changed(events.write(uow, box, event, moved, actor))
    found = occurrence(uow, event, selection, box.zone)
    start, end = target(found.start, found.end)
    if selection.scope is Scope.ONE:
        require_to_come(start, uow.now, box.zone)
        changed = rules.move_one(event, found.at, start, end)
        return Changed(events.write(uow, box, event, changed, actor), found.at)
    if is_first(event, found.at):
        return Changed(events.write(uow, box, event, move_all(event, start, end), actor))
    number = uow.events.next_number(box.id)
    rest = move_all(rest_from(event, found.at, number, new_uid()), start, end)
    require_to_come(rest.start, uow.now, box.zone)
    text = uow.events.ical(box.id, event.number)
    rest = events.keep_new(uow, box, rest, actor, text)
    return Changed(
        events.write(uow, box, event, cut_before(event, found.at), actor), found.at, rest
    )


def cancel(uow: UnitOfWork, box: Box, number: int, selection: Selection, *, actor: str) -> Changed:
    event = events.get_event(uow, box, number)
    if not event.repeats or selection.scope is Scope.ALL:
        return Changed(events.write(uow, box, event, rules.call_off(event), actor))
    rules.require_held(event)
    found = occurrence(uow, event, selection, box.zone)
    if selection.scope is Scope.ONE:
        return Changed(
            events.write(uow, box, event, rules.drop_one(event, found.at), actor), found.at
        )
    if is_first(event, found.at):
        return Changed(events.write(uow, box, event, rules.call_off(event), actor))
    return Changed(events.write(uow, box, event, cut_before(event, found.at), actor), found.at)
