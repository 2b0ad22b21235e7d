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
    # What our own store calls the ciphertext that the homeserver does not take.
    Column("kept", Text),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "box_id", "sender"),
    Index(None, "kept"),
)

# Matrix events that show a file: what was sent, and what the bot posted again.
file_posts = Table(
    "file_posts",
    metadata,
    _box_id(primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    # Which version was sent with it; none where the bot showed the file again.
    Column("version", Integer),
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

# The same for the words inside the files, where a Box wants that.
file_text_pages = Table(
    "file_text_pages",
    metadata,
    _box_id(primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

# What the admins of a Box chose: how links begin, whether texts are searched.
file_settings = Table(
    "file_settings",
    metadata,
    _box_id(primary_key=True),
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
    # How the password was made slow: none is PBKDF2, as before 0009.
    Column("kdf", Text),
    Column("expires_at", Instant),
    Column("max_visits", Integer),
    Column("visits", Integer, nullable=False),
    Column("first_visit_at", Instant),
    Column("revoked_at", Instant),
    Column("wrong", Integer, nullable=False),
    Column("wrong_at", Instant),
    Index(None, "box_id", "number"),
)

# Links to send files by. `sealed` (title, folder, private key) opens with the Box's key,
# `record` with the link's own secret, which is not here.
file_requests = Table(
    "file_requests",
    metadata,
    Column("id", Text, primary_key=True),
    _box_id(),
    Column("number", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("access_hash", LargeBinary, nullable=False),
    Column("expires_at", Instant),
    Column("max_files", Integer, nullable=False),
    Column("max_size", BigInteger, nullable=False),
    Column("closed_at", Instant),
    Index(None, "box_id", "number"),
)

# What is on its way by them. `letter` opens with the request's private key.
file_uploads = Table(
    "file_uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "request_id",
        Text,
        ForeignKey("file_requests.id", ondelete="CASCADE"),
        nullable=False,
    ),
    _box_id(),
    Column("size", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("letter", LargeBinary),
    Column("started_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    Index(None, "request_id"),
    Index(None, "state"),
)

# Files on their way in from a ZIP or another cloud: what is still to come is sealed.
file_imports = Table(
    "file_imports",
    metadata,
    Column("id", Text, primary_key=True),
    _box_id(),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "box_id", "state"),
)
