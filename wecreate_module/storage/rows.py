"""Writing a row that may be there already: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Values = Mapping[str, Any]


def insert_returning(
    connection: Connection, table: Table, values: Values, column: Column[Any]
) -> Any:  # noqa: ANN401  the column's type
    """Insert a row and give one of its columns; None if one of its keys is there already."""
    statement = _insert(connection, table).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(column)).scalar()


def upsert(connection: Connection, table: Table, values: Values | Sequence[Values]) -> None:
    """Insert rows, or overwrite those with the same primary key."""
    if not values:
        return
    first = values if isinstance(values, Mapping) else values[0]
    keys = [column.name for column in table.primary_key]
    statement = _insert(connection, table)
    changes = {name: statement.excluded[name] for name in first if name not in keys}
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changes),
        dict(values) if isinstance(values, Mapping) else [dict(row) for row in values],
    )


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    # Two dialects, one grammar: SQLAlchemy has no common ON CONFLICT.
    postgres = connection.dialect.name == "postgresql"
    return postgresql.insert(table) if postgres else sqlite.insert(table)
