"""Many rows handed to the database at once: one statement and one round trip, however many there are.

A statement for each row would cost a fan-out most of its time: on a server it waits for the network, and in
SQLite's thread it waits for its turn to run at every single one.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection


class Given:
    """Rows to select from, join with, or insert: their columns are called, and tidied, like those of tables."""

    def __init__(self, *columns: Column[Any], is_file: bool) -> None:
        self._columns = columns
        self._dialect = sqlite.dialect() if is_file else postgresql.dialect()  # type: ignore[no-untyped-call]
        text = bindparam("given", type_=Text())
        each = func.json_each(text) if is_file else func.jsonb_array_elements(cast(text, JSONB))
        value = each.table_valued(column("value", JSON if is_file else JSONB)).c.value
        picked = (_as(one, value[n], is_file=is_file) for n, one in enumerate(columns))
        names = (one.name for one in columns)
        self.rows = select(*map(ColumnElement.label, picked, names)).cte("given")
        """What a statement reads from."""
        self.c = self.rows.c

    def __call__(self, rows: Iterable[Sequence[Any]]) -> dict[str, str]:
        """The parameter that carries these rows, each with a value for every column."""
        columns = [self._tidy(n, values) for n, values in enumerate(zip(*rows, strict=True))]
        return {"given": json.dumps([*zip(*columns, strict=True)])}

    def tidied(self, value: Any, column: int = 0) -> Any:
        """A value as its column will have it."""
        return self._tidy(column, (value,))[0]

    def _tidy(self, column: int, values: Sequence[Any]) -> Sequence[Any]:
        """Many rows have the same channel or the same paper: each is looked at once."""
        kind = self._columns[column].type
        if not isinstance(kind, TypeDecorator):
            return values
        tidy = {one: _written(kind.process_bind_param(one, self._dialect)) for one in set(values)}
        return [tidy[one] for one in values]


class Inserting:
    """An INSERT of many rows into some columns of a table."""

    def __init__(self, table: Table, *names: str, is_file: bool) -> None:
        self._given = Given(*(table.c[name] for name in names), is_file=is_file)
        self._insert = insert(table).from_select(names, select(self._given.rows))

    async def __call__(self, connection: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
        """Each row has a value for every column."""
        if rows:
            await connection.execute(self._insert, self._given(rows))


def _as(one: Column[Any], value: Any, *, is_file: bool) -> ColumnElement[Any]:
    kind = one.type.impl if isinstance(one.type, TypeDecorator) else one.type
    if isinstance(kind, Integer):
        whole: ColumnElement[Any] = value.as_integer()
        return whole
    text: ColumnElement[Any] = value.as_string()
    return (
        cast(text, DateTime(timezone=True)) if isinstance(kind, DateTime) and not is_file else text
    )


def _written(value: Any) -> Any:
    """Instants as SQLAlchemy writes them in SQLite, and as PostgreSQL reads them."""
    return value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value
