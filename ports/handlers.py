"""Handlers: what a worker runs for each type of job."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeAlias

from attrs import frozen

from domain.model.job import Job, JobStatus
from ports.storage import UnitOfWork
from ports.workflows import Drain

Effect: TypeAlias = Callable[[UnitOfWork, Job], Awaitable[JobStatus | None]]


@frozen
class JobResult:
    """What a handler made of its job.

    ``status`` is where the job goes: completed, queued again after ``delay``, waiting_approval or cancelled. ``effect``
    is what the handler wants written: it commits with the settlement, under the fence, or not at all; it sees what
    others have committed since, and may return another status for the job to go to. It is called again when the storage
    could not commit, so it writes through its unit of work only.
    """

    status: JobStatus = JobStatus.COMPLETED
    reason: str | None = None
    delay: timedelta = timedelta(0)
    effect: Effect | None = None


class JobHandler(Protocol):
    """Runs the jobs of one type. Delivery is at least once: a handler may see a job again after a crash."""

    async def __call__(self, job: Job, drain: Drain) -> JobResult | None:
        """Work a leased job; None means completed. An exception means failed: it is retried by the job's policy."""
        ...
