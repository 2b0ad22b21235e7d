"""Listings and who supports them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, bindparam, delete, func, select, text, update

from wecreate_module.domain.listings import Kind, Listing, Offer, Publisher, PublisherType, Status
from wecreate_module.storage.listing_tables import listing_supports, listings
from wecreate_module.storage.rows import upsert

# A 👍 that was withdrawn leaves its event id behind, and nobody's name: so it never counts again.
_WITHDRAWN = 0
_STANDS = listing_supports.c.version > _WITHDRAWN
_LOCK = 0x6C69_7374_696E_6773  # "listings"
_REVISION = select(func.coalesce(func.max(listings.c.revision), 0))
_GET = select(listings).where(listings.c.room_id == bindparam("room"))
_SOME = select(listings).where(listings.c.room_id.in_(bindparam("rooms", expanding=True)))
_SINCE = (
    select(listings)
    .where(listings.c.revision > bindparam("known"))
    .order_by(listings.c.revision)
    .limit(bindparam("most"))
)
_BY_AUTHOR = (
    select(listings)
    .where(listings.c.author == bindparam("author"), listings.c.listed.is_(True))
    .order_by(listings.c.published_at.desc(), listings.c.room_id)
    .limit(bindparam("most"))
)
_OF_ORIGIN = (
    select(listings)
    .where(listings.c.origin == bindparam("origin"), listings.c.listed.is_(True))
    .order_by(listings.c.room_id)
)
_IDS_OF_ORIGIN = select(listings.c.room_id).where(
    listings.c.origin == bindparam("origin"), listings.c.listed.is_(True)
)
_ORIGINS = select(listings.c.origin).where(listings.c.origin != "").distinct()
_MARKS_OF_ORIGIN = (
    select(listings.c.room_id)
    .where(listings.c.origin == bindparam("origin"), listings.c.listed.is_(False))
    .order_by(listings.c.revision.desc())
    .offset(bindparam("kept"))
)
_WITH_CARD = (
    select(listings)
    .where(listings.c.origin == "", listings.c.listed.is_(True), listings.c.card != "")
    .order_by(listings.c.room_id)
)
_SUPPORTERS = select(func.count(listing_supports.c.user_id.distinct())).where(
    listing_supports.c.room_id == bindparam("room"), _STANDS
)
_PEOPLE = (
    select(
        listing_supports.c.user_id,
        func.max(listing_supports.c.version).label("version"),
    )
    .where(listing_supports.c.room_id == bindparam("room"), _STANDS)
    .group_by(listing_supports.c.user_id)
    .order_by(listing_supports.c.user_id)
)
_SUPPORT = select(listing_supports.c.room_id, listing_supports.c.user_id).where(
    listing_supports.c.event_id == bindparam("event"), _STANDS
)
_EVENTS = select(listing_supports.c.event_id)


class ListingRepository:
    """Every write gives a listing the next revision: who knows up to N reads what came after."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def engine(self) -> Engine:
        """The database, to tell one from another."""
        return self._connection.engine

    def revision(self) -> int:
        """The last write's."""
        return int(self._connection.execute(_REVISION).scalar_one())

    def put(self, listing: Listing) -> Listing:
        """Write a listing, new or changed; the same with its revision."""
        return self.put_many([listing])[0]

    def put_many(self, given: Sequence[Listing]) -> list[Listing]:
        """Write listings, each once."""
        if self._connection.dialect.name == "postgresql":
            # Revisions have to become visible in their order, so writers take turns.
            lock = text("SELECT pg_advisory_xact_lock(:lock)")
            self._connection.execute(lock, {"lock": _LOCK})
        first = self.revision() + 1
        numbered = [replace(each, revision=first + at) for at, each in enumerate(given)]
        upsert(self._connection, listings, [_to_row(each) for each in numbered])
        return numbered

    def get(self, room_id: str) -> Listing | None:
        row = self._connection.execute(_GET, {"room": room_id}).mappings().first()
        return _from_row(row) if row is not None else None

    def some(self, room_ids: Sequence[str]) -> list[Listing]:
        """These listings, in this order; what is not there is left out."""
        if not room_ids:
            return []
        rows = self._connection.execute(_SOME, {"rooms": list(room_ids)}).mappings()
        found = {str(row["room_id"]): _from_row(row) for row in rows}
        return [found[room_id] for room_id in room_ids if room_id in found]

    def since(self, revision: int, most: int) -> list[Listing]:
        """What was written after a revision, in that order; also what is listed no more."""
        given = {"known": revision, "most": most}
        return [_from_row(row) for row in self._connection.execute(_SINCE, given).mappings()]

    def by_author(self, user_id: str, most: int) -> list[Listing]:
        """A person's own, the newest first."""
        given = {"author": user_id, "most": most}
        return [_from_row(row) for row in self._connection.execute(_BY_AUTHOR, given).mappings()]

    def of_author(self, user_id: str) -> list[Listing]:
        """All of a person's own, those too that are not listed."""
        query = select(listings).where(listings.c.author == user_id)
        return [_from_row(row) for row in self._connection.execute(query).mappings()]

    def of_origin(self, origin: str) -> list[Listing]:
        """What was fetched from one partner; "" are our own."""
        rows = self._connection.execute(_OF_ORIGIN, {"origin": origin}).mappings()
        return [_from_row(row) for row in rows]

    def ids_of_origin(self, origin: str) -> set[str]:
        """Room ids of what is listed of a partner."""
        found = self._connection.execute(_IDS_OF_ORIGIN, {"origin": origin}).scalars()
        return {str(room_id) for room_id in found}

    def origins(self) -> list[str]:
        """Every partner of whom something is kept, if only the mark that it was there."""
        return sorted(str(origin) for origin in self._connection.execute(_ORIGINS).scalars())

    def forget_marks(self, origin: str, kept: int) -> None:
        """Delete the oldest marks of a partner's listings that are gone, but for `kept`."""
        given = {"origin": origin, "kept": kept}
        old = [str(each) for each in self._connection.execute(_MARKS_OF_ORIGIN, given).scalars()]
        for start in range(0, len(old), 500):
            some = listings.c.room_id.in_(old[start : start + 500])
            self._connection.execute(delete(listings).where(some))

    def with_room(self) -> list[Listing]:
        """Our own that have a room with a card in it; those in the index alone are left out."""
        return [_from_row(row) for row in self._connection.execute(_WITH_CARD).mappings()]

    def add_support(self, room_id: str, user_id: str, event_id: str, version: int = 1) -> int:
        """Note a 👍 for that version of the text, if it was not withdrawn; how many support now."""
        values = {
            "event_id": event_id,
            "room_id": room_id,
            "user_id": user_id,
            "version": version,
        }
        if not self.supports_known([event_id]) or self.supporter(event_id) is not None:
            upsert(self._connection, listing_supports, values)
        return self.supporters(room_id)

    def supporter(self, event_id: str) -> str | None:
        """Whose 👍 this Matrix event is, if it counts."""
        row = self._connection.execute(_SUPPORT, {"event": event_id}).first()
        return None if row is None else str(row.user_id)

    def take_support(self, event_id: str) -> str | None:
        """A 👍 was removed: the room it counted in, None if it counted nowhere."""
        row = self._connection.execute(_SUPPORT, {"event": event_id}).first()
        if row is None:
            return None
        this = listing_supports.c.event_id == event_id
        gone = update(listing_supports).where(this).values(user_id="", version=_WITHDRAWN)
        self._connection.execute(gone)
        return str(row.room_id)

    def withdraw_all(self, user_id: str) -> list[str]:
        """Take all supports of a person back: the rooms they counted in."""
        query = select(listing_supports.c.event_id, listing_supports.c.room_id)
        rows = self._connection.execute(query.where(listing_supports.c.user_id == user_id)).all()
        for row in rows:
            self.take_support(row.event_id)
        return sorted({str(row.room_id) for row in rows})

    def support_events(self, room_id: str) -> set[str]:
        """The Matrix events that count for a listing."""
        query = _EVENTS.where(listing_supports.c.room_id == room_id, _STANDS)
        return {str(each) for each in self._connection.execute(query).scalars()}

    def supports_known(self, event_ids: Sequence[str]) -> set[str]:
        """Which of these have been counted, though they may have been withdrawn since."""
        found: set[str] = set()
        for start in range(0, len(event_ids), 500):
            some = listing_supports.c.event_id.in_(event_ids[start : start + 500])
            found.update(self._connection.execute(_EVENTS.where(some)).scalars())
        return found

    def supporters(self, room_id: str) -> int:
        return int(self._connection.execute(_SUPPORTERS, {"room": room_id}).scalar_one())

    def supports_of(self, room_id: str) -> dict[str, int]:
        """Who supports a listing, and the newest version of its text that each of them does."""
        rows = self._connection.execute(_PEOPLE, {"room": room_id})
        return {str(row.user_id): int(row.version) for row in rows}

    def events_of_support(self, room_id: str, user_id: str) -> list[str]:
        """The Matrix events by which a person supports a listing."""
        query = select(listing_supports.c.event_id).where(
            listing_supports.c.room_id == room_id, listing_supports.c.user_id == user_id, _STANDS
        )
        return [str(each) for each in self._connection.execute(query).scalars()]


def _to_row(listing: Listing) -> dict[str, Any]:
    return {
        "room_id": listing.room_id,
        "alias": listing.alias,
        "server": listing.server,
        "origin": listing.origin,
        "kind": listing.kind.value,
        "offer": listing.offer.value if listing.offer else None,
        "title": listing.title,
        "summary": listing.summary,
        "district": listing.district,
        "tags": json.dumps(listing.tags, ensure_ascii=False),
        "status": listing.status.value,
        "support": listing.support,
        "publisher_type": listing.publisher.type.value,
        "publisher_name": listing.publisher.name,
        "publisher_verified": listing.publisher.verified,
        "published_at": listing.published_at,
        "starts_at": listing.starts_at,
        "place": listing.place,
        "author": listing.author,
        "card": listing.card,
        "listed": listing.listed,
        "stale": listing.stale,
        "revision": listing.revision,
    }


def _from_row(row: RowMapping) -> Listing:
    return Listing(
        room_id=row["room_id"],
        alias=row["alias"],
        server=row["server"],
        origin=row["origin"],
        kind=Kind(row["kind"]),
        offer=Offer(row["offer"]) if row["offer"] else None,
        title=row["title"],
        summary=row["summary"],
        district=row["district"],
        tags=tuple(json.loads(row["tags"])),
        status=Status(row["status"]),
        support=row["support"],
        publisher=Publisher(
            PublisherType(row["publisher_type"]), row["publisher_name"], row["publisher_verified"]
        ),
        published_at=row["published_at"],
        starts_at=row["starts_at"],
        place=row["place"],
        author=row["author"],
        card=row["card"],
        listed=row["listed"],
        stale=row["stale"],
        revision=row["revision"],
    )
