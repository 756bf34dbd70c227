"""What working a job comes to when its settlement does not go smoothly."""

import asyncio

import pytest
from attrs import define

from domain.model.errors import InvalidValueError, StorageUnavailableError, TransactionConflictError
from domain.model.job import MAX_ERROR, Job, JobStatus, NewJob
from domain.use_cases.leasing import EnqueueJobs
from ports.handlers import JobResult
from ports.storage import UnitOfWork
from ports.workflows import Drain
from tests.unit.use_cases.conftest import ACTOR, NoDrain, World


@define
class Once:
    """An effect that fails as told the first times, then passes."""

    failure: Exception
    failures: int = 1
    calls: int = 0

    async def __call__(self, work: UnitOfWork, job: Job) -> JobStatus | None:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.failure
        return None


async def _worked(world: World, result: object) -> Job:
    async def handler(job: Job, drain: Drain) -> JobResult | None:
        return result  # type: ignore[return-value]  # some tests return what a careless handler would

    await EnqueueJobs(world.storage)([NewJob(id=world.ids.new(), job_type="any")], actor=ACTOR)
    return await world.work(any=handler)(await world.lease(), NoDrain())


@pytest.mark.parametrize("passing", [TransactionConflictError("deadlock"), StorageUnavailableError("away")])
async def test_a_settlement_that_the_storage_refuses_for_now_is_repeated(world: World, passing: Exception) -> None:
    effect = Once(passing, failures=2)
    settled = await _worked(world, JobResult(effect=effect))
    assert (settled.status, settled.retry_count, effect.calls) == (JobStatus.COMPLETED, 0, 3)


async def test_an_effect_that_raises_fails_the_job_with_its_message(world: World) -> None:
    settled = await _worked(world, JobResult(effect=Once(ValueError("no such column"))))
    assert (settled.status, settled.retry_count) == (JobStatus.QUEUED, 1)
    assert settled.error_message == "ValueError: no such column"


async def test_an_effect_that_can_never_be_written_fails_the_job_for_good(world: World) -> None:
    settled = await _worked(world, JobResult(effect=Once(InvalidValueError("name", "is empty"))))
    assert settled.status is JobStatus.FAILED


@pytest.mark.parametrize("result", [{"status": "completed"}, JobResult(JobStatus.RUNNING)])
async def test_a_handler_that_returns_nonsense_fails_its_job(world: World, result: object) -> None:
    settled = await _worked(world, result)
    assert settled.status in (JobStatus.FAILED, JobStatus.QUEUED)
    assert settled.error_message


async def test_a_reason_no_storage_can_keep_is_made_fit(world: World) -> None:
    settled = await _worked(world, JobResult(JobStatus.CANCELLED, reason="no\x00 \ud800" + "x" * MAX_ERROR))
    assert settled.status is JobStatus.CANCELLED
    assert (settled.error_message or "").startswith("no ?x")
    assert len(settled.error_message or "") == MAX_ERROR


async def test_a_handler_that_is_cancelled_from_outside_is_not_taken_for_failed(world: World) -> None:
    async def handler(job: Job, drain: Drain) -> JobResult | None:
        await asyncio.sleep(60)
        return None

    await EnqueueJobs(world.storage)([NewJob(id=world.ids.new(), job_type="any")], actor=ACTOR)
    leased = await world.lease()
    working = asyncio.create_task(world.work(any=handler)(leased, NoDrain()))
    await asyncio.sleep(0.01)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (await world.job(leased.id)).status is JobStatus.RUNNING
