"""The jobs table on SQLite in plain sqlite3: the reference, and what fills the table between rounds."""

import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from attrs import frozen

from benchmarks.queue_rows import COLUMNS, NAMES, NOOP, QUEUE, rows

_INSERT = f"INSERT INTO jobs ({NAMES}) VALUES ({', '.join('?' * len(COLUMNS))})"
_CLAIM = f"""
UPDATE jobs SET status = 'running', worker_id = 'reference', lease_token = lease_token + 1,
    lease_expires_at = :expires, started_at = :now
WHERE id IN (
    SELECT id FROM jobs WHERE status = 'queued' AND queue = '{QUEUE}' AND run_at <= :now
    ORDER BY priority DESC, run_at, id LIMIT :batch
) RETURNING id, lease_token, payload"""
_COMPLETE = """
UPDATE jobs SET status = 'completed', worker_id = NULL, lease_expires_at = NULL, completed_at = :now
FROM (SELECT json_extract(value, '$[0]') AS job_id, json_extract(value, '$[1]') AS token FROM json_each(:held)) AS held
WHERE id = job_id AND lease_token = token AND status = 'running'"""


@frozen
class SqliteJobs:
    """The jobs of one file on a connection that commits each statement, as durably as the storage does."""

    connection: sqlite3.Connection

    @property
    def bulk(self) -> Mapping[str, Callable[[int], Awaitable[None]]]:
        """Return the driver's ways to add many jobs at once."""
        return {"sqlite3, executemany": self.add_by_executemany}

    async def add_one_by_one(self, count: int) -> None:
        """Insert jobs, a transaction each."""
        for row in rows(count):
            self.connection.execute(_INSERT, _bound(row))

    async def add_by_executemany(self, count: int, *, finished: bool = False) -> None:
        """Insert jobs by one executemany in one transaction."""
        with self._transaction():
            self.connection.executemany(_INSERT, map(_bound, rows(count, finished=finished)))

    async def drain(self, count: int, batch: int) -> None:
        """Claim and complete jobs, a batch at a time, each in a transaction of its own."""
        for _ in range(count // batch):
            now = datetime.now(UTC)
            expires = _value(now + timedelta(minutes=1))
            given = {"now": _value(now), "expires": expires, "batch": batch}
            claimed = self.connection.execute(_CLAIM, given).fetchall()
            held = json.dumps([row[:2] for row in claimed])
            completed = self.connection.execute(_COMPLETE, {"now": _value(now), "held": held})
            if completed.rowcount != batch:
                raise RuntimeError(f"The reference completed {completed.rowcount} of {batch} jobs.")

    async def refill(self, queued: int) -> None:
        """Put new jobs in the place of those the round before has ended."""
        ended = "DELETE FROM jobs WHERE job_type = ? AND (status <> 'queued' OR ? = 0)"
        self.connection.execute(ended, [NOOP, queued])
        ((left,),) = self.connection.execute("SELECT count(*) FROM jobs WHERE status = 'queued'").fetchall()
        await self.add_by_executemany(queued - left)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    async def archive(self, count: int) -> None:
        """Add finished jobs."""
        await self.add_by_executemany(count, finished=True)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        yield
        self.connection.execute("COMMIT")


@asynccontextmanager
async def open_sqlite_jobs(path: Path) -> AsyncIterator[SqliteJobs]:
    """Open a file until the block ends."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}").fetchall()
    yield SqliteJobs(connection)
    connection.close()


def _bound(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(map(_value, row))


def _value(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
