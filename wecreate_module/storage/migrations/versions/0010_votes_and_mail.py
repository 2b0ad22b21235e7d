"""Votes on motions, mail that goes out, motions that other Boxes hand on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "motion_votes",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("vote", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "number", "vote", name="pk_motion_votes"),
        _of_box("motion_votes"),
    )
    op.create_table(
        "motion_polls",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("motion", sa.Integer(), nullable=False),
        sa.Column("vote", sa.Integer(), nullable=False),
        sa.Column("voter", sa.Text()),
        sa.PrimaryKeyConstraint("event_id", name="pk_motion_polls"),
        _of_box("motion_polls"),
    )
    op.create_index(
        "ix_motion_polls_box_id_motion_vote", "motion_polls", ["box_id", "motion", "vote"]
    )
    op.create_table(
        "sent_mails",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("message_id", name="pk_sent_mails"),
        _of_box("sent_mails"),
    )
    op.create_table(
        "motion_offers",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "number", name="pk_motion_offers"),
        _of_box("motion_offers"),
    )


def _of_box(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["box_id"], ["boxes.id"], name=f"fk_{table}_box_id", ondelete="CASCADE"
    )
