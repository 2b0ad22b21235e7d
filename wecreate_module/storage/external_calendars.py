"""Calendars on other servers: how a Box reaches its own there, and what both had in common last.

Address, login and password are sealed with the Box's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, or_, select, update

from wecreate_module.domain.calendar_sync import Common
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import boxes, external_calendars, external_objects


class State(StrEnum):
    """NEW: its calendar is being looked for; CHOOSING: a person says which of several."""

    NEW = "new"
    CHOOSING = "choosing"
    TIED = "tied"


@dataclass(frozen=True)
class ExternalCalendar:
    """One calendar elsewhere that a Box is tied to.

    `id` tells it from one that was tied before. `url` is the calendar's once it is TIED; `name`
    what it is called there. `room_id` is the direct chat of `owner`, who tied it.
    """

    box_id: str
    kind: Kind
    id: str
    state: State
    look_at: datetime
    """When to look there again, if nothing changes here before."""
    url: str
    username: str
    password: str = field(repr=False)
    owner: str
    room_id: str
    seen_revision: int = -1
    """The Box's revision up to which our changes are there."""
    name: str = ""
    found: tuple[tuple[str, str], ...] = ()
    """While CHOOSING: addresses and names."""
    tag: str = ""
    """What their server says to tell whether anything has changed."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Objects of theirs that can't be taken, by path: the etag that was tried."""
    conflicts: Mapping[str, str] = field(default_factory=dict)
    """UIDs of copies that hold the other version, and whose they are a copy of."""
    stopped: int = 0
    """So many deletions wait until an admin says yes."""
    allowed: int = 0
    """So many were said yes to."""
    synced_at: str = ""
    trouble: str = ""
    failing_since: str = ""
    failures: int = 0
    told: str = ""
    """The trouble that the room knows of."""


@dataclass(frozen=True)
class ExternalObject:
    """An object that both have: where it is there, and how it was when both were the same.

    `refused` is the etag of ours that their server did not take.
    """

    uid: str
    href: str
    common: Common
    refused: str = ""


_PLAIN = frozenset({"box_id", "kind", "state", "look_at", "seen_revision"})


class ExternalCalendars:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def put(self, calendar: ExternalCalendar) -> None:
        """Keep it in place of what was tied before."""
        values = asdict(calendar)
        sealed = {name: value for name, value in values.items() if name not in _PLAIN}
        place = _place(calendar.box_id, calendar.kind)
        row = {
            **{name: values[name] for name in _PLAIN},
            "kind": calendar.kind.value,
            "state": calendar.state.value,
            "sealed": self._keys.seal_json(calendar.box_id, place, sealed),
        }
        upsert(self._connection, external_calendars, row)

    def get(self, box_id: str, kind: Kind) -> ExternalCalendar | None:
        query = select(external_calendars).where(
            external_calendars.c.box_id == box_id, external_calendars.c.kind == kind.value
        )
        row = self._connection.execute(query).first()
        return self._read(row) if row else None

    def of_box(self, box_id: str) -> list[ExternalCalendar]:
        query = select(external_calendars).where(external_calendars.c.box_id == box_id)
        rows = self._connection.execute(query.order_by(external_calendars.c.kind))
        return [self._read(row) for row in rows]

    def due(self, now: datetime) -> list[tuple[str, Kind]]:
        """Where it is time to look there, or something has changed here."""
        query = (
            select(external_calendars.c.box_id, external_calendars.c.kind)
            .join(boxes, boxes.c.id == external_calendars.c.box_id)
            .where(
                or_(
                    external_calendars.c.look_at <= now,
                    (external_calendars.c.state == State.TIED.value)
                    & (external_calendars.c.seen_revision >= 0)
                    & (external_calendars.c.seen_revision < boxes.c.revision),
                ),
            )
            .order_by(external_calendars.c.look_at)
        )
        return [(row.box_id, Kind(row.kind)) for row in self._connection.execute(query)]

    def seen(self, box_id: str, kind: Kind, revision: int) -> None:
        """Note that nothing of ours up to a revision is missing there."""
        statement = update(external_calendars).where(
            external_calendars.c.box_id == box_id, external_calendars.c.kind == kind.value
        )
        self._connection.execute(statement.values(seen_revision=revision))

    def drop(self, box_id: str, kind: Kind) -> None:
        """Forget a calendar and what both had in common; nothing else is touched."""
        for table in (external_objects, external_calendars):
            self._connection.execute(
                delete(table).where(table.c.box_id == box_id, table.c.kind == kind.value)
            )

    def objects(self, box_id: str, kind: Kind) -> dict[str, ExternalObject]:
        """What both have, by UID."""
        query = select(external_objects).where(
            external_objects.c.box_id == box_id, external_objects.c.kind == kind.value
        )
        return {
            row.uid: ExternalObject(
                row.uid,
                row.href,
                Common(row.our_etag, row.their_etag, row.content),
                row.refused or "",
            )
            for row in self._connection.execute(query)
        }

    def put_object(self, box_id: str, kind: Kind, known: ExternalObject) -> None:
        row = {
            "box_id": box_id,
            "kind": kind.value,
            "uid": known.uid,
            "href": known.href,
            "our_etag": known.common.ours,
            "their_etag": known.common.theirs,
            "content": known.common.content,
            "refused": known.refused or None,
        }
        upsert(self._connection, external_objects, row)

    def drop_object(self, box_id: str, kind: Kind, uid: str) -> None:
        self._connection.execute(
            delete(external_objects).where(
                external_objects.c.box_id == box_id,
                external_objects.c.kind == kind.value,
                external_objects.c.uid == uid,
            )
        )

    def _read(self, row: Row[tuple[object, ...]]) -> ExternalCalendar:
        kind = Kind(row.kind)
        sealed = self._keys.unseal_json(row.box_id, _place(row.box_id, kind), row.sealed)
        sealed["found"] = tuple((url, name) for url, name in sealed["found"])
        return ExternalCalendar(
            box_id=row.box_id,
            kind=kind,
            state=State(row.state),
            look_at=row.look_at,
            seen_revision=row.seen_revision,
            **sealed,
        )


def _place(box_id: str, kind: Kind) -> str:
    return f"external_calendars:{box_id}:{kind.value}"
