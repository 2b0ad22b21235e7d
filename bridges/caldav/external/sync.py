"""One run: what is here, what is there, the plan, and its steps, until nothing is left to do.

Nothing of ours is held while the network is waited for: each step that writes here is one short
transaction, and looks again whether the plan still fits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

from bridges.caldav.external.collection import Collection
from bridges.caldav.external.errors import NotTaken, Outdated
from bridges.caldav.ical_check import check_object
from bridges.caldav.refusals import Refused
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.calendar_sync import (
    DELETIONS,
    Common,
    Do,
    Step,
    Version,
    deletes_much,
    plan,
)
from wecreate_module.domain.errors import UserError
from wecreate_module.services import external_calendars as ties
from wecreate_module.services.external_sync import Theirs, Tie
from wecreate_module.storage.calendar_objects import CalendarObject
from wecreate_module.storage.external_calendars import ExternalCalendar, ExternalObject
from wecreate_module.storage.ical import ICalendarError
from wecreate_module.storage.ical_content import content_digest
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.external")

_ROUNDS = 5
_SOFT_S = 120.0
"""Seconds after which no new step is begun; a first sync of thousands goes on in the next run."""
_KEEP = -1
"""An admin said that what would be deleted is to come back."""


@dataclass
class Sides:
    """Both sides as they are, and what they had in common."""

    known: Mapping[str, ExternalObject]
    revision: int
    ours: dict[str, CalendarObject] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    theirs: dict[str, Version] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    fetched: dict[str, Theirs] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    """All paths that are listed there."""


class Run:
    """Brings a Box's calendar and the one it is tied to together, once."""

    def __init__(
        self, store: Store, box: Box, calendar: ExternalCalendar, collection: Collection
    ) -> None:
        self._store = store
        self._box = box
        self._calendar = calendar
        self._collection = collection
        self._unreadable = dict(calendar.unreadable)
        self._refused: list[int] = []
        self._conflicts: list[tuple[int, int]] = []
        self._stopped, self._gone = 0, "there"

    def go(self, every: timedelta) -> None:
        """Raises ExternalError, Untied."""
        until = monotonic() + _SOFT_S
        tag, late = self._calendar.tag, False
        for _ in range(_ROUNDS):
            now = self._collection.tag()
            sides = self._look(listed=not now or now != tag)
            steps = self._allowed(sides)
            for step in steps:
                late = late or monotonic() > until
                if not late:
                    self._take(step, sides)
            tag = "" if steps else now
            if late or not steps:
                break
        self._tell()
        # What waits for a yes is looked for again; what there was no time for is done at once.
        revision, pause = (-1, timedelta()) if late else (sides.revision, every)
        self._write(partial(self._end, "" if self._stopped else tag, revision, pause))

    def _end(self, tag: str, revision: int, pause: timedelta, tie: Tie) -> None:
        tie.ended(
            tag=tag,
            revision=revision,
            unreadable=self._unreadable,
            stopped=self._stopped,
            gone=self._gone,
            every=pause,
        )

    # What is there

    def _look(self, *, listed: bool) -> Sides:
        with self._store.read(datetime.now(UTC)) as uow:
            known = uow.external_calendars.objects(self._box.id, self._calendar.kind)
            objects = uow.calendar_objects.all(self._box.id, self._calendar.kind)
            sides = Sides(known, uow.calendar_objects.revision(self._box.id))
            for ours in objects:
                sides.ours[ours.uid] = ours
                sides.versions[ours.uid] = _version(ours, known.get(ours.uid))
        if listed:
            self._list(sides)
            return sides
        for uid, one in known.items():
            if one.common.theirs:
                sides.theirs[uid] = Version(one.common.theirs, one.common.content)
                sides.paths[uid] = one.href
        return sides

    def _list(self, sides: Sides) -> None:
        """Their objects; the text only of those that we don't know as they are now."""
        by_path = {one.href: one for one in sides.known.values()}
        etags = self._collection.etags()
        self._unreadable = {
            path: etag for path, etag in self._unreadable.items() if etags.get(path) == etag
        }
        wanted = []
        for path, etag in etags.items():
            one = by_path.get(path)
            if one is not None and one.common.theirs == etag:
                sides.theirs[one.uid] = Version(etag, one.common.content)
                sides.paths[one.uid] = path
            elif path not in self._unreadable:
                wanted.append(path)
            elif one is not None:
                sides.held.add(one.uid)
        sides.taken.update(etags)
        silent = set(wanted)
        for path, etag, body in self._collection.fetch(wanted):
            silent.discard(path)
            self._fetched(sides, path, etag, body, by_path.get(path))
        for path in silent:  # listed, but there is no text behind it
            self._unreadable[path] = etags[path]
            if (one := by_path.get(path)) is not None:
                sides.held.add(one.uid)

    def _fetched(
        self, sides: Sides, path: str, etag: str, body: bytes, one: ExternalObject | None
    ) -> None:
        """As strict as a PUT: it goes into the same calendars."""
        try:
            written = check_object(body, self._calendar.kind)
            theirs = Theirs(path, etag, written, content_digest(written.text))
        except (Refused, ICalendarError) as error:
            log.info("an object elsewhere can't be taken", extra={"why": type(error).__name__})
            self._unreadable[path] = etag
            if one is not None:
                sides.held.add(one.uid)
            return
        if theirs.uid in sides.theirs:  # one of the same UID is enough (RFC 4791, 4.1)
            self._unreadable[path] = etag
            return
        sides.theirs[theirs.uid] = Version(etag, theirs.content)
        sides.paths[theirs.uid] = path
        sides.fetched[theirs.uid] = theirs

    # What is to be done

    def _allowed(self, sides: Sides) -> list[Step]:
        """The plan, but for what was refused and for many deletions without a yes."""
        common = {uid: one.common for uid, one in sides.known.items()}
        steps = [
            step
            for step in plan(common, sides.versions, sides.theirs, sides.held)
            if not _was_refused(step, sides)
        ]
        count = sum(step.do in DELETIONS for step in steps)
        known = sum(bool(one.theirs) for one in common.values())
        self._stopped = 0
        if self._calendar.allowed == _KEEP and count:
            return [Step(Do.FORGET, step.uid) if step.do in DELETIONS else step for step in steps]
        if deletes_much(steps, known) and count > self._calendar.allowed:
            self._stopped = count
            here = sum(step.do is Do.DELETE_THERE for step in steps)
            self._gone = "here" if here * 2 > count else "there"
            return [step for step in steps if step.do not in DELETIONS]
        return steps

    def _take(self, step: Step, sides: Sides) -> None:
        try:
            _STEPS[step.do](self, step.uid, sides)
        except Outdated:
            return  # the next round sees how it is now
        except NotTaken:
            self._not_taken(step.uid, sides)
        except (ICalendarError, UserError) as error:
            log.info("an object elsewhere can't be taken", extra={"why": type(error).__name__})
            theirs = sides.fetched[step.uid]
            self._unreadable[theirs.path] = theirs.etag

    def _add_here(self, uid: str, sides: Sides) -> None:
        theirs = self._text_of(uid, sides)
        self._write(lambda tie: tie.add_here(theirs))

    def _change_here(self, uid: str, sides: Sides) -> None:
        theirs, etag = self._text_of(uid, sides), sides.versions[uid].etag
        self._write(lambda tie: tie.change_here(theirs, etag))

    def _delete_here(self, uid: str, sides: Sides) -> None:
        etag = sides.versions[uid].etag
        self._write(lambda tie: tie.delete_here(uid, etag))

    def _put_there(self, uid: str, sides: Sides) -> None:
        ours, version = sides.ours[uid], sides.versions[uid]
        theirs = sides.theirs.get(uid)
        path = sides.paths[uid] if theirs else self._free_path(uid, sides)
        text = ours.text
        etag = self._collection.put(path, text, theirs.etag if theirs else None)
        etag = etag or self._etag_after(path, version)
        common = Common(ours.etag, etag, version.content)
        self._write(lambda tie: tie.agree(uid, path, common))

    def _free_path(self, uid: str, sides: Sides) -> str:
        """Follows from the UID; another one where something stands that can't be read."""
        path = self._collection.new_path(uid)
        return path if path not in sides.taken else self._collection.new_path(f"{uid}\0{path}")

    def _delete_there(self, uid: str, sides: Sides) -> None:
        self._collection.delete(sides.paths[uid], sides.theirs[uid].etag)
        self._write(lambda tie: tie.forget(uid))

    def _keep_both(self, uid: str, sides: Sides) -> None:
        theirs = self._text_of(uid, sides)

        def keep(tie: Tie) -> None:
            numbers = tie.keep_both(theirs)
            if numbers is not None:
                self._conflicts.append(numbers)

        self._write(keep)

    def _agree(self, uid: str, sides: Sides) -> None:
        ours, theirs = sides.versions[uid], sides.theirs[uid]
        common = Common(ours.etag, theirs.etag, theirs.content)
        path = sides.paths[uid]
        self._write(lambda tie: tie.agree(uid, path, common))

    def _forget(self, uid: str, sides: Sides) -> None:
        del sides
        self._write(lambda tie: tie.forget(uid))

    def _text_of(self, uid: str, sides: Sides) -> Theirs:
        """Fetched already when it was new; else (what we lost) now."""
        if uid not in sides.fetched:
            path = sides.paths[uid]
            for found, etag, body in self._collection.fetch([path]):
                self._fetched_again(sides, uid, found, etag, body)
        if uid not in sides.fetched:
            raise Outdated(uid)
        return sides.fetched[uid]

    def _fetched_again(self, sides: Sides, uid: str, path: str, etag: str, body: bytes) -> None:
        try:
            written = check_object(body, self._calendar.kind)
        except Refused as error:
            raise Outdated(uid) from error
        if written.uid == uid:
            sides.fetched[uid] = Theirs(path, etag, written, content_digest(written.text))

    def _etag_after(self, path: str, version: Version) -> str:
        """Where a server names no etag: what stands there, if it says what we wrote."""
        for _, etag, body in self._collection.fetch([path]):
            try:
                written = check_object(body, self._calendar.kind)
                if content_digest(written.text) == version.content:
                    return etag
            except (Refused, ICalendarError):
                continue
        return ""

    def _not_taken(self, uid: str, sides: Sides) -> None:
        ours = sides.ours.get(uid)
        path = sides.paths.get(uid) or self._collection.new_path(uid)
        with self._store.begin(datetime.now(UTC)) as uow:
            tie = Tie(uow, self._box, self._calendar)
            if tie.refused(uid, path, ours.etag if ours else _DELETED) and ours is not None:
                self._refused.append(ours.number)

    # Telling

    def _tell(self) -> None:
        """One message for all of a run."""
        with self._store.begin(datetime.now(UTC)) as uow:
            calendar = ties.current(uow, self._calendar)
            if self._conflicts:
                ties.say_in_box(uow, self._box, calendar, "conflicts", pairs=self._conflicts)
            if self._refused:
                ties.say_in_box(uow, self._box, calendar, "not-taken", numbers=self._refused)

    def _write(self, change: Callable[[Tie], None]) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            change(Tie(uow, self._box, self._calendar))


_DELETED = "deleted"
_STEPS: dict[Do, Callable[[Run, str, Sides], None]] = {
    Do.ADD_HERE: Run._add_here,  # noqa: SLF001  this module's own
    Do.CHANGE_HERE: Run._change_here,  # noqa: SLF001  likewise
    Do.DELETE_HERE: Run._delete_here,  # noqa: SLF001  likewise
    Do.ADD_THERE: Run._put_there,  # noqa: SLF001  likewise
    Do.CHANGE_THERE: Run._put_there,  # noqa: SLF001  likewise
    Do.DELETE_THERE: Run._delete_there,  # noqa: SLF001  likewise
    Do.KEEP_BOTH: Run._keep_both,  # noqa: SLF001  likewise
    Do.AGREE: Run._agree,  # noqa: SLF001  likewise
    Do.FORGET: Run._forget,  # noqa: SLF001  likewise
}


def _version(one: CalendarObject, known: ExternalObject | None) -> Version:
    """The text is opened only where its etag is a new one."""
    if known is not None and known.common.ours == one.etag:
        return Version(one.etag, known.common.content)
    try:
        return Version(one.etag, content_digest(one.text))
    except ICalendarError:  # of an older version of ours
        return Version(one.etag, one.etag)


def _was_refused(step: Step, sides: Sides) -> bool:
    known = sides.known.get(step.uid)
    if known is None or not known.refused:
        return False
    if step.do is Do.DELETE_THERE:
        return known.refused == _DELETED
    ours = sides.versions.get(step.uid)
    there = step.do in {Do.ADD_THERE, Do.CHANGE_THERE}
    return there and ours is not None and known.refused == ours.etag
