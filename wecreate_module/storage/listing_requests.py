"""Who asked to join in on a listing, and what they offer to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.listing_tables import listing_requests


class Asked(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class JoinRequest:
    """`offer` in the person's own words; `name` as the listing's room called them."""

    number: int
    room_id: str
    user_id: str
    status: Asked
    asked_at: datetime
    offer: str
    name: str


class ListingRequests:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def add(self, room_id: str, user_id: str, name: str, offer: str) -> JoinRequest:
        sealed = {"offer": offer, "name": name}
        values = {
            "room_id": room_id,
            "user_id": user_id,
            "status": Asked.OPEN.value,
            "asked_at": self._now,
            "sealed": self._keys.seal_json(SERVER, _place(room_id, user_id), sealed),
        }
        number = self._connection.execute(
            insert(listing_requests).returning(listing_requests.c.number), values
        ).scalar_one()
        return JoinRequest(number, room_id, user_id, Asked.OPEN, self._now, offer, name)

    def get(self, number: int) -> JoinRequest | None:
        query = select(listing_requests).where(listing_requests.c.number == number)
        row = self._connection.execute(query).first()
        return None if row is None else self._request(row)

    def of_person(self, room_id: str, user_id: str) -> JoinRequest | None:
        """The last one of this person for a listing."""
        query = select(listing_requests).where(
            listing_requests.c.room_id == room_id, listing_requests.c.user_id == user_id
        )
        newest = query.order_by(listing_requests.c.number.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return None if row is None else self._request(row)

    def of_listing(self, room_id: str, status: Asked) -> list[JoinRequest]:
        query = select(listing_requests).where(
            listing_requests.c.room_id == room_id, listing_requests.c.status == status.value
        )
        rows = self._connection.execute(query.order_by(listing_requests.c.number))
        return [self._request(row) for row in rows]

    def of_user(self, user_id: str) -> list[JoinRequest]:
        query = select(listing_requests).where(listing_requests.c.user_id == user_id)
        rows = self._connection.execute(query.order_by(listing_requests.c.number))
        return [self._request(row) for row in rows]

    def forget(self, user_id: str) -> None:
        """Delete all that somebody offered."""
        gone = delete(listing_requests).where(listing_requests.c.user_id == user_id)
        self._connection.execute(gone)

    def decide(self, number: int, status: Asked) -> bool:
        """False if it was decided before."""
        done = self._connection.execute(
            update(listing_requests)
            .where(
                listing_requests.c.number == number, listing_requests.c.status == Asked.OPEN.value
            )
            .values(status=status.value)
        )
        return done.rowcount > 0

    def asked_since(self, user_id: str, since: datetime) -> int:
        query = select(func.count()).where(
            listing_requests.c.user_id == user_id, listing_requests.c.asked_at >= since
        )
        return int(self._connection.execute(query).scalar_one())

    def _request(self, row: Row[Any]) -> JoinRequest:
        place = _place(row.room_id, row.user_id)
        said = self._keys.unseal_json(SERVER, place, row.sealed)
        return JoinRequest(
            row.number,
            row.room_id,
            row.user_id,
            Asked(row.status),
            row.asked_at,
            said["offer"],
            said["name"],
        )


def _place(room_id: str, user_id: str) -> str:
    return f"listing_requests:{room_id}:{user_id}"
