"""What people call and colour a Box's calendars in their own programs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_properties",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "box_id", "kind", name="pk_calendar_properties"),
        sa.ForeignKeyConstraint(
            ["box_id"],
            ["boxes.id"],
            name="fk_calendar_properties_box_id",
            ondelete="CASCADE",
        ),
    )
