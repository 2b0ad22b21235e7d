"""What somebody calls and colours a Box's calendar in their own programs."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import calendar_properties

_GET = select(calendar_properties.c.sealed).where(
    calendar_properties.c.user_id == bindparam("user"),
    calendar_properties.c.box_id == bindparam("box"),
    calendar_properties.c.kind == bindparam("of_kind"),
)


class CalendarProperties:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def get(self, user_id: str, box_id: str, kind: Kind) -> dict[str, str]:
        given = {"user": user_id, "box": box_id, "of_kind": kind.value}
        sealed = self._connection.execute(_GET, given).scalar()
        if sealed is None:
            return {}
        found: dict[str, str] = self._keys.unseal_json(
            box_id, _place(user_id, box_id, kind), sealed
        )
        return found

    def put(self, user_id: str, box_id: str, kind: Kind, values: Mapping[str, str]) -> None:
        """Keep these in place of all earlier ones."""
        sealed = self._keys.seal_json(box_id, _place(user_id, box_id, kind), dict(values))
        row = {"user_id": user_id, "box_id": box_id, "kind": kind.value, "sealed": sealed}
        upsert(self._connection, calendar_properties, row)


def _place(user_id: str, box_id: str, kind: Kind) -> str:
    return f"calendar_properties:{box_id}:{kind.value}:{user_id}"
