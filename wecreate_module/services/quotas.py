"""How much room people's Boxes have left, for whoever has the database and no keys."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, func, select

from wecreate_module.storage.engine import make_engine, reading
from wecreate_module.storage.file_tables import file_versions
from wecreate_module.storage.tables import boxes, members

_USED = (
    select(func.coalesce(func.sum(file_versions.c.size), 0))
    .select_from(
        members.join(boxes, boxes.c.room_id == members.c.room_id).outerjoin(
            file_versions, file_versions.c.box_id == boxes.c.id
        )
    )
    .where(and_(members.c.user_id == bindparam("who"), members.c.membership == "join"))
    .group_by(boxes.c.id)
)


class BoxUsage:
    """Reads a database alone; safe for many threads."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def emptiest(self, user_id: str) -> int | None:
        """Bytes used in the emptiest of a person's Boxes; None for somebody without one."""
        with reading(self._engine.connect()) as connection, connection.begin():
            used = connection.execute(_USED, {"who": user_id}).scalars().all()
        return min(map(int, used), default=None)

    def close(self) -> None:
        self._engine.dispose()
