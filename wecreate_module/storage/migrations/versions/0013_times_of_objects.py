"""What is on in a time range is found along one index, however many objects there are."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_objects_box_id_kind_starts_at", table_name="objects")
    op.create_index(
        "ix_objects_box_id_kind_times", "objects", ["box_id", "kind", "starts_at", "ends_at"]
    )
