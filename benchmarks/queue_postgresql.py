"""The jobs table on PostgreSQL in plain psycopg: the reference, and what fills the table between rounds."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from attrs import frozen
from psycopg import AsyncConnection

from benchmarks.queue_rows import COLUMNS, NAMES, NOOP, QUEUE, rows

_INSERT = f"INSERT INTO jobs ({NAMES}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"
_COPY = f"COPY jobs ({NAMES}) FROM STDIN"
_CLAIM = f"""
WITH candidates AS (
    SELECT id FROM jobs WHERE status = 'queued' AND queue = '{QUEUE}' AND run_at <= now()
    ORDER BY priority DESC, run_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE jobs SET status = 'running', worker_id = 'reference', lease_token = lease_token + 1,
    lease_expires_at = now() + interval '1 minute', started_at = now()
WHERE id = ANY (ARRAY(SELECT id FROM candidates)) RETURNING id, lease_token, payload"""
_COMPLETE = """
UPDATE jobs SET status = 'completed', worker_id = NULL, lease_expires_at = NULL, completed_at = now()
FROM unnest(%s::uuid[], %s::bigint[]) AS held (job_id, token)
WHERE id = job_id AND lease_token = token AND status = 'running'"""


@frozen
class PostgresqlJobs:
    """The jobs of one database on a connection that commits each statement."""

    connection: AsyncConnection[tuple[Any, ...]]

    @property
    def bulk(self) -> Mapping[str, Callable[[int], Awaitable[None]]]:
        """Return the driver's ways to add many jobs at once."""
        return {"psycopg, COPY": self.add_by_copy, "psycopg, executemany": self.add_by_executemany}

    async def add_one_by_one(self, count: int) -> None:
        """Insert jobs, a transaction each."""
        for row in rows(count):
            await self.connection.execute(_INSERT, row)

    async def add_by_copy(self, count: int, *, finished: bool = False) -> None:
        """Insert jobs by one COPY."""
        async with self.connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows(count, finished=finished):
                await copy.write_row(row)

    async def add_by_executemany(self, count: int) -> None:
        """Insert jobs by one pipelined executemany in one transaction."""
        async with self.connection.transaction(), self.connection.cursor() as cursor:
            await cursor.executemany(_INSERT, rows(count))

    async def drain(self, count: int, batch: int) -> None:
        """Claim and complete jobs, a batch at a time, each in a transaction of its own."""
        for _ in range(count // batch):
            claimed = await (await self.connection.execute(_CLAIM, [batch])).fetchall()
            ids, tokens = [row[0] for row in claimed], [row[1] for row in claimed]
            completed = await self.connection.execute(_COMPLETE, [ids, tokens])
            if completed.rowcount != batch:
                raise RuntimeError(f"The reference completed {completed.rowcount} of {batch} jobs.")

    async def refill(self, queued: int) -> None:
        """Put new jobs in the place of those the round before has ended, and leave the table as autovacuum would."""
        ended = "DELETE FROM jobs WHERE job_type = %s AND (status <> 'queued' OR %s = 0)"
        await self.connection.execute(ended, [NOOP, queued])
        count = "SELECT count(*) FROM jobs WHERE status = 'queued'"
        ((left,),) = await (await self.connection.execute(count)).fetchall()
        await self.add_by_copy(queued - left)
        await self.connection.execute("VACUUM (ANALYZE) jobs")

    async def archive(self, count: int) -> None:
        """Add finished jobs."""
        await self.add_by_copy(count, finished=True)


@asynccontextmanager
async def open_postgresql_jobs(url: str) -> AsyncIterator[PostgresqlJobs]:
    """Connect to a database until the block ends."""
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        yield PostgresqlJobs(connection)
