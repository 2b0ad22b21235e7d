"""What becomes of our own listings."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from wecreate_module.domain.listing_lives import Life, born, from_json, to_json
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.listing_tables import listing_lives
from wecreate_module.storage.rows import upsert

_AT_ONCE = 500
_SOME = select(listing_lives).where(listing_lives.c.room_id.in_(bindparam("rooms", expanding=True)))


class ListingLives:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, listing: Listing) -> Life:
        """What is kept; of one that was only imported, what its record tells."""
        return self.some([listing])[0]

    def some(self, listings: Sequence[Listing]) -> list[Life]:
        """The same of many, in this order."""
        found: dict[str, Life] = {}
        for start in range(0, len(listings), _AT_ONCE):
            rooms = [listing.room_id for listing in listings[start : start + _AT_ONCE]]
            for row in self._connection.execute(_SOME, {"rooms": rooms}):
                found[row.room_id] = from_json(row.room_id, row.box_id, json.loads(row.life))
        return [found.get(listing.room_id) or born(listing) for listing in listings]

    def put(self, life: Life) -> Life:
        text = json.dumps(to_json(life), ensure_ascii=False)
        values = {"room_id": life.room_id, "box_id": life.box_id, "life": text}
        upsert(self._connection, listing_lives, values)
        return life

    def of_box(self, box_id: str) -> list[str]:
        """Room ids of the listings that are worked on in a Box."""
        query = select(listing_lives.c.room_id).where(listing_lives.c.box_id == box_id)
        return list(self._connection.execute(query.order_by(listing_lives.c.room_id)).scalars())
