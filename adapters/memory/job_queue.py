"""The job queue in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from attrs import frozen

from adapters.memory.decision_sets import require_decision_set
from adapters.memory.queue_statistics import statistics_of
from adapters.memory.table import ALL
from adapters.memory.tables import Views
from domain.model.errors import AlreadyExistsError, LeaseLostError, NotFoundError
from domain.model.job import Job, JobStatus, Lease, NewJob, Settlement
from ports.job_queue import Enqueued, QueueStatistics
from ports.system import Clock


@frozen
class MemoryJobQueue:
    """The jobs of one transaction."""

    views: Views
    clock: Clock

    async def enqueue(self, jobs: Sequence[NewJob]) -> list[Enqueued]:
        """Queue jobs, in order; one whose idempotency key is taken in its queue returns the job that holds it.

        Raises AlreadyExistsError for a taken id, NotFoundError for a decision set that is not there.
        """
        now = self.clock.now()
        return [self._enqueued(new, now) for new in jobs]

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

        Skips those whose ``exclusive_key`` is running; raises each job's fencing token.
        """
        now = self.clock.now()
        groups = self.views.jobs.groups("queued") if queues is None else set(queues)
        due = self.views.jobs.select("queued", groups, where=self._leasable(now, job_types), limit=limit)
        leased = [job.leased(worker_id, now, duration) for job in due]
        self._put(leased)
        return leased

    async def renew(self, leases: Sequence[Lease], *, duration: timedelta) -> list[Lease]:
        """Let valid leases reach ``duration`` from now; the lost ones are missing from what is returned."""
        now = self.clock.now()
        renewed = []
        for lease in leases:
            job = self._held(lease)
            if job is not None:
                renewed.append(job.renewed(lease, now, duration))
                self._put(renewed[-1:])
        return [job.lease for job in renewed]

    async def fence(self, leases: Sequence[Lease]) -> list[Job]:
        """Check the tokens: the first thing a worker's write does.

        Raises LeaseLostError when any lease is stale: its job is not running, or runs under another token.
        """
        jobs = []
        for lease in leases:
            job = self._held(lease)
            if job is None:
                raise LeaseLostError(lease.job_id, lease.lease_token)
            jobs.append(job)
        return jobs

    async def settle(self, settlements: Sequence[Settlement]) -> list[Job]:
        """Settle leased jobs, each guarded by its own token; those whose lease is lost are missing from the result."""
        now = self.clock.now()
        settled = []
        for settlement in settlements:
            job = self._held(settlement.lease)
            if job is not None:
                settled.append(job.settled(settlement, now))
                self._put(settled[-1:])
        return settled

    async def reap(self, *, limit: int) -> list[Job]:
        """Take jobs back whose lease has expired: queued again with a retry counted, or failed after the last one."""
        now = self.clock.now()
        running = self.views.jobs.select("running", limit=limit)
        reaped = [job.reaped(now) for job in running if job.lease.lease_expires_at <= now]
        self._put(reaped)
        return reaped

    async def get(self, job_id: UUID, *, for_update: bool = False) -> Job:
        """Return a job; raises NotFoundError."""
        job = self.views.jobs.get(job_id)
        if job is None:
            raise NotFoundError("job", job_id)
        return job

    async def save(self, job: Job, *, expected: Job) -> None:
        """Write a job changed outside a lease (cancelled, redriven, continued) over the state it was read in.

        Raises LeaseLostError when status or token have changed since ``expected`` was read.
        """
        actual = self.views.jobs.get(job.id)
        if actual is None or (actual.status, actual.lease_token) != (expected.status, expected.lease_token):
            raise LeaseLostError(job.id, expected.lease_token)
        self._put([job])

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
        return self.views.jobs.select(
            "all" if decision_set_id is None else "decision_set",
            [ALL if decision_set_id is None else decision_set_id],
            where=lambda job: (queue is None or job.queue == queue) and (status is None or job.status is status),
            limit=limit,
            before=None if before is None else (before.int,),
            newest_first=True,
        )

    async def live_of(self, decision_set_id: UUID) -> list[Job]:
        """Return the queued, running and waiting jobs of a decision set, oldest first."""
        return self.views.jobs.select("decision_set", [decision_set_id], where=lambda job: job.live)

    async def statistics(self) -> list[QueueStatistics]:
        """Return what lies in each queue, by queue name."""
        return statistics_of(self.views.jobs, self.clock.now())

    def _enqueued(self, new: NewJob, now: datetime) -> Enqueued:
        if new.idempotency_key is not None:
            there = self.views.jobs.first("idempotency_key", (new.queue, new.idempotency_key))
            if there is not None:
                return Enqueued(there, created=False)
        if self.views.jobs.get(new.id) is not None:
            raise AlreadyExistsError("job", new.id)
        if new.decision_set_id is not None:
            require_decision_set(self.views, new.decision_set_id)
        job = Job.from_new(new, now)
        self._put([job])
        return Enqueued(job, created=True)

    def _leasable(self, now: datetime, job_types: Sequence[str] | None) -> Callable[[Job], bool]:
        taken: set[str] = set()

        def leasable(job: Job) -> bool:
            if job.run_at > now or (job_types is not None and job.job_type not in job_types):
                return False
            if job.exclusive_key is None:
                return True
            if job.exclusive_key in taken or self.views.jobs.first("exclusive_key", job.exclusive_key) is not None:
                return False
            taken.add(job.exclusive_key)
            return True

        return leasable

    def _held(self, lease: Lease) -> Job | None:
        job = self.views.jobs.get(lease.job_id)
        return job if job is not None and job.holds(lease) else None

    def _put(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self.views.jobs.put(job.id, job)
