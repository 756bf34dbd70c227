"""What a database's schema is, to the last detail, so that two can be compared."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, NullPool, create_engine

from adapters.sql.url import normalised, sqlite_path

_POSTGRESQL = {
    "column": """
        SELECT c.relname || '.' || a.attname,
            concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                      pg_get_expr(d.adbin, d.adrelid), l.collname)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "table": """
        SELECT relname, coalesce(reloptions::text, '') FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'""",
    "constraint": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'""",
}


def schema_of(url: str) -> dict[str, str]:
    """Return every object of a database and its definition, leaving out Alembic's own table."""
    target = normalised(url)
    if target.get_backend_name() == "sqlite":
        connection = sqlite3.connect(sqlite_path(target))
        rows = connection.execute("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        connection.close()
    else:
        with psycopg.connect(url) as server:
            rows = [
                (f"{kind} {name}", definition)
                for kind, query in _POSTGRESQL.items()
                for name, definition in server.execute(query.encode()).fetchall()
            ]
    return {
        name: " ".join(definition.split())
        for name, definition in rows
        if "alembic_version" not in name and "sqlite_sequence" not in name
    }


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Open a connection outside the application's storage, and commit what it did."""
    target = normalised(url)
    if target.get_backend_name() == "sqlite":
        target = target.set(drivername="sqlite")
    with create_engine(target, poolclass=NullPool).begin() as connection:
        yield connection
