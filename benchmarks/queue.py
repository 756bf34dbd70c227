"""The job queue: adding jobs, and leasing and settling jobs that do nothing."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Protocol

from attrs import frozen

from benchmarks.databases import Databases
from benchmarks.measuring import Comparison, Contender, Scale, compare
from benchmarks.queue_postgresql import open_postgresql_jobs
from benchmarks.queue_sqlite import open_sqlite_jobs
from benchmarks.queue_storage import StorageJobs
from benchmarks.report import Section, section_of
from benchmarks.storages import open_storage

ONE_BY_ONE = 100
MANY = 5_000
FINISHED = 100_000
BATCHES = {1: 50, 100: 2_000, 500: 2_000}
"""How many of the queued jobs a round drains, at each size of a batch; they are replaced before the next."""


class JobsTable(Protocol):
    """A jobs table reached without the adapter."""

    @property
    def bulk(self) -> Mapping[str, Callable[[int], Awaitable[None]]]:
        """Return the driver's ways to add many jobs at once."""
        ...

    async def add_one_by_one(self, count: int) -> None: ...
    async def drain(self, count: int, batch: int) -> None: ...
    async def refill(self, queued: int) -> None: ...
    async def archive(self, count: int) -> None: ...


@frozen
class Pair:
    """The reference and the storage, each with a database of its own; ``beside`` reaches the storage's without it."""

    reference: JobsTable
    storage: StorageJobs
    beside: JobsTable


async def measure_postgresql(databases: Databases, scale: Scale) -> list[Section]:
    """Measure the queue on PostgreSQL beside psycopg."""
    async with AsyncExitStack() as stack:

        async def pair() -> Pair:
            own, ours = databases.postgresql(), databases.postgresql()
            return Pair(
                await stack.enter_async_context(open_postgresql_jobs(own)),
                StorageJobs(await stack.enter_async_context(open_storage(ours))),
                await stack.enter_async_context(open_postgresql_jobs(ours)),
            )

        return await _measure("PostgreSQL", "psycopg", await pair(), await pair(), scale)


async def measure_sqlite(databases: Databases, scale: Scale) -> list[Section]:
    """Measure the queue on SQLite beside sqlite3."""
    async with AsyncExitStack() as stack:

        async def pair() -> Pair:
            own, ours = databases.sqlite(), databases.sqlite()
            return Pair(
                await stack.enter_async_context(open_sqlite_jobs(own)),
                StorageJobs(await stack.enter_async_context(open_storage(f"sqlite:///{ours}"))),
                await stack.enter_async_context(open_sqlite_jobs(ours)),
            )

        return await _measure("SQLite", "sqlite3", await pair(), await pair(), scale)


async def _measure(database: str, driver: str, bare: Pair, full: Pair, scale: Scale) -> list[Section]:
    finished = scale.of(FINISHED)
    for table in (full.reference, full.beside):
        await table.archive(finished)
    comparisons = [await _adding_one(database, driver, bare, scale), await _adding_many(database, bare, scale)]
    for table in (bare.reference, bare.beside):
        await table.refill(0)
    for batch, amount in BATCHES.items():
        count = max(batch, scale.of(amount) // batch * batch)
        contenders = (
            *_drains(driver, "", bare, count, batch, scale),
            *_drains(driver, f", {finished:,} finished jobs beside", full, count, batch, scale),
        )
        title = f"{database}: lease and settle in batches of {batch}"
        comparisons.append(await compare(title, "job", count, contenders, scale=scale))
    return [section_of(comparison) for comparison in comparisons]


async def _adding_one(database: str, driver: str, pair: Pair, scale: Scale) -> Comparison:
    count = scale.of(ONE_BY_ONE)
    contenders = (
        Contender(f"{driver}, INSERT", partial(pair.reference.add_one_by_one, count)),
        Contender("mlwright", partial(pair.storage.add_one_by_one, count)),
    )
    return await compare(f"{database}: enqueue one at a time", "job", count, contenders, scale=scale)


async def _adding_many(database: str, pair: Pair, scale: Scale) -> Comparison:
    count = scale.of(MANY)
    contenders = (
        *(
            Contender(name, partial(add, count), partial(pair.reference.refill, 0))
            for name, add in pair.reference.bulk.items()
        ),
        Contender("mlwright", partial(pair.storage.add_at_once, count), partial(pair.beside.refill, 0)),
    )
    return await compare(f"{database}: enqueue {count:,} at once", "job", count, contenders, scale=scale)


def _drains(driver: str, note: str, pair: Pair, count: int, batch: int, scale: Scale) -> tuple[Contender, Contender]:
    queued = max(count, scale.of(MANY))
    return (
        Contender(
            f"{driver}, claim and complete{note}",
            partial(pair.reference.drain, count, batch),
            partial(pair.reference.refill, queued),
        ),
        Contender(f"mlwright{note}", partial(pair.storage.drain, count, batch), partial(pair.beside.refill, queued)),
    )
