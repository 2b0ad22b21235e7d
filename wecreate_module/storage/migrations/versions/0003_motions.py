"""Motions and their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "motions",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "number", name="pk_motions"),
        sa.ForeignKeyConstraint(
            ["box_id"], ["boxes.id"], name="fk_motions_box_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "motion_versions",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "number", "version", name="pk_motion_versions"),
        sa.ForeignKeyConstraint(
            ["box_id"], ["boxes.id"], name="fk_motion_versions_box_id", ondelete="CASCADE"
        ),
    )
