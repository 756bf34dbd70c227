"""Tell how a database's schema stands to the one this version needs, without Alembic, which is slow to import."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path

from attrs import evolve, frozen
from sqlalchemy import Connection, NullPool, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from adapters.sql.errors import translated
from adapters.sql.tables import metadata
from adapters.sql.url import normalised, redacted, sqlite_path
from domain.model.errors import SchemaVersionError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
"""Beside this package in a checkout and in an installed wheel alike; never some other folder of that common name."""

VERSION_TABLE = "alembic_version"
_REVISION = text(f"SELECT version_num FROM {VERSION_TABLE} ORDER BY version_num")


class SchemaStatus(StrEnum):
    """How the schema that was found stands to the one this version needs."""

    CURRENT = "current"
    EMPTY = "empty"
    BEHIND = "behind"
    AHEAD = "ahead"
    UNKNOWN = "unknown"


_ADVICE = {
    SchemaStatus.CURRENT: "nothing to do",
    SchemaStatus.EMPTY: "run: mlwright migrate",
    SchemaStatus.BEHIND: "run: mlwright migrate",
    SchemaStatus.AHEAD: "upgrade mlwright",
    SchemaStatus.UNKNOWN: "it belongs to another application, so give mlwright a database of its own",
}


@frozen
class SchemaState:
    """What revision a database is at (``found``, None for none) beside the one this version needs (``head``)."""

    found: str | None
    head: str
    status: SchemaStatus

    @property
    def advice(self) -> str:
        """Say what to do about it, as the end of a sentence."""
        return _ADVICE[self.status]

    def require_current(self) -> None:
        """Raise SchemaVersionError unless the schema is the one this version needs."""
        if self.status is not SchemaStatus.CURRENT:
            raise SchemaVersionError(self.found, self.head, self.advice)


def head_revision() -> str:
    """Return the revision that this version of the application needs."""
    return known_revisions()[0]


def judge(found: str | None) -> SchemaState:
    """Tell how a schema at ``found`` stands to this version; reads no database.

    Revisions are numbers, so one that is not ours yet higher than the newest of ours comes from a newer version.
    """
    head = head_revision()
    if found is None:
        status = SchemaStatus.EMPTY
    elif found == head:
        status = SchemaStatus.CURRENT
    elif found in known_revisions():
        status = SchemaStatus.BEHIND
    elif found.isdecimal() and int(found) > int(head):
        status = SchemaStatus.AHEAD
    else:
        status = SchemaStatus.UNKNOWN
    return SchemaState(found, head, status)


def check(url: str) -> SchemaState:
    """Tell how the database's schema stands to this version; changes nothing and creates no file.

    Tables that have our names but no revision make it unknown. Raises StorageUnavailableError when the database can't
    be reached or read, ConfigurationError when the URL is none of ours.
    """
    target = normalised(url)
    if target.get_backend_name() == "sqlite":
        path = sqlite_path(target)
        if not path.exists():
            return judge(None)
        target = target.set(drivername="sqlite", database=path.as_uri(), query={"mode": "rw", "uri": "true"})
    engine = create_engine(target, poolclass=NullPool, hide_parameters=True)
    with translated_errors(url), engine.connect() as connection:
        # In this order: an upgrade that commits in between then shows whole.
        tables = inspect(connection).get_table_names()
        found = found_revision(connection)
    state = judge(found)
    is_foreign = found is None and not metadata.tables.keys().isdisjoint(tables)
    return evolve(state, status=SchemaStatus.UNKNOWN) if is_foreign else state


def found_revision(connection: Connection) -> str | None:
    """Return the revision that a database's schema is at, or None where there is none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return only(tuple(connection.scalars(_REVISION)))


def only(revisions: tuple[str, ...]) -> str | None:
    """Return the one revision, all of them where there are several, or None where there is none."""
    return ", ".join(revisions) or None


@cache
def known_revisions() -> tuple[str, ...]:
    """Return our revisions, the newest first: the numbers that their files' names begin with."""
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted((file.name.partition("_")[0] for file in files), key=int, reverse=True))


@contextmanager
def translated_errors(url: str) -> Iterator[None]:
    """Raise the domain's error for what a database refuses."""
    try:
        yield
    except DBAPIError as error:
        raise translated(error, redacted(url)) or error from error
