"""A worker over the in-memory storage, with leases of a fraction of a second."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field

from adapters.memory.storage import MemoryStorage
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from adapters.system.randomness import SystemRandomness
from domain.model.errors import LeaseLostError, StorageUnavailableError
from domain.model.job import Job, JobStatus, NewJob
from domain.model.retry import RetryPolicy
from domain.use_cases.approvals import ExpireApprovals
from domain.use_cases.jobs import CancelJob, GetJob
from domain.use_cases.leasing import (
    EnqueueJobs,
    FailJob,
    LeaseJobs,
    ReapExpiredLeases,
    ReleaseJobs,
    RenewLeases,
)
from domain.use_cases.work_job import WorkJob
from entrypoints.worker import Worker, WorkerOptions
from ports.handlers import JobHandler, JobResult
from ports.storage import Capabilities, Storage, UnitOfWork
from ports.workflows import Drain

LEASE = 0.3
TEST_LIMIT = 10.0


@define
class Unreliable:
    """A storage that fails or hangs for as long as a test says so."""

    storage: Storage
    failure: Exception | None = None
    answering: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self.answering.set()

    @property
    def capabilities(self) -> Capabilities:
        return self.storage.capabilities

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        await self.answering.wait()
        if self.failure is not None:
            raise self.failure
        async with self.storage.transaction(read_only=read_only) as work:
            yield work

    async def check(self) -> None:
        await self.storage.check()

    async def close(self) -> None:
        await self.storage.close()


@define
class Gate:
    """A handler that runs until it is let through, and tells how often it began, ended and was cancelled."""

    began: int = 0
    ended: int = 0
    cancelled: int = 0
    open: asyncio.Event = field(factory=asyncio.Event)
    unwinding: float = 0.0

    async def __call__(self, job: Job, drain: Drain) -> JobResult | None:
        self.began += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            await asyncio.sleep(self.unwinding)
            raise
        self.ended += 1
        return None


@define
class Shop:
    """A storage that may be unreliable, a handler, and workers over both."""

    gate: Gate = field(factory=Gate)
    ids: Uuid7Ids = field(factory=Uuid7Ids)
    sound: MemoryStorage = field(factory=lambda: MemoryStorage(SystemClock()))
    storage: Unreliable = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.storage = Unreliable(self.sound)

    def worker(self, handler: JobHandler | None = None, **options: Any) -> Worker:
        storage, handlers = self.storage, {"gate": handler or self.gate}
        policy = RetryPolicy(base=timedelta(milliseconds=1), cap=timedelta(milliseconds=2))
        chosen = {"worker_id": "w1", "lease": timedelta(seconds=LEASE), "poll_seconds": 0.02, **options}
        return Worker(
            options=WorkerOptions(**chosen),
            lease_jobs=LeaseJobs(storage),
            renew_leases=RenewLeases(storage),
            release_jobs=ReleaseJobs(storage),
            reap_expired=ReapExpiredLeases(storage),
            expire_approvals=ExpireApprovals(storage),
            work_job=WorkJob(storage, handlers, FailJob(storage, SystemRandomness(), policy)),
        )

    async def enqueue(self, count: int = 1, **fields: Any) -> list[UUID]:
        jobs = [NewJob(id=self.ids.new(), job_type="gate", **fields) for _ in range(count)]
        return [one.job.id for one in await EnqueueJobs(self.sound)(jobs, actor="user:test")]

    async def job(self, job_id: UUID) -> Job:
        return await GetJob(self.sound)(job_id)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator["asyncio.Task[None]"]:
    """Run a worker for as long as the block, then expect it to end by itself."""
    task = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(TEST_LIMIT):
            yield task
            worker.stop()
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # what is waited for is the worker's state, which has no event
        await asyncio.sleep(0.005)


async def until_status(shop: Shop, job_id: UUID, status: JobStatus) -> Job:
    while (job := await shop.job(job_id)).status is not status:  # noqa: ASYNC110  # a row has no event
        await asyncio.sleep(0.005)
    return job


async def test_jobs_are_worked_as_many_at_once_as_allowed(shop: Shop) -> None:
    ids = await shop.enqueue(3)
    async with running(shop.worker(concurrency=2)) as _:
        await until(lambda: shop.gate.began == 2)
        await asyncio.sleep(0.1)
        assert shop.gate.began == 2
        shop.gate.open.set()
        for job_id in ids:
            await until_status(shop, job_id, JobStatus.COMPLETED)


async def test_a_job_that_outlasts_its_lease_keeps_it_by_heartbeats(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    async with running(shop.worker()):
        await asyncio.sleep(3 * LEASE)
        shop.gate.open.set()
        settled = await until_status(shop, job_id, JobStatus.COMPLETED)
    assert (shop.gate.began, settled.lease_token, settled.retry_count) == (1, 1, 0)


async def test_a_run_whose_job_was_cancelled_is_cancelled_at_the_next_heartbeat(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    async with running(shop.worker()):
        await until(lambda: shop.gate.began == 1)
        await CancelJob(shop.sound)(job_id, actor="user:test")
        await until(lambda: shop.gate.cancelled == 1)
    assert (await shop.job(job_id)).status is JobStatus.CANCELLED


async def test_a_draining_worker_ends_what_runs_and_leases_nothing_more(shop: Shop) -> None:
    first, second = await shop.enqueue(2)
    worker = shop.worker(concurrency=1)
    async with running(worker) as task:
        await until(lambda: shop.gate.began == 1)
        worker.drain()
        await asyncio.sleep(2 * LEASE)
        assert not task.done()
        shop.gate.open.set()
        await task
    assert (await shop.job(first)).status is JobStatus.COMPLETED
    assert (await shop.job(second)).status is JobStatus.QUEUED


async def test_a_drain_is_heard_at_once_however_seldom_the_worker_polls(shop: Shop) -> None:
    worker = shop.worker(poll_seconds=60, lease=timedelta(seconds=60))
    shop.storage.answering.clear()
    async with running(worker) as task:
        await asyncio.sleep(0.02)
        worker.drain()
        shop.storage.answering.set()
        await asyncio.wait_for(task, 1)


async def test_a_stopped_worker_gives_its_jobs_back_with_no_retry_counted(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    async with running(shop.worker()):
        await until(lambda: shop.gate.began == 1)
    given_back = await shop.job(job_id)
    assert (given_back.status, given_back.retry_count, shop.gate.cancelled) == (JobStatus.QUEUED, 0, 1)


async def test_a_second_stop_does_not_hinder_the_giving_back(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    worker = shop.worker()
    async with running(worker) as task:
        await until(lambda: shop.gate.began == 1)
        shop.storage.answering.clear()
        worker.stop()
        await asyncio.sleep(0.02)
        worker.stop()
        await asyncio.sleep(0.02)
        shop.storage.answering.set()
        await task
    assert (await shop.job(job_id)).status is JobStatus.QUEUED


async def test_jobs_leased_while_the_worker_is_told_to_stop_are_given_back_unworked(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    worker = shop.worker()
    shop.storage.answering.clear()
    async with running(worker) as task:
        await asyncio.sleep(0.02)
        worker.stop()
        shop.storage.answering.set()
        await task
    assert (shop.gate.began, (await shop.job(job_id)).status) == (0, JobStatus.QUEUED)


async def test_a_stop_before_a_leased_job_has_begun_gives_it_back_and_ends_the_worker(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    worker = shop.worker()
    async with running(worker) as task:
        while not worker.busy:
            await asyncio.sleep(0)
            if worker.busy:
                worker.stop()
        await asyncio.wait_for(task, 1)
    assert (await shop.job(job_id)).status is JobStatus.QUEUED


async def test_work_outlives_a_storage_that_is_away_for_less_than_the_lease(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    async with running(shop.worker(lease=timedelta(seconds=2))):
        await until(lambda: shop.gate.began == 1)
        shop.storage.failure = StorageUnavailableError("away")
        shop.gate.open.set()
        await until(lambda: shop.gate.ended == 1)
        await asyncio.sleep(0.3)
        shop.storage.failure = None
        settled = await until_status(shop, job_id, JobStatus.COMPLETED)
    assert (settled.lease_token, shop.gate.began) == (1, 1)


async def test_a_storage_away_for_longer_than_the_lease_stops_the_run_and_it_is_worked_again(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    async with running(shop.worker()):
        await until(lambda: shop.gate.began == 1)
        shop.storage.failure = StorageUnavailableError("away")
        await until(lambda: shop.gate.cancelled == 1)
        shop.storage.failure = None
        shop.gate.open.set()
        settled = await until_status(shop, job_id, JobStatus.COMPLETED)
    assert settled.lease_token == 2


async def test_a_storage_that_hangs_past_the_lease_stops_the_run(shop: Shop) -> None:
    await shop.enqueue()
    async with running(shop.worker()):
        await until(lambda: shop.gate.began == 1)
        shop.storage.answering.clear()
        await asyncio.wait_for(until(lambda: shop.gate.cancelled == 1), 5 * LEASE)
        shop.storage.answering.set()


@pytest.mark.parametrize("failure", [RuntimeError("unheard of"), OSError("too many open files")])
async def test_an_error_nobody_foresaw_ends_neither_heartbeats_nor_the_worker(shop: Shop, failure: Exception) -> None:
    (job_id,) = await shop.enqueue()
    async with running(shop.worker(lease=timedelta(seconds=1))):
        await until(lambda: shop.gate.began == 1)
        shop.storage.failure = failure
        await asyncio.sleep(0.6)
        shop.storage.failure = None
        await asyncio.sleep(1)
        shop.gate.open.set()
        settled = await until_status(shop, job_id, JobStatus.COMPLETED)
    assert (settled.lease_token, shop.gate.cancelled) == (1, 0)


async def test_a_job_leased_again_while_its_lost_run_unwinds_is_heartbeaten_and_waited_for(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    shop.gate.unwinding = 1.5 * LEASE
    worker = shop.worker()
    async with running(worker) as task:
        await until(lambda: shop.gate.began == 1)
        leased = await shop.job(job_id)
        await ReleaseJobs(shop.sound)([leased.lease])
        await until(lambda: shop.gate.began == 2)
        await asyncio.sleep(4 * LEASE)
        worker.drain()
        await asyncio.sleep(0.05)
        assert not task.done()
        shop.gate.open.set()
        await task
    settled = await shop.job(job_id)
    assert (settled.status, settled.lease_token, shop.gate.began) == (JobStatus.COMPLETED, 2, 2)
    assert shop.gate.cancelled == 1


async def test_leases_that_another_worker_lost_are_taken_back_and_worked(shop: Shop) -> None:
    (job_id,) = await shop.enqueue()
    (lost,) = await LeaseJobs(shop.sound)("gone", limit=1, duration=timedelta(milliseconds=1))
    shop.gate.open.set()
    async with running(shop.worker()):
        settled = await until_status(shop, job_id, JobStatus.COMPLETED)
    assert (settled.lease_token, settled.retry_count) == (2, 1)
    with pytest.raises(LeaseLostError):
        async with shop.sound.transaction() as work:
            await work.jobs.fence([lost.lease])


async def test_a_handler_that_ends_by_cancelling_itself_has_failed_and_is_not_run_for_ever(shop: Shop) -> None:
    async def cancelling(job: Job, drain: Drain) -> JobResult | None:
        shop.gate.began += 1
        raise asyncio.CancelledError

    worker = shop.worker(handler=cancelling)
    (job_id,) = await shop.enqueue(max_retries=1)
    async with running(worker):
        failed = await asyncio.wait_for(until_status(shop, job_id, JobStatus.FAILED), 2)
    assert shop.gate.began == 2
    assert "cancelled" in (failed.error_message or "")
