"""What a lease lets a worker do, and what a stale one does not, on every storage."""

import asyncio
from datetime import timedelta

import pytest

from domain.model.errors import LeaseLostError
from domain.model.event import NewEvent, Stream
from domain.model.job import Job, JobStatus, Lease, Settlement
from tests.contract.harness import MINUTE, Harness

SECOND = timedelta(seconds=1)


async def _overtaken(harness: Harness) -> tuple[Lease, Job]:
    """Return a lease that expired, and the job as another worker holds it now."""
    stale = (await harness.leased_job()).lease
    await harness.advance(2 * MINUTE)
    async with harness.transaction() as work:
        await work.jobs.reap(limit=10)
    (current,) = await harness.lease(worker="another")
    return stale, current


async def test_a_renewed_lease_reaches_from_now(harness: Harness) -> None:
    leased = await harness.leased_job()
    now = await harness.advance(30 * SECOND)
    async with harness.transaction() as work:
        (renewed,) = await work.jobs.renew([leased.lease], duration=MINUTE)
    assert renewed == Lease(leased.id, 1, "worker", now + MINUTE)
    assert (await harness.stored_job(leased.id)).lease == renewed


async def test_a_lost_lease_is_missing_from_the_renewed_ones(harness: Harness) -> None:
    stale, current = await _overtaken(harness)
    other = await harness.leased_job()
    unknown = Lease(harness.ids.new(), 1, "worker", harness.now)
    async with harness.transaction() as work:
        renewed = await work.jobs.renew([stale, other.lease, unknown, current.lease], duration=3 * MINUTE)
    assert [lease.job_id for lease in renewed] == [other.id, current.id]
    assert (await harness.stored_job(current.id)).worker_id == "another"


async def test_settling_ends_each_job_where_its_settlement_says(harness: Harness) -> None:
    await harness.enqueue(*(harness.new_job() for _ in range(6)))
    leased = await harness.lease()
    settlements = [
        Settlement(leased[0].lease, JobStatus.COMPLETED),
        Settlement(leased[1].lease, JobStatus.FAILED, error_message="broken"),
        Settlement(leased[2].lease, JobStatus.CANCELLED, error_message="called off"),
        Settlement(leased[3].lease, JobStatus.WAITING_APPROVAL),
        Settlement(leased[4].lease, JobStatus.QUEUED, delay=MINUTE, counts_as_retry=True, error_message="busy"),
        Settlement(leased[5].lease, JobStatus.QUEUED),
    ]
    now = await harness.advance(SECOND)
    async with harness.transaction() as work:
        settled = await work.jobs.settle(settlements)
    assert settled == [job.settled(settlement, now) for job, settlement in zip(leased, settlements, strict=True)]
    assert settled == [await harness.stored_job(job.id) for job in leased]
    assert [job.id for job in await harness.lease()] == [leased[5].id]
    await harness.advance(MINUTE)
    assert [(job.id, job.retry_count) for job in await harness.lease()] == [(leased[4].id, 1)]


async def test_a_stale_lease_cannot_complete_the_job(harness: Harness) -> None:
    stale, current = await _overtaken(harness)
    async with harness.transaction() as work:
        assert await work.jobs.settle([Settlement(stale, JobStatus.COMPLETED)]) == []
    assert await harness.stored_job(current.id) == current


async def test_one_stale_settlement_among_many_stops_none_of_the_others(harness: Harness) -> None:
    stale, current = await _overtaken(harness)
    await harness.enqueue(*(harness.new_job() for _ in range(3)))
    leased = await harness.lease()
    leases = [leased[0].lease, stale, leased[1].lease, leased[2].lease]
    async with harness.transaction() as work:
        settled = await work.jobs.settle([Settlement(lease, JobStatus.COMPLETED) for lease in leases])
    assert [job.id for job in settled] == [job.id for job in leased]
    assert (await harness.stored_job(current.id)).status is JobStatus.RUNNING


async def test_a_job_is_settled_once(harness: Harness) -> None:
    leased = await harness.leased_job()
    completed, failed = (Settlement(leased.lease, status) for status in (JobStatus.COMPLETED, JobStatus.FAILED))
    async with harness.transaction() as work:
        assert len(await work.jobs.settle([completed])) == 1
    async with harness.transaction() as work:
        assert await work.jobs.settle([failed]) == []
    assert (await harness.stored_job(leased.id)).status is JobStatus.COMPLETED


async def test_the_fence_returns_the_jobs_of_valid_leases(harness: Harness) -> None:
    await harness.enqueue(*(harness.new_job() for _ in range(3)))
    leased = await harness.lease()
    async with harness.transaction() as work:
        assert await work.jobs.fence([job.lease for job in reversed(leased)]) == leased[::-1]
        assert await work.jobs.fence([]) == []


async def test_one_stale_lease_among_many_stops_the_whole_write_at_the_fence(harness: Harness) -> None:
    stale, _ = await _overtaken(harness)
    other = await harness.leased_job()
    stream = Stream.of_server("fenced")
    with pytest.raises(LeaseLostError) as caught:
        async with harness.transaction() as work:
            await work.events.append([NewEvent(stream, "written", {}, "worker")])
            await work.jobs.fence([other.lease, stale])
    assert (caught.value.job_id, caught.value.lease_token) == (stale.job_id, stale.lease_token)
    assert await harness.events(stream) == []


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.QUEUED, JobStatus.WAITING_APPROVAL])
async def test_a_settled_job_lets_nobody_through_the_fence(harness: Harness, status: JobStatus) -> None:
    leased = await harness.leased_job()
    async with harness.transaction() as work:
        await work.jobs.settle([Settlement(leased.lease, status)])
    with pytest.raises(LeaseLostError):
        async with harness.transaction() as work:
            await work.jobs.fence([leased.lease])


async def test_an_unknown_job_lets_nobody_through_the_fence(harness: Harness) -> None:
    with pytest.raises(LeaseLostError):
        async with harness.transaction() as work:
            await work.jobs.fence([Lease(harness.ids.new(), 1, "worker", harness.now)])


async def test_a_cancelled_job_takes_the_lease_from_its_worker(harness: Harness) -> None:
    leased = await harness.leased_job()
    cancelled = leased.cancelled(harness.now, "not needed")
    async with harness.transaction() as work:
        await work.jobs.save(cancelled, expected=leased)
    assert await harness.stored_job(leased.id) == cancelled
    async with harness.transaction() as work:
        assert await work.jobs.renew([leased.lease], duration=MINUTE) == []
        with pytest.raises(LeaseLostError):
            await work.jobs.fence([leased.lease])


async def test_the_fencing_token_rises_with_every_lease_whatever_happened_before(harness: Harness) -> None:
    job = await harness.job(max_retries=5)
    tokens = []

    async def lease() -> Job:
        (leased,) = await harness.lease()
        tokens.append(leased.lease_token)
        return leased

    async def settle(leased: Job, status: JobStatus, *, retry: bool = False) -> Job:
        async with harness.transaction() as work:
            settlement = Settlement(leased.lease, status, counts_as_retry=retry, error_message="x")
            (settled,) = await work.jobs.settle([settlement])
        return settled

    await settle(await lease(), JobStatus.QUEUED, retry=True)
    await settle(await lease(), JobStatus.QUEUED)
    await lease()
    await harness.advance(2 * MINUTE)
    async with harness.transaction() as work:
        await work.jobs.reap(limit=1)
    failed = await settle(await lease(), JobStatus.FAILED)
    async with harness.transaction() as work:
        await work.jobs.save(failed.redriven(harness.now), expected=failed)
    waiting = await settle(await lease(), JobStatus.WAITING_APPROVAL)
    async with harness.transaction() as work:
        await work.jobs.save(waiting.requeued(harness.now), expected=waiting)
    await lease()
    assert tokens == [1, 2, 3, 4, 5, 6]
    assert (await harness.stored_job(job.id)).lease_token == 6


async def test_a_change_from_outside_never_overwrites_what_a_worker_did_meanwhile(harness: Harness) -> None:
    leased = await harness.leased_job()
    async with harness.transaction() as work:
        (completed,) = await work.jobs.settle([Settlement(leased.lease, JobStatus.COMPLETED)])
    with pytest.raises(LeaseLostError):
        async with harness.transaction() as work:
            await work.jobs.save(leased.cancelled(harness.now), expected=leased)
    assert await harness.stored_job(leased.id) == completed


async def test_a_change_from_outside_never_overwrites_a_later_lease(harness: Harness) -> None:
    stale = await harness.leased_job()
    await harness.advance(2 * MINUTE)
    async with harness.transaction() as work:
        await work.jobs.reap(limit=1)
    (current,) = await harness.lease()
    with pytest.raises(LeaseLostError):
        async with harness.transaction() as work:
            await work.jobs.save(stale.cancelled(harness.now), expected=stale)
    assert await harness.stored_job(stale.id) == current


async def test_cancelling_and_completing_at_once_has_one_winner(harness: Harness) -> None:
    for _ in range(5):
        leased = await harness.leased_job()

        async def cancel(leased: Job = leased) -> bool:
            try:
                async with harness.transaction() as work:
                    await work.jobs.save(leased.cancelled(harness.now), expected=leased)
            except LeaseLostError:
                return False
            return True

        async def complete(leased: Job = leased) -> bool:
            async with harness.transaction() as work:
                return bool(await work.jobs.settle([Settlement(leased.lease, JobStatus.COMPLETED)]))

        cancelled, completed = await asyncio.gather(cancel(), complete())
        assert cancelled != completed
        status = (await harness.stored_job(leased.id)).status
        assert status is (JobStatus.CANCELLED if cancelled else JobStatus.COMPLETED)
