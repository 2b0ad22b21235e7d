"""The tables of the marketplace: what is public by nature is not sealed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from wecreate_module.storage.tables import Instant, metadata

_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only INTEGER keys

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
# `version` is that of the text they read; 0 of a 👍 that was withdrawn, which names nobody.
listing_supports = Table(
    "listing_supports",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("room_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Index(None, "room_id", "user_id"),
)

# What becomes of our own listings; `life` is JSON (domain/listing_lives.py).
listing_lives = Table(
    "listing_lives",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("box_id", Text, nullable=False),
    Column("life", Text, nullable=False),
    Index(None, "box_id"),
)

# Who asked to join in, and what they offer: sealed, for it is meant for the Box.
listing_requests = Table(
    "listing_requests",
    metadata,
    Column("number", _Id, primary_key=True, autoincrement=True),
    Column("room_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "room_id", "user_id"),
    Index(None, "user_id", "asked_at"),
    sqlite_autoincrement=True,
)

# What somebody wants to hear of, and what they were told: nobody else's concern.
listing_follows = Table(
    "listing_follows",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("created_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
listing_told = Table(
    "listing_told",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("room_id", Text, primary_key=True),
)
listing_news = Table(
    "listing_news",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("user_id", Text, nullable=False),
    Column("room_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "user_id"),
    sqlite_autoincrement=True,
)

# Reports and appeals; who reported and why is sealed.
listing_cases = Table(
    "listing_cases",
    metadata,
    Column("number", _Id, primary_key=True, autoincrement=True),
    Column("room_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "room_id"),
    Index(None, "opened_by", "opened_at"),
    sqlite_autoincrement=True,
)
