"""Run Alembic against the database that a URL names: online under a lock, or offline as SQL text.

Two ways lead here, and both take the same lock: the plain ``alembic`` command, and `adapters.sql.migrating`, which
passes ``url``, ``lock_wait`` (seconds) and ``on_version_apply`` as attributes of the configuration.
"""

import os
import time
from logging.config import fileConfig
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.util import CommandError
from sqlalchemy import URL, Column, Connection, DateTime, Engine, create_engine, event, make_url, pool, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from adapters.sql.tables import metadata

LOCK_KEY = int.from_bytes(b"mlwright")
LOCK_WAIT_SECONDS = 120.0
LOCK_POLL_SECONDS = 0.1

SYNC_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "sqlite": "sqlite"}

config = context.config


def database_url() -> URL:
    """Return the URL to migrate, with a driver that works without an event loop."""
    given = (
        config.attributes.get("url")
        or context.get_x_argument(as_dictionary=True).get("url")
        or os.environ.get("MLWRIGHT_DATABASE_URL")
        or config.get_main_option("sqlalchemy.url")
    )
    if given is None:
        raise CommandError("No database is named: set MLWRIGHT_DATABASE_URL or pass -x url=….")
    url = make_url(given)
    driver = SYNC_DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise CommandError(f"{url.drivername} databases can't be migrated; use postgresql://… or sqlite:///….")
    return url.set(drivername=driver)


def engine_for(url: URL, lock_wait: float) -> Engine:
    """Return an engine whose transactions cover DDL on both dialects and, on SQLite, start by taking the write lock."""
    if url.get_backend_name() != "sqlite":
        asked = {"connect_timeout": 10, "application_name": "mlwright migrate"}
        return create_engine(
            url,
            poolclass=pool.NullPool,
            hide_parameters=True,
            connect_args={name: value for name, value in asked.items() if name not in url.query},
        )
    engine = create_engine(url, poolclass=pool.NullPool, hide_parameters=True, connect_args={"timeout": lock_wait})

    @event.listens_for(engine, "connect")
    def leave_transactions_to_us(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None
        # Rebuilding a table drops it, which would cascade; references are checked before the commit instead.
        dbapi_connection.execute("PRAGMA foreign_keys = OFF")

    @event.listens_for(engine, "begin")
    def take_the_write_lock(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def wait_for_lock(connection: Connection, lock_wait: float) -> None:
    """Take the advisory lock that one migration at a time holds on PostgreSQL, until its session ends.

    It belongs to the session, not the transaction, so that a revision may commit on its way (an index built
    concurrently); and it is polled, because a session that waits inside a query would block such a build for ever.
    It needs a direct connection: a transaction pooler does not keep sessions.
    """
    deadline = time.monotonic() + lock_wait
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
        connection.rollback()
        if time.monotonic() > deadline:
            raise TimeoutError(f"another migration has held the lock for {lock_wait:g} s")
        time.sleep(LOCK_POLL_SECONDS)
    connection.rollback()


def teach_transaction_ids(dialect: Any) -> None:
    """Let the comparison with the tables read columns of PostgreSQL's type xid8, which SQLAlchemy does not know."""
    own: Any = metadata.tables["events"].c.transaction_id.type
    dialect.ischema_names = {**dialect.ischema_names, "xid8": type(own.load_dialect_impl(dialect))}


def check_references(connection: Connection) -> None:
    """Refuse to commit a SQLite database in which a row refers to one that is not there."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise CommandError(f"A row of {broken[0]} would refer to a row of {broken[2]} that is not there.")


def render_type(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Render our own column types as the plain types they stand for, so that a revision imports nothing of ours."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    generic, on_postgresql = (
        plain_type(item.load_dialect_impl(make_url(f"{name}://").get_dialect()())) for name in ("sqlite", "postgresql")
    )
    if on_postgresql.startswith("postgresql.") and autogen_context.imports is not None:
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
    return on_postgresql if generic == on_postgresql else f'{on_postgresql}.with_variant({generic}, "sqlite")'


def plain_type(stands_for: TypeEngine[Any]) -> str:
    """Return the Python that names a SQLAlchemy type by its public name."""
    if isinstance(stands_for, postgresql.JSONB):
        return "postgresql.JSONB()"
    if isinstance(stands_for, DateTime):
        return f"sa.DateTime(timezone={stands_for.timezone})"
    if type(stands_for).__module__.startswith("sqlalchemy."):
        return f"sa.{stands_for!r}"
    raise CommandError(f"Say in migrations/env.py how a revision writes the type {type(stands_for).__name__}.")


def has_new_default(_context: object, _inspected: object, column: Column[Any], *_: object) -> Literal[False] | None:
    """Leave the comparison of defaults to Alembic, but for the identity columns that SQLite does not have."""
    return False if column.identity is not None else None


def number_the_revision(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    """Give a new revision the next number as its id, and write none when nothing has changed."""
    script = directives[0]
    if getattr(config.cmd_opts, "autogenerate", False) and (
        script.upgrade_ops is None or script.upgrade_ops.is_empty()
    ):
        directives.clear()
        return
    head = context.script.get_current_head()
    script.rev_id = f"{int(head or 0) + 1:04d}"


def configure(**target: Any) -> None:
    """Set up the context with what holds online and offline alike."""
    context.configure(
        target_metadata=metadata,
        transactional_ddl=True,
        render_as_batch=True,
        compare_type=True,
        render_item=render_type,
        process_revision_directives=number_the_revision,
        on_version_apply=config.attributes.get("on_version_apply"),
        **target,
    )


def run_offline() -> None:
    """Write the SQL of the migration instead of running it; no database is reached."""
    configure(url=database_url(), literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run all revisions in one transaction: they all apply, or none does."""
    url = database_url()
    lock_wait = float(config.attributes.get("lock_wait", LOCK_WAIT_SECONDS))
    with engine_for(url, lock_wait).connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        if not on_sqlite:
            wait_for_lock(connection, lock_wait)
            teach_transaction_ids(connection.dialect)
        configure(connection=connection, compare_server_default=has_new_default if on_sqlite else True)
        with context.begin_transaction():
            context.run_migrations()
            if on_sqlite:
                check_references(connection)


if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    run_offline()
else:
    run_online()
