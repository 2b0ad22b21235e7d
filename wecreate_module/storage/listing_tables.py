"""The tables of the marketplace: public by nature, so nothing in them is sealed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from wecreate_module.storage.tables import Instant, metadata

listings = Table(
    "listings",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("alias", Text, nullable=False),
    Column("server", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("offer", Text),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("support", Integer, nullable=False),
    Column("publisher_type", Text, nullable=False),
    Column("publisher_name", Text, nullable=False),
    Column("publisher_verified", Boolean, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("starts_at", Instant),
    Column("place", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("card", Text, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Index(None, "revision"),
    Index(None, "author"),
)

# One row for each 👍: a person's may be two, in the emoji's two spellings, and count once.
listing_supports = Table(
    "listing_supports",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("room_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Index(None, "room_id", "user_id"),
)
