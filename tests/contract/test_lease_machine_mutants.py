"""The lease machine finds each of these faults, planted one at a time in the in-memory storage."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, settings

from adapters.memory.job_queue import MemoryJobQueue
from adapters.memory.storage import MemoryStorage
from domain.model.job import Job, JobStatus, Lease, NewJob, Settlement
from ports.job_queue import Enqueued
from tests.contract.harness import Harness, MemoryClock
from tests.contract.lease_machine import run_lease_machine

Fault: TypeAlias = tuple[str, Callable[..., Any]]

# Finding a fault is enough: the machine need not reduce its steps to the fewest.
CHOSEN = settings(
    max_examples=300,
    stateful_step_count=40,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def _running(queue: MemoryJobQueue, lease: Lease) -> Job | None:
    job = queue.views.jobs.get(lease.job_id)
    return job if job is not None and job.status is JobStatus.RUNNING else None


async def _settle_under_any_token(queue: MemoryJobQueue, settlements: Sequence[Settlement]) -> list[Job]:
    settled = []
    for settlement in settlements:
        job = _running(queue, settlement.lease)
        if job is not None:
            settled.append(job.settled(evolve(settlement, lease=job.lease), queue.clock.now()))
            queue.views.jobs.put(job.id, settled[-1])
    return settled


async def _fence_nothing(queue: MemoryJobQueue, leases: Sequence[Lease]) -> list[Job]:
    return [await queue.get(lease.job_id) for lease in leases]


async def _renew_under_any_token(queue: MemoryJobQueue, leases: Sequence[Lease], *, duration: timedelta) -> list[Lease]:
    jobs = [job for job in (_running(queue, lease) for lease in leases) if job is not None]
    renewed = [job.renewed(job.lease, queue.clock.now(), duration) for job in jobs]
    for job in renewed:
        queue.views.jobs.put(job.id, job)
    return [job.lease for job in renewed]


async def _reap_a_microsecond_early(queue: MemoryJobQueue, *, limit: int) -> list[Job]:
    now = queue.clock.now()
    running = queue.views.jobs.select("running", limit=limit)
    early = now + timedelta(microseconds=1)
    reaped = [job.reaped(now) for job in running if job.lease.lease_expires_at <= early]
    for job in reaped:
        queue.views.jobs.put(job.id, job)
    return reaped


async def _lease_whatever_the_priority(
    queue: MemoryJobQueue,
    worker_id: str,
    *,
    limit: int,
    duration: timedelta,
    queues: Sequence[str] | None = None,
    job_types: Sequence[str] | None = None,
) -> list[Job]:
    now = queue.clock.now()
    queued = queue.views.jobs.select("queued", queue.views.jobs.groups("queued") if queues is None else set(queues))
    in_order = sorted(queued, key=lambda job: (job.run_at, job.id))
    leasable = queue._leasable(now, job_types)
    leased = [job.leased(worker_id, now, duration) for job in in_order if leasable(job)][:limit]
    for job in leased:
        queue.views.jobs.put(job.id, job)
    return leased


def _enqueue_whatever_the_key(queue: MemoryJobQueue, new: NewJob, now: Any) -> Enqueued:
    job = Job.from_new(new, now)
    queue.views.jobs.put(job.id, job)
    return Enqueued(job, created=True)


FAULTS: dict[str, Fault] = {
    "a stale lease settles the job": ("settle", _settle_under_any_token),
    "a stale lease passes the fence": ("fence", _fence_nothing),
    "a stale lease renews the job's": ("renew", _renew_under_any_token),
    "a lease is reaped before it expires": ("reap", _reap_a_microsecond_early),
    "priorities do not matter": ("lease", _lease_whatever_the_priority),
    "an idempotency key does not matter": ("_enqueued", _enqueue_whatever_the_key),
}


@pytest.mark.parametrize(("method", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_the_machine_notices_that(method: str, fault: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryJobQueue, method, fault)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run_lease_machine(_memory, CHOSEN)


def _memory() -> Harness:
    clock = MemoryClock()
    return Harness(MemoryStorage(clock), clock)
