"""Queueing, leasing and taking back jobs, on every storage."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from domain.model.errors import AlreadyExistsError, NotFoundError
from domain.model.job import LEASE_EXPIRED, JobStatus, Settlement
from tests.contract.harness import MINUTE, START, Harness

HOUR = timedelta(hours=1)


async def test_the_highest_priority_is_leased_first_then_the_earliest_then_the_lowest_id(harness: Harness) -> None:
    early, late = START - HOUR, START - MINUTE
    first = harness.new_job(priority=5, run_at=late)
    second = harness.new_job(priority=0, run_at=early)
    third = harness.new_job(priority=0, run_at=late)
    fourth = harness.new_job(priority=0, run_at=late)
    fifth = harness.new_job(priority=-1, run_at=early)
    await harness.enqueue(fifth, fourth, third, second, first)
    leased = await harness.lease(limit=10)
    assert [job.id for job in leased] == [job.id for job in (first, second, third, fourth, fifth)]


async def test_a_lease_takes_at_most_the_limit(harness: Harness) -> None:
    jobs = await harness.enqueue(*(harness.new_job() for _ in range(5)))
    assert await harness.lease(limit=0) == []
    batches = [await harness.lease(limit=2) for _ in range(4)]
    assert [[job.id for job in batch] for batch in batches] == [
        [jobs[0].id, jobs[1].id],
        [jobs[2].id, jobs[3].id],
        [jobs[4].id],
        [],
    ]


async def test_a_leased_job_is_running_under_a_raised_token_until_its_lease_expires(harness: Harness) -> None:
    queued = await harness.job()
    (leased,) = await harness.lease(worker="worker-7")
    assert leased == queued.leased("worker-7", START, MINUTE)
    assert leased == await harness.stored_job(queued.id)
    assert (leased.lease_token, leased.lease_expires_at) == (1, START + MINUTE)


async def test_a_job_waits_for_its_time(harness: Harness) -> None:
    at_an_hour = await harness.job(run_at=START + HOUR)
    after_a_delay = await harness.job(delay=2 * HOUR)
    assert after_a_delay.run_at == START + 2 * HOUR
    assert await harness.lease() == []
    await harness.advance(HOUR)
    assert [job.id for job in await harness.lease()] == [at_an_hour.id]
    await harness.advance(HOUR - timedelta(microseconds=1))
    assert await harness.lease() == []
    await harness.advance(timedelta(microseconds=1))
    assert [job.id for job in await harness.lease()] == [after_a_delay.id]


async def test_a_worker_leases_from_its_queues_and_of_its_types_only(harness: Harness) -> None:
    mail = await harness.job(queue="mail", job_type="send")
    report = await harness.job(queue="mail", job_type="report")
    other = await harness.job(queue="other", job_type="send")
    assert await harness.lease(queues=["empty"]) == []
    assert await harness.lease(queues=[]) == []
    assert await harness.lease(job_types=["unknown"]) == []
    assert await harness.lease(job_types=[]) == []
    assert [job.id for job in await harness.lease(queues=["mail", "empty"], job_types=["report"])] == [report.id]
    assert [job.id for job in await harness.lease(queues=["mail", "other"])] == [mail.id, other.id]


async def test_priorities_hold_across_queues(harness: Harness) -> None:
    low = await harness.job(queue="a", priority=1)
    high = await harness.job(queue="b", priority=2)
    assert [job.id for job in await harness.lease(queues=["a", "b"])] == [high.id, low.id]


async def test_jobs_of_one_exclusive_key_never_run_together(harness: Harness) -> None:
    first, second, free = await harness.enqueue(
        harness.new_job(exclusive_key="thread", queue="a", priority=2),
        harness.new_job(exclusive_key="thread", queue="b", priority=1),
        harness.new_job(exclusive_key="another"),
    )
    leased = await harness.lease(limit=10)
    assert [job.id for job in leased] == [first.id, free.id]
    assert await harness.lease(limit=10) == []
    async with harness.transaction() as work:
        await work.jobs.settle([Settlement(leased[0].lease, JobStatus.COMPLETED)])
    assert [job.id for job in await harness.lease(limit=10)] == [second.id]


async def test_a_waiting_job_lets_the_next_of_its_exclusive_key_run(harness: Harness) -> None:
    first, second = await harness.enqueue(*(harness.new_job(exclusive_key="thread") for _ in range(2)))
    (leased,) = await harness.lease(limit=10)
    assert leased.id == first.id
    async with harness.transaction() as work:
        await work.jobs.settle([Settlement(leased.lease, JobStatus.WAITING_APPROVAL)])
    assert [job.id for job in await harness.lease(limit=10)] == [second.id]


async def test_an_exclusive_key_that_is_busy_does_not_hide_other_jobs_from_a_small_limit(harness: Harness) -> None:
    await harness.enqueue(*(harness.new_job(exclusive_key="busy", priority=9) for _ in range(30)))
    assert len(await harness.lease(limit=1)) == 1
    free = await harness.job()
    assert [job.id for job in await harness.lease(limit=1)] == [free.id]


async def test_an_idempotency_key_names_one_job_of_its_queue(harness: Harness) -> None:
    first = harness.new_job(idempotency_key="key", payload={"first": True})
    again = harness.new_job(idempotency_key="key", payload={"first": False})
    elsewhere = harness.new_job(idempotency_key="key", queue="elsewhere")
    async with harness.transaction() as work:
        enqueued = await work.jobs.enqueue([first, again, elsewhere])
    assert [(item.job.id, item.created) for item in enqueued] == [
        (first.id, True),
        (first.id, False),
        (elsewhere.id, True),
    ]
    assert enqueued[1].job.payload == {"first": True}
    async with harness.transaction() as work:
        (later,) = await work.jobs.enqueue([harness.new_job(idempotency_key="key")])
        assert (later.job.id, later.created) == (first.id, False)
        assert len(await work.jobs.find(limit=10)) == 2


async def test_a_taken_id_is_refused_although_its_key_is_taken_later_in_the_batch(harness: Harness) -> None:
    first = harness.new_job()
    same_id = harness.new_job(id=first.id, idempotency_key="k")
    later = harness.new_job(idempotency_key="k")
    with pytest.raises(AlreadyExistsError):
        async with harness.transaction() as work:
            await work.jobs.enqueue([first, same_id, later])
    async with harness.reading() as work:
        assert await work.jobs.find(limit=9) == []


async def test_an_idempotency_key_stays_taken_after_its_job_has_ended(harness: Harness) -> None:
    leased = await harness.leased_job(idempotency_key="key")
    async with harness.transaction() as work:
        (settled,) = await work.jobs.settle([Settlement(leased.lease, JobStatus.COMPLETED)])
        (again,) = await work.jobs.enqueue([harness.new_job(idempotency_key="key")])
    assert (again.job, again.created) == (settled, False)


async def test_twenty_callers_with_one_idempotency_key_queue_one_job(harness: Harness) -> None:
    async def enqueue() -> tuple[str, bool]:
        async with harness.transaction() as work:
            (enqueued,) = await work.jobs.enqueue([harness.new_job(idempotency_key="key")])
            await asyncio.sleep(0)
            return str(enqueued.job.id), enqueued.created

    results = await asyncio.gather(*(enqueue() for _ in range(20)))
    assert len({job_id for job_id, _ in results}) == 1
    assert sum(created for _, created in results) == 1


async def test_jobs_come_back_from_the_queue_in_the_order_they_went_in(harness: Harness) -> None:
    jobs = [harness.new_job(priority=number % 3) for number in range(20)]
    assert [job.id for job in await harness.enqueue(*reversed(jobs))] == [job.id for job in reversed(jobs)]
    assert await harness.enqueue() == []


async def test_a_job_needs_a_free_id_and_its_decision_set(harness: Harness) -> None:
    kept = await harness.job()
    with pytest.raises(AlreadyExistsError):
        await harness.enqueue(harness.new_job(), harness.new_job(id=kept.id))
    with pytest.raises(NotFoundError):
        await harness.enqueue(harness.new_job(decision_set_id=harness.ids.new()))
    async with harness.reading() as work:
        assert await work.jobs.find(limit=10) == [kept]


async def test_of_twenty_workers_one_leases_the_only_job(harness: Harness) -> None:
    job = await harness.job()
    batches = await asyncio.gather(*(harness.lease(worker=f"worker {number}") for number in range(20)))
    won = [leased for batch in batches for leased in batch]
    assert [leased.id for leased in won] == [job.id]
    assert await harness.stored_job(job.id) == won[0]
    assert won[0].lease_token == 1


async def test_many_workers_lease_every_job_once(harness: Harness) -> None:
    jobs = await harness.enqueue(*(harness.new_job(priority=number % 4) for number in range(60)))
    leased: Counter[str] = Counter()

    async def work_off(worker: str) -> None:
        while batch := await harness.lease(worker=worker, limit=3):
            leased.update(str(job.id) for job in batch)

    await asyncio.gather(*(work_off(f"worker {number}") for number in range(8)))
    # A worker may see an empty batch while others hold the last rows, but it never sees a row twice.
    leased.update(str(job.id) for job in await harness.lease(limit=60))
    assert leased == Counter(str(job.id) for job in jobs)


async def test_workers_racing_for_one_exclusive_key_never_hold_it_twice(harness: Harness) -> None:
    await harness.enqueue(*(harness.new_job(exclusive_key="thread") for _ in range(20)))
    batches = await asyncio.gather(*(harness.lease(worker=f"worker {number}", limit=2) for number in range(20)))
    assert sum(len(batch) for batch in batches) == 1


async def test_a_job_whose_lease_expired_is_taken_back_with_a_retry_counted(harness: Harness) -> None:
    leased = await harness.leased_job(max_retries=1)
    async with harness.transaction() as work:
        assert await work.jobs.reap(limit=10) == []
    now = await harness.advance(2 * MINUTE)
    async with harness.transaction() as work:
        (reaped,) = await work.jobs.reap(limit=10)
    assert reaped == leased.reaped(now) == await harness.stored_job(leased.id)
    assert (reaped.status, reaped.retry_count, reaped.worker_id) == (JobStatus.QUEUED, 1, None)
    (again,) = await harness.lease()
    assert (again.id, again.lease_token) == (leased.id, 2)


async def test_a_job_out_of_retries_fails_when_its_lease_expires(harness: Harness) -> None:
    leased = await harness.leased_job(max_retries=0)
    now = await harness.advance(2 * MINUTE)
    async with harness.transaction() as work:
        (reaped,) = await work.jobs.reap(limit=10)
    assert reaped == await harness.stored_job(leased.id)
    assert (reaped.status, reaped.error_message, reaped.completed_at) == (JobStatus.FAILED, LEASE_EXPIRED, now)
    assert await harness.lease() == []


async def test_reaping_takes_at_most_the_limit_and_each_job_once(harness: Harness) -> None:
    await harness.enqueue(*(harness.new_job() for _ in range(30)))
    await harness.lease(limit=30)
    await harness.advance(2 * MINUTE)

    async def reap() -> int:
        async with harness.transaction() as work:
            return len(await work.jobs.reap(limit=4))

    counts = await asyncio.gather(*(reap() for _ in range(5)))
    assert max(counts) <= 4
    async with harness.transaction() as work:
        rest = await work.jobs.reap(limit=100)
        retries = [job.retry_count for job in await work.jobs.find(limit=100)]
    assert sum(counts) + len(rest) == 30
    assert retries == [1] * 30


async def test_two_workers_never_hold_a_job_whose_lease_was_renewed(harness: Harness) -> None:
    leased = await harness.leased_job()
    await harness.advance(MINUTE - timedelta(seconds=1))
    async with harness.transaction() as work:
        await work.jobs.renew([leased.lease], duration=MINUTE)
    await harness.advance(MINUTE - timedelta(seconds=1))
    async with harness.transaction() as work:
        assert await work.jobs.reap(limit=10) == []
