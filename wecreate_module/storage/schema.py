"""The schema's version: made or migrated when the store is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.trouble import explained, name_of

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0014"
"""The newest migration; known here so that a start that has nothing to migrate is quick."""

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x7765_6372_6561_7465  # "wecreate": PostgreSQL's advisory locks are numbers


def bring_up_to_date(engine: Engine) -> None:
    """Make or migrate all tables in one transaction; StoreError for a newer schema."""
    with explained(engine), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if version(connection) != HEAD:
            _migrate(connection)


def version(connection: Connection) -> str | None:
    """Give the schema's version; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection) -> None:
    # Alembic is slow to import, and most starts have nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = version(connection)
    if current is not None and current not in known:
        raise StoreError(
            f"The database {name_of(connection.engine.url)} was made by a newer WeCreate "
            f"(schema {current}). Install that version, or restore an older backup."
        )
    command.upgrade(config, "head")


def alembic_config(connection: Connection) -> Config:
    """Configure alembic without a file; its environment uses this connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
