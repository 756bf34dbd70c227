"""The job queue in SQL."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import Executable, select, update
from sqlalchemy.exc import IntegrityError

from adapters.sql import job_statements
from adapters.sql.dialect import encoded, microseconds, spelled
from adapters.sql.errors import violates
from adapters.sql.queue_statistics import statistics_of
from adapters.sql.rows import job_of, job_values, seconds
from adapters.sql.session import Session
from adapters.sql.tables import decision_sets
from adapters.sql.tables import jobs as job_table
from domain.model.errors import AlreadyExistsError, LeaseLostError, NotFoundError, TransactionConflictError
from domain.model.job import LIVE, Job, JobStatus, Lease, NewJob, Settlement
from ports.job_queue import Enqueued, QueueStatistics

_LEASE_ATTEMPTS = 5
_RUNNING_SIBLING = "uq_jobs_exclusive_key_running"


@frozen
class SqlJobQueue:
    """The jobs of one transaction."""

    session: Session

    async def enqueue(self, jobs: Sequence[NewJob]) -> list[Enqueued]:
        """Queue jobs, in order; one whose idempotency key is taken in its queue returns the job that holds it.

        Raises AlreadyExistsError for a taken id, NotFoundError for a decision set that is not there.
        """
        if not jobs:
            return []
        result = await self.session.execute_referring(
            job_statements.enqueue(self.session.dialect),
            {"new": encoded([_new_row(new) for new in jobs])},
            kind="decision set",
            parent=decision_sets,
            keys=[new.decision_set_id for new in jobs if new.decision_set_id is not None],
        )
        created = {(row.id, row.queue, row.idempotency_key): job_of(row) for row in result}
        outcomes = [(new, created.pop((new.id, new.queue, new.idempotency_key), None)) for new in jobs]
        holders = await self._holders([new for new, job in outcomes if job is None])
        made = {job.id: index for index, (_, job) in enumerate(outcomes) if job is not None}
        return [
            Enqueued(job, created=True) if job else _kept(new, holders, made, index)
            for index, (new, job) in enumerate(outcomes)
        ]

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

        Skips jobs that another transaction holds and those whose ``exclusive_key`` is running; raises each job's
        fencing token. Raises TransactionConflictError when others took the same exclusive keys time and again.
        """
        dialect = self.session.dialect
        filters: dict[str, Any] = {}
        if queues is not None:
            filters |= {"in_queue": queues[0]} if len(queues) == 1 else {"in_queues": dialect.listed(queues)}
        if job_types is not None:
            filters["of_types"] = dialect.listed(job_types)
        statement = job_statements.lease(dialect, frozenset(filters))
        given = {"for_worker": worker_id, "limit": limit, "duration": microseconds(duration), **filters}
        leased = await self._leased(statement, given)
        return sorted(leased, key=lambda job: (-job.priority, job.run_at, job.id))

    async def renew(self, leases: Sequence[Lease], *, duration: timedelta) -> list[Lease]:
        """Let valid leases reach ``duration`` from now; the lost ones are missing from what is returned."""
        if not leases:
            return []
        rows = await self.session.rows(
            job_statements.renew(self.session.dialect),
            {"leases": encoded([_lease_row(lease) for lease in leases]), "duration": microseconds(duration)},
        )
        renewed = {
            (row.id, row.lease_token): Lease(row.id, row.lease_token, row.worker_id, row.lease_expires_at)
            for row in rows
        }
        keys = ((lease.job_id, lease.lease_token) for lease in leases)
        return [renewed[key] for key in keys if key in renewed]

    async def fence(self, leases: Sequence[Lease]) -> list[Job]:
        """Lock the jobs' rows until the transaction ends and check the tokens: the first thing a worker's write does.

        Raises LeaseLostError when any lease is stale: its job is not running, or runs under another token.
        """
        if not leases:
            return []
        dialect = self.session.dialect
        ids = {"ids": dialect.listed(lease.job_id for lease in leases)}
        locked = {row.id: job_of(row) for row in await self.session.rows(job_statements.fence(dialect), ids)}
        for lease in leases:
            if lease.job_id not in locked or not locked[lease.job_id].holds(lease):
                raise LeaseLostError(lease.job_id, lease.lease_token)
        return [locked[lease.job_id] for lease in leases]

    async def settle(self, settlements: Sequence[Settlement]) -> list[Job]:
        """Settle leased jobs, each guarded by its own token; those whose lease is lost are missing from the result."""
        firsts: dict[tuple[UUID, int], Settlement] = {}
        for settlement in settlements:
            firsts.setdefault((settlement.lease.job_id, settlement.lease.lease_token), settlement)
        if not firsts:
            return []
        rows = await self.session.rows(
            job_statements.settle(self.session.dialect),
            {"settlements": encoded([_settlement_row(settlement) for settlement in firsts.values()])},
        )
        settled = {row.id: job_of(row) for row in rows}
        return [
            settled[job_id]
            for job_id, lease_token in firsts
            if job_id in settled and settled[job_id].lease_token == lease_token
        ]

    async def reap(self, *, limit: int) -> list[Job]:
        """Take jobs back whose lease has expired: queued again with a retry counted, or failed after the last one."""
        rows = await self.session.rows(job_statements.reap(self.session.dialect), {"limit": limit})
        return sorted((job_of(row) for row in rows), key=lambda job: job.id)

    async def get(self, job_id: UUID, *, for_update: bool = False) -> Job:
        """Return a job, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        found = select(job_table).where(job_table.c.id == job_id)
        row = await self.session.row(found.with_for_update() if for_update else found)
        if row is None:
            raise NotFoundError("job", job_id)
        return job_of(row)

    async def save(self, job: Job, *, expected: Job) -> None:
        """Write a job changed outside a lease (cancelled, redriven, continued) over the state it was read in.

        Raises LeaseLostError when status or token have changed since ``expected`` was read.
        """
        unchanged = (
            job_table.c.id == job.id,
            job_table.c.status == expected.status.value,
            job_table.c.lease_token == expected.lease_token,
        )
        written = update(job_table).where(*unchanged).values(**job_values(job))
        if (await self.session.execute(written)).rowcount == 0:
            raise LeaseLostError(job.id, expected.lease_token)

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
        found = select(job_table).order_by(job_table.c.id.desc()).limit(limit)
        if queue is not None:
            found = found.where(job_table.c.queue == queue)
        if status is not None:
            found = found.where(job_table.c.status == spelled(status))
        if decision_set_id is not None:
            found = found.where(job_table.c.decision_set_id == decision_set_id)
        if before is not None:
            found = found.where(job_table.c.id < before)
        return [job_of(row) for row in await self.session.rows(found)]

    async def live_of(self, decision_set_id: UUID) -> list[Job]:
        """Return the queued, running and waiting jobs of a decision set, oldest first."""
        live = job_table.c.status.in_([spelled(status) for status in sorted(LIVE)])
        found = select(job_table).where(job_table.c.decision_set_id == decision_set_id, live).order_by(job_table.c.id)
        return [job_of(row) for row in await self.session.rows(found)]

    async def statistics(self) -> list[QueueStatistics]:
        """Return what lies in each queue, by queue name."""
        return statistics_of(await self.session.rows(job_statements.statistics(self.session.dialect)))

    async def _holders(self, refused: Sequence[NewJob]) -> dict[tuple[str, str | None], Job]:
        keyed = [new for new in refused if new.idempotency_key is not None]
        if not keyed:
            return {}
        taken = encoded([{"queue": new.queue, "idempotency_key": new.idempotency_key} for new in keyed])
        rows = await self.session.rows(job_statements.holders(self.session.dialect), {"taken": taken})
        return {(row.queue, row.idempotency_key): job_of(row) for row in rows}

    async def _leased(self, statement: Executable, parameters: Mapping[str, Any]) -> list[Job]:
        if not self.session.dialect.is_postgresql:
            return [job_of(row) for row in await self.session.rows(statement, parameters)]
        for _ in range(_LEASE_ATTEMPTS):
            try:
                async with self.session.savepoint():
                    return [job_of(row) for row in await self.session.rows(statement, parameters)]
            except IntegrityError as error:
                if not violates(error, _RUNNING_SIBLING):
                    raise
        raise TransactionConflictError("Other workers kept leasing jobs of the same exclusive keys; lease again.")


def _kept(new: NewJob, holders: Mapping[tuple[str, str | None], Job], made: Mapping[UUID, int], index: int) -> Enqueued:
    """Return the job that held a key before; one made later in this batch did not, so the id was what was taken."""
    holder = holders.get((new.queue, new.idempotency_key))
    if holder is None or made.get(holder.id, -1) > index:
        raise AlreadyExistsError("job", new.id)
    return Enqueued(holder, created=False)


def _new_row(new: NewJob) -> dict[str, Any]:
    return {
        "id": new.id,
        "decision_set_id": new.decision_set_id,
        "queue": new.queue,
        "job_type": new.job_type,
        "priority": new.priority,
        "payload": new.payload,
        "run_at": new.run_at,
        "delay": microseconds(new.delay),
        "max_retries": new.max_retries,
        "timeout_seconds": seconds(new.timeout),
        "idempotency_key": new.idempotency_key,
        "exclusive_key": new.exclusive_key,
    }


def _lease_row(lease: Lease) -> dict[str, Any]:
    return {"job_id": lease.job_id, "lease_token": lease.lease_token}


def _settlement_row(settlement: Settlement) -> dict[str, Any]:
    return {
        **_lease_row(settlement.lease),
        "status": settlement.status.value,
        "delay": microseconds(settlement.delay),
        "retries": int(settlement.counts_as_retry),
        "error_message": settlement.error_message,
    }
