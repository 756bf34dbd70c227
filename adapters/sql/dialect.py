"""What the two databases say differently, as pieces that statements are built from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from adapters.sql.types import UtcTime, json_text, utc_text

MICROSECOND = timedelta(microseconds=1)


@frozen
class SqlDialect:
    """One of the two databases.

    ``clock`` is the SQL expression that tells its time; a test puts another in its place. Statements of the same
    dialect can be built once and shared, so it is hashable.
    """

    name: str
    clock: str

    @classmethod
    def of(cls, name: str, now: str | None = None) -> "SqlDialect":
        """Name the dialect ``postgresql`` or ``sqlite``, with an expression in place of the database's clock."""
        if name == "postgresql":
            return cls(name, f"({now})" if now else "clock_timestamp()")
        return cls(name, f"mlwright_utc(({now}))" if now else "mlwright_now()")

    @property
    def is_postgresql(self) -> bool:
        """Tell PostgreSQL from SQLite."""
        return self.name == "postgresql"

    @property
    def moving_now(self) -> ColumnElement[datetime]:
        """The time when a row is looked at, which moves within a statement."""
        return literal_column(self.clock, UtcTime())

    @property
    def now(self) -> ColumnElement[datetime]:
        """The time, read once a statement: a value that an index can be searched by."""
        return literal_column(f"(SELECT {self.clock})", UtcTime())

    def later(self, microseconds: ColumnElement[int]) -> ColumnElement[datetime]:
        """The time so many microseconds from now."""
        if self.is_postgresql:
            interval = microseconds.op("*")(literal_column("INTERVAL '1 microsecond'"))
            return self.now.op("+", return_type=UtcTime())(interval.self_group())
        return func.mlwright_later(self.now, microseconds, type_=UtcTime())

    def insert(self, table: Table) -> Any:
        """Begin an INSERT that can say ON CONFLICT; both dialects' kinds have the same methods."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    def batch(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
        """Rows passed as one parameter ``name`` (see ``encoded``), so that a statement's text never varies."""
        document: BindParameter[str] = bindparam(name, type_=Text())
        if self.is_postgresql:
            rows = func.json_to_recordset(cast(document, JSON())).table_valued(
                *(column(key, kind) for key, kind in columns.items())
            )
            return rows.render_derived(name=f"{name}_rows", with_types=True)
        each = func.json_each(document).table_valued("value")
        extracted = (
            func.json_extract(each.c.value, f"$.{key}", type_=kind).label(key) for key, kind in columns.items()
        )
        return select(*extracted).subquery(f"{name}_rows")

    def among(self, member: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Test a column against a list passed as one parameter ``name`` (see ``listed``)."""
        if self.is_postgresql:
            return member == any_(bindparam(name, type_=postgresql.ARRAY(member.type)))
        values = func.json_each(bindparam(name, type_=Text())).table_valued("value")
        return member.in_(select(values.c.value))

    def listed(self, values: Iterable[UUID | str]) -> Any:
        """Return a list as ``among`` takes it."""
        return list(values) if self.is_postgresql else json_text([_plain(value) for value in values])

    def selected(self, member: ColumnElement[Any], ids: Select[Any]) -> ColumnElement[bool]:
        """Test a column against a subquery that is to run once.

        PostgreSQL plans ``IN (SELECT … LIMIT)`` as a hash join over the whole table when it can't see the limit; an
        array makes it look each id up.
        """
        if self.is_postgresql:
            return member == any_(func.array(ids.scalar_subquery(), type_=postgresql.ARRAY(member.type)))
        return member.in_(ids)


def encoded(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as ``SqlDialect.batch`` takes them."""
    return json_text([{key: _plain(value) for key, value in row.items()} for row in rows])


def spelled(status: StrEnum) -> ColumnElement[str]:
    """Return a status as a literal in the statement's text rather than a parameter.

    PostgreSQL uses an index on part of a table, and its statistics, only for values it sees when it plans.
    """
    return literal_column(f"'{status.value}'", Text())


def microseconds(duration: timedelta) -> int:
    """Return a duration in whole microseconds."""
    return duration // MICROSECOND


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return utc_text(value) if isinstance(value, datetime) else value
