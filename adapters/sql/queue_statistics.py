"""What lies in the queues, from counts by queue and status."""

from collections.abc import Iterable
from typing import Any

from attrs import evolve
from sqlalchemy import Row

from domain.model.job import JobStatus
from ports.job_queue import QueueStatistics


def statistics_of(rows: Iterable[Row[Any]]) -> list[QueueStatistics]:
    """Return the statistics of each queue, by queue name, from the rows of ``job_statements.statistics``."""
    queues: dict[str, QueueStatistics] = {}
    for row in rows:
        before = queues.get(row.queue) or QueueStatistics(row.queue, {}, 0, 0, None, 0)
        queues[row.queue] = _with_counts(before, JobStatus(row.status), row)
    return [queues[name] for name in sorted(queues)]


def _with_counts(before: QueueStatistics, status: JobStatus, row: Row[Any]) -> QueueStatistics:
    counted = evolve(before, counts={**before.counts, status: row.total})
    if status is JobStatus.QUEUED:
        age = None if row.oldest is None else (row.now - row.oldest).total_seconds()
        return evolve(counted, ready=row.ready, scheduled=row.total - row.ready, oldest_ready_seconds=age)
    return evolve(counted, expired_leases=row.expired) if status is JobStatus.RUNNING else counted
