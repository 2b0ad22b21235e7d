"""Motions that other Boxes hand on, until somebody takes them over."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection, func, select

from wecreate_module.domain.handover import Offer, read_offer, to_json
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.motion_tables import motion_offers
from wecreate_module.storage.rows import upsert

OPEN, TAKEN = "open", "taken"


class OfferRepository:
    def __init__(self, connection: Connection, keys: KeyStore) -> None:
        self._connection = connection
        self._keys = keys

    def add(self, box_id: str, offer: Offer) -> int:
        """Keep an offer; its number in this Box."""
        query = select(func.max(motion_offers.c.number)).where(motion_offers.c.box_id == box_id)
        number = int(self._connection.execute(query).scalar() or 0) + 1
        self._put(box_id, number, offer, OPEN)
        return number

    def get(self, box_id: str, number: int) -> Offer | None:
        """An offer that nobody has taken yet."""
        table = motion_offers.c
        query = select(motion_offers.c.sealed).where(
            table.box_id == box_id, table.number == number, table.state == OPEN
        )
        sealed = self._connection.execute(query).scalar()
        if sealed is None:
            return None
        stored = self._keys.unseal_json(box_id, _place(box_id, number), sealed)
        return _from_json(stored)

    def newest(self, box_id: str) -> int | None:
        """The number of the latest that nobody has taken."""
        table = motion_offers.c
        query = select(func.max(table.number)).where(table.box_id == box_id, table.state == OPEN)
        found: int | None = self._connection.execute(query).scalar()
        return found

    def taken(self, box_id: str, number: int, offer: Offer) -> None:
        self._put(box_id, number, offer, TAKEN)

    def _put(self, box_id: str, number: int, offer: Offer, state: str) -> None:
        stored = {"offer": to_json(offer), "box_id": offer.box_id}
        sealed = self._keys.seal_json(box_id, _place(box_id, number), stored)
        row = {"box_id": box_id, "number": number, "state": state, "sealed": sealed}
        upsert(self._connection, motion_offers, row)


def _from_json(stored: dict[str, object]) -> Offer:
    return replace(read_offer(json.dumps(stored["offer"]).encode()), box_id=str(stored["box_id"]))


def _place(box_id: str, number: int) -> str:
    return f"motion_offers:{box_id}:{number}"
