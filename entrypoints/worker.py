"""A worker: leases jobs, renews their leases, runs their handlers, settles them, and takes back what others lost."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from attrs import define, field, frozen

from domain.model.errors import DomainError, LeaseLostError
from domain.model.job import DEFAULT_QUEUE, Job
from domain.use_cases.approvals import ExpireApprovals
from domain.use_cases.leasing import LeaseJobs, ReapExpiredLeases, ReleaseJobs, RenewLeases
from domain.use_cases.work_job import WorkJob, describe

log = logging.getLogger("mlwright.worker")
T = TypeVar("T")

_HEARTBEATS_A_LEASE = 3
_MAINTENANCE_A_LEASE = 2


@frozen
class WorkerOptions:
    """How a worker works: which queues, how many jobs at once, for how long it leases, how often it looks."""

    worker_id: str
    queues: tuple[str, ...] = (DEFAULT_QUEUE,)
    concurrency: int = 4
    lease: timedelta = timedelta(seconds=30)
    poll_seconds: float = 0.5


@define
class DrainRequest:
    """The worker's wish to stop, which its runs look at."""

    requested: bool = False


@define
class _Running:
    """A job in work, with the last time its lease was known to be good, by the monotonic clock."""

    job: Job
    task: "asyncio.Task[None]"
    renewed_at: float


@define
class Worker:
    """Work jobs until drained.

    ``drain`` lets what runs reach its next barrier and stop; ``stop`` cancels it and gives the leases back.
    """

    options: WorkerOptions
    lease_jobs: LeaseJobs
    renew_leases: RenewLeases
    release_jobs: ReleaseJobs
    reap_expired: ReapExpiredLeases
    expire_approvals: ExpireApprovals
    work_job: WorkJob
    _drain: DrainRequest = field(factory=DrainRequest, init=False)
    _running: dict[object, _Running] = field(factory=dict, init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)

    @property
    def busy(self) -> int:
        """Return how many jobs are in work."""
        return len(self._running)

    async def run(self) -> None:
        """Work until drained or stopped, then return when nothing is left in work."""
        keepers = [
            asyncio.create_task(self._every(self._beat(_HEARTBEATS_A_LEASE), self._heartbeat)),
            asyncio.create_task(self._every(self._beat(_MAINTENANCE_A_LEASE), self._maintain)),
        ]
        try:
            while not self._drain.requested:
                if not await self._fill():
                    await self._pause()
            while self._running:
                await asyncio.wait([one.task for one in self._running.values()])
        finally:
            for keeper in keepers:
                keeper.cancel()
            await self._abandon()
            await asyncio.gather(*keepers, return_exceptions=True)

    def drain(self) -> None:
        """Lease nothing more; let runs stop at their next barrier."""
        self._drain.requested = True
        self._wake.set()

    def stop(self) -> None:
        """Cancel what runs now and give it back."""
        self.drain()
        for one in self._running.values():
            one.task.cancel()

    async def _fill(self) -> bool:
        free = self.options.concurrency - len(self._running)
        if free <= 0:
            return False
        leasing = self._guarded(
            lambda: self.lease_jobs(
                self.options.worker_id, limit=free, duration=self.options.lease, queues=self.options.queues
            )
        )
        jobs = await leasing or []
        for job in jobs:
            task = asyncio.create_task(self._work(job))
            self._running[job.id] = _Running(job, task, time.monotonic())
        return len(jobs) == free

    async def _work(self, job: Job) -> None:
        try:
            settled = await self.work_job(job, self._drain)
            log.info("job %s (%s) is %s", job.id, job.job_type, settled.status)
        except LeaseLostError as error:
            log.warning("%s", error)
        except asyncio.CancelledError:
            await self._give_back(job)
        except Exception as error:
            log.error(
                "job %s could not be settled and will be taken back when its lease expires: %s", job.id, describe(error)
            )
        finally:
            self._running.pop(job.id, None)
            self._wake.set()

    async def _give_back(self, job: Job) -> None:
        """Release a job whose run was cancelled; one whose lease is lost has been taken care of."""
        released = await self._guarded(lambda: self.release_jobs([job.lease]))
        if released:
            log.info("job %s was given back", job.id)

    async def _heartbeat(self) -> None:
        asked = dict(self._running)
        if not asked:
            return
        begun = time.monotonic()
        leases = [one.job.lease for one in asked.values()]
        renewed = await self._guarded(lambda: self.renew_leases(leases, duration=self.options.lease))
        kept = None if renewed is None else {lease.job_id for lease in renewed}
        for job_id, one in asked.items():
            if kept is not None and job_id in kept:
                one.renewed_at = begun
            elif kept is not None or begun - one.renewed_at >= self.options.lease.total_seconds():
                log.warning("the lease on job %s is lost; its run is cancelled", job_id)
                one.task.cancel()

    async def _maintain(self) -> None:
        reaped = await self._guarded(lambda: self.reap_expired())
        for job in reaped or []:
            log.warning("job %s was taken back: its lease expired (now %s)", job.id, job.status)
        await self._guarded(lambda: self.expire_approvals())
        self._wake.set()

    async def _every(self, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await action()

    async def _guarded(self, action: Callable[[], Awaitable[T]]) -> T | None:
        """Do something that the storage may refuse for now; the loop goes on and tries again."""
        try:
            return await action()
        except DomainError as error:
            log.error("%s", describe(error))
            return None

    async def _pause(self) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(self.options.poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _abandon(self) -> None:
        for one in list(self._running.values()):
            one.task.cancel()
        await asyncio.gather(*(one.task for one in self._running.values()), return_exceptions=True)

    def _beat(self, times_a_lease: int) -> float:
        return self.options.lease.total_seconds() / times_a_lease
