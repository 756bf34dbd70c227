"""Connections: how both databases are opened, and what each of their transactions begins with."""

import os
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import field, frozen
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from adapters.sql.connecting import PostgresConnector
from adapters.sql.types import json_text, same_entries, utc_text
from adapters.sql.url import sqlite_path
from domain.model.errors import ConfigurationError, InvalidValueError
from domain.model.validation import at_least

APPLICATION = "mlwright"
OLDEST_SQLITE = (3, 35, 0)


def _synchronous(_: object, __: object, value: str) -> None:
    if value not in ("NORMAL", "FULL", "EXTRA"):
        raise InvalidValueError("synchronous", f"must be NORMAL, FULL or EXTRA, not {value!r}")


@frozen
class EngineOptions:
    """How connections are made and kept. All times are in seconds.

    ``statement_timeout`` and ``idle_timeout`` (of a transaction nobody works on) are PostgreSQL's, None leaves the
    server's own. ``busy_timeout`` is how long a SQLite writer waits for another one. ``pre_ping`` tests a connection
    each time it is taken: a round trip for each transaction, against one failed transaction after a server restart.
    ``transaction_pooler`` is for PgBouncer and its like: no prepared statements, no session settings.
    ``synchronous`` is SQLite's: FULL keeps what was committed through a power loss, NORMAL may lose the last of it.
    """

    pool_size: int = field(default=5, validator=at_least(1))
    max_overflow: int = field(default=10, validator=at_least(0))
    pool_timeout: float = 30.0
    connect_timeout: float = 10.0
    statement_timeout: float | None = None
    idle_timeout: float | None = None
    busy_timeout: float = 30.0
    pre_ping: bool = False
    transaction_pooler: bool = False
    synchronous: str = field(default="FULL", validator=_synchronous)


@frozen
class Engines:
    """Where transactions are opened: those that write, and those that only read."""

    writing: AsyncEngine
    reading: AsyncEngine
    connector: PostgresConnector | None = None

    async def dispose(self) -> None:
        """Close every connection."""
        await self.writing.dispose()
        await self.reading.dispose()
        if self.connector is not None:
            await self.connector.close()


def open_engines(url: URL, options: EngineOptions) -> Engines:
    """Prepare the connections of a normalised URL; nothing is connected yet."""
    return _postgresql(url, options) if url.get_backend_name() == "postgresql" else _sqlite(url, options)


def _postgresql(url: URL, options: EngineOptions) -> Engines:
    connector = PostgresConnector()
    engine = create_async_engine(
        url,
        connect_args={**_connect_args(url, options), "async_creator_fn": connector.connect},
        isolation_level="READ COMMITTED",
        pool_size=options.pool_size,
        max_overflow=options.max_overflow,
        pool_timeout=options.pool_timeout,
        # Last in, first out: the connections in use keep their prepared statements warm, the others can be let go.
        pool_use_lifo=True,
        pool_pre_ping=options.pre_ping,
        json_serializer=json_text,
        hide_parameters=True,
    )
    return Engines(engine, engine.execution_options(postgresql_readonly=True), connector)


def _connect_args(url: URL, options: EngineOptions) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "connect_timeout": max(2, round(options.connect_timeout)),
        "application_name": APPLICATION,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    if options.transaction_pooler:
        return {**arguments, "prepare_threshold": None}
    settings: dict[str, object] = {"timezone": "UTC"}
    if options.statement_timeout is not None:
        settings["statement_timeout"] = round(options.statement_timeout * 1000)
    if options.idle_timeout is not None:
        settings["idle_in_transaction_session_timeout"] = round(options.idle_timeout * 1000)
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    asked = url.query.get("options", "")
    return {**arguments, "options": f"{ours} {asked if isinstance(asked, str) else ' '.join(asked)}".strip()}


def _sqlite(url: URL, options: EngineOptions) -> Engines:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise ConfigurationError(
            f"This Python brings SQLite {sqlite3.sqlite_version}, which can't return the rows it writes; mlwright needs"
            f" {'.'.join(map(str, OLDEST_SQLITE))} or newer. Use a newer Python build, or PostgreSQL."
        )
    # One connection writes, so that the writers of this process wait in line rather than poll for the file's lock.
    writing = _sqlite_engine(url, options, read_only=False, pool_size=1, max_overflow=0)
    reading = _sqlite_engine(
        url, options, read_only=True, pool_size=options.pool_size, max_overflow=options.max_overflow
    )
    return Engines(writing, reading)


def _sqlite_engine(
    url: URL, options: EngineOptions, *, read_only: bool, pool_size: int, max_overflow: int
) -> AsyncEngine:
    # mode=rw: a mistyped path is refused, not made into an empty database.
    file = url.set(database=sqlite_path(url).as_uri(), query={"mode": "rw", "uri": "true"})
    engine = create_async_engine(
        file,
        connect_args={"isolation_level": None, "timeout": options.busy_timeout, "factory": _SqliteConnection},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=options.busy_timeout if not read_only else options.pool_timeout,
        pool_use_lifo=True,
        hide_parameters=True,
    )
    settings = [f"synchronous = {options.synchronous}", "foreign_keys = ON", "journal_mode = WAL"]
    settings += ["query_only = ON"] if read_only else []

    @event.listens_for(engine.sync_engine, "do_connect")
    def refuse_early(*_: object) -> None:
        # aiosqlite's thread outlives an attempt that fails, and complains of an event loop that may be closed by then.
        # Only look: to open the file here and close it again would drop the locks that this process holds on it.
        path = sqlite_path(url)
        if not path.is_file():
            raise sqlite3.OperationalError("unable to open database file: there is no such file")
        if not os.access(path, os.R_OK):
            raise sqlite3.OperationalError("unable to open database file: permission denied")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.create_function("mlwright_now", 0, _now)
        connection.create_function("mlwright_utc", 1, _utc, deterministic=True)
        connection.create_function("mlwright_later", 2, _later, deterministic=True)
        connection.create_function("mlwright_same_entries", 2, same_entries, deterministic=True)
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class _SqliteConnection(sqlite3.Connection):
    """A connection that gives its lock back when it is closed in the middle of a statement, as by a cancelled task.

    SQLite keeps a closed connection's transaction open while a cursor that something still refers to has rows left.
    """

    def close(self) -> None:
        # Closed already, the connection would refuse even the question; closing it again is harmless.
        with suppress(sqlite3.ProgrammingError):
            if self.in_transaction:
                self.rollback()
        super().close()


def _now() -> str:
    return utc_text(datetime.now(UTC))


def _utc(moment: str) -> str:
    parsed = datetime.fromisoformat(moment)
    return utc_text(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def _later(moment: str, microseconds: int) -> str:
    return utc_text(datetime.fromisoformat(moment) + timedelta(microseconds=microseconds))
