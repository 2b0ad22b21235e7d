"""The tables of files. Names, folders, keys and all words are sealed.

`folder_mark` and `name_mark` are keyed hashes: equal for equal names, and telling nothing else.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from wecreate_module.storage.tables import Instant, metadata


def _box_id(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "box_id",
        Text,
        ForeignKey("boxes.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


files = Table(
    "files",
    metadata,
    _box_id(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("folder_mark", Text, nullable=False),
    Column("name_mark", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "box_id", "status", "folder_mark", "number"),
    Index(None, "box_id", "name_mark"),
)

file_versions = Table(
    "file_versions",
    metadata,
    _box_id(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sender", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "box_id", "sender"),
)

# Matrix events that show a file: what was sent, and what the bot posted again.
file_posts = Table(
    "file_posts",
    metadata,
    _box_id(primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Index(None, "box_id", "number"),
)

# Words to find files by, some hundred files sealed together: a search opens few, large pages.
file_pages = Table(
    "file_pages",
    metadata,
    _box_id(primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

# `media` is sealed with the Box's key, `sealed` with the link's own secret, which is not here.
file_links = Table(
    "file_links",
    metadata,
    Column("id", Text, primary_key=True),
    _box_id(),
    Column("number", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("media", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("access_hash", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("expires_at", Instant),
    Column("max_visits", Integer),
    Column("visits", Integer, nullable=False),
    Column("first_visit_at", Instant),
    Column("revoked_at", Instant),
    Column("wrong", Integer, nullable=False),
    Column("wrong_at", Instant),
    Index(None, "box_id", "number"),
)
