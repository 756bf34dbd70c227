"""The job queue: leasing, fencing, settling. Operations take and return many jobs in one round trip."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from attrs import frozen

from domain.model.job import Job, JobStatus, Lease, NewJob, Settlement


@frozen
class Enqueued:
    """A job as the queue keeps it; ``created`` is False when its idempotency key named one that was there."""

    job: Job
    created: bool


@frozen
class QueueStatistics:
    """What lies in one queue. Ages are in seconds by the storage's clock, of the oldest job ready to be leased."""

    queue: str
    counts: dict[JobStatus, int]
    ready: int
    scheduled: int
    oldest_ready_seconds: float | None
    expired_leases: int


class JobQueue(Protocol):
    """The jobs of a storage. All times are the storage's own."""

    async def enqueue(self, jobs: Sequence[NewJob]) -> list[Enqueued]:
        """Queue jobs, in order; one whose idempotency key is taken in its queue returns the job that holds it.

        Raises AlreadyExistsError for a taken id, NotFoundError for a decision set that is not there.
        """
        ...

    async def lease(
        self,
        worker_id: str,
        *,
        limit: int,
        duration: timedelta,
        queues: Sequence[str] | None = None,
        job_types: Sequence[str] | None = None,
    ) -> list[Job]:
        """Lease up to ``limit`` due jobs to a worker: highest priority first, then run_at, then id.

        Skips jobs that another transaction holds and those whose ``exclusive_key`` is running; raises each job's
        fencing token.
        """
        ...

    async def renew(self, leases: Sequence[Lease], *, duration: timedelta) -> list[Lease]:
        """Let valid leases reach ``duration`` from now; the lost ones are missing from what is returned."""
        ...

    async def fence(self, leases: Sequence[Lease]) -> list[Job]:
        """Lock the jobs' rows until the transaction ends and check the tokens: the first thing a worker's write does.

        Raises LeaseLostError when any lease is stale: its job is not running, or runs under another token.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> list[Job]:
        """Settle leased jobs, each guarded by its own token; those whose lease is lost are missing from the result."""
        ...

    async def reap(self, *, limit: int) -> list[Job]:
        """Take jobs back whose lease has expired: queued again with a retry counted, or failed after the last one."""
        ...

    async def get(self, job_id: UUID, *, for_update: bool = False) -> Job:
        """Return a job, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        ...

    async def save(self, job: Job, *, expected: Job) -> None:
        """Write a job changed outside a lease (cancelled, redriven, continued) over the state it was read in.

        Raises LeaseLostError when status or token have changed since ``expected`` was read.
        """
        ...

    async def find(
        self,
        *,
        limit: int,
        queue: str | None = None,
        status: JobStatus | None = None,
        decision_set_id: UUID | None = None,
        before: UUID | None = None,
    ) -> list[Job]:
        """Return jobs newest first, those before the id ``before`` when given."""
        ...

    async def live_of(self, decision_set_id: UUID) -> list[Job]:
        """Return the queued, running and waiting jobs of a decision set, oldest first."""
        ...

    async def statistics(self) -> list[QueueStatistics]:
        """Return what lies in each queue, by queue name."""
        ...
