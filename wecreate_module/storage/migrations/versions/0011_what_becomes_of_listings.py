"""Listings: their lives, who joins in, who follows, what is told, reports and decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "listing_supports",
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    )
    op.create_table(
        "listing_lives",
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("life", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="pk_listing_lives"),
    )
    op.create_index("ix_listing_lives_box_id", "listing_lives", ["box_id"])
    op.create_table(
        "listing_requests",
        sa.Column("number", _ID, autoincrement=True, nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_listing_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_listing_requests_room_id_user_id", "listing_requests", ["room_id", "user_id"]
    )
    op.create_index(
        "ix_listing_requests_user_id_asked_at", "listing_requests", ["user_id", "asked_at"]
    )
    _news()
    op.create_table(
        "listing_cases",
        sa.Column("number", _ID, autoincrement=True, nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_listing_cases"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_listing_cases_room_id", "listing_cases", ["room_id"])
    op.create_index(
        "ix_listing_cases_opened_by_opened_at", "listing_cases", ["opened_by", "opened_at"]
    )


def _news() -> None:
    op.create_table(
        "listing_follows",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "number", name="pk_listing_follows"),
    )
    op.create_table(
        "listing_told",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "room_id", name="pk_listing_told"),
    )
    op.create_table(
        "listing_news",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_listing_news"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_listing_news_user_id", "listing_news", ["user_id"])
