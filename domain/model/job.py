"""A job: a unit of asynchronous work, leased to one worker at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from attrs.validators import optional

from domain.model.errors import IllegalTransitionError, InvalidValueError, LeaseLostError
from domain.model.json_value import checked_object
from domain.model.retry import RetryPolicy
from domain.model.validation import at_least, aware, in_utc, positive_duration, small_integer, text

WORKFLOW_JOB = "workflow"
DEFAULT_QUEUE = "default"
MAX_ERROR = 10_000


def _payload(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return checked_object("payload", value)


class JobStatus(StrEnum):
    """Where a job stands. ``failed`` is the dead letter: retries exhausted or a permanent error; it can be redriven."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING_APPROVAL = "waiting_approval"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset({JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.WAITING_APPROVAL})


@frozen
class Lease:
    """A time-bounded right to work a job; ``lease_token`` is the fencing token that each lease raises."""

    job_id: UUID
    lease_token: int
    worker_id: str
    lease_expires_at: datetime


@frozen
class NewJob:
    """What a caller states of a job to be enqueued; the storage adds the times.

    ``delay`` (from the storage's now) and ``run_at`` are alternatives. ``exclusive_key`` lets at most one job of
    that key run at once. An ``idempotency_key`` is unique in its queue as long as the job is kept.
    """

    id: UUID
    job_type: str = field(validator=text(100))
    payload: Mapping[str, Any] = field(factory=dict, converter=_payload)
    decision_set_id: UUID | None = None
    queue: str = field(default=DEFAULT_QUEUE, validator=text(100))
    priority: int = field(default=0, validator=small_integer)
    run_at: datetime | None = field(default=None, converter=in_utc, validator=optional(aware))
    delay: timedelta = timedelta(0)
    max_retries: int = field(default=3, validator=at_least(0))
    timeout: timedelta | None = field(default=None, validator=optional(positive_duration))
    idempotency_key: str | None = field(default=None, validator=optional(text(255)))
    exclusive_key: str | None = field(default=None, validator=optional(text(255)))


def _ends_the_lease(_: object, __: object, status: JobStatus) -> None:
    if status is JobStatus.RUNNING:
        raise InvalidValueError("status", "of a settlement can't be running; renew the lease instead")


@frozen
class Settlement:
    """What became of a leased job; it takes effect only while the lease is valid.

    ``status`` is where the job goes: completed, failed, cancelled, waiting_approval, or queued again after ``delay``
    (a retry when ``counts_as_retry``, else a release).
    """

    lease: Lease
    status: JobStatus = field(validator=_ends_the_lease)
    delay: timedelta = timedelta(0)
    counts_as_retry: bool = False
    error_message: str | None = None


@frozen
class Job:
    """A unit of asynchronous work. Times are the storage's; ``lease_token`` never goes down and is never reset."""

    id: UUID
    job_type: str = field(validator=text(100))
    payload: Mapping[str, Any] = field(converter=_payload)
    run_at: datetime = field(validator=aware)
    created_at: datetime = field(validator=aware)
    decision_set_id: UUID | None = None
    queue: str = field(default=DEFAULT_QUEUE, validator=text(100))
    priority: int = field(default=0, validator=small_integer)
    status: JobStatus = JobStatus.QUEUED
    worker_id: str | None = None
    lease_token: int = field(default=0, validator=at_least(0))
    lease_expires_at: datetime | None = field(default=None, validator=optional(aware))
    retry_count: int = field(default=0, validator=at_least(0))
    max_retries: int = field(default=3, validator=at_least(0))
    timeout: timedelta | None = field(default=None, validator=optional(positive_duration))
    idempotency_key: str | None = None
    exclusive_key: str | None = None
    error_message: str | None = None
    started_at: datetime | None = field(default=None, validator=optional(aware))
    completed_at: datetime | None = field(default=None, validator=optional(aware))

    @classmethod
    def from_new(cls, new: NewJob, now: datetime) -> "Job":
        """Build the queued job that a storage keeps for ``new`` at its time ``now``."""
        return cls(
            id=new.id,
            job_type=new.job_type,
            payload=new.payload,
            run_at=new.run_at or now + new.delay,
            created_at=now,
            decision_set_id=new.decision_set_id,
            queue=new.queue,
            priority=new.priority,
            max_retries=new.max_retries,
            timeout=new.timeout,
            idempotency_key=new.idempotency_key,
            exclusive_key=new.exclusive_key,
        )

    @property
    def live(self) -> bool:
        """Tell whether the job is still to be worked: queued, running or waiting for an approval."""
        return self.status in LIVE

    @property
    def lease(self) -> Lease:
        """Return the lease the job is running under; raises IllegalTransitionError when it is not running."""
        if self.status is not JobStatus.RUNNING or self.worker_id is None or self.lease_expires_at is None:
            raise IllegalTransitionError("job", self.id, self.status, "worked")
        return Lease(self.id, self.lease_token, self.worker_id, self.lease_expires_at)

    def holds(self, lease: Lease) -> bool:
        """Tell whether that lease is the valid one: the job is running and the fencing token is the current one."""
        return self.status is JobStatus.RUNNING and self.id == lease.job_id and self.lease_token == lease.lease_token

    def leased(self, worker_id: str, now: datetime, duration: timedelta) -> "Job":
        """Return the job running under a new lease with a raised fencing token."""
        if self.status is not JobStatus.QUEUED:
            raise IllegalTransitionError("job", self.id, self.status, "leased")
        return evolve(
            self,
            status=JobStatus.RUNNING,
            worker_id=worker_id,
            lease_token=self.lease_token + 1,
            lease_expires_at=now + duration,
            started_at=self.started_at or now,
        )

    def renewed(self, lease: Lease, now: datetime, duration: timedelta) -> "Job":
        """Return the job with its lease reaching ``duration`` from now; raises LeaseLostError for a stale lease."""
        self._require(lease)
        return evolve(self, lease_expires_at=now + duration)

    def settled(self, settlement: Settlement, now: datetime) -> "Job":
        """Return the job after what its worker reports; raises LeaseLostError for a stale lease."""
        self._require(settlement.lease)
        requeued = settlement.status is JobStatus.QUEUED
        ended = settlement.status not in LIVE
        return evolve(
            self,
            status=settlement.status,
            worker_id=None,
            lease_expires_at=None,
            run_at=now + settlement.delay if requeued else self.run_at,
            retry_count=self.retry_count + int(settlement.counts_as_retry),
            error_message=settlement.error_message,
            completed_at=now if ended else None,
        )

    def reaped(self, now: datetime) -> "Job":
        """Return the job taken back after its lease expired: queued again, or failed after the last retry."""
        if self.status is not JobStatus.RUNNING:
            raise IllegalTransitionError("job", self.id, self.status, "reaped")
        exhausted = self.retry_count >= self.max_retries
        return evolve(
            self,
            status=JobStatus.FAILED if exhausted else JobStatus.QUEUED,
            worker_id=None,
            lease_expires_at=None,
            run_at=now,
            retry_count=self.retry_count + int(not exhausted),
            error_message=LEASE_EXPIRED,
            completed_at=now if exhausted else None,
        )

    def cancelled(self, now: datetime, reason: str | None = None) -> "Job":
        """Return the job cancelled; a worker that runs it finds its lease lost."""
        if not self.live:
            raise IllegalTransitionError("job", self.id, self.status, "cancelled")
        return evolve(
            self,
            status=JobStatus.CANCELLED,
            worker_id=None,
            lease_expires_at=None,
            error_message=reason,
            completed_at=now,
        )

    def redriven(self, now: datetime) -> "Job":
        """Return a failed or cancelled job queued afresh with all its retries; the fencing token stays."""
        if self.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
            raise IllegalTransitionError("job", self.id, self.status, "redriven")
        return self._queued(now, retry_count=0)

    def requeued(self, now: datetime) -> "Job":
        """Return a job that waited for an approval queued to go on."""
        if self.status is not JobStatus.WAITING_APPROVAL:
            raise IllegalTransitionError("job", self.id, self.status, "continued")
        return self._queued(now, retry_count=self.retry_count)

    def after_error(self, error: str, policy: RetryPolicy, fraction: float, *, permanent: bool = False) -> Settlement:
        """Decide what follows an error of this running job: a retry after a backoff, or failure for good."""
        message = error[:MAX_ERROR]
        if permanent or self.retry_count >= self.max_retries:
            return Settlement(self.lease, JobStatus.FAILED, error_message=message)
        return Settlement(
            self.lease,
            JobStatus.QUEUED,
            delay=policy.backoff(self.retry_count, fraction),
            counts_as_retry=True,
            error_message=message,
        )

    def _queued(self, now: datetime, *, retry_count: int) -> "Job":
        return evolve(
            self,
            status=JobStatus.QUEUED,
            worker_id=None,
            lease_expires_at=None,
            run_at=now,
            retry_count=retry_count,
            error_message=None,
            completed_at=None,
        )

    def _require(self, lease: Lease) -> None:
        if not self.holds(lease):
            raise LeaseLostError(lease.job_id, lease.lease_token)


LEASE_EXPIRED = "The lease expired: the worker stopped renewing it."
