"""Writing a row that may be there already: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Insert, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import ReturningInsert

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Values = Mapping[str, Any]


def insert_returning(
    connection: Connection, table: Table, values: Values, column: Column[Any]
) -> Any:  # noqa: ANN401  the column's type
    """Insert a row and give one of its columns; None if one of its keys is there already."""
    statement = _insert_new(connection.dialect.name, table, column)
    return connection.execute(statement, dict(values)).scalar()


def upsert(connection: Connection, table: Table, values: Values | Sequence[Values]) -> None:
    """Insert rows, or overwrite those with the same primary key."""
    if not values:
        return
    first = values if isinstance(values, Mapping) else values[0]
    connection.execute(
        _overwrite(connection.dialect.name, table, tuple(first)),
        dict(values) if isinstance(values, Mapping) else [dict(row) for row in values],
    )


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    # Two dialects, one grammar: SQLAlchemy has no common ON CONFLICT.
    if dialect != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  slow to load, and most have SQLite

    return postgresql.insert(table)


# Statements are built once: building one costs more than running it.


@cache
def _insert_new(dialect: str, table: Table, column: Column[Any]) -> ReturningInsert[Any]:
    return _insert(dialect, table).on_conflict_do_nothing().returning(column)


@cache
def _overwrite(dialect: str, table: Table, names: tuple[str, ...]) -> Insert:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    changes = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)
