"""What jobs, events and decision sets must become, told in plain Python from what their ports promise."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from uuid import UUID

from attrs import define, evolve, field, frozen

from domain.model.decision_set import DecisionSet
from domain.model.errors import AlreadyExistsError, DomainError, NotFoundError
from domain.model.event import NewEvent, Stream, StreamKind
from domain.model.job import LEASE_EXPIRED, Job, JobStatus, Lease, NewJob, Settlement
from ports.job_queue import Enqueued, QueueStatistics

ENDED = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


@frozen
class Entry:
    """An event that was appended, and when."""

    new: NewEvent
    created_at: datetime


@define
class Model:
    """The whole state that a storage must be in, and what each operation does to it."""

    now: datetime
    jobs: dict[UUID, Job] = field(factory=dict)
    decision_sets: dict[UUID, DecisionSet] = field(factory=dict)
    streams: dict[Stream, list[Entry]] = field(factory=dict)

    def copy(self) -> "Model":
        """Return a model that changes on its own."""
        streams = {stream: list(entries) for stream, entries in self.streams.items()}
        return Model(self.now, dict(self.jobs), dict(self.decision_sets), streams)

    def refusals_of_jobs(self, jobs: Sequence[NewJob]) -> tuple[type[DomainError], ...]:
        """Return the errors of which queueing these jobs together must raise one; none when they can be queued."""
        after, refusals = self.copy(), list[type[DomainError]]()
        for new in jobs:
            if after._holder(new) is not None:
                continue
            if new.id in after.jobs:
                refusals.append(AlreadyExistsError)
            elif new.decision_set_id is not None and new.decision_set_id not in self.decision_sets:
                refusals.append(NotFoundError)
            else:
                after.enqueue([new])
        return tuple(refusals)

    def enqueue(self, jobs: Sequence[NewJob]) -> list[Enqueued]:
        """Queue jobs that are not refused; one whose idempotency key is taken in its queue gives the job holding it."""
        outcomes = []
        for new in jobs:
            holder = self._holder(new)
            outcomes.append(Enqueued(holder or self._queued(new), created=holder is None))
            self.jobs[outcomes[-1].job.id] = outcomes[-1].job
        return outcomes

    def lease(
        self,
        worker: str,
        *,
        limit: int,
        duration: timedelta,
        queues: Sequence[str] | None = None,
        job_types: Sequence[str] | None = None,
    ) -> list[Job]:
        """Lease due jobs, highest priority first, then run_at, then id; no two of an exclusive key run at once."""
        due = [
            job
            for job in self.jobs.values()
            if job.status is JobStatus.QUEUED
            and job.run_at <= self.now
            and (queues is None or job.queue in queues)
            and (job_types is None or job.job_type in job_types)
        ]
        busy = {job.exclusive_key for job in self.jobs.values() if job.status is JobStatus.RUNNING}
        leased: list[Job] = []
        for job in sorted(due, key=lambda job: (-job.priority, job.run_at, job.id)):
            free = job.exclusive_key is None or job.exclusive_key not in busy
            if free and len(leased) < limit:
                busy.add(job.exclusive_key)
                leased.append(
                    evolve(
                        job,
                        status=JobStatus.RUNNING,
                        worker_id=worker,
                        lease_token=job.lease_token + 1,
                        lease_expires_at=self.now + duration,
                        started_at=job.started_at or self.now,
                    )
                )
        return self._kept(leased)

    def valid(self, lease: Lease) -> bool:
        """Tell whether the lease's job is running under the lease's token."""
        job = self.jobs[lease.job_id]
        return (job.status, job.lease_token) == (JobStatus.RUNNING, lease.lease_token)

    def renew(self, leases: Sequence[Lease], duration: timedelta) -> list[Lease]:
        """Let the valid leases reach ``duration`` from now."""
        valid = [lease for lease in leases if self.valid(lease)]
        for lease in valid:
            self.jobs[lease.job_id] = evolve(self.jobs[lease.job_id], lease_expires_at=self.now + duration)
        return [evolve(lease, lease_expires_at=self.now + duration) for lease in valid]

    def settle(self, settlements: Sequence[Settlement]) -> list[Job]:
        """Settle the jobs of valid leases, each once."""
        settled = []
        for settlement in settlements:
            if self.valid(settlement.lease):
                settled += self._kept([self._settled(self.jobs[settlement.lease.job_id], settlement)])
        return settled

    @property
    def expired(self) -> AbstractSet[UUID]:
        """The jobs that may be reaped now."""
        running = [job for job in self.jobs.values() if job.status is JobStatus.RUNNING]
        return {job.id for job in running if job.lease_expires_at is not None and job.lease_expires_at <= self.now}

    def reap(self, job_ids: Sequence[UUID]) -> list[Job]:
        """Take expired jobs back: queued again with a retry counted, or failed after the last one."""
        return self._kept([self._reaped(self.jobs[job_id]) for job_id in job_ids])

    def may_save(self, expected: Job) -> bool:
        """Tell whether status and token are still as they were read."""
        actual = self.jobs[expected.id]
        return (actual.status, actual.lease_token) == (expected.status, expected.lease_token)

    def save(self, job: Job) -> None:
        """Write a job changed outside a lease."""
        self.jobs[job.id] = job

    def refusals_of_events(self, events: Sequence[NewEvent]) -> tuple[type[DomainError], ...]:
        """Return the error that appending these events must raise; none when they can be appended."""
        owners = {new.stream.id for new in events if new.stream.kind is StreamKind.DECISION_SET}
        return () if owners <= self.decision_sets.keys() else (NotFoundError,)

    def append(self, events: Sequence[NewEvent]) -> list[int]:
        """Append events, each at the end of its stream; return their sequences."""
        sequences = []
        for new in events:
            entries = self.streams.setdefault(new.stream, [])
            entries.append(Entry(new, self.now))
            sequences.append(len(entries))
        return sequences

    @property
    def deadlines(self) -> list[datetime]:
        """The coming times at which a lease expires or a queued job becomes due, in order."""
        expiries = {job.lease_expires_at for job in self.jobs.values() if job.lease_expires_at is not None}
        due = {job.run_at for job in self.jobs.values() if job.status is JobStatus.QUEUED}
        return sorted(moment for moment in expiries | due if moment > self.now)

    @property
    def statistics(self) -> list[QueueStatistics]:
        """What lies in each queue, by queue name."""
        return [self._statistics_of(queue) for queue in sorted({job.queue for job in self.jobs.values()})]

    def _holder(self, new: NewJob) -> Job | None:
        key = (new.queue, new.idempotency_key)
        same = [job for job in self.jobs.values() if (job.queue, job.idempotency_key) == key]
        return same[0] if same and new.idempotency_key is not None else None

    def _queued(self, new: NewJob) -> Job:
        return Job(
            id=new.id,
            job_type=new.job_type,
            payload=new.payload,
            run_at=self.now + new.delay if new.run_at is None else new.run_at,
            created_at=self.now,
            decision_set_id=new.decision_set_id,
            queue=new.queue,
            priority=new.priority,
            max_retries=new.max_retries,
            timeout=new.timeout,
            idempotency_key=new.idempotency_key,
            exclusive_key=new.exclusive_key,
        )

    def _settled(self, job: Job, settlement: Settlement) -> Job:
        return evolve(
            job,
            status=settlement.status,
            worker_id=None,
            lease_expires_at=None,
            run_at=self.now + settlement.delay if settlement.status is JobStatus.QUEUED else job.run_at,
            retry_count=job.retry_count + (1 if settlement.counts_as_retry else 0),
            error_message=settlement.error_message,
            completed_at=self.now if settlement.status in ENDED else None,
        )

    def _reaped(self, job: Job) -> Job:
        taken_back = evolve(
            job, worker_id=None, lease_expires_at=None, run_at=self.now, error_message=LEASE_EXPIRED, completed_at=None
        )
        if job.retry_count < job.max_retries:
            return evolve(taken_back, status=JobStatus.QUEUED, retry_count=job.retry_count + 1)
        return evolve(taken_back, status=JobStatus.FAILED, completed_at=self.now)

    def _kept(self, jobs: list[Job]) -> list[Job]:
        self.jobs.update({job.id: job for job in jobs})
        return jobs

    def _statistics_of(self, queue: str) -> QueueStatistics:
        jobs = [job for job in self.jobs.values() if job.queue == queue]
        statuses = [job.status for job in jobs]
        due = [job.run_at for job in jobs if job.status is JobStatus.QUEUED and job.run_at <= self.now]
        return QueueStatistics(
            queue=queue,
            counts={status: statuses.count(status) for status in JobStatus if status in statuses},
            ready=len(due),
            scheduled=statuses.count(JobStatus.QUEUED) - len(due),
            oldest_ready_seconds=(self.now - min(due)).total_seconds() if due else None,
            expired_leases=len(self.expired & {job.id for job in jobs}),
        )
