"""Deleting from the three tables that keep checkpoints."""

from collections.abc import Iterable, Sequence

from sqlalchemy import FromClause, Table, Text, and_, delete, exists, select

from adapters.sql.dialect import SqlDialect, encoded
from adapters.sql.session import Session
from adapters.sql.tables import checkpoint_blobs, checkpoint_writes, checkpoints

CHECKPOINT = ("thread_id", "namespace", "checkpoint_id")
BLOB = ("thread_id", "namespace", "channel", "version")


async def delete_threads(session: Session, thread_ids: Sequence[str]) -> None:
    """Delete the threads' checkpoints, blobs and writes."""
    if not thread_ids:
        return
    listed = {"threads": session.dialect.listed(sorted(thread_ids))}
    for table in (checkpoints, checkpoint_blobs, checkpoint_writes):
        await session.execute(delete(table).where(session.dialect.among(table.c.thread_id, "threads")), listed)


async def delete_checkpoints(session: Session, keys: Iterable[tuple[str, ...]]) -> None:
    """Delete checkpoints by (thread, namespace, id), with the writes made after them."""
    for table in (checkpoints, checkpoint_writes):
        await _delete_keys(session, table, CHECKPOINT, keys)


async def delete_blobs(session: Session, keys: Iterable[tuple[str, ...]]) -> None:
    """Delete blobs by (thread, namespace, channel, version)."""
    await _delete_keys(session, checkpoint_blobs, BLOB, keys)


def rows_of(dialect: SqlDialect, names: Sequence[str]) -> FromClause:
    """Return keys passed as the parameter ``keys`` (see ``encoded_keys``)."""
    return dialect.batch("keys", {name: Text() for name in names})


def encoded_keys(names: Sequence[str], keys: Iterable[tuple[str, ...]]) -> str:
    """Return keys as ``rows_of`` takes them."""
    return encoded([dict(zip(names, key, strict=True)) for key in sorted(keys)])


async def _delete_keys(session: Session, table: Table, names: Sequence[str], keys: Iterable[tuple[str, ...]]) -> None:
    given = rows_of(session.dialect, names)
    same = and_(*(table.c[name] == given.c[name] for name in names))
    statement = delete(table).where(exists(select(given.c[names[0]]).where(same).correlate(table)))
    await session.execute(statement, {"keys": encoded_keys(names, keys)})
