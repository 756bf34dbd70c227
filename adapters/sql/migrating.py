"""Bring a database's schema to a revision.

Everything here is synchronous and says what it did by its return value alone; Alembic prints nothing.
"""

import io
import os
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationInfo
from alembic.script import Script
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from attrs import frozen

from adapters.sql import schema_version
from adapters.sql.schema_version import SchemaStatus, check, only, translated_errors
from adapters.sql.url import normalised, sqlite_path
from domain.model.errors import (
    ConfigurationError,
    InvalidValueError,
    SchemaVersionError,
    StorageUnavailableError,
    TransactionConflictError,
)

LOCK_WAIT = timedelta(minutes=2)
"""How long an upgrade waits for another one, or for SQLite's writers, before it gives up."""


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
        before=only(steps[0].source_revision_ids),
        after=only(steps[-1].destination_revision_ids),
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


def _script(step: MigrationInfo) -> Script:
    script = step.up_revision
    assert isinstance(script, Script)
    return script


_SINGLE_FILE = threading.Lock()
"""Alembic keeps the environment it runs in a global."""


@contextmanager
def _alembic(url: str, lock_wait: timedelta) -> Iterator[Config]:
    """Yield a configuration for one Alembic command on the URL's database, and name its errors."""
    config = Config(stdout=io.StringIO(), cmd_opts=Namespace(quiet=True, x=None))
    config.set_main_option("script_location", str(schema_version.MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = normalised(url)
    config.attributes["lock_wait"] = lock_wait.total_seconds()
    with _SINGLE_FILE, translated_errors(url):
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
