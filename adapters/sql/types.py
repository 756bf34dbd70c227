"""Column types that mean the same on PostgreSQL and SQLite."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine, UserDefinedType

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key the database counts up; only a column called INTEGER counts up on SQLite."""

Name = Text(collation="C").with_variant(Text(), "sqlite")
"""A name made by a program: ordered by its bytes on both databases, whatever the language of the server."""


def utc_text(moment: datetime) -> str:
    """Return a time as SQLite keeps it: UTC with microseconds at a fixed width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def json_text(value: object) -> str:
    """Encode a JSON value compactly, as both databases take it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def same_entries(document: str, wanted: str) -> bool:
    """Tell whether a JSON object has every entry of another one, values equal as JSON: for SQLite, as a function."""
    have, want = json.loads(document), json.loads(wanted)
    return all(key in have and _canonical(have[key]) == _canonical(value) for key, value in want.items())


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


class UtcTime(TypeDecorator[datetime]):
    """A timezone-aware time: ``timestamptz`` on PostgreSQL, sortable ISO text in UTC on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn a time into what the driver takes."""
        return utc_text(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Turn what the driver gives into a time in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value: ``jsonb`` on PostgreSQL, text on SQLite; None is SQL's NULL.

    SQLite's own JSON column type has numeric affinity and would round large integers, so it is text there.
    """

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Turn a value into what the driver takes."""
        return json_text(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Turn what the driver gives into a value."""
        return json.loads(value) if value is not None and dialect.name == "sqlite" else value


class _Xid8(UserDefinedType[int]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "XID8"


class TransactionId(TypeDecorator[int]):
    """The id of a writing transaction: ``xid8`` on PostgreSQL, a 64-bit integer on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else _Xid8())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        """Turn an id into what the driver takes; PostgreSQL reads an xid8 from text only."""
        return value if value is None or dialect.name == "sqlite" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        """Turn what the driver gives into an id."""
        return None if value is None else int(value)


class current_transaction(FunctionElement[int]):  # noqa: N801  # an SQL function, named as SQL names it
    """The id of the transaction that runs the statement; 0 on SQLite, which writes one transaction at a time."""

    inherit_cache = True
    type = TransactionId()


@compiles(current_transaction, "postgresql")
def _postgresql_transaction(_: FunctionElement[int], __: SQLCompiler, **___: Any) -> str:
    return "pg_current_xact_id()"


@compiles(current_transaction, "sqlite")
def _sqlite_transaction(_: FunctionElement[int], __: SQLCompiler, **___: Any) -> str:
    return "0"
