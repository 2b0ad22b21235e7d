"""Files: the Box's drive, its versions, the messages that show them, the words to find them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("folder_mark", sa.Text(), nullable=False),
        sa.Column("name_mark", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "number", name="pk_files"),
        _of_box("files"),
    )
    op.create_index(
        "ix_files_box_id_status_folder_mark_number",
        "files",
        ["box_id", "status", "folder_mark", "number"],
    )
    op.create_index("ix_files_box_id_name_mark", "files", ["box_id", "name_mark"])
    op.create_table(
        "file_versions",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "number", "version", name="pk_file_versions"),
        _of_box("file_versions"),
    )
    op.create_index("ix_file_versions_box_id_sender", "file_versions", ["box_id", "sender"])
    op.create_table(
        "file_posts",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "event_id", name="pk_file_posts"),
        _of_box("file_posts"),
    )
    op.create_index("ix_file_posts_box_id_number", "file_posts", ["box_id", "number"])
    op.create_table(
        "file_pages",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "page", name="pk_file_pages"),
        _of_box("file_pages"),
    )


def _of_box(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["box_id"], ["boxes.id"], name=f"fk_{table}_box_id", ondelete="CASCADE"
    )
