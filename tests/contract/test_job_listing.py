"""Finding jobs and counting them, on every storage."""

from datetime import timedelta

import pytest

from domain.model.errors import NotFoundError
from domain.model.job import JobStatus, Settlement
from tests.contract.harness import MINUTE, START, Harness


async def test_jobs_are_listed_newest_first_by_queue_status_and_decision_set(harness: Harness) -> None:
    decision_set = await harness.decision_set()
    first = await harness.job(queue="a")
    second = await harness.job(queue="b", decision_set_id=decision_set.id)
    third = await harness.job(queue="a", decision_set_id=decision_set.id)
    (fourth,) = await harness.lease(limit=1, queues=[(await harness.job(queue="c")).queue])
    async with harness.reading() as work:
        find = work.jobs.find
        assert await find(limit=10) == [fourth, third, second, first]
        assert await find(limit=2, before=fourth.id) == [third, second]
        assert await find(limit=10, queue="a") == [third, first]
        assert await find(limit=10, status=JobStatus.RUNNING) == [fourth]
        assert await find(limit=10, status=JobStatus.FAILED) == []
        assert await find(limit=10, decision_set_id=decision_set.id) == [third, second]
        assert await find(limit=10, queue="a", status=JobStatus.QUEUED, decision_set_id=decision_set.id) == [third]
        assert await find(limit=1, queue="a", before=third.id) == [first]


async def test_the_live_jobs_of_a_decision_set_are_those_still_to_be_worked(harness: Harness) -> None:
    decision_set = await harness.decision_set()
    for number in range(5):
        await harness.job(decision_set_id=decision_set.id, priority=-number)
    await harness.job(priority=-9)
    completed, failed, waiting, running = await harness.lease(limit=4)
    async with harness.transaction() as work:
        await work.jobs.settle(
            [
                Settlement(completed.lease, JobStatus.COMPLETED),
                Settlement(failed.lease, JobStatus.FAILED),
                Settlement(waiting.lease, JobStatus.WAITING_APPROVAL),
            ]
        )
        live = await work.jobs.live_of(decision_set.id)
        assert await work.jobs.live_of(harness.ids.new()) == []
    assert [job.status for job in live] == [JobStatus.WAITING_APPROVAL, JobStatus.RUNNING, JobStatus.QUEUED]
    assert [job.id for job in live[:2]] == [waiting.id, running.id]


async def test_the_statistics_tell_what_lies_in_each_queue(harness: Harness) -> None:
    await harness.enqueue(*(harness.new_job(queue="busy") for _ in range(3)))
    done, expiring = await harness.lease(limit=2)
    await harness.advance(timedelta(seconds=90))
    await harness.enqueue(
        harness.new_job(queue="busy", delay=MINUTE),
        harness.new_job(queue="later", run_at=START + timedelta(days=1)),
    )
    async with harness.transaction() as work:
        await work.jobs.settle([Settlement(done.lease, JobStatus.COMPLETED)])
        busy, later = await work.jobs.statistics()
    assert expiring.lease_expires_at == START + MINUTE
    assert (busy.queue, later.queue) == ("busy", "later")
    assert {status: count for status, count in busy.counts.items() if count} == {
        JobStatus.QUEUED: 2,
        JobStatus.RUNNING: 1,
        JobStatus.COMPLETED: 1,
    }
    assert (busy.ready, busy.scheduled, busy.oldest_ready_seconds, busy.expired_leases) == (1, 1, 90.0, 1)
    assert (later.ready, later.scheduled, later.oldest_ready_seconds, later.expired_leases) == (0, 1, None, 0)


async def test_an_empty_storage_has_no_queues(harness: Harness) -> None:
    async with harness.reading() as work:
        assert await work.jobs.statistics() == []


async def test_an_unknown_job_is_not_found(harness: Harness) -> None:
    unknown = harness.ids.new()
    async with harness.transaction() as work:
        with pytest.raises(NotFoundError) as caught:
            await work.jobs.get(unknown)
        assert (caught.value.kind, caught.value.key) == ("job", unknown)
        with pytest.raises(NotFoundError):
            await work.jobs.get(unknown, for_update=True)
