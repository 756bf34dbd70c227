"""What the steps of the lease machine are drawn from: few values of each kind, so that steps meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import frozen
from hypothesis import strategies as st

from domain.model.event import NewEvent, Stream
from domain.model.job import Job, JobStatus, Lease, NewJob, Settlement

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
UNKNOWN = UUID(int=2**128 - 1)
DECISION_SETS = (UUID(int=1), UUID(int=2))
STREAMS = (*map(Stream.of_decision_set, DECISION_SETS), Stream.of_server("queue:mail"))
QUEUES = ("mail", "reports")
JOB_TYPES = ("send", "count")


@frozen
class Draft:
    """A job to be queued, told relative to the time of queueing.

    ``place`` decides where its id sorts among all; a ``twin``, last of a batch, takes the id of the job before it.
    """

    place: int
    twin: bool
    starts_in: timedelta | None
    fields: Mapping[str, Any]

    def named(self, job_id: UUID, now: datetime) -> NewJob:
        """Return the job as a caller states it."""
        run_at = None if self.starts_in is None else now + self.starts_in
        return NewJob(id=job_id, run_at=run_at, **self.fields)


@frozen
class Outcome:
    """How a worker's job ends, whatever its lease."""

    status: JobStatus
    delay: timedelta = timedelta(0)
    counts_as_retry: bool = False
    error_message: str | None = None

    def of(self, lease: Lease) -> Settlement:
        """Return the settlement that says so of a leased job."""
        return Settlement(lease, self.status, self.delay, self.counts_as_retry, self.error_message)


PLAIN = Draft(place=0, twin=False, starts_in=None, fields={"job_type": "count", "queue": "mail"})
RELEASE = Outcome(JobStatus.QUEUED)

durations = st.sampled_from([10 * SECOND, 20 * SECOND, 60 * SECOND])
limits = st.sampled_from([1, 2, 5, 0])
workers = st.sampled_from(["ada", "grace", "edsger"])
outcomes = st.sampled_from(
    [
        RELEASE,
        Outcome(JobStatus.COMPLETED),
        Outcome(JobStatus.QUEUED, delay=10 * SECOND, counts_as_retry=True, error_message="busy"),
        Outcome(JobStatus.FAILED, error_message="broken"),
        Outcome(JobStatus.WAITING_APPROVAL),
        Outcome(JobStatus.CANCELLED, error_message="called off"),
    ]
)
drafts = st.builds(
    Draft,
    place=st.integers(0, 3),
    twin=st.sampled_from([False, False, False, True]),
    starts_in=st.sampled_from([None, None, timedelta(0), -20 * SECOND, 20 * SECOND]),
    fields=st.fixed_dictionaries(
        {
            "job_type": st.sampled_from(JOB_TYPES),
            "queue": st.sampled_from(QUEUES),
            "priority": st.integers(-1, 2),
            "max_retries": st.integers(0, 2),
        },
        optional={
            "delay": st.sampled_from([timedelta(0), 10 * SECOND]),
            "idempotency_key": st.sampled_from(["order 1", "order 2"]),
            "exclusive_key": st.sampled_from(["thread 1", "thread 2"]),
            "decision_set_id": st.sampled_from([*DECISION_SETS, *DECISION_SETS, UNKNOWN]),
        },
    ),
)
batches = st.lists(
    st.builds(
        NewEvent,
        stream=st.sampled_from([*STREAMS, *STREAMS, *STREAMS, Stream.of_decision_set(UNKNOWN)]),
        event_type=st.sampled_from(["node_started", "node_completed"]),
        event_data=st.dictionaries(st.sampled_from(["node", "é"]), st.integers(0, 9), max_size=2),
        actor=workers,
    ),
    min_size=1,
    max_size=3,
)


def narrowed(names: Sequence[str]) -> st.SearchStrategy[list[str] | None]:
    """Return what a lease may be narrowed to: mostly nothing, else some of the names or none of them."""
    return st.sampled_from([None, None, *([name] for name in names), list(names), []])


def changed(job: Job, now: datetime, *, call_off: bool) -> Job | None:
    """Return what an operator may make of a job outside a lease, or None when there is nothing."""
    if job.status is JobStatus.COMPLETED:
        return None
    if job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        return job.redriven(now)
    if job.status is JobStatus.WAITING_APPROVAL and not call_off:
        return job.requeued(now)
    return job.cancelled(now, "not needed")


def named(drafts: Sequence[Draft], before: UUID | None, count: int, now: datetime) -> list[NewJob]:
    """Return the drafted jobs with ids of their own, the first of them number ``count``; a twin may get ``before``.

    A taken id comes last: storages that queue a batch at once may give a job refused for its id the one that takes its
    idempotency key later in the batch.
    """
    ids = [UUID(int=draft.place << 96 | number) for number, draft in enumerate(drafts, start=count + 1)]
    taken = ids[-2] if len(ids) > 1 else before
    if drafts[-1].twin and taken is not None:
        ids[-1] = taken
    return [draft.named(job_id, now) for draft, job_id in zip(drafts, ids, strict=True)]
