"""The statements of a run's checkpoints, each built once a dialect."""

from functools import cache
from typing import Any

from sqlalchemy import Executable, Select, and_, bindparam, select

from adapters.sql.checkpoint_tables import BLOB, CHECKPOINT, rows_of
from adapters.sql.dialect import SqlDialect
from adapters.sql.tables import checkpoint_blobs, checkpoint_writes, checkpoints

_WRITTEN = ("channel", "task_path", "value_type", "value")


def newest_first() -> Select[Any]:
    """Read checkpoints, those with the highest ids first."""
    order = (checkpoints.c.checkpoint_id.desc(), checkpoints.c.thread_id.desc(), checkpoints.c.namespace.desc())
    return select(checkpoints).order_by(*order)


@cache
def latest() -> Executable:
    """Read the latest checkpoint of ``thread`` in ``space``."""
    return newest_first().where(*_in_namespace()).limit(1)


@cache
def one() -> Executable:
    """Read the checkpoint ``checkpoint`` of ``thread`` in ``space``."""
    return select(checkpoints).where(*_in_namespace(), checkpoints.c.checkpoint_id == bindparam("checkpoint"))


@cache
def put(dialect: SqlDialect) -> Executable:
    """Insert a checkpoint, or replace the one that is there."""
    written = dialect.insert(checkpoints)
    changes = {column.name: written.excluded[column.name] for column in checkpoints.c if not column.primary_key}
    replaced: Executable = written.on_conflict_do_update(index_elements=CHECKPOINT, set_=changes)
    return replaced


@cache
def put_blobs(dialect: SqlDialect) -> Executable:
    """Insert blobs; those that are there stay."""
    kept: Executable = dialect.insert(checkpoint_blobs).on_conflict_do_nothing()
    return kept


@cache
def put_writes(dialect: SqlDialect) -> Executable:
    """Insert writes; those that are there stay."""
    kept: Executable = dialect.insert(checkpoint_writes).on_conflict_do_nothing()
    return kept


@cache
def replace_writes(dialect: SqlDialect) -> Executable:
    """Insert writes, or replace those that are there."""
    written = dialect.insert(checkpoint_writes)
    changes = {name: written.excluded[name] for name in _WRITTEN}
    key = list(checkpoint_writes.primary_key)
    replaced: Executable = written.on_conflict_do_update(index_elements=key, set_=changes)
    return replaced


@cache
def blobs(dialect: SqlDialect) -> Executable:
    """Read the blobs of ``keys``."""
    given = rows_of(dialect, BLOB)
    return select(checkpoint_blobs).join(given, and_(*(checkpoint_blobs.c[name] == given.c[name] for name in BLOB)))


@cache
def writes(dialect: SqlDialect) -> Executable:
    """Read the writes made after the checkpoints of ``keys``, by task and index."""
    given = rows_of(dialect, CHECKPOINT)
    same = and_(*(checkpoint_writes.c[name] == given.c[name] for name in CHECKPOINT))
    order = (checkpoint_writes.c.task_id, checkpoint_writes.c.idx)
    return select(checkpoint_writes).join(given, same).order_by(*order)


def _in_namespace() -> tuple[Any, ...]:
    return checkpoints.c.thread_id == bindparam("thread"), checkpoints.c.namespace == bindparam("space")
