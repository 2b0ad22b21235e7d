"""What a message is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_subjects",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "event_id", name="pk_message_subjects"),
        sa.ForeignKeyConstraint(
            ["box_id"], ["boxes.id"], name="fk_message_subjects_box_id", ondelete="CASCADE"
        ),
    )
