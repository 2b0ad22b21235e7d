"""Calendars on other servers that Boxes are tied to, and what both had in common last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_calendars",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_revision", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "kind", name="pk_external_calendars"),
        sa.ForeignKeyConstraint(
            ["box_id"], ["boxes.id"], name="fk_external_calendars_box_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_external_calendars_look_at", "external_calendars", ["look_at"])
    op.create_table(
        "external_objects",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("our_etag", sa.Text(), nullable=False),
        sa.Column("their_etag", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text()),
        sa.PrimaryKeyConstraint("box_id", "kind", "uid", name="pk_external_objects"),
        sa.ForeignKeyConstraint(
            ["box_id"], ["boxes.id"], name="fk_external_objects_box_id", ondelete="CASCADE"
        ),
    )
