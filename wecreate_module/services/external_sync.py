"""What a sync with a calendar elsewhere changes in the Box: one transaction for each step.

Between the plan and its step somebody may have changed the object here. Then nothing is done and
the next plan, which follows at once, sees it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.calendar_sync import Common
from wecreate_module.domain.errors import UserError
from wecreate_module.services import external_calendars as ties
from wecreate_module.services import outside
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import CalendarObject, Kind
from wecreate_module.storage.external_calendars import ExternalCalendar, ExternalObject
from wecreate_module.storage.uow import UnitOfWork

_MOST_CONFLICTS = 500
_OF_OBJECTS = 2
"""How deep the properties of events and tasks are: VCALENDAR, VEVENT."""
_LINE = 70


@dataclass(frozen=True)
class Theirs:
    """An object as it is there: its path and etag, its text as checked, a digest of it."""

    path: str
    etag: str
    written: Written
    content: str

    @property
    def uid(self) -> str:
        return self.written.uid


class Tie:
    """One calendar elsewhere in an open transaction; Untied if it is there no more."""

    def __init__(self, uow: UnitOfWork, box: Box, calendar: ExternalCalendar) -> None:
        uow.calendar_objects.lock(box.id)
        self.calendar = ties.current(uow, calendar)
        self._uow = uow
        self._box = box
        self._kind = calendar.kind
        self._actor = ties.actor_of(calendar)

    def add_here(self, theirs: Theirs) -> None:
        """Raises ICalendarError or UserError for what we can't understand."""
        if self._ours(theirs.uid) is None:
            self._put(_href(theirs.uid), theirs)

    def change_here(self, theirs: Theirs, etag: str) -> None:
        """Write theirs over ours, as long as ours has that etag. Raises as `add_here`."""
        known = self._ours(theirs.uid)
        if known is not None and known.etag == etag:
            self._put(known.href, theirs)

    def delete_here(self, uid: str, etag: str) -> None:
        known = self._ours(uid)
        if known is not None and known.etag == etag:
            outside.delete(self._uow, self._box, known, actor=self._actor)
            self.forget(uid)

    def keep_both(self, theirs: Theirs) -> tuple[int, int] | None:
        """Keep theirs as another object beside ours; the numbers of both.

        Ours counts as changed after theirs from now on, so it is written over theirs there, and
        the copy comes there as a new one: both sides then have both. Raises as `add_here`.
        """
        known = self._ours(theirs.uid)
        if known is None:
            return None
        copy = copy_of(theirs)
        numbers = None
        if self._ours(copy.uid) is None:
            with _untold(self._uow, self._box):  # the question says it
                stored = outside.put(
                    self._uow, self._box, self._kind, _href(copy.uid), copy, actor=self._actor
                )
            numbers = (known.number, stored.number)
            pairs = [*self.calendar.conflicts.items(), (copy.uid, theirs.uid)]
            self._save(conflicts=dict(pairs[-_MOST_CONFLICTS:]))
        self._note(theirs.uid, theirs.path, Common("", theirs.etag, theirs.content))
        return numbers

    def agree(self, uid: str, path: str, common: Common) -> None:
        """Both are the same now, as far as one side was seen with these etags."""
        self._note(uid, path, common)

    def refused(self, uid: str, path: str, etag: str) -> bool:
        """Their server does not take it as it is; True if that is new."""
        known = self._uow.external_calendars.objects(self._box.id, self._kind).get(uid)
        if known is not None and known.refused == etag:
            return False
        fresh = ExternalObject(uid, path, Common("", "", ""))
        self._uow.external_calendars.put_object(
            self._box.id, self._kind, replace(known or fresh, refused=etag)
        )
        return True

    def forget(self, uid: str) -> None:
        self._uow.external_calendars.drop_object(self._box.id, self._kind, uid)

    def _ours(self, uid: str) -> CalendarObject | None:
        objects = self._uow.calendar_objects
        href = objects.href_of(self._box.id, self._kind, uid)
        return next(iter(objects.named(self._box.id, self._kind, [href])), None) if href else None

    def _put(self, href: str, theirs: Theirs) -> None:
        with self._uow.savepoint():
            stored = outside.put(
                self._uow, self._box, self._kind, href, theirs.written, actor=self._actor
            )
        self._note(theirs.uid, theirs.path, Common(stored.etag, theirs.etag, theirs.content))

    def _note(self, uid: str, path: str, common: Common) -> None:
        known = ExternalObject(uid, path, common)
        self._uow.external_calendars.put_object(self._box.id, self._kind, known)

    def _save(self, **changes: object) -> None:
        self.calendar = replace(self.calendar, **changes)  # type: ignore[arg-type]  # its own fields
        self._uow.external_calendars.put(self.calendar)

    # The end of a run

    def stop(self, count: int, gone: str) -> None:
        """So many deletions wait for an admin's word; said once. `gone`: "here" or "there"."""
        if self.calendar.stopped != count:
            if not self.calendar.stopped:
                facts = {"count": count, "gone": gone}
                ties.say_in_box(self._uow, self._box, self.calendar, "stopped", **facts)
            self._save(stopped=count)

    def ended(
        self,
        *,
        tag: str,
        revision: int,
        unreadable: dict[str, str],
        stopped: int,
        gone: str,
        every: timedelta,
    ) -> None:
        """All is the same on both sides, but for what waits or can't be read."""
        if self.calendar.told:
            ties.say_in_box(self._uow, self._box, self.calendar, "fine-again")
        self.stop(stopped, gone)
        asked = self.calendar.allowed if stopped else 0
        self._save(
            look_at=self._uow.now + every,
            seen_revision=revision,
            tag=tag,
            unreadable=unreadable,
            allowed=asked,
            synced_at=self._uow.now.isoformat(),
            trouble="",
            failing_since="",
            failures=0,
            told="",
        )


@dataclass(frozen=True)
class Kept:
    """Of two versions one stays, as `number`; `dropped` is in the trash."""

    kind: Kind
    number: int
    title: str
    dropped: int


def keep_one(uow: UnitOfWork, box: Box, number: int, other: int, *, actor: str) -> Kept:
    """Keep the version `number`, drop `other`, whichever of the two is the copy.

    What stays has the first one's number and UID. Raises UserError.
    """
    for calendar in uow.external_calendars.of_box(box.id):
        for copy_uid, uid in calendar.conflicts.items():
            first, copy = (_found(uow, calendar, one) for one in (uid, copy_uid))
            if first is None or copy is None or {first.number, copy.number} != {number, other}:
                continue
            with _untold(uow, box):  # the answer says it
                if copy.number == number:
                    _swap(uow, box, first, copy, actor)
                first, copy = (_found(uow, calendar, one) for one in (uid, copy_uid))
                if first is None or copy is None:
                    raise RuntimeError("what was swapped is gone")
                outside.delete(uow, box, copy, actor=actor)
            left = {one: of for one, of in calendar.conflicts.items() if one != copy_uid}
            uow.external_calendars.put(replace(calendar, conflicts=left))
            title = str(first.summary.get("title", ""))
            return Kept(calendar.kind, first.number, title, copy.number)
    raise UserError(
        "no-such-conflict",
        "#{number} and #{other} are no two versions of one event, or it was decided already.",
        number=number,
        other=other,
    )


def _swap(
    uow: UnitOfWork, box: Box, first: CalendarObject, copy: CalendarObject, actor: str
) -> None:
    """Each gets the other's text, under its own UID."""
    ours, theirs = first.text, copy.text
    for one, text in ((first, theirs), (copy, ours)):
        new = Written(one.uid, with_uid(text, one.uid))
        outside.put(uow, box, one.kind, one.href, new, actor=actor)


@contextmanager
def _untold(uow: UnitOfWork, box: Box) -> Iterator[None]:
    """What is done inside is not among what the room is told of calendar programs."""
    waiting = uow.outside_changes.take(box.id)
    yield
    uow.outside_changes.take(box.id)
    for change in waiting:
        uow.outside_changes.add(box.id, change)


def copy_of(theirs: Theirs) -> Written:
    """The same under a UID of its own, which follows from what it is a copy of."""
    seed = f"{theirs.uid}\0{theirs.etag}\0{theirs.content}"
    uid = f"{hashlib.sha256(seed.encode()).hexdigest()[:32]}@copy.wecreate"
    return Written(uid, with_uid(theirs.written.text, uid))


def with_uid(text: str, uid: str) -> str:
    """An object's text under another UID, all else untouched: alarms have UIDs of their own."""
    depth, kept = 0, []
    for line in re.split(r"\r?\n(?![ \t])", text):
        word = line[:6].upper()
        depth += word == "BEGIN:"
        own = depth == _OF_OBJECTS and re.match(r"UID[;:]", line, re.IGNORECASE)
        kept.append(_folded(f"UID:{uid}") if own else line)
        depth -= word.startswith("END:")
    return "\r\n".join(kept)


def _folded(line: str) -> str:
    encoded = line.encode()
    if len(encoded) <= _LINE:
        return line
    cut = len(encoded[:_LINE].decode(errors="ignore"))
    return f"{line[:cut]}\r\n {_folded(line[cut:])}"


def _found(uow: UnitOfWork, calendar: ExternalCalendar, uid: str) -> CalendarObject | None:
    objects = uow.calendar_objects
    href = objects.href_of(calendar.box_id, calendar.kind, uid)
    return next(iter(objects.named(calendar.box_id, calendar.kind, [href])), None) if href else None


def _href(uid: str) -> str:
    return f"{hashlib.sha256(uid.encode()).hexdigest()[:32]}.ics"
