"""Requests for files, files brought in, words inside files, and how passwords are made slow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("file_posts", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("file_links", sa.Column("kdf", sa.Text(), nullable=True))
    op.create_table(
        "file_text_pages",
        _box_id(),
        sa.Column("page", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _of_box("file_text_pages"),
        sa.PrimaryKeyConstraint("box_id", "page", name="pk_file_text_pages"),
    )
    op.create_table(
        "file_settings",
        _box_id(),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _of_box("file_settings"),
        sa.PrimaryKeyConstraint("box_id", name="pk_file_settings"),
    )
    op.create_table(
        "file_requests",
        sa.Column("id", sa.Text(), nullable=False),
        _box_id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("access_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("max_files", sa.Integer(), nullable=False),
        sa.Column("max_size", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        _of_box("file_requests"),
        sa.PrimaryKeyConstraint("id", name="pk_file_requests"),
    )
    op.create_index("ix_file_requests_box_id_number", "file_requests", ["box_id", "number"])
    op.create_table(
        "file_uploads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        _box_id(),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("letter", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["file_requests.id"],
            name="fk_file_uploads_request_id",
            ondelete="CASCADE",
        ),
        _of_box("file_uploads"),
        sa.PrimaryKeyConstraint("id", name="pk_file_uploads"),
    )
    op.create_index("ix_file_uploads_request_id", "file_uploads", ["request_id"])
    op.create_index("ix_file_uploads_state", "file_uploads", ["state"])
    op.create_table(
        "file_imports",
        sa.Column("id", sa.Text(), nullable=False),
        _box_id(),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _of_box("file_imports"),
        sa.PrimaryKeyConstraint("id", name="pk_file_imports"),
    )
    op.create_index("ix_file_imports_box_id_state", "file_imports", ["box_id", "state"])


def _box_id() -> sa.Column[str]:
    return sa.Column("box_id", sa.Text(), nullable=False)


def _of_box(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["box_id"], ["boxes.id"], name=f"fk_{table}_box_id", ondelete="CASCADE"
    )
