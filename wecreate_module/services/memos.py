"""What people asked to be reminded of: rows of the schedule that carry their words.

One memo has one row ahead; a repeating one plans its next when it is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo
from zoneinfo import ZoneInfo

from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.dates import Recurrence, full_rule
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import Event, When, zone_of
from wecreate_module.domain.occurrences import starting
from wecreate_module.domain.series import read_rule
from wecreate_module.domain.tasks import clean_line
from wecreate_module.services.recurrence import first_due
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.uow import UnitOfWork
from wecreate_module.storage.whens import read_when, when_text

MEMO = "calendar.memo"
MORNING = time(8, 0)
MAX_TEXT = 500
MAX_PEOPLE = 20
MAX_MEMOS = 200


@dataclass(frozen=True)
class Memo:
    """`start` is when the first is due; `everybody`: all who are in the room then."""

    text: str
    start: datetime
    people: tuple[str, ...] = ()
    everybody: bool = False
    rrule: str | None = None
    number: int = 0
    by: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class NewMemo:
    """What was said; `start` or `recurrence` or both."""

    text: str
    start: When | None = None
    people: tuple[str, ...] = ()
    everybody: bool = False
    recurrence: Recurrence | None = None


def add_memo(
    uow: UnitOfWork, room_id: str, box: Box | None, new: NewMemo, zone: ZoneInfo, *, actor: str
) -> Memo:
    """`zone` is that of the person who asks. Without a Box it is for their direct chat."""
    if box is not None:
        require_active(box)
    if len(list_memos(uow, room_id, box)) >= MAX_MEMOS:
        raise UserError(
            "too-many-memos",
            "There are {most} reminders here already. Take some away first: !reminders",
            most=MAX_MEMOS,
        )
    start, rrule = _first(new, uow.now, zone)
    if start <= uow.now and rrule is None:
        raise UserError("time-past", "That time is over. Write one that is still to come.")
    memo = Memo(
        clean_line(new.text, MAX_TEXT, "text"),
        start,
        new.people,
        new.everybody,
        rrule,
        _next_number(uow, room_id),
        actor,
    )
    due = start if start > uow.now else _next(memo, uow.now)
    if due is None:
        raise UserError("time-past", "That time is over. Write one that is still to come.")
    _put(uow, room_id, box, memo, due)
    return replace(memo, due_at=due)


def go_on(uow: UnitOfWork, room_id: str, box: Box | None, memo: Memo) -> datetime | None:
    """Plan a repeating memo's next time; None at its end."""
    due = _next(memo, uow.now) if memo.rrule is not None else None
    if due is not None:
        _put(uow, room_id, box, memo, due)
    return due


def list_memos(uow: UnitOfWork, room_id: str, box: Box | None) -> list[Memo]:
    """What is ahead in a room, the next first."""
    rows = uow.schedule.ahead_of_all(box.id if box else None, MEMO, f"{_subject(room_id)}:")
    return [replace(read_memo(row), due_at=row.due_at) for row in rows]


def drop_memo(uow: UnitOfWork, room_id: str, box: Box | None, number: int) -> Memo:
    found = [memo for memo in list_memos(uow, room_id, box) if memo.number == number]
    if not found:
        raise UserError(
            "memo-not-found",
            "There is no reminder {number} ahead. See all with !reminders",
            number=number,
        )
    uow.schedule.cancel(box.id if box else None, f"{_subject(room_id)}:{number}", MEMO)
    return found[0]


def read_memo(item: Scheduled) -> Memo:
    stored = item.payload
    start = read_when(str(stored["start"]))
    if not isinstance(start, datetime):
        raise TypeError(start)
    return Memo(
        str(stored["text"]),
        start,
        tuple(stored.get("people", ())),
        bool(stored.get("everybody")),
        stored.get("rrule"),
        int(stored["number"]),
        str(stored.get("by", "")),
    )


def _first(new: NewMemo, now: datetime, zone: ZoneInfo) -> tuple[datetime, str | None]:
    """When it is due first; a day is its morning."""
    start = new.start
    if new.recurrence is not None and (start is None or new.recurrence.own_day):
        start = first_due(new.recurrence, now, zone)
        if not isinstance(start, datetime) and _morning(start, zone) <= now:
            tomorrow = at_time(now.astimezone(zone).date(), 24 * 60, zone)
            start = first_due(new.recurrence, tomorrow, zone)
    if start is None:
        raise UserError(
            "when-missing-for-memo",
            "When shall I remind you? Write it like !remind tomorrow 9am Call Ben",
        )
    at = start if isinstance(start, datetime) else _morning(start, zone)
    rrule = None if new.recurrence is None else full_rule(new.recurrence, at, zone)
    if rrule is not None:
        read_rule(rrule)
    return at, rrule


def _morning(day: When, zone: tzinfo) -> datetime:
    return at_time(day, MORNING.hour * 60 + MORNING.minute, zone)


def _next(memo: Memo, now: datetime) -> datetime | None:
    series = Event(0, "", memo.text, "", now, memo.start, memo.start, rrule=memo.rrule)
    found = starting(series, now, zone_of(memo.start) or ZoneInfo("UTC"))
    return found.start if found is not None and isinstance(found.start, datetime) else None


def _put(uow: UnitOfWork, room_id: str, box: Box | None, memo: Memo, due: datetime) -> None:
    subject = f"{_subject(room_id)}:{memo.number}"
    payload = {
        "number": memo.number,
        "text": memo.text,
        "start": when_text(memo.start),
        "people": list(memo.people),
        "everybody": memo.everybody,
        "rrule": memo.rrule,
        "by": memo.by,
        "room_id": room_id,
        "user_id": memo.by,
    }
    uow.schedule.put(
        due,
        MEMO,
        key=f"{subject}:{due.timestamp():.0f}",
        box_id=box.id if box else None,
        subject=subject,
        payload=payload,
    )


def _subject(room_id: str) -> str:
    return f"memo:{room_id}"


def _next_number(uow: UnitOfWork, room_id: str) -> int:
    """Per room, never used twice: old buttons must not stop new reminders."""
    key = f"memos:{room_id}"
    number = int(uow.meta.get(key) or 0) + 1
    uow.meta.set(key, str(number))
    return number
