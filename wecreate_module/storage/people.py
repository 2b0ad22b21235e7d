"""What WeCreate keeps of a person: how to talk to them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, select

from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.rows import upsert
from wecreate_module.storage.tables import people


@dataclass(frozen=True)
class Person:
    """None means: not chosen, the Box's or the server's default holds. `digest_at` "07:30"."""

    user_id: str
    language: str | None = None
    timezone: str | None = None
    digest_at: str | None = None
    direct_room_id: str | None = None
    display_name: str | None = None


_GET = select(people).where(people.c.user_id == bindparam("known"))


class PeopleRepository:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def get(self, user_id: str) -> Person:
        """Find what is kept; somebody unknown has no choices."""
        row = self._connection.execute(_GET, {"known": user_id}).first()
        return self._person(row) if row else Person(user_id)

    def save(self, person: Person) -> None:
        sealed = None
        if person.display_name is not None:
            name = person.display_name
            sealed = self._keys.seal_json(SERVER, f"people:{person.user_id}", name)
        values = {
            "user_id": person.user_id,
            "language": person.language,
            "timezone": person.timezone,
            "digest_at": person.digest_at,
            "direct_room_id": person.direct_room_id,
            "sealed": sealed,
        }
        upsert(self._connection, people, values)

    def with_digest(self) -> list[Person]:
        """All who wish a daily digest."""
        query = select(people).where(people.c.digest_at.is_not(None)).order_by(people.c.user_id)
        return [self._person(row) for row in self._connection.execute(query)]

    def _person(self, row: Row[tuple[object, ...]]) -> Person:
        name = None
        if row.sealed is not None:
            name = self._keys.unseal_json(SERVER, f"people:{row.user_id}", row.sealed)
        return Person(
            user_id=row.user_id,
            language=row.language,
            timezone=row.timezone,
            digest_at=row.digest_at,
            direct_room_id=row.direct_room_id,
            display_name=name,
        )
