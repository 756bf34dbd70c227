"""The job queue's statements, each set-based and built once a dialect."""

from functools import cache
from typing import Any

from sqlalchemy import (
    Alias,
    BigInteger,
    ColumnElement,
    Double,
    Executable,
    FromClause,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.types import TypeEngine

from adapters.sql.dialect import SqlDialect, spelled
from adapters.sql.tables import jobs
from adapters.sql.types import Json, UtcTime
from domain.model.job import LEASE_EXPIRED, JobStatus

JobRows = Alias | Any
_LEASE_COLUMNS: dict[str, TypeEngine[Any]] = {"job_id": Uuid(), "lease_token": BigInteger()}
_NEW_COLUMNS: dict[str, TypeEngine[Any]] = {
    "id": Uuid(),
    "decision_set_id": Uuid(),
    "queue": Text(),
    "job_type": Text(),
    "priority": Integer(),
    "payload": Json(),
    "run_at": UtcTime(),
    "delay": BigInteger(),
    "max_retries": BigInteger(),
    "timeout_seconds": Double(),
    "idempotency_key": Text(),
    "exclusive_key": Text(),
}
_SETTLEMENT_COLUMNS: dict[str, TypeEngine[Any]] = {
    **_LEASE_COLUMNS,
    "status": Text(),
    "delay": BigInteger(),
    "retries": Integer(),
    "error_message": Text(),
}


@cache
def enqueue(dialect: SqlDialect) -> Executable:
    """Insert the rows of ``new``, leaving out those whose id or idempotency key is taken; return the inserted ones."""
    new = dialect.batch("new", _NEW_COLUMNS)
    given = ("id", "decision_set_id", "queue", "job_type", "priority", "payload")
    kept = ("max_retries", "timeout_seconds", "idempotency_key", "exclusive_key")
    rows = select(
        *(new.c[name] for name in given),
        spelled(JobStatus.QUEUED),
        func.coalesce(new.c.run_at, dialect.later(new.c.delay)),
        literal_column("0"),
        literal_column("0"),
        *(new.c[name] for name in kept),
        dialect.now,
    ).where(text("true"))
    names = [*given, "status", "run_at", "lease_token", "retry_count", *kept, "created_at"]
    queued: Executable = dialect.insert(jobs).from_select(names, rows).on_conflict_do_nothing().returning(jobs)
    return queued


@cache
def holders(dialect: SqlDialect) -> Executable:
    """Return the jobs that hold the idempotency keys of ``taken``."""
    taken = dialect.batch("taken", {"queue": Text(), "idempotency_key": Text()})
    return select(jobs).join(
        taken, and_(jobs.c.queue == taken.c.queue, jobs.c.idempotency_key == taken.c.idempotency_key)
    )


@cache
def lease(dialect: SqlDialect, filters: frozenset[str]) -> Executable:
    """Lease up to ``limit`` due jobs to ``for_worker`` for ``duration`` microseconds and return them, in no order.

    ``filters`` names the parameters that narrow the jobs: ``in_queue`` or ``in_queues``, and ``of_types``.

    Of the due jobs that share an exclusive key only the first is a candidate, and none while one of them runs; what
    the two conditions can't see of concurrent transactions, the unique index on running jobs refuses.
    """

    def due(rows: JobRows) -> ColumnElement[bool]:
        conditions = [rows.c.status == spelled(JobStatus.QUEUED), rows.c.run_at <= dialect.now]
        if "in_queue" in filters:
            conditions.append(rows.c.queue == bindparam("in_queue"))
        if "in_queues" in filters:
            conditions.append(dialect.among(rows.c.queue, "in_queues"))
        if "of_types" in filters:
            conditions.append(dialect.among(rows.c.job_type, "of_types"))
        return and_(*conditions)

    job, earlier, sibling = jobs.alias("job"), jobs.alias("earlier"), jobs.alias("sibling")
    comes_first = or_(
        earlier.c.priority > job.c.priority,
        and_(
            earlier.c.priority == job.c.priority,
            tuple_(earlier.c.run_at, earlier.c.id) < tuple_(job.c.run_at, job.c.id),
        ),
    )
    same_key = earlier.c.exclusive_key == job.c.exclusive_key
    is_running = and_(sibling.c.exclusive_key == job.c.exclusive_key, sibling.c.status == spelled(JobStatus.RUNNING))
    candidates = (
        select(job.c.id)
        .where(
            due(job),
            or_(
                job.c.exclusive_key.is_(None),
                and_(
                    ~select(true()).select_from(sibling).where(is_running).correlate(job).exists(),
                    ~select(true())
                    .select_from(earlier)
                    .where(same_key, due(earlier), comes_first)
                    .correlate(job)
                    .exists(),
                ),
            ),
        )
        .order_by(job.c.priority.desc(), job.c.run_at, job.c.id)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(of=job, skip_locked=True)
        .cte("candidates")
    )
    return (
        update(jobs)
        .where(dialect.selected(jobs.c.id, select(candidates.c.id)))
        .values(
            status=spelled(JobStatus.RUNNING),
            worker_id=bindparam("for_worker"),
            lease_token=jobs.c.lease_token + literal_column("1"),
            lease_expires_at=dialect.later(bindparam("duration", type_=BigInteger())),
            started_at=func.coalesce(jobs.c.started_at, dialect.now),
        )
        .returning(jobs)
    )


@cache
def renew(dialect: SqlDialect) -> Executable:
    """Let the valid leases of ``leases`` reach ``duration`` microseconds from now; return their jobs."""
    held = _held(dialect, dialect.batch("leases", _LEASE_COLUMNS)).cte("held")
    return (
        update(jobs)
        .where(jobs.c.id == held.c.job_id)
        .values(lease_expires_at=dialect.later(bindparam("duration", type_=BigInteger())))
        .returning(jobs.c.id, jobs.c.lease_token, jobs.c.worker_id, jobs.c.lease_expires_at)
    )


@cache
def fence(dialect: SqlDialect) -> Executable:
    """Lock the jobs whose ids are ``ids``, in the order of their ids, and return them."""
    return select(jobs).where(dialect.among(jobs.c.id, "ids")).order_by(jobs.c.id).with_for_update()


@cache
def settle(dialect: SqlDialect) -> Executable:
    """Settle the jobs of ``settlements`` whose lease is valid, and return them."""
    held = _held(dialect, dialect.batch("settlements", _SETTLEMENT_COLUMNS)).cte("held")
    requeued = held.c.status == spelled(JobStatus.QUEUED)
    live = held.c.status.in_([spelled(JobStatus.QUEUED), spelled(JobStatus.WAITING_APPROVAL)])
    return (
        update(jobs)
        .where(jobs.c.id == held.c.job_id)
        .values(
            status=held.c.status,
            worker_id=null(),
            lease_expires_at=null(),
            run_at=case((requeued, dialect.later(held.c.delay)), else_=jobs.c.run_at),
            retry_count=jobs.c.retry_count + held.c.retries,
            error_message=held.c.error_message,
            completed_at=case((live, null()), else_=dialect.now),
        )
        .returning(jobs)
    )


@cache
def reap(dialect: SqlDialect) -> Executable:
    """Take up to ``limit`` jobs back whose lease has expired, those that expired first; return them in no order."""
    job = jobs.alias("job")
    expired = (
        select(job.c.id)
        .where(job.c.status == spelled(JobStatus.RUNNING), job.c.lease_expires_at <= dialect.now)
        .order_by(job.c.lease_expires_at)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(of=job, skip_locked=True)
        .cte("expired")
    )
    exhausted = jobs.c.retry_count >= jobs.c.max_retries
    return (
        update(jobs)
        .where(dialect.selected(jobs.c.id, select(expired.c.id)))
        .values(
            status=case((exhausted, spelled(JobStatus.FAILED)), else_=spelled(JobStatus.QUEUED)),
            worker_id=null(),
            lease_expires_at=null(),
            run_at=dialect.now,
            retry_count=jobs.c.retry_count + case((exhausted, literal_column("0")), else_=literal_column("1")),
            error_message=bindparam("error", LEASE_EXPIRED, type_=Text()),
            completed_at=case((exhausted, dialect.now), else_=null()),
        )
        .returning(jobs)
    )


@cache
def statistics(dialect: SqlDialect) -> Executable:
    """Count the jobs of each queue and status, and among the queued and running what is due and expired."""
    due = and_(jobs.c.status == spelled(JobStatus.QUEUED), jobs.c.run_at <= dialect.now)
    expired = and_(jobs.c.status == spelled(JobStatus.RUNNING), jobs.c.lease_expires_at <= dialect.now)
    return select(
        jobs.c.queue,
        jobs.c.status,
        func.count().label("total"),
        func.count().filter(due).label("ready"),
        func.min(jobs.c.run_at, type_=UtcTime()).filter(due).label("oldest"),
        func.count().filter(expired).label("expired"),
        dialect.now.label("now"),
    ).group_by(jobs.c.queue, jobs.c.status)


def _held(dialect: SqlDialect, given: FromClause) -> Any:
    job = jobs.alias("job")
    return (
        select(given)
        .join(job, and_(job.c.id == given.c.job_id, job.c.lease_token == given.c.lease_token))
        .where(job.c.status == spelled(JobStatus.RUNNING))
        .order_by(job.c.id)
        .with_for_update(of=job)
    )
