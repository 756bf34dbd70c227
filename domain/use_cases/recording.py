"""Who is told what: the events that use cases record, each on the stream it belongs to."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.model.decision_set import DecisionSet
from domain.model.event import NewEvent, Stream
from domain.model.event_type import EventType
from domain.model.job import Job


def about_decision_set(
    event_type: EventType,
    decision_set: DecisionSet,
    actor: str,
    data: Mapping[str, Any] | None = None,
    job: Job | None = None,
) -> NewEvent:
    """Build an event on a decision set's stream."""
    stream = Stream.of_decision_set(decision_set.id)
    return NewEvent(stream, event_type, dict(data or {}), actor, job.id if job else None)


def about_job(event_type: EventType, job: Job, actor: str, data: Mapping[str, Any] | None = None) -> NewEvent:
    """Build an event about a job, on its decision set's stream, else on its queue's."""
    known = {
        "job_type": job.job_type,
        "queue": job.queue,
        "lease_token": job.lease_token,
        "retry_count": job.retry_count,
    }
    stream = (
        Stream.of_decision_set(job.decision_set_id) if job.decision_set_id else Stream.of_server(f"queue:{job.queue}")
    )
    return NewEvent(stream, event_type, {**known, **(data or {})}, actor, job.id)


def about_owned_jobs(event_type: EventType, jobs: Iterable[Job], actor: str) -> list[NewEvent]:
    """Build an event for each job that belongs to a decision set.

    The steps of a job of its own are in its row alone: one stream for a whole queue would make every worker wait for
    the others at its head.
    """
    return [about_job(event_type, job, actor) for job in jobs if job.decision_set_id]
