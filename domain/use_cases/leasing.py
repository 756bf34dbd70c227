"""Leasing: enqueue jobs, lease them to workers, renew, settle, and take back what expired."""

from collections.abc import Sequence
from datetime import timedelta

from attrs import evolve, frozen

from domain.model.event import NewEvent
from domain.model.event_type import EventType
from domain.model.job import Job, JobStatus, Lease, NewJob, Settlement
from domain.model.retry import RetryPolicy
from domain.use_cases.recording import about_job, about_owned_jobs
from domain.use_cases.workflow_status import follow_ended_jobs
from ports.handlers import Effect
from ports.job_queue import Enqueued
from ports.storage import Storage
from ports.system import Randomness

_SETTLED_EVENTS = {
    JobStatus.COMPLETED: EventType.JOB_COMPLETED,
    JobStatus.FAILED: EventType.JOB_FAILED,
    JobStatus.CANCELLED: EventType.JOB_CANCELLED,
    JobStatus.WAITING_APPROVAL: EventType.JOB_WAITING,
}


@frozen
class EnqueueJobs:
    """Enqueue jobs."""

    storage: Storage

    async def __call__(self, jobs: Sequence[NewJob], *, actor: str) -> list[Enqueued]:
        """Queue jobs in one transaction; a taken idempotency key returns the job that holds it."""
        async with self.storage.transaction() as work:
            enqueued = await work.jobs.enqueue(jobs)
            created = [one.job for one in enqueued if one.created]
            events = about_owned_jobs(EventType.JOB_ENQUEUED, created, actor)
            if events:
                await work.events.append(events)
        return enqueued


@frozen
class LeaseJobs:
    """Lease a batch of jobs to a worker."""

    storage: Storage

    async def __call__(
        self,
        worker_id: str,
        *,
        limit: int,
        duration: timedelta,
        queues: Sequence[str] | None = None,
        job_types: Sequence[str] | None = None,
    ) -> list[Job]:
        """Return up to ``limit`` due jobs, each running under a new lease of this worker."""
        async with self.storage.transaction() as work:
            jobs = await work.jobs.lease(worker_id, limit=limit, duration=duration, queues=queues, job_types=job_types)
            events = about_owned_jobs(EventType.JOB_LEASED, jobs, f"worker:{worker_id}")
            if events:
                await work.events.append(events)
        return jobs


@frozen
class RenewLeases:
    """Renew a worker's leases: its heartbeat."""

    storage: Storage

    async def __call__(self, leases: Sequence[Lease], *, duration: timedelta) -> list[Lease]:
        """Return the renewed leases; one that is missing is lost, and its work must stop."""
        async with self.storage.transaction() as work:
            return await work.jobs.renew(leases, duration=duration)


@frozen
class CompleteJobs:
    """Complete leased jobs."""

    storage: Storage

    async def __call__(self, leases: Sequence[Lease]) -> list[Job]:
        """Complete many jobs at once, each guarded by its own token; the lost ones are missing from the result."""
        return await _settle(self.storage, [Settlement(lease, JobStatus.COMPLETED) for lease in leases])


@frozen
class SettleJob:
    """Settle one leased job together with what its handler wants written."""

    storage: Storage

    async def __call__(self, settlement: Settlement, effect: Effect | None = None) -> Job:
        """Settle under the fence; raises LeaseLostError, and then nothing of the effect is written either."""
        async with self.storage.transaction() as work:
            (running,) = await work.jobs.fence([settlement.lease])
            status = await effect(work, running) if effect is not None else None
            settlement = settlement if status is None else evolve(settlement, status=status)
            (job,) = await work.jobs.settle([settlement])
            events = await follow_ended_jobs(work, [job], f"worker:{settlement.lease.worker_id}")
            events += _settled_events([job], [settlement])
            if events:
                await work.events.append(events)
        return job


@frozen
class FailJob:
    """Fail a leased job: with a retry after a backoff, or for good."""

    storage: Storage
    randomness: Randomness
    policy: RetryPolicy

    async def __call__(self, job: Job, error: str, *, permanent: bool = False) -> Job:
        """Return the job queued again, or failed when the error is permanent or the retries are exhausted.

        Raises LeaseLostError for a stale lease.
        """
        settlement = job.after_error(error, self.policy, self.randomness.fraction(), permanent=permanent)
        return await SettleJob(self.storage)(settlement)


@frozen
class ReleaseJobs:
    """Give leased jobs back unworked, as a draining worker does."""

    storage: Storage

    async def __call__(self, leases: Sequence[Lease]) -> list[Job]:
        """Queue the jobs again at once, with no retry counted; the lost ones are missing from the result."""
        return await _settle(self.storage, [Settlement(lease, JobStatus.QUEUED) for lease in leases])


@frozen
class ReapExpiredLeases:
    """Take back jobs whose worker stopped renewing."""

    storage: Storage

    async def __call__(self, *, limit: int = 100, actor: str = "system:reaper") -> list[Job]:
        """Return the jobs taken back: queued again with a retry counted, or failed after the last one."""
        async with self.storage.transaction() as work:
            jobs = await work.jobs.reap(limit=limit)
            events = await follow_ended_jobs(work, jobs, actor)
            events += [event for job in jobs if job.decision_set_id for event in _reaped_events(job, actor)]
            if events:
                await work.events.append(events)
        return jobs


async def _settle(storage: Storage, settlements: Sequence[Settlement]) -> list[Job]:
    async with storage.transaction() as work:
        jobs = await work.jobs.settle(settlements)
        events = _settled_events(jobs, settlements)
        if events:
            await work.events.append(events)
    return jobs


def _settled_events(jobs: Sequence[Job], settlements: Sequence[Settlement]) -> list[NewEvent]:
    by_job = {settlement.lease.job_id: settlement for settlement in settlements}
    events = []
    for job in jobs:
        if job.decision_set_id is None:
            continue
        settlement = by_job[job.id]
        released = EventType.JOB_RETRIED if settlement.counts_as_retry else EventType.JOB_RELEASED
        event_type = _SETTLED_EVENTS.get(settlement.status, released)
        data = {"error_message": settlement.error_message} if settlement.error_message else None
        events.append(about_job(event_type, job, f"worker:{settlement.lease.worker_id}", data))
    return events


def _reaped_events(job: Job, actor: str) -> list[NewEvent]:
    events = [about_job(EventType.LEASE_EXPIRED, job, actor)]
    if job.status is JobStatus.FAILED:
        events.append(about_job(EventType.JOB_FAILED, job, actor, {"error_message": job.error_message}))
    return events
