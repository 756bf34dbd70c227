"""One table from what the drivers raise to the domain's errors."""

import re
from collections.abc import Callable
from uuid import UUID

from attrs import frozen
from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError

from adapters.sql.tables import metadata
from domain.model.errors import (
    DomainError,
    ReadOnlyTransactionError,
    StorageUnavailableError,
    TransactionConflictError,
)

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FOREIGN_KEY_VIOLATION = "23503"


@frozen
class Symptom:
    """How a driver's error is told: by a SQLSTATE or its class, or by words of its message."""

    states: tuple[str, ...]
    words: tuple[str, ...]
    kind: Callable[[str], DomainError]
    advice: str

    def explains(self, state: str | None, message: str) -> bool:
        """Tell whether an error shows this symptom."""
        return (state is not None and state.startswith(self.states)) or any(word in message for word in self.words)


def _read_only(_: str) -> DomainError:
    return ReadOnlyTransactionError()


_IN_READ_ONLY = Symptom(("25006",), ("attempt to write a readonly database",), _read_only, "")

_SYMPTOMS = (
    Symptom(
        ("40001", "40P01", "55P03"),
        ("database is locked", "database table is locked", "database schema is locked"),
        TransactionConflictError,
        "a concurrent transaction was in the way; repeat this one",
    ),
    Symptom(
        ("57014",),
        ("canceling statement due to", "interrupted"),
        StorageUnavailableError,
        "a statement ran into its time limit; raise the statement timeout or find what holds it up",
    ),
    Symptom(
        ("28",),
        ("password authentication failed", "no password supplied", "pg_hba.conf"),
        StorageUnavailableError,
        "the server refused the login; check user name and password in the URL, and that the server lets them in",
    ),
    Symptom(
        ("42501",),
        ("permission denied",),
        StorageUnavailableError,
        "the user lacks rights on the tables; grant them, or use the role that migrated the database",
    ),
    Symptom(
        ("3D000",),
        ('database "', "invalid catalog name"),
        StorageUnavailableError,
        "the server has no database of that name; create it or correct the URL",
    ),
    Symptom(
        ("53100",),
        ("database or disk is full", "No space left on device", "disk I/O error"),
        StorageUnavailableError,
        "the disk is full or failing; make room where the database lies",
    ),
    Symptom(
        ("53300",),
        ("too many clients", "remaining connection slots"),
        StorageUnavailableError,
        "the server has no connection left; make the pools smaller or its max_connections larger",
    ),
    Symptom(
        ("25006",),
        ("attempt to write a readonly database", "readonly database"),
        StorageUnavailableError,
        "the database can't be written: it is a standby, or its file or folder is read-only for this user",
    ),
    Symptom(
        ("42P01", "42703", "42883"),
        ("no such table", "no such column"),
        StorageUnavailableError,
        "the schema is not this version's; run 'mlwright migrate'",
    ),
    Symptom(
        (),
        ("unable to open database file",),
        StorageUnavailableError,
        "there is no database file at that path, or it can't be read; run 'mlwright migrate' to make it",
    ),
    Symptom(
        (),
        ("not a database", "malformed"),
        StorageUnavailableError,
        "the file is damaged or not a SQLite database; restore it from a backup or correct the path",
    ),
    Symptom(
        (),
        ("resolve host", "could not translate host name", "Name or service not known"),
        StorageUnavailableError,
        "the host name is unknown; correct it in the URL",
    ),
    Symptom(
        (),
        ("refused", "timeout expired", "connection timeout", "No such file or directory", "unreachable"),
        StorageUnavailableError,
        "no server answers there; start it, or correct host and port in the URL",
    ),
    Symptom(
        ("08", "57P"),
        ("closed the connection", "closed unexpectedly", "connection is lost", "terminating connection"),
        StorageUnavailableError,
        "the connection broke; if it was committing, that may have taken effect: read before repeating",
    ),
    Symptom(
        (),
        ("certificate", "SSL"),
        StorageUnavailableError,
        "no secure connection could be made; check sslmode and sslrootcert in the URL",
    ),
)


def translated(error: Exception, url: str, *, read_only: bool = False) -> DomainError | None:
    """Return the domain's error for what the driver or the pool raised, or None for a fault of the program itself.

    ``url`` is the redacted one. No parameter of a statement gets into the message.
    """
    if isinstance(error, TimeoutError):
        return TransactionConflictError(
            f"No connection to {url} became free in time: others hold them all; repeat later, or make the pool larger."
        )
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return None
    state, message = sqlstate(error), str(error.orig)
    if read_only and _IN_READ_ONLY.explains(state, message):
        return ReadOnlyTransactionError()
    for symptom in _SYMPTOMS:
        if symptom.explains(state, message):
            return symptom.kind(f"The database {url} failed ({_first_line(message)}): {symptom.advice}.")
    if error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError"):
        return StorageUnavailableError(f"The database {url} failed ({_first_line(message)}); look at its log.")
    return None


def sqlstate(error: DBAPIError) -> str | None:
    """Return PostgreSQL's error code, or None from SQLite and from a connection that never came to be."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def is_foreign_key_violation(error: IntegrityError) -> bool:
    """Tell whether a row was to refer to one that is not there."""
    return sqlstate(error) == _FOREIGN_KEY_VIOLATION or "FOREIGN KEY constraint failed" in str(error.orig)


def missing_key(error: IntegrityError) -> UUID | None:
    """Return the id that a foreign key did not find, which only PostgreSQL tells."""
    diagnostics = getattr(error.orig, "diag", None)
    found = _UUID.search(getattr(diagnostics, "message_detail", None) or "")
    return UUID(found.group()) if found else None


def violates(error: IntegrityError, constraint: str) -> bool:
    """Tell whether that unique constraint or index was violated; SQLite names its columns instead."""
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return getattr(diagnostics, "constraint_name", None) == constraint
    return _COLUMNS[constraint] == str(error.orig).partition("failed: ")[2]


def _unique_columns(table: Table) -> dict[str, str]:
    unique: list[Index | UniqueConstraint] = [index for index in table.indexes if index.unique]
    unique += [item for item in table.constraints if isinstance(item, UniqueConstraint)]
    return {str(item.name): ", ".join(str(column) for column in item.columns) for item in unique}


_COLUMNS = {name: columns for table in metadata.tables.values() for name, columns in _unique_columns(table).items()}


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0][:300].rstrip(".")
