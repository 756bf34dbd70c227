"""A worker: leases jobs, renews their leases, runs their handlers, settles them, and takes back what others lost."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from attrs import define, field, frozen

from domain.model.errors import DomainError, LeaseLostError, StorageUnavailableError
from domain.model.job import DEFAULT_QUEUE, Job, Lease
from domain.model.secrets import describe
from domain.use_cases.approvals import ExpireApprovals
from domain.use_cases.leasing import LeaseJobs, ReapExpiredLeases, ReleaseJobs, RenewLeases
from domain.use_cases.work_job import WorkJob

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
    """A job in work, with the last time its lease was known to be good, by the monotonic clock.

    ``working`` is what may be cancelled; ``task`` waits for it and gives the job back, undisturbed.
    """

    job: Job
    working: "asyncio.Task[Job]"
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
    _running: dict[tuple[UUID, int], _Running] = field(factory=dict, init=False)
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
                self._wake.clear()
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
            one.working.cancel()

    async def _fill(self) -> bool:
        free = self.options.concurrency - len(self._running)
        if free <= 0:
            return False
        begun = time.monotonic()
        leasing = self._guarded(
            lambda: self.lease_jobs(
                self.options.worker_id, limit=free, duration=self.options.lease, queues=self.options.queues
            )
        )
        jobs = await leasing or []
        if self._drain.requested:
            await self._give_back(jobs)
            return False
        for job in jobs:
            working = asyncio.create_task(self.work_job(job, self._drain))
            task = asyncio.create_task(self._work(job, working))
            self._running[_key(job.lease)] = _Running(job, working, task, begun)
        return len(jobs) == free

    async def _work(self, job: Job, working: "asyncio.Task[Job]") -> None:
        try:
            settled = await working
            log.info("job %s (%s) is %s", job.id, job.job_type, settled.status)
        except LeaseLostError as error:
            log.warning("%s", error)
        except asyncio.CancelledError:
            await self._give_back([job])
        except Exception as error:
            log.error(
                "job %s could not be settled and will be taken back when its lease expires: %s", job.id, describe(error)
            )
        finally:
            self._running.pop(_key(job.lease), None)
            self._wake.set()

    async def _give_back(self, jobs: Sequence[Job]) -> None:
        """Release jobs whose run was cancelled or not begun; one whose lease is lost has been taken care of."""
        if not jobs:
            return
        released = await self._guarded(lambda: self.release_jobs([job.lease for job in jobs]))
        for job in released or []:
            log.info("job %s was given back", job.id)

    async def _heartbeat(self) -> None:
        asked = dict(self._running)
        if not asked:
            return
        begun = time.monotonic()
        renewed = await self._guarded(lambda: self._renewed(list(asked.values()), begun))
        kept = None if renewed is None else {_key(lease) for lease in renewed}
        for key, one in asked.items():
            if kept is not None and key in kept:
                one.renewed_at = begun
            elif not one.working.done() and (kept is not None or self._left(one, time.monotonic()) <= 0):
                log.warning("the lease on job %s is lost; its run is cancelled", one.job.id)
                one.working.cancel()

    async def _renewed(self, asked: Sequence[_Running], begun: float) -> list[Lease]:
        """Renew leases, waiting for the storage only until the first of them has run out."""
        left = [self._left(one, begun) for one in asked]
        patience = min((seconds for seconds in left if seconds > 0), default=self._beat(_HEARTBEATS_A_LEASE))
        try:
            async with asyncio.timeout(patience):
                return await self.renew_leases([one.job.lease for one in asked], duration=self.options.lease)
        except TimeoutError:
            raise StorageUnavailableError(
                f"The storage did not renew leases within {patience:.3g} s, when they ran out; see what holds it up."
            ) from None

    def _left(self, one: _Running, now: float) -> float:
        return one.renewed_at + self.options.lease.total_seconds() - now

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
        """Do something that the storage may refuse for now; the loop goes on and tries again.

        Whatever it raises: a loop that ended would leave the leases unrenewed, or the expired ones where they are.
        """
        try:
            return await action()
        except DomainError as error:
            log.error("%s", describe(error))
        except Exception as error:
            log.error("unforeseen: %s", describe(error))
            log.debug("where it was raised", exc_info=error)
        return None

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self.options.poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _abandon(self) -> None:
        for one in list(self._running.values()):
            one.working.cancel()
        await asyncio.gather(*(one.task for one in self._running.values()), return_exceptions=True)

    def _beat(self, times_a_lease: int) -> float:
        return self.options.lease.total_seconds() / times_a_lease


def _key(lease: Lease) -> tuple[UUID, int]:
    """Return what names a run here: the same job may be leased again while its last run is still ending."""
    return lease.job_id, lease.lease_token
