"""Tying a Box's calendar to one on another server, and what is said of it.

The way there is walked by bridges/caldav/external; here is what a Box has of it. `SAY` plans what
the bot tells: in the Box, or in the direct chat with whom tied it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from wecreate_module.domain.boxes import Box, BoxState, Power
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.matrix import power_of
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.external_calendars import ExternalCalendar, State
from wecreate_module.storage.uow import UnitOfWork

SAY = "caldav.external"
LATE = "late"
LOOK_EVERY = timedelta(seconds=30)
_ANSWER_WITHIN = timedelta(minutes=3)
_CHOOSE_WITHIN = timedelta(days=1)
_LONGEST_PAUSE = timedelta(hours=1)
_PATIENCE = timedelta(hours=6)
"""So long a server may be away before the room hears of it."""
_LONGEST = 1000

Json = dict[str, Any]


@dataclass(frozen=True)
class Login:
    """What a person typed: where, as whom."""

    url: str
    username: str
    password: str


class Untied(Exception):
    """The calendar was taken away, or another took its place, while it was being synced."""


def boxes_to_tie(uow: UnitOfWork, user_id: str) -> list[Box]:
    """Boxes that a person is an admin of."""
    return [box for box in uow.boxes.of_member(user_id) if is_admin(uow, box, user_id)]


def is_admin(uow: UnitOfWork, box: Box, user_id: str) -> bool:
    room = uow.rooms.get(box.room_id)
    if room is None or room.membership != "join" or box.state is not BoxState.ACTIVE:
        return False
    return power_of(user_id, room.create, room.creator, room.power_levels) >= Power.ADMIN


def tie(
    uow: UnitOfWork, box: Box, kind: Kind, login: Login, *, owner: str, room_id: str
) -> ExternalCalendar:
    """Look for the calendar there; what is found is said in the direct chat `room_id`."""
    if not is_admin(uow, box, owner):
        raise UserError("not-admin", "Only admins of “{box}” can do that.", box=box.name)
    known = uow.external_calendars.get(box.id, kind)
    if known is not None and known.state is State.TIED:
        raise UserError(
            "tied-already",
            "“{box}” is connected with “{name}” already. Type there first: !calendar disconnect",
            box=box.name,
            name=known.name,
        )
    if max(map(len, (login.url, login.username, login.password))) > _LONGEST:
        raise UserError("login-too-long", "That is too long for an address, name or password.")
    url = login.url if "://" in login.url else f"https://{login.url}"
    calendar = ExternalCalendar(
        box_id=box.id,
        kind=kind,
        id=secrets.token_hex(12),
        state=State.NEW,
        look_at=uow.now,
        url=url,
        username=login.username,
        password=login.password,
        owner=owner,
        room_id=room_id,
    )
    uow.external_calendars.drop(box.id, kind)
    uow.external_calendars.put(calendar)
    facts = {**_to_owner(calendar), "box": box.name, "box_id": box.id, "id": calendar.id}
    _say(uow, None, calendar, LATE, facts, due=uow.now + _ANSWER_WITHIN)
    return calendar


def was_never_looked_for(uow: UnitOfWork, payload: Json) -> bool:
    """Whether nobody has tried it until now: `wecreate dav` is away, or set to try none."""
    known = uow.external_calendars.get(payload["box_id"], Kind(payload["kind"]))
    if known is None or known.id != payload["id"] or known.state is not State.NEW:
        return False
    uow.external_calendars.drop(known.box_id, known.kind)
    return True


def offer(
    uow: UnitOfWork, box: Box, calendar: ExternalCalendar, found: Sequence[tuple[str, str]]
) -> None:
    """One calendar is tied; of several the person chooses."""
    calendar = current(uow, calendar)
    if len(found) == 1:
        _tied(uow, box, calendar, found[0])
        return
    look_at = uow.now + _CHOOSE_WITHIN
    waiting = replace(calendar, state=State.CHOOSING, look_at=look_at, found=tuple(found))
    uow.external_calendars.put(waiting)
    say_to_owner(uow, calendar, "choose", box=box.name, names=[name for _, name in found])


def choose(uow: UnitOfWork, box: Box, kind: Kind, place: int, *, actor: str) -> ExternalCalendar:
    """Take the calendar at a place in the list, counted from 1; raises UserError."""
    calendar = uow.external_calendars.get(box.id, kind)
    if calendar is None or calendar.state is not State.CHOOSING or calendar.owner != actor:
        raise UserError("nothing-to-choose", "There is nothing to choose from any more.")
    if not 1 <= place <= len(calendar.found):
        raise UserError(
            "no-such-calendar", "Type a number from 1 to {count}.", count=len(calendar.found)
        )
    return _tied(uow, box, calendar, calendar.found[place - 1])


def choosing(uow: UnitOfWork, user_id: str) -> list[tuple[Box, ExternalCalendar]]:
    """Of which Boxes a person has still to choose a calendar."""
    return [
        (box, calendar)
        for box in uow.boxes.of_member(user_id)
        for calendar in uow.external_calendars.of_box(box.id)
        if calendar.state is State.CHOOSING and calendar.owner == user_id
    ]


def untie(uow: UnitOfWork, box: Box, *, actor: str) -> list[ExternalCalendar]:
    """Let go of all of a Box's calendars elsewhere; the events stay on both sides."""
    found = uow.external_calendars.of_box(box.id)
    for calendar in found:
        uow.external_calendars.drop(box.id, calendar.kind)
        uow.journal.add(box.id, "calendar.untied", calendar.kind.value, actor, {})
    return [calendar for calendar in found if calendar.state is State.TIED]


def sync_now(uow: UnitOfWork, box: Box) -> list[ExternalCalendar]:
    """Look there at once, whatever went wrong before."""
    found = _all_tied(uow, box)
    for calendar in found:
        uow.external_calendars.put(replace(calendar, look_at=uow.now))
    return found


def answer_stop(uow: UnitOfWork, box: Box, *, delete: bool) -> int:
    """An admin says what is to become of many deletions; how many. Raises UserError."""
    stopped = [calendar for calendar in _all_tied(uow, box) if calendar.stopped]
    if not stopped:
        raise UserError("nothing-stopped", "Nothing waits to be deleted.")
    for calendar in stopped:
        allowed = calendar.stopped if delete else -1
        uow.external_calendars.put(replace(calendar, allowed=allowed, look_at=uow.now))
    return sum(calendar.stopped for calendar in stopped)


def current(uow: UnitOfWork, calendar: ExternalCalendar) -> ExternalCalendar:
    """As it stands now; raises Untied."""
    known = uow.external_calendars.get(calendar.box_id, calendar.kind)
    if known is None or known.id != calendar.id:
        raise Untied
    return known


def may_go(uow: UnitOfWork, box: Box, calendar: ExternalCalendar, pause: timedelta) -> bool:
    """Whether there is to be a sync now; if not, what follows from it is done.

    It rests in an archived Box and while the bot can't see who is in the room. Who has left takes
    their login along: their account gets nothing more.
    """
    room, owner = uow.rooms.get(box.room_id), uow.rooms.member(box.room_id, calendar.owner)
    seen = room is not None and room.membership == "join" and owner is not None
    if not seen or box.state is not BoxState.ACTIVE:
        later(uow, calendar, pause)
        return False
    if owner is not None and owner.membership == "join":
        return True
    uow.external_calendars.drop(box.id, calendar.kind)
    if calendar.state is State.TIED:
        say_in_box(uow, box, calendar, "owner-left", owner=calendar.owner)
    return False


def later(uow: UnitOfWork, calendar: ExternalCalendar, pause: timedelta) -> None:
    """Leave it alone for a while."""
    waiting = replace(calendar, look_at=uow.now + pause, seen_revision=-1)
    uow.external_calendars.put(waiting)


def nothing_new(uow: UnitOfWork, calendar: ExternalCalendar) -> bool:
    """Whether all of ours is there already: what changed in the Box was of another kind."""
    top = uow.calendar_objects.top(calendar.box_id, calendar.kind)
    return top <= calendar.seen_revision


def note_nothing_new(uow: UnitOfWork, calendar: ExternalCalendar) -> None:
    """So that it is not asked again at once."""
    revision = uow.calendar_objects.revision(calendar.box_id)
    if nothing_new(uow, calendar):
        uow.external_calendars.seen(calendar.box_id, calendar.kind, revision)


def failed(
    uow: UnitOfWork, box: Box, calendar: ExternalCalendar, trouble: str, *, lasting: bool
) -> None:
    """Try again later, ever more seldom; tell people when it is theirs to mend."""
    calendar = current(uow, calendar)
    if calendar.state is not State.TIED:
        uow.external_calendars.drop(box.id, calendar.kind)
        say_to_owner(uow, calendar, "not-tied", box=box.name, trouble=trouble)
        return
    since = calendar.failing_since or uow.now.isoformat()
    pause = min(LOOK_EVERY * 2 ** min(calendar.failures, 10), _LONGEST_PAUSE)
    telling = lasting or uow.now - datetime.fromisoformat(since) >= _PATIENCE
    told = trouble if telling else calendar.told
    if telling and calendar.told != trouble:
        say_in_box(uow, box, calendar, "trouble", trouble=trouble)
    uow.external_calendars.put(
        replace(
            calendar,
            look_at=uow.now + pause,
            seen_revision=-1,
            trouble=trouble,
            failing_since=since,
            failures=calendar.failures + 1,
            told=told,
        )
    )


def host_of(calendar: ExternalCalendar) -> str:
    return urlsplit(calendar.url).hostname or "?"


def actor_of(calendar: ExternalCalendar) -> str:
    """Who changes things from there: nobody that Matrix knows, called by the server's name."""
    return f"@{host_of(calendar)}:calendar.invalid"


def say_in_box(
    uow: UnitOfWork, box: Box, calendar: ExternalCalendar, what: str, **facts: object
) -> None:
    _say(uow, box.id, calendar, what, facts)


def say_to_owner(uow: UnitOfWork, calendar: ExternalCalendar, what: str, **facts: object) -> None:
    _say(uow, None, calendar, what, {**facts, **_to_owner(calendar)})


def _to_owner(calendar: ExternalCalendar) -> Json:
    return {"room_id": calendar.room_id, "user_id": calendar.owner}


def _say(
    uow: UnitOfWork,
    box_id: str | None,
    calendar: ExternalCalendar,
    what: str,
    facts: Json,
    due: datetime | None = None,
) -> None:
    payload = {
        "what": what,
        "kind": calendar.kind.value,
        "name": calendar.name,
        "host": host_of(calendar),
        **facts,
    }
    key = f"{SAY}:{calendar.id}:{secrets.token_hex(8)}"
    uow.schedule.put(due or uow.now, SAY, key=key, box_id=box_id, subject=SAY, payload=payload)


def _tied(
    uow: UnitOfWork, box: Box, calendar: ExternalCalendar, chosen: tuple[str, str]
) -> ExternalCalendar:
    url, name = chosen
    tied = replace(
        calendar,
        state=State.TIED,
        look_at=uow.now,
        seen_revision=-1,
        url=url,
        name=name or host_of(calendar),
        found=(),
    )
    uow.external_calendars.put(tied)
    uow.journal.add(box.id, "calendar.tied", calendar.kind.value, calendar.owner, {})
    say_to_owner(uow, tied, "tied-owner", box=box.name)
    say_in_box(uow, box, tied, "tied", owner=calendar.owner)
    return tied


def _all_tied(uow: UnitOfWork, box: Box) -> list[ExternalCalendar]:
    found = uow.external_calendars.of_box(box.id)
    return [calendar for calendar in found if calendar.state is State.TIED]
