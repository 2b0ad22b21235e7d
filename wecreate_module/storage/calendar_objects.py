"""Events and tasks as calendar programs see them: by name, by UID, by time, by what changed.

Answers come from indexed columns; the sealed text is opened only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from wecreate_module.storage.boxes import BoxRepository
from wecreate_module.storage.entries import take_number
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import boxes, objects, to_microseconds, tombstones

Json = dict[str, Any]
_AT_ONCE = 500
"""Names in one query; SQLite takes up to 32,766 parameters."""


class Kind(StrEnum):
    EVENT = "event"
    TASK = "task"


@dataclass(frozen=True)
class Indexed:
    """What is kept of an object beside its text, in columns and in its sealed summary."""

    status: str
    summary: Json
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    due_at: datetime | None = None
    due_is_date: bool = False
    rrule: str | None = None


@dataclass(frozen=True)
class CalendarObject:
    """One row. `text` opens what is sealed in it."""

    box_id: str
    kind: Kind
    number: int
    uid: str
    href: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    rrule: str | None
    revision: int
    updated_at: datetime
    sealed: bytes
    sealed_summary: bytes
    keys: KeyStore

    @property
    def etag(self) -> str:
        """Quoted, as HTTP wants it."""
        return etag_of(self.revision, to_microseconds(self.updated_at))

    @property
    def text(self) -> str:
        place = place_of(self.box_id, self.kind, self.number, "ical")
        return self.keys.unseal(self.box_id, place, self.sealed).decode()

    @property
    def summary(self) -> Json:
        place = place_of(self.box_id, self.kind, self.number, "summary")
        summary: Json = self.keys.unseal_json(self.box_id, place, self.sealed_summary)
        return summary


_KNOWN = (objects.c.box_id == bindparam("box"), objects.c.kind == bindparam("of_kind"))
_COLUMNS = select(
    objects.c.number,
    objects.c.uid,
    objects.c.href,
    objects.c.status,
    objects.c.starts_at,
    objects.c.ends_at,
    objects.c.rrule,
    objects.c.revision,
    objects.c.updated_at,
    objects.c.ical,
    objects.c.summary,
).where(*_KNOWN)
_READ = [column.name for column in _COLUMNS.selected_columns]
_ALL = _COLUMNS.order_by(objects.c.number)
_NAMED = _COLUMNS.where(objects.c.href.in_(bindparam("hrefs", expanding=True)))
_NUMBERED = _COLUMNS.where(objects.c.number == bindparam("num"))
_OF_UID = select(objects.c.href).where(*_KNOWN, objects.c.uid == bindparam("which"))
_TOP = select(func.max(objects.c.revision)).where(*_KNOWN)
_TOP_GONE = select(func.max(tombstones.c.revision)).where(
    tombstones.c.box_id == bindparam("box"), tombstones.c.kind == bindparam("of_kind")
)
_CHANGED = select(objects.c.href).where(*_KNOWN, objects.c.revision > bindparam("since"))
_HREFS = select(objects.c.href).where(*_KNOWN)
_GONE = select(tombstones.c.href).where(
    tombstones.c.box_id == bindparam("box"),
    tombstones.c.kind == bindparam("of_kind"),
    tombstones.c.revision > bindparam("since"),
)


def _overlaps(start: datetime | None, end: datetime | None) -> list[ColumnElement[bool]]:
    """What may happen between two instants; an endless series has no end."""
    found: list[ColumnElement[bool]] = []
    if end is not None:
        found.append(or_(objects.c.starts_at.is_(None), objects.c.starts_at < end))
    if start is not None:
        found.append(or_(objects.c.ends_at.is_(None), objects.c.ends_at > start))
    return found


class CalendarObjects:
    def __init__(
        self, connection: Connection, keys: KeyStore, now: datetime, boxes: BoxRepository
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self._boxes = boxes

    def top(self, box_id: str, kind: Kind) -> int:
        """The revision of the latest change of this kind; 0 if there was none."""
        given = {"box": box_id, "of_kind": kind.value}
        found = (self._connection.execute(query, given).scalar() for query in (_TOP, _TOP_GONE))
        return max(revision or 0 for revision in found)

    def lock(self, box_id: str) -> None:
        """Let no other transaction write to the Box until this one ends.

        What is looked up after it is still so when it is written: two processes on PostgreSQL
        would else both find that there is nothing to overwrite.
        """
        query = select(boxes.c.id).where(boxes.c.id == box_id).with_for_update()
        self._connection.execute(query)

    def revision(self, box_id: str) -> int:
        """The Box's revision as it is now."""
        query = select(boxes.c.revision).where(boxes.c.id == box_id)
        return int(self._connection.execute(query).scalar_one())

    def all(self, box_id: str, kind: Kind) -> list[CalendarObject]:
        rows = self._connection.execute(_ALL, {"box": box_id, "of_kind": kind.value}).mappings()
        return [self._object(box_id, kind, row) for row in rows]

    def named(self, box_id: str, kind: Kind, hrefs: Iterable[str]) -> list[CalendarObject]:
        """Those that exist, in any order."""
        wanted = list(dict.fromkeys(hrefs))
        found: list[CalendarObject] = []
        for first in range(0, len(wanted), _AT_ONCE):
            given = {
                "box": box_id,
                "of_kind": kind.value,
                "hrefs": wanted[first : first + _AT_ONCE],
            }
            rows = self._connection.execute(_NAMED, given).mappings()
            found.extend(self._object(box_id, kind, row) for row in rows)
        return found

    def numbered(self, box_id: str, kind: Kind, number: int) -> CalendarObject | None:
        given = {"box": box_id, "of_kind": kind.value, "num": number}
        row = self._connection.execute(_NUMBERED, given).mappings().first()
        return self._object(box_id, kind, row) if row else None

    def href_of(self, box_id: str, kind: Kind, uid: str) -> str | None:
        given = {"box": box_id, "of_kind": kind.value, "which": uid}
        return self._connection.execute(_OF_UID, given).scalar()

    def between(
        self, box_id: str, kind: Kind, start: datetime | None, end: datetime | None
    ) -> list[CalendarObject]:
        """What may happen in a time range: all that does, and some that does not."""
        query = _ALL.where(*_overlaps(start, end))
        rows = self._connection.execute(query, {"box": box_id, "of_kind": kind.value}).mappings()
        return [self._object(box_id, kind, row) for row in rows]

    def hrefs(self, box_id: str, kind: Kind) -> list[str]:
        given = {"box": box_id, "of_kind": kind.value}
        return list(self._connection.execute(_HREFS, given).scalars())

    def changed(self, box_id: str, kind: Kind, since: int) -> list[str]:
        """Names of what was written or deleted after a revision."""
        given = {"box": box_id, "of_kind": kind.value, "since": since}
        found = dict.fromkeys(self._connection.execute(_CHANGED, given).scalars())
        found |= dict.fromkeys(self._connection.execute(_GONE, given).scalars())
        return list(found)

    def next_number(self, box_id: str, kind: Kind) -> int:
        """Take the Box's next number of a kind; never given twice."""
        return take_number(self._connection, box_id, kind.value)

    def add(
        self, box_id: str, kind: Kind, number: int, names: tuple[str, str], text: str, new: Indexed
    ) -> CalendarObject:
        """Keep a new object under its (UID, href)."""
        uid, href = names
        named = {"number": number, "uid": uid, "href": href}
        values = self._values(box_id, kind, number, text, new)
        row = {"box_id": box_id, "kind": kind.value, "created_at": self._now, **named, **values}
        self._connection.execute(insert(objects), row)
        return self._written(box_id, kind, {**named, **values})

    def rewrite(self, known: CalendarObject, text: str, new: Indexed) -> CalendarObject:
        """Put another text in place of an object's."""
        values = self._values(known.box_id, known.kind, known.number, text, new)
        self._connection.execute(update(objects).where(*_is(known)).values(**values))
        named = {"number": known.number, "uid": known.uid, "href": known.href}
        return self._written(known.box_id, known.kind, {**named, **values})

    def rename(self, known: CalendarObject, href: str) -> None:
        """Give an object another name; the old one is gone for those who sync."""
        revision = self._boxes.bump(known.box_id)
        values = {"href": href, "revision": revision, "updated_at": self._now}
        self._connection.execute(update(objects).where(*_is(known)).values(**values))
        self._bury(known, revision, -revision)

    def delete(self, known: CalendarObject) -> None:
        """Delete an object and leave a tombstone."""
        self._connection.execute(delete(objects).where(*_is(known)))
        self._bury(known, self._boxes.bump(known.box_id), known.number)

    def _bury(self, known: CalendarObject, revision: int, number: int) -> None:
        values = {
            "box_id": known.box_id,
            "kind": known.kind.value,
            "number": number,
            "uid": known.uid,
            "href": known.href,
            "revision": revision,
            "deleted_at": self._now,
        }
        upsert(self._connection, tombstones, values)

    def _written(self, box_id: str, kind: Kind, row: Json) -> CalendarObject:
        """As it would be read back."""
        return self._object(box_id, kind, {name: row[name] for name in _READ})

    def _values(self, box_id: str, kind: Kind, number: int, text: str, new: Indexed) -> Json:
        sealed = self._keys.seal(box_id, place_of(box_id, kind, number, "ical"), text.encode())
        summary = self._keys.seal_json(
            box_id, place_of(box_id, kind, number, "summary"), new.summary
        )
        return {
            "status": new.status,
            "starts_at": new.starts_at,
            "ends_at": new.ends_at,
            "due_at": new.due_at,
            "due_is_date": new.due_is_date,
            "rrule": new.rrule,
            "revision": self._boxes.bump(box_id),
            "updated_at": self._now,
            "ical": sealed,
            "summary": summary,
        }

    def _object(self, box_id: str, kind: Kind, row: Json | RowMapping) -> CalendarObject:
        values: Json = dict(row)
        sealed = {"sealed": values.pop("ical"), "sealed_summary": values.pop("summary")}
        return CalendarObject(box_id=box_id, kind=kind, keys=self._keys, **sealed, **values)


def _is(known: CalendarObject) -> tuple[ColumnElement[bool], ...]:
    return (
        objects.c.box_id == known.box_id,
        objects.c.kind == known.kind.value,
        objects.c.number == known.number,
    )


def place_of(box_id: str, kind: Kind, number: int, column: str) -> str:
    """What the seal of a column binds it to."""
    return f"objects:{box_id}:{kind.value}:{number}:{column}"


def etag_of(revision: int, updated_at: int) -> str:
    """The instant (microseconds) tells the revisions of a restored backup apart."""
    return f'"{revision:x}-{updated_at:x}"'
