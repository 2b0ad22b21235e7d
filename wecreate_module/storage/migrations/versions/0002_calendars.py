"""Calendars for other programs: sharing, app passwords, feeds, changes from outside, the trash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _objects_of_a_kind()
    op.create_table(
        "calendars",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("sharing", sa.Text(), nullable=False),
        sa.Column("events_id", sa.Text(), nullable=False),
        sa.Column("tasks_id", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("box_id", name="pk_calendars"),
        _of_box("calendars"),
        sa.UniqueConstraint("events_id", name="uq_calendars_events_id"),
        sa.UniqueConstraint("tasks_id", name="uq_calendars_tasks_id"),
    )
    op.create_table(
        "app_passwords",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_app_passwords"),
        sa.UniqueConstraint("user_id", "selector", name="uq_app_passwords_user_id_selector"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feeds",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "box_id", name="pk_feeds"),
        _of_box("feeds"),
        sa.UniqueConstraint("token", name="uq_feeds_token"),
    )
    op.create_table(
        "outside_changes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outside_changes"),
        _of_box("outside_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outside_changes_box_id_id", "outside_changes", ["box_id", "id"])
    op.create_table(
        "trash",
        sa.Column("box_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("box_id", "kind", "number", name="pk_trash"),
        _of_box("trash"),
    )
    op.create_index("ix_trash_deleted_at", "trash", ["deleted_at"])


def _objects_of_a_kind() -> None:
    """UIDs and names are unique within a kind: each is a collection of its own."""
    with op.batch_alter_table("objects") as objects:
        objects.drop_constraint("uq_objects_box_id_uid", type_="unique")
        objects.drop_constraint("uq_objects_box_id_href", type_="unique")
        objects.create_unique_constraint("uq_objects_box_id_kind_uid", ["box_id", "kind", "uid"])
        objects.create_unique_constraint("uq_objects_box_id_kind_href", ["box_id", "kind", "href"])
    for table in ("objects", "tombstones"):
        op.drop_index(f"ix_{table}_box_id_revision", table)
        columns = ["box_id", "kind", "revision"]
        op.create_index(f"ix_{table}_box_id_kind_revision", table, columns)
    op.create_index("ix_objects_box_id_kind_starts_at", "objects", ["box_id", "kind", "starts_at"])


def _of_box(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["box_id"], ["boxes.id"], name=f"fk_{table}_box_id", ondelete="CASCADE"
    )
