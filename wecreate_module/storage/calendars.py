"""Which Boxes' calendars other programs may see, and under which random names."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from wecreate_module.storage.tables import calendars


class Sharing(StrEnum):
    """What members may do with their calendar programs."""

    OFF = "off"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True)
class BoxCalendars:
    """`events_id` and `tasks_id` are unguessable and safe in paths; they stay for good."""

    box_id: str
    sharing: Sharing
    events_id: str
    tasks_id: str
    told_at: datetime | None = None
    """When the room was last told of changes from outside."""


_GET = select(calendars).where(calendars.c.box_id == bindparam("box"))
_SHARED = select(calendars).where(
    calendars.c.sharing != Sharing.OFF.value,
    calendars.c.box_id.in_(bindparam("boxes", expanding=True)),
)


class CalendarRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, box_id: str) -> BoxCalendars | None:
        """None means: never shared."""
        row = self._connection.execute(_GET, {"box": box_id}).first()
        return _calendars(row) if row else None

    def shared(self, box_ids: Iterable[str]) -> dict[str, BoxCalendars]:
        """Those of these Boxes that are shared, by Box."""
        rows = self._connection.execute(_SHARED, {"boxes": list(box_ids)})
        return {row.box_id: _calendars(row) for row in rows}

    def share(self, box_id: str, sharing: Sharing) -> BoxCalendars:
        known = self.get(box_id)
        if known is None:
            known = BoxCalendars(box_id, sharing, secrets.token_hex(12), secrets.token_hex(12))
            self._connection.execute(insert(calendars).values(**vars(known)))
            return known
        self._connection.execute(
            update(calendars).where(calendars.c.box_id == box_id).values(sharing=sharing.value)
        )
        return BoxCalendars(**{**vars(known), "sharing": sharing})

    def told(self, box_id: str, at: datetime) -> None:
        self._connection.execute(
            update(calendars).where(calendars.c.box_id == box_id).values(told_at=at)
        )


def _calendars(row: Row[tuple[object, ...]]) -> BoxCalendars:
    return BoxCalendars(row.box_id, Sharing(row.sharing), row.events_id, row.tasks_id, row.told_at)
