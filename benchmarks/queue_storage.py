"""The job queue through the Storage port, doing what the references do."""

from datetime import timedelta

from attrs import field, frozen

from adapters.system.ids import Uuid7Ids
from benchmarks.queue_rows import NOOP, PAYLOAD, QUEUE
from domain.model.job import JobStatus, NewJob, Settlement
from ports.storage import Storage

LEASE = timedelta(minutes=1)


@frozen
class StorageJobs:
    """The jobs of a storage."""

    storage: Storage
    ids: Uuid7Ids = field(factory=Uuid7Ids)

    async def add_one_by_one(self, count: int) -> None:
        """Enqueue jobs, a transaction each."""
        for _ in range(count):
            async with self.storage.transaction() as uow:
                await uow.jobs.enqueue([self._new()])

    async def add_at_once(self, count: int) -> None:
        """Enqueue jobs in one call."""
        async with self.storage.transaction() as uow:
            await uow.jobs.enqueue([self._new() for _ in range(count)])

    async def drain(self, count: int, batch: int) -> None:
        """Lease and settle jobs, a batch at a time, each in a transaction of its own."""
        for _ in range(count // batch):
            async with self.storage.transaction() as uow:
                leased = await uow.jobs.lease("benchmark", limit=batch, duration=LEASE, queues=[QUEUE])
            async with self.storage.transaction() as uow:
                settled = await uow.jobs.settle([Settlement(job.lease, JobStatus.COMPLETED) for job in leased])
            if len(settled) != batch:
                raise RuntimeError(f"The storage settled {len(settled)} of {batch} jobs.")

    def _new(self) -> NewJob:
        return NewJob(self.ids.new(), NOOP, PAYLOAD, queue=QUEUE)
