"""Jobs as an operator sees them: read, list, cancel, redrive, count."""

from uuid import UUID

from attrs import frozen

from domain.model.decision_set import DecisionSetStatus
from domain.model.errors import RunInProgressError
from domain.model.event_type import EventType
from domain.model.job import WORKFLOW_JOB, Job, JobStatus
from domain.use_cases.recording import about_job
from domain.use_cases.workflow_status import follow_ended_jobs, move
from ports.job_queue import QueueStatistics
from ports.storage import Storage, UnitOfWork


@frozen
class GetJob:
    """Read a job."""

    storage: Storage

    async def __call__(self, job_id: UUID) -> Job:
        """Return a job; raises NotFoundError."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.jobs.get(job_id)


@frozen
class ListJobs:
    """List jobs."""

    storage: Storage

    async def __call__(
        self,
        *,
        limit: int = 100,
        queue: str | None = None,
        status: JobStatus | None = None,
        decision_set_id: UUID | None = None,
        before: UUID | None = None,
    ) -> list[Job]:
        """Return jobs newest first."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.jobs.find(
                limit=limit, queue=queue, status=status, decision_set_id=decision_set_id, before=before
            )


@frozen
class CancelJob:
    """Cancel a job that has not ended."""

    storage: Storage

    async def __call__(self, job_id: UUID, *, actor: str, reason: str | None = None) -> Job:
        """Cancel a queued, waiting or running job; the worker of a running one finds its lease lost at its next write.

        Raises IllegalTransitionError for a job that has ended.
        """
        async with self.storage.transaction() as work:
            job = await work.jobs.get(job_id, for_update=True)
            cancelled = job.cancelled(await work.now(), reason)
            await work.jobs.save(cancelled, expected=job)
            followed = await follow_ended_jobs(work, [cancelled], actor)
            ended = about_job(EventType.JOB_CANCELLED, cancelled, actor, {"reason": reason})
            await work.events.append([*followed, ended])
        return cancelled


@frozen
class RedriveJob:
    """Queue a failed or cancelled job afresh."""

    storage: Storage

    async def __call__(self, job_id: UUID, *, actor: str) -> Job:
        """Give an ended job all its retries again; its fencing token stays.

        Raises IllegalTransitionError for a job that has not failed or been cancelled, RunInProgressError for a workflow
        job whose decision set is being run by another.
        """
        async with self.storage.transaction() as work:
            job = await work.jobs.get(job_id, for_update=True)
            redriven = job.redriven(await work.now())
            await _reopen(work, job)
            await work.jobs.save(redriven, expected=job)
            await work.events.append([about_job(EventType.JOB_REDRIVEN, redriven, actor)])
        return redriven


@frozen
class GetQueueStatistics:
    """Count what lies in the queues."""

    storage: Storage

    async def __call__(self) -> list[QueueStatistics]:
        """Return the figures of each queue, by its name."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.jobs.statistics()


async def _reopen(work: UnitOfWork, job: Job) -> None:
    if job.job_type != WORKFLOW_JOB or job.decision_set_id is None:
        return
    decision_set = await work.decision_sets.get(job.decision_set_id, for_update=True)
    live = [other for other in await work.jobs.live_of(decision_set.id) if other.job_type == WORKFLOW_JOB]
    if live:
        raise RunInProgressError(decision_set.id, live[0].id)
    await move(work, decision_set, DecisionSetStatus.ACTIVE)
