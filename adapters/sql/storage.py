"""The storage in a SQL database: PostgreSQL, or a SQLite file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.sql.dialect import SqlDialect
from adapters.sql.engine import EngineOptions, Engines, open_engines
from adapters.sql.schema_version import found_revision, judge
from adapters.sql.session import Session, domain_errors
from adapters.sql.unit_of_work import SqlUnitOfWork
from adapters.sql.url import normalised, redacted, sqlite_path
from domain.model.errors import StorageUnavailableError
from ports.storage import Capabilities, UnitOfWork

_OLDEST_POSTGRESQL = (13,)


def open_sql_storage(
    url: str,
    *,
    now: str | None = None,
    pool_size: int = 5,
    max_overflow: int = 10,
    pool_timeout: float = 30.0,
    connect_timeout: float = 10.0,
    statement_timeout: float | None = None,
    idle_timeout: float | None = None,
    busy_timeout: float = 30.0,
    pre_ping: bool = False,
    transaction_pooler: bool = False,
    synchronous: str = "FULL",
) -> "SqlStorage":
    """Return the storage that a URL names (see ``adapters.sql.url``); nothing is connected yet.

    ``now`` is a SQL expression in place of the database's clock, for tests; the rest are the fields of EngineOptions.
    Raises ConfigurationError for a URL that is none of ours.
    """
    target = normalised(url)
    options = EngineOptions(
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=pool_timeout,
        connect_timeout=connect_timeout,
        statement_timeout=statement_timeout,
        idle_timeout=idle_timeout,
        busy_timeout=busy_timeout,
        pre_ping=pre_ping,
        transaction_pooler=transaction_pooler,
        synchronous=synchronous,
    )
    dialect = SqlDialect.of(target.get_backend_name(), now)
    shown = str(sqlite_path(target)) if dialect.name == "sqlite" else redacted(target)
    return SqlStorage(open_engines(target, options), dialect, shown)


class SqlStorage:
    """Everything in a SQL database, transactionally.

    Writers go side by side on PostgreSQL, at READ COMMITTED with explicit row locks; one after another on SQLite.
    Open and use it in one event loop.
    """

    def __init__(self, engines: Engines, dialect: SqlDialect, url: str) -> None:
        self._engines = engines
        self._dialect = dialect
        self._url = url
        self._closed = False

    @property
    def capabilities(self) -> Capabilities:
        """Tell that other processes see this data, that it is durable, and whether writers go side by side."""
        return Capabilities(shared=True, durable=True, concurrent_writers=self._dialect.is_postgresql)

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        """Open a unit of work: it commits on a clean exit and rolls back on an exception.

        Raises StorageUnavailableError when the database can't be reached or written or the storage was closed,
        TransactionConflictError when a concurrent transaction won or a statement in it has failed before, and on a
        write ReadOnlyTransactionError in a read-only one.
        """
        if self._closed:
            raise StorageUnavailableError(f"The storage {self._url} was closed; open a new one.")
        engine = self._engines.reading if read_only else self._engines.writing
        with domain_errors(self._url, read_only=read_only):
            async with engine.begin() as connection:
                session = Session(connection, self._dialect, self._url, read_only)
                yield SqlUnitOfWork(session)
                session.require_sound()

    async def check(self) -> None:
        """Raise StorageUnavailableError when unreachable, SchemaVersionError when the schema is not this version's."""
        if self._closed:
            raise StorageUnavailableError(f"The storage {self._url} was closed; open a new one.")
        with domain_errors(self._url, read_only=True):
            async with self._engines.reading.connect() as connection:
                version = connection.dialect.server_version_info or ()
                found = await connection.run_sync(found_revision)
        if self._dialect.is_postgresql and version < _OLDEST_POSTGRESQL:
            raise StorageUnavailableError(
                f"The database {self._url} is PostgreSQL {version[0]}; mlwright needs 13 or newer."
            )
        judge(found).require_current()

    async def close(self) -> None:
        """Give back every connection; the storage can't be used afterwards."""
        self._closed = True
        await self._engines.dispose()
