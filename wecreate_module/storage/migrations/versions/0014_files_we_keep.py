"""Ciphertext that the homeserver does not take is kept for the versions that name it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("file_versions", sa.Column("kept", sa.Text))
    op.create_index("ix_file_versions_kept", "file_versions", ["kept"])
