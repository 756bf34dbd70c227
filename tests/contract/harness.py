"""What every contract test works with: a storage whose clock the test moves, and ready-made entities."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import psycopg
from attrs import define, field, frozen

from adapters.system.ids import Uuid7Ids
from domain.model.decision_set import DecisionSet
from domain.model.event import Event, NewEvent, Stream
from domain.model.job import Job, NewJob
from domain.model.project import Project
from ports.storage import Storage, UnitOfWork

START = datetime(2031, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED_SECONDS = 60.0
NOW_IN_SQL = "(SELECT now FROM virtual_clock)"


class VirtualClock(Protocol):
    """A clock that stands still until it is set."""

    def set(self, moment: datetime) -> None:
        """Let it be that time."""
        ...


@define
class MemoryClock:
    """A virtual clock for the in-memory storage."""

    _moment: datetime = START

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self._moment

    def set(self, moment: datetime) -> None:
        """Let it be that time."""
        self._moment = moment


@frozen
class PostgresClock:
    """A virtual clock in a table of a PostgreSQL database."""

    url: str

    @classmethod
    def create(cls, url: str) -> "PostgresClock":
        """Make the table and start the clock."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE virtual_clock (now timestamptz NOT NULL)")
            connection.execute("INSERT INTO virtual_clock VALUES (%s)", [START])
        return cls(url)

    def set(self, moment: datetime) -> None:
        """Let it be that time."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("UPDATE virtual_clock SET now = %s", [moment])


@frozen
class SqliteClock:
    """A virtual clock in a table of a SQLite file."""

    path: str

    @classmethod
    def create(cls, path: str) -> "SqliteClock":
        """Make the table and start the clock."""
        clock = cls(path)
        clock._execute("CREATE TABLE virtual_clock (now TEXT NOT NULL)")
        clock._execute("INSERT INTO virtual_clock VALUES (?)", _sqlite_time(START))
        return clock

    def set(self, moment: datetime) -> None:
        """Let it be that time."""
        self._execute("UPDATE virtual_clock SET now = ?", _sqlite_time(moment))

    def _execute(self, statement: str, *values: str) -> None:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        try:
            connection.execute(statement, values)
        finally:
            connection.close()


@define
class Harness:
    """A storage under test, the clock it goes by, and what tests need on the way to what they are about."""

    storage: Storage
    clock: VirtualClock
    ids: Uuid7Ids = field(factory=Uuid7Ids)
    now: datetime = START

    async def advance(self, duration: timedelta) -> datetime:
        """Let time pass and return the new time."""
        self.now += duration
        self.clock.set(self.now)
        return self.now

    def transaction(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a transaction that writes."""
        return self.storage.transaction()

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a transaction that reads."""
        return self.storage.transaction(read_only=True)

    def new_project(self, **fields: Any) -> Project:
        """Return a project that is not kept yet."""
        values = {"name": "churn", "description": None, "version": 1, "created_at": self.now, "updated_at": self.now}
        return Project(id=self.ids.new(), **{**values, **fields})

    def new_decision_set(self, project_id: UUID, **fields: Any) -> DecisionSet:
        """Return a decision set that is not kept yet."""
        identity = self.ids.new()
        values = {
            "thread_id": str(identity),
            "workflow": "mlops-design",
            "workflow_version": "1",
            "user_prompt": "Predict churn.",
            "created_at": self.now,
            "updated_at": self.now,
        }
        return DecisionSet(id=identity, project_id=project_id, **{**values, **fields})

    def new_job(self, **fields: Any) -> NewJob:
        """Return a job that is not queued yet."""
        return NewJob(**{"id": self.ids.new(), "job_type": "count", **fields})

    async def project(self, **fields: Any) -> Project:
        """Keep a new project."""
        project = self.new_project(**fields)
        async with self.transaction() as work:
            await work.projects.add(project)
        return project

    async def decision_set(self, project: Project | None = None, **fields: Any) -> DecisionSet:
        """Keep a new decision set, in a new project when none is given."""
        decision_set = self.new_decision_set((project or await self.project()).id, **fields)
        async with self.transaction() as work:
            await work.decision_sets.add(decision_set)
        return decision_set

    async def enqueue(self, *jobs: NewJob) -> list[Job]:
        """Queue jobs."""
        async with self.transaction() as work:
            return [enqueued.job for enqueued in await work.jobs.enqueue(jobs)]

    async def job(self, **fields: Any) -> Job:
        """Queue a new job."""
        return (await self.enqueue(self.new_job(**fields)))[0]

    async def lease(self, *, worker: str = "worker", limit: int = 10, **filters: Any) -> list[Job]:
        """Lease jobs for a minute."""
        async with self.transaction() as work:
            return await work.jobs.lease(worker, limit=limit, duration=MINUTE, **filters)

    async def leased_job(self, **fields: Any) -> Job:
        """Queue a new job and lease it."""
        job = await self.job(**fields)
        (leased,) = await self.lease(limit=1, queues=[job.queue])
        return leased

    async def stored_job(self, job_id: UUID) -> Job:
        """Return a job as it is kept."""
        async with self.reading() as work:
            return await work.jobs.get(job_id)

    async def append(self, events: Sequence[NewEvent]) -> list[Event]:
        """Append events in a transaction of their own."""
        async with self.transaction() as work:
            return await work.events.append(events)

    async def events(self, stream: Stream) -> list[Event]:
        """Return all events of a stream."""
        async with self.reading() as work:
            return await work.events.read(stream, limit=100_000)

    async def feed(self, count: int) -> tuple[Event, ...]:
        """Return the global feed once it shows that many events.

        It holds events back while any older transaction is open, even in another database of the same server.
        """
        deadline = asyncio.get_running_loop().time() + FEED_SECONDS
        while True:
            async with self.reading() as work:
                events = (await work.events.feed()).events
            if len(events) >= count or asyncio.get_running_loop().time() > deadline:
                return events
            await asyncio.sleep(0.05)


def _sqlite_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
