"""A Box's tasks or events as rows: iCalendar text, whole, beside a summary that lists are made of.

Every write counts the Box's revision up and leaves a journal entry.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from wecreate_module.domain.events import Event
from wecreate_module.domain.tasks import Task
from wecreate_module.storage.boxes import BoxRepository
from wecreate_module.storage.journal import Journal
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import insert_returning, upsert
from wecreate_module.storage.tables import counters, objects, tombstones

Json = dict[str, Any]
Entry = TypeVar("Entry", Task, Event)

_OF_KIND = (objects.c.box_id == bindparam("box"), objects.c.kind == bindparam("of_kind"))
_ONE = (*_OF_KIND, objects.c.number == bindparam("num"))
SUMMARIES = select(objects.c.number, objects.c.revision, objects.c.summary).where(*_OF_KIND)
_GET = SUMMARIES.where(objects.c.number == bindparam("num"))
LIST = SUMMARIES.where(objects.c.status.in_(bindparam("statuses", expanding=True))).order_by(
    objects.c.number
)
_ICAL = select(objects.c.ical).where(*_ONE)
_ADD = insert(objects)
_UPDATE = update(objects).where(*_ONE)
_DELETE = delete(objects).where(*_ONE).returning(objects.c.uid, objects.c.href)
_COUNT_UP = (
    update(counters)
    .where(counters.c.box_id == bindparam("box"), counters.c.kind == bindparam("of_kind"))
    .values(last=counters.c.last + 1)
    .returning(counters.c.last)
)


def take_number(connection: Connection, box_id: str, kind: str) -> int:
    """The Box's next number of a kind; never given twice, not even after a deletion."""
    first = {"box_id": box_id, "kind": kind, "last": 1}
    fresh = insert_returning(connection, counters, first, counters.c.last)
    if fresh is None:
        given = {"box": box_id, "of_kind": kind}
        fresh = connection.execute(_COUNT_UP, given).scalar_one()
    return int(fresh)


class Numbered:
    """What repositories of numbered things have in common; `kind` is whose numbers they take."""

    kind: ClassVar[str]

    def __init__(
        self,
        connection: Connection,
        keys: KeyStore,
        now: datetime,
        boxes: BoxRepository,
        journal: Journal,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self._boxes = boxes
        self._journal = journal

    def next_number(self, box_id: str) -> int:
        """Take the Box's next number; never given twice, not even after a deletion."""
        return take_number(self._connection, box_id, self.kind)


class Entries(Numbered, ABC, Generic[Entry]):
    """What tasks and events have in common; `kind` stands in their rows' column of that name."""

    @abstractmethod
    def _to_json(self, entry: Entry) -> Json:
        """The summary: everything but number and revision, which are columns."""

    @abstractmethod
    def _from_json(self, number: int, revision: int, stored: Json) -> Entry: ...

    @abstractmethod
    def _to_ical(self, entry: Entry, previous: str | None) -> str: ...

    @abstractmethod
    def _columns(self, entry: Entry) -> Json:
        """What stands in the open, to select and sort by."""

    def _href(self, entry: Entry) -> str:
        """The object's name in paths."""
        return f"{entry.uid}.ics"

    def add(
        self, box_id: str, entry: Entry, actor: str | None = None, text: str | None = None
    ) -> Entry:
        """Keep a new one; the same with its revision.

        `actor`: its creator if not given. `text`: as another program wrote it.
        """
        entry = replace(entry, revision=self._boxes.bump(box_id))
        row = {
            "box_id": box_id,
            "kind": self.kind,
            "number": entry.number,
            "uid": entry.uid,
            "href": self._href(entry),
            "created_at": entry.created_at,
        }
        values = self._values(box_id, entry, self._to_ical(entry, text))
        self._connection.execute(_ADD, {**row, **values})
        data = self._to_json(entry)
        self._tell(box_id, "added", entry.number, actor or entry.created_by, data)
        return entry

    def get(self, box_id: str, number: int) -> Entry | None:
        row = self._connection.execute(_GET, self._of(box_id, num=number)).first()
        return self._entry(box_id, row[0], row[1], row[2]) if row else None

    def update(self, box_id: str, entry: Entry, actor: str | None = None) -> Entry:
        """Write one over what is there; the same with its revision.

        What other programs wrote into its iCalendar text stays. KeyError for an unknown number.
        """
        before, text = self.get(box_id, entry.number), self.ical(box_id, entry.number)
        if before is None:
            raise KeyError(entry.number)
        entry = replace(entry, revision=self._boxes.bump(box_id))
        values = self._values(box_id, entry, self._to_ical(entry, text))
        self._connection.execute(_UPDATE, {**self._of(box_id, num=entry.number), **values})
        old, new = self._to_json(before), self._to_json(entry)
        changed = {name: new.get(name) for name in old | new if old.get(name) != new.get(name)}
        self._tell(box_id, "changed", entry.number, actor, changed)
        return entry

    def delete(self, box_id: str, number: int, actor: str | None = None) -> None:
        """Delete one and leave a tombstone; nothing happens if there is none of this number."""
        gone = self._connection.execute(_DELETE, self._of(box_id, num=number)).first()
        if gone is None:
            return
        values = {
            "box_id": box_id,
            "kind": self.kind,
            "number": number,
            "uid": gone.uid,
            "href": gone.href,
            "revision": self._boxes.bump(box_id),
            "deleted_at": self._now,
        }
        upsert(self._connection, tombstones, values)
        self._tell(box_id, "deleted", number, actor, {})

    def ical(self, box_id: str, number: int) -> str | None:
        """Give the iCalendar text: a whole VCALENDAR."""
        sealed = self._connection.execute(_ICAL, self._of(box_id, num=number)).scalar()
        if sealed is None:
            return None
        return self._keys.unseal(box_id, self._place(box_id, number, "ical"), sealed).decode()

    def _listed(self, box_id: str, statuses: Collection[StrEnum]) -> list[Entry]:
        """Those of these statuses by number. Reads summaries only: fast for thousands."""
        given = self._of(box_id, statuses=[status.value for status in statuses])
        return [self._entry(box_id, *row) for row in self._connection.execute(LIST, given).all()]

    def _of(self, box_id: str, **given: object) -> Json:
        return {"box": box_id, "of_kind": self.kind, **given}

    def _values(self, box_id: str, entry: Entry, text: str) -> Json:
        text_place = self._place(box_id, entry.number, "ical")
        summary_place = self._place(box_id, entry.number, "summary")
        return {
            **self._columns(entry),
            "revision": entry.revision,
            "updated_at": self._now,
            "ical": self._keys.seal(box_id, text_place, text.encode()),
            "summary": self._keys.seal_json(box_id, summary_place, self._to_json(entry)),
        }

    def _tell(self, box_id: str, what: str, number: int, actor: str | None, data: Json) -> None:
        self._journal.add(box_id, f"{self.kind}.{what}", str(number), actor, data)

    def _entry(self, box_id: str, number: int, revision: int, sealed: bytes) -> Entry:
        place = self._place(box_id, number, "summary")
        return self._from_json(number, revision, self._keys.unseal_json(box_id, place, sealed))

    def _place(self, box_id: str, number: int, column: str) -> str:
        return f"objects:{box_id}:{self.kind}:{number}:{column}"
