"""Bring a database's schema to a revision, and tell how a schema stands to the one this version needs.

Everything here is synchronous and says what it did by its return value alone; Alembic prints nothing.
"""

import io
import os
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from attrs import evolve, frozen
from sqlalchemy import NullPool, create_engine, inspect
from sqlalchemy.exc import DBAPIError

from adapters.sql.errors import translated
from adapters.sql.tables import metadata
from adapters.sql.url import normalised, redacted, sqlite_path
from domain.model.errors import (
    ConfigurationError,
    InvalidValueError,
    SchemaVersionError,
    StorageUnavailableError,
    TransactionConflictError,
)

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
"""Beside this package in a checkout and in an installed wheel alike; never some other folder of that common name."""

LOCK_WAIT = timedelta(minutes=2)
"""How long an upgrade waits for another one, or for SQLite's writers, before it gives up."""


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


@frozen
class AppliedRevision:
    """A revision that was applied, or undone, and its title."""

    revision: str
    message: str


@frozen
class MigrationReport:
    """What a migration did: the revisions before and after (None for an empty schema) and the steps, in order."""

    before: str | None
    after: str | None
    applied: tuple[AppliedRevision, ...]


def head_revision() -> str:
    """Return the revision that this version of the application needs."""
    return _known_revisions()[0]


def judge(found: str | None) -> SchemaState:
    """Tell how a schema at ``found`` stands to this version; reads no database.

    Revisions are numbers, so one that is not ours yet higher than the newest of ours comes from a newer version.
    """
    head = head_revision()
    if found is None:
        status = SchemaStatus.EMPTY
    elif found == head:
        status = SchemaStatus.CURRENT
    elif found in _known_revisions():
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
    with _translated_errors(url), engine.connect() as connection:
        # In this order: an upgrade that commits in between then shows whole.
        tables = inspect(connection).get_table_names()
        found = _only(MigrationContext.configure(connection).get_current_heads())
    state = judge(found)
    is_foreign = found is None and not metadata.tables.keys().isdisjoint(tables)
    return evolve(state, status=SchemaStatus.UNKNOWN) if is_foreign else state


def upgrade(url: str, revision: str = "head", *, lock_wait: timedelta = LOCK_WAIT) -> MigrationReport:
    """Apply the revisions up to ``revision``, all or none; waits for another upgrade and then does what it left.

    Raises StorageUnavailableError when the database can't be reached or written, SchemaVersionError when its schema is
    newer than ours or another application's, TransactionConflictError when the lock is not free within ``lock_wait``,
    InvalidValueError when there is no such revision.
    """
    return _migrate(url, revision, lock_wait, command.upgrade)


def downgrade(url: str, revision: str, *, lock_wait: timedelta = LOCK_WAIT) -> MigrationReport:
    """Undo the revisions after ``revision`` (or a number of them, as ``-1``), all or none; ``base`` undoes all.

    What the undone revisions added is lost with its data. Raises what ``upgrade`` raises.
    """
    return _migrate(url, revision, lock_wait, command.downgrade)


def upgrade_sql(url: str, revision: str = "head") -> str:
    """Return the SQL that brings an empty database of the URL's dialect to ``revision``; reaches no database.

    A range such as ``0001:0002`` starts at its first revision instead.
    """
    with _alembic(url, LOCK_WAIT) as config:
        config.output_buffer = buffer = io.StringIO()
        command.upgrade(config, revision, sql=True)
    return buffer.getvalue()


def autogenerate(url: str, message: str) -> Path | None:
    """Write a revision for what changed in the tables since the database's schema, which must be current.

    Returns the file, or None when nothing changed. Raises SchemaVersionError when the schema is not current.
    """
    check(url).require_current()
    with _alembic(url, LOCK_WAIT) as config:
        assert config.cmd_opts is not None
        config.cmd_opts.autogenerate = True
        script = command.revision(config, message, autogenerate=True)
    return Path(script.path) if isinstance(script, Script) else None


def _migrate(url: str, revision: str, lock_wait: timedelta, run: Callable[[Config, str], None]) -> MigrationReport:
    _refuse_unwritable(url)
    state = check(url)
    if state.status in (SchemaStatus.AHEAD, SchemaStatus.UNKNOWN):
        raise SchemaVersionError(state.found, state.head, state.advice)
    steps: list[MigrationInfo] = []
    with _alembic(url, lock_wait) as config:
        config.attributes["on_version_apply"] = lambda *, step, **_: steps.append(step)
        run(config, revision)
    if not steps:
        found = check(url).found
        return MigrationReport(before=found, after=found, applied=())
    return MigrationReport(
        before=_only(steps[0].source_revision_ids),
        after=_only(steps[-1].destination_revision_ids),
        applied=tuple(AppliedRevision(script.revision, script.doc) for script in map(_script, steps)),
    )


def _refuse_unwritable(url: str) -> None:
    """Raise StorageUnavailableError when a SQLite file can't be made or written, saying which folder is at fault."""
    target = normalised(url)
    if target.get_backend_name() != "sqlite":
        return
    path = sqlite_path(target)
    if path.is_dir():
        why = "is a folder; name a file in it"
    elif not path.parent.is_dir():
        why = f"can't be made, as there is no folder {path.parent}; create it or correct the path"
    elif not all(os.access(place, os.W_OK) for place in (path, path.parent) if place.exists()):
        why = "can't be written by this user, nor can its folder; correct the rights or choose another path"
    else:
        return
    raise StorageUnavailableError(f"The database {path} {why}.")


def _only(revisions: tuple[str, ...]) -> str | None:
    return ", ".join(revisions) or None


def _script(step: MigrationInfo) -> Script:
    script = step.up_revision
    assert isinstance(script, Script)
    return script


@contextmanager
def _translated_errors(url: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise translated(error, redacted(url)) or error from error


_SINGLE_FILE = threading.Lock()
"""Alembic keeps the environment it runs in a global."""


@contextmanager
def _alembic(url: str, lock_wait: timedelta) -> Iterator[Config]:
    """Yield a configuration for one Alembic command on the URL's database, and name its errors."""
    config = Config(stdout=io.StringIO(), cmd_opts=Namespace(quiet=True, x=None))
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = normalised(url)
    config.attributes["lock_wait"] = lock_wait.total_seconds()
    with _SINGLE_FILE, _translated_errors(url):
        try:
            yield config
        except TimeoutError as error:
            raise TransactionConflictError(
                f"The schema can't be migrated now: {error}; try again when it is done."
            ) from error
        except CommandError as error:
            if isinstance(error.__cause__, RevisionError):
                raise InvalidValueError("revision", f"can't be used: {error}") from error
            raise ConfigurationError(f"The schema can't be migrated: {error}") from error


@cache
def _known_revisions() -> tuple[str, ...]:
    """Return our revisions, the newest first."""
    return tuple(script.revision for script in ScriptDirectory(MIGRATIONS).walk_revisions())
