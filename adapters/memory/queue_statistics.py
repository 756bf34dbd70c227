"""What lies in the queues of the in-memory storage."""

from datetime import datetime
from uuid import UUID

from adapters.memory.table import TableView
from domain.model.job import Job, JobStatus
from ports.job_queue import QueueStatistics


def statistics_of(jobs: TableView[UUID, Job], now: datetime) -> list[QueueStatistics]:
    """Return what lies in each queue at ``now``, by queue name."""
    counts: dict[str, dict[JobStatus, int]] = {}
    for queue, status in sorted(_standings(jobs)):
        count = jobs.count("standing", (queue, status))
        if count:
            counts.setdefault(queue, {})[status] = count
    return [_statistics(jobs, queue, counts[queue], now) for queue in counts]


def _standings(jobs: TableView[UUID, Job]) -> list[tuple[str, JobStatus]]:
    return [group for group in jobs.groups("standing") if isinstance(group, tuple)]


def _statistics(jobs: TableView[UUID, Job], queue: str, counts: dict[JobStatus, int], now: datetime) -> QueueStatistics:
    ready = jobs.select("queued", [queue], where=lambda job: job.run_at <= now)
    expired = jobs.select(
        "standing",
        [(queue, JobStatus.RUNNING)],
        where=lambda job: job.lease_expires_at is not None and job.lease_expires_at <= now,
    )
    oldest = min((job.run_at for job in ready), default=None)
    return QueueStatistics(
        queue=queue,
        counts=counts,
        ready=len(ready),
        scheduled=counts.get(JobStatus.QUEUED, 0) - len(ready),
        oldest_ready_seconds=None if oldest is None else (now - oldest).total_seconds(),
        expired_leases=len(expired),
    )
