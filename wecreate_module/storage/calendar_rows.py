"""Many calendar objects at once, as an answer lists them: names, etags and sealed texts, no more.

Rows are read as they lie, for an answer may have 10,000 of them; nothing is opened that is not
asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Select, bindparam, or_, select, type_coerce

from wecreate_module.storage.calendar_objects import Kind, etag_of, place_of
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.tables import objects, tombstones

Json = dict[str, Any]
_AT_ONCE = 500
"""Names in one query; SQLite takes up to 32,766 parameters."""


class ObjectRow(NamedTuple):
    """One object. `sealed` is its text, empty where none was asked for."""

    number: int
    href: str
    etag: str
    sealed: bytes


class TimedRow(NamedTuple):
    """One object that may happen in a time range; instants are microseconds since 1970."""

    row: ObjectRow
    starts_at: int | None
    ends_at: int | None
    repeats: bool


_KNOWN = (objects.c.box_id == bindparam("box"), objects.c.kind == bindparam("of_kind"))
_updated_at = type_coerce(objects.c.updated_at, BigInteger)
_starts_at = type_coerce(objects.c.starts_at, BigInteger)
_ends_at = type_coerce(objects.c.ends_at, BigInteger)
_BARE = select(objects.c.number, objects.c.href, objects.c.revision, _updated_at).where(*_KNOWN)
_WHOLE = _BARE.add_columns(objects.c.ical)
# In no order: the database then reads along the index of the times alone.
_BETWEEN = (
    _WHOLE.add_columns(_starts_at, _ends_at, objects.c.rrule)
    .where(or_(_starts_at.is_(None), _starts_at < bindparam("until")))
    .where(or_(_ends_at.is_(None), _ends_at > bindparam("since")))
)
_SUMMARIES = (
    select(objects.c.number, objects.c.revision, objects.c.summary)
    .where(*_KNOWN)
    .where(objects.c.number.in_(bindparam("numbers", expanding=True)))
)
_GONE = (
    select(tombstones.c.href, tombstones.c.revision)
    .where(tombstones.c.box_id == bindparam("box"), tombstones.c.kind == bindparam("of_kind"))
    .where(tombstones.c.revision > bindparam("since"))
)


def _both(query: Select[Any], whole: Select[Any]) -> dict[bool, Select[Any]]:
    return {False: query, True: whole}


def _named(query: Select[Any]) -> Select[Any]:
    return query.where(objects.c.href.in_(bindparam("hrefs", expanding=True)))


def _since(query: Select[Any]) -> Select[Any]:
    return query.where(objects.c.revision > bindparam("since")).order_by(objects.c.revision)


# By whether texts are wanted.
_ALL = _both(_BARE.order_by(objects.c.number), _WHOLE.order_by(objects.c.number))
_NAMED = _both(_named(_BARE), _named(_WHOLE))
_CHANGED = _both(_since(_BARE), _since(_WHOLE))


class CalendarRows:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def all(self, box_id: str, kind: Kind, *, texts: bool) -> Iterator[ObjectRow]:
        return map(_object_row, self._rows(_ALL[texts], box_id, kind))

    def named(
        self, box_id: str, kind: Kind, hrefs: Iterable[str], *, texts: bool
    ) -> Iterator[ObjectRow]:
        """Those that exist, in any order."""
        wanted = list(hrefs)
        for first in range(0, len(wanted), _AT_ONCE):
            some = wanted[first : first + _AT_ONCE]
            yield from map(_object_row, self._rows(_NAMED[texts], box_id, kind, hrefs=some))

    def changed(
        self, box_id: str, kind: Kind, since: int, *, texts: bool
    ) -> Iterator[tuple[int, ObjectRow]]:
        """What was written after a revision, with its own, the oldest change first."""
        for row in self._rows(_CHANGED[texts], box_id, kind, since=since):
            yield row[2], _object_row(row)

    def gone(self, box_id: str, kind: Kind, since: int) -> list[tuple[int, str]]:
        """What was deleted or renamed after a revision: its own, and the name."""
        rows = self._rows(_GONE, box_id, kind, since=since)
        return [(revision, href) for href, revision in rows]

    def between(
        self, box_id: str, kind: Kind, since: int | None, until: int | None
    ) -> Iterator[TimedRow]:
        """What may happen in a time range (microseconds; None: no bound), in any order."""
        bounds = {
            "since": _FIRST if since is None else since,
            "until": _LAST if until is None else until,
        }
        for row in self._rows(_BETWEEN, box_id, kind, **bounds):
            starts_at, ends_at, rrule = row[5:]
            yield TimedRow(_object_row(row), starts_at, ends_at, rrule is not None)

    def summaries(
        self, box_id: str, kind: Kind, numbers: Iterable[int]
    ) -> Iterator[tuple[int, int, Json]]:
        """Number, revision and what is kept of each object beside its text."""
        wanted = list(numbers)
        for first in range(0, len(wanted), _AT_ONCE):
            some = wanted[first : first + _AT_ONCE]
            for number, revision, sealed in self._rows(_SUMMARIES, box_id, kind, numbers=some):
                place = place_of(box_id, kind, number, "summary")
                yield number, revision, self._keys.unseal_json(box_id, place, sealed)

    def text(self, box_id: str, kind: Kind, row: ObjectRow) -> bytes:
        """Open an object's text: UTF-8."""
        place = place_of(box_id, kind, row.number, "ical")
        return self._keys.unseal(box_id, place, row.sealed)

    def _rows(self, query: Select[Any], box_id: str, kind: Kind, **given: Any) -> Iterator[Any]:  # noqa: ANN401  values of parameters, rows of any shape
        named = {"box": box_id, "of_kind": kind.value, **given}
        return iter(self._connection.execute(query, named))


# What a signed 64-bit number holds; any instant lies between.
_FIRST, _LAST = -(2**63), 2**63 - 1


def _object_row(row: Any) -> ObjectRow:  # noqa: ANN401  a Row
    number, href, revision, updated_at = row[:4]
    return ObjectRow(number, href, etag_of(revision, updated_at), row[4] if len(row) > 4 else b"")  # noqa: PLR2004  the text comes fifth
