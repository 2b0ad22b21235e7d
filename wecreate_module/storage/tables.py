"""The tables. Content is in `sealed` columns; what stands in the others is no secret of a group.

`scope` names the key that a row was sealed with: a Box's id, or "server".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as microseconds since 1970: exact, sorts, the same everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else from_microseconds(value)


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only INTEGER keys


def _box_id(*, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(
        "box_id",
        Text,
        ForeignKey("boxes.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=nullable,
    )


boxes = Table(
    "boxes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("room_id", Text, nullable=False, unique=True),
    Column("language", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("adopted", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

live_messages = Table(
    "live_messages",
    metadata,
    _box_id(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("event_id", Text, nullable=False),
)

# What a message is about, so that a reply to it needs no number.
message_subjects = Table(
    "message_subjects",
    metadata,
    _box_id(primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    _box_id(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

objects = Table(
    "objects",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    _box_id(),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("uid", Text, nullable=False),
    Column("href", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("due_at", Instant),
    Column("due_is_date", Boolean, nullable=False),
    Column("rrule", Text),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("ical", LargeBinary, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    UniqueConstraint("box_id", "kind", "number"),
    # Each kind is a collection of its own for calendar programs, with its own names.
    UniqueConstraint("box_id", "kind", "uid"),
    UniqueConstraint("box_id", "kind", "href"),
    Index(None, "box_id", "kind", "status", "number"),
    Index(None, "box_id", "kind", "revision"),
    # Both ends, so that what is on in a time range is found along the index alone.
    Index("ix_objects_box_id_kind_times", "box_id", "kind", "starts_at", "ends_at"),
    sqlite_autoincrement=True,
)

tombstones = Table(
    "tombstones",
    metadata,
    _box_id(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("href", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("deleted_at", Instant, nullable=False),
    Index(None, "box_id", "kind", "revision"),
)

calendars = Table(
    "calendars",
    metadata,
    _box_id(primary_key=True),
    Column("sharing", Text, nullable=False),
    Column("events_id", Text, nullable=False, unique=True),
    Column("tasks_id", Text, nullable=False, unique=True),
    Column("told_at", Instant),
)

external_calendars = Table(
    "external_calendars",
    metadata,
    _box_id(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("look_at", Instant, nullable=False, index=True),
    Column("seen_revision", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

external_objects = Table(
    "external_objects",
    metadata,
    _box_id(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("href", Text, nullable=False),
    Column("our_etag", Text, nullable=False),
    Column("their_etag", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("refused", Text),
)

app_passwords = Table(
    "app_passwords",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("user_id", Text, nullable=False),
    Column("selector", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    UniqueConstraint("user_id", "selector"),
    sqlite_autoincrement=True,
)

feeds = Table(
    "feeds",
    metadata,
    Column("user_id", Text, primary_key=True),
    _box_id(primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

calendar_properties = Table(
    "calendar_properties",
    metadata,
    Column("user_id", Text, primary_key=True),
    _box_id(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

outside_changes = Table(
    "outside_changes",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    _box_id(),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "box_id", "id"),
    sqlite_autoincrement=True,
)

trash = Table(
    "trash",
    metadata,
    _box_id(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("deleted_at", Instant, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)

motions = Table(
    "motions",
    metadata,
    _box_id(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

motion_versions = Table(
    "motion_versions",
    metadata,
    _box_id(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("language", Text),
    Column("timezone", Text),
    Column("digest_at", Text, index=True),
    Column("direct_room_id", Text, index=True),
    Column("sealed", LargeBinary),
)

rooms = Table(
    "rooms",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("membership", Text, nullable=False, index=True),
    Column("direct", Boolean, nullable=False),
    Column("scope", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("membership", Text, nullable=False),
    Column("scope", Text),
    Column("sealed", LargeBinary),
    Index(None, "user_id", "membership"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", _Id, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("room_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("session_id", Text),
    Column("received_at", Instant, nullable=False),
    Column("retry_at", Instant),
    Column("told", Boolean, nullable=False),
    Column("finished_at", Instant, index=True),
    Index(None, "status", "room_id", "seq"),
    Index(None, "status", "session_id"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("batch", Text, nullable=False),
    Column("box_id", Text),
    Column("room_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant),
    Column("event_id", Text),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant, index=True),
    Index(None, "status", "room_id", "id"),
    Index(None, "status", "id"),
    Index(None, "status", "not_before"),
    Index(None, "batch"),
    sqlite_autoincrement=True,
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    _box_id(nullable=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("scope", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("status", Text, nullable=False),
    Column("finished_at", Instant, index=True),
    Index(None, "status", "due_at"),
    Index(None, "box_id", "subject"),
    sqlite_autoincrement=True,
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    _box_id(),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "box_id", "id"),
    sqlite_autoincrement=True,
)
