"""What hangs on motions: votes, mail that goes out, motions that other Boxes hand on."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from wecreate_module.storage.tables import Instant, metadata


def _box_id(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "box_id",
        Text,
        ForeignKey("boxes.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def _number(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


motion_votes = Table(
    "motion_votes",
    metadata,
    _box_id(primary_key=True),
    _number("number"),
    _number("vote"),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

motion_polls = Table(
    "motion_polls",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("room_id", Text, nullable=False),
    _box_id(),
    Column("motion", Integer, nullable=False),
    Column("vote", Integer, nullable=False),
    Column("voter", Text),
    Index(None, "box_id", "motion", "vote"),
)

sent_mails = Table(
    "sent_mails",
    metadata,
    Column("message_id", Text, primary_key=True),
    _box_id(),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("answer", Text),
)

motion_offers = Table(
    "motion_offers",
    metadata,
    _box_id(primary_key=True),
    _number("number"),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
