"""What people follow on the marketplace, what is to be told to them, and what they know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.listing_tables import listing_follows, listing_news, listing_told


@dataclass(frozen=True)
class Follow:
    """A saved search; `text` as it was typed. Numbers are the person's own."""

    user_id: str
    number: int
    text: str
    created_at: datetime


@dataclass(frozen=True)
class News:
    """`kind` says what happened to the listing, `text` is a status, a version, a name."""

    user_id: str
    room_id: str
    kind: str
    text: str
    at: datetime


class ListingNews:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    # What somebody follows

    def follow(self, user_id: str, text: str) -> Follow:
        query = select(func.coalesce(func.max(listing_follows.c.number), 0))
        highest = self._connection.execute(query.where(listing_follows.c.user_id == user_id))
        number = int(highest.scalar_one()) + 1
        values = {
            "user_id": user_id,
            "number": number,
            "created_at": self._now,
            "sealed": self._keys.seal_json(SERVER, f"listing_follows:{user_id}:{number}", text),
        }
        self._connection.execute(insert(listing_follows), values)
        return Follow(user_id, number, text, self._now)

    def follows(self, user_id: str) -> list[Follow]:
        query = select(listing_follows).where(listing_follows.c.user_id == user_id)
        rows = self._connection.execute(query.order_by(listing_follows.c.number))
        return [self._follow(row) for row in rows]

    def unfollow(self, user_id: str, number: int) -> bool:
        gone = delete(listing_follows).where(
            listing_follows.c.user_id == user_id, listing_follows.c.number == number
        )
        return self._connection.execute(gone).rowcount > 0

    # What is to be told

    def add(self, people: Iterable[str], room_id: str, kind: str, text: str) -> None:
        rows = [
            {"user_id": who, "room_id": room_id, "kind": kind, "text": text, "at": self._now}
            for who in people
        ]
        if rows:
            self._connection.execute(insert(listing_news), rows)

    def take(self, user_id: str) -> list[News]:
        """All that waits for a person, in its order; it is theirs now."""
        query = select(listing_news).where(listing_news.c.user_id == user_id)
        rows = self._connection.execute(query.order_by(listing_news.c.id)).all()
        gone = delete(listing_news).where(listing_news.c.user_id == user_id)
        self._connection.execute(gone)
        return [News(row.user_id, row.room_id, row.kind, row.text, row.at) for row in rows]

    def waiting(self, room_id: str, after: str, most: int) -> list[str]:
        """Whom something about a listing waits for, by user id from there on."""
        query = select(listing_news.c.user_id).where(
            listing_news.c.room_id == room_id, listing_news.c.user_id > after
        )
        ordered = query.distinct().order_by(listing_news.c.user_id).limit(most)
        return list(self._connection.execute(ordered).scalars())

    # What they know

    def told(self, user_id: str, room_ids: Iterable[str]) -> set[str]:
        """Which of these listings this person was told of."""
        query = select(listing_told.c.room_id).where(
            listing_told.c.user_id == user_id, listing_told.c.room_id.in_(list(room_ids))
        )
        return set(self._connection.execute(query).scalars())

    def note_told(self, user_id: str, room_ids: Iterable[str]) -> None:
        every = list(dict.fromkeys(room_ids))
        known = self.told(user_id, every)
        rows = [{"user_id": user_id, "room_id": each} for each in every if each not in known]
        if rows:
            self._connection.execute(insert(listing_told), rows)

    def forget(self, user_id: str) -> None:
        """Delete what somebody follows, what waits for them, and what they were told."""
        for table in (listing_follows, listing_news, listing_told):
            self._connection.execute(delete(table).where(table.c.user_id == user_id))

    def _follow(self, row: Any) -> Follow:  # noqa: ANN401  a Row
        place = f"listing_follows:{row.user_id}:{row.number}"
        text: str = self._keys.unseal_json(SERVER, place, row.sealed)
        return Follow(row.user_id, row.number, text, row.created_at)
