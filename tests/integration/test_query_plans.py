"""The indexes serve the queries: the very statements the adapter runs, explained over 100,000 finished jobs."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, event

from adapters.sql.storage import SqlStorage, open_sql_storage
from domain.model.decision_set import DecisionSetStatus
from domain.model.event import FeedPosition, Stream
from domain.model.job import JobStatus, Lease, Settlement
from ports.storage import UnitOfWork

FINISHED_JOBS = 100_000
DECISION_SETS = 2_000
EVENTS_EACH = 10
PROJECT = UUID("00000000-0000-7000-8000-000000000001")
DECISION_SET = UUID("00000000-0000-7000-8000-000000000777")
LEASE = Lease(UUID("00000000-0000-7000-9000-000000000005"), 1, "worker", datetime(2031, 1, 1, tzinfo=UTC))

FILL = f"""
INSERT INTO projects SELECT '{PROJECT}', 'p', NULL, 1, now(), now();
INSERT INTO decision_sets (id, project_id, thread_id, workflow, workflow_version, user_prompt, status, metadata,
                           version, created_at, updated_at)
SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{PROJECT}', n::text, 'w', '1', 'u',
       CASE WHEN n % 50 = 0 THEN 'active' ELSE 'completed' END, '{{}}', 1, now(), now()
FROM generate_series(1, {DECISION_SETS}) n;
INSERT INTO jobs (id, decision_set_id, queue, job_type, priority, status, payload, run_at, worker_id, lease_token,
                  lease_expires_at, retry_count, max_retries, created_at, completed_at, exclusive_key)
SELECT ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid,
       ('00000000-0000-7000-8000-' || lpad((n % {DECISION_SETS} + 1)::text, 12, '0'))::uuid,
       'queue' || n % 4, 'workflow', n % 3,
       CASE WHEN n <= 50 THEN 'running' WHEN n <= 1050 THEN 'queued' WHEN n <= 1100 THEN 'failed' ELSE 'completed' END,
       '{{}}', now() - interval '1 hour', 'worker', 1, now() + (n - 10) * interval '1 minute', 0, 3, now(), now(),
       'key' || n % 1000
FROM generate_series(1, {FINISHED_JOBS} + 1100) n;
INSERT INTO event_streams (id, kind, decision_set_id, last_sequence, last_hash)
SELECT id, 'decision_set', id, {EVENTS_EACH}, '' FROM decision_sets;
INSERT INTO events (stream_kind, stream_id, sequence, event_type, event_data, actor, prev_hash, hash, created_at)
SELECT 'decision_set', id, n, 'e', '{{}}', 'a', '', '', now() FROM decision_sets, generate_series(1, {EVENTS_EACH}) n;
ANALYZE;
"""

Operation = Callable[[UnitOfWork], Awaitable[Any]]
Statement = tuple[str, Mapping[str, Any]]


@pytest.fixture
async def storage(postgres_url: str) -> AsyncIterator[SqlStorage]:
    """Yield a storage full of finished jobs."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(FILL)
    opened = open_sql_storage(postgres_url)
    yield opened
    await opened.close()


@contextmanager
def statements_run() -> Iterator[list[Statement]]:
    """Collect the statements that are run in the block, as the driver gets them."""
    found: list[Statement] = []

    def note(_: object, __: object, statement: str, parameters: Mapping[str, Any], *___: object) -> None:
        if "SAVEPOINT" not in statement:
            found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Walk a plan."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def explained(url: str, statement: Statement, cache_mode: str) -> list[Mapping[str, Any]]:
    """Return the nodes of a statement's plan, planned for its values or, as a prepared one may be, for any values."""
    text, parameters = statement
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    prepared = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%")
    values = sql.SQL(", ").join(sql.Literal(parameters[name]) for name in names)
    arguments = sql.SQL("({})").format(values) if names else sql.SQL("")
    with psycopg.connect(url) as connection:
        connection.execute(f"SET plan_cache_mode = {cache_mode}")
        connection.execute(f"PREPARE asked AS {prepared}".encode())
        row = connection.execute(sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE asked {}").format(arguments)).fetchone()
    assert row is not None
    return list(nodes(row[0][0]["Plan"]))


def lease(**filters: Any) -> Operation:
    return lambda work: work.jobs.lease("worker", limit=100, duration=timedelta(minutes=1), **filters)


def settlement(work: UnitOfWork) -> Awaitable[Any]:
    return work.jobs.settle([Settlement(LEASE, JobStatus.COMPLETED)])


OPERATIONS: dict[str, tuple[Operation, set[str]]] = {
    "leasing from any queue": (lease(), {"ix_jobs_queued"}),
    "leasing from one queue": (lease(queues=["queue1"]), {"ix_jobs_queued_by_queue"}),
    "leasing from some queues": (lease(queues=["queue1", "queue2"], job_types=["workflow"]), set()),
    "renewing": (lambda work: work.jobs.renew([LEASE], duration=timedelta(minutes=1)), {"pk_jobs"}),
    "fencing": (lambda work: work.jobs.fence([LEASE]), {"pk_jobs"}),
    "settling": (settlement, {"pk_jobs"}),
    "reaping": (lambda work: work.jobs.reap(limit=100), {"ix_jobs_running_by_lease_expires_at"}),
    "listing jobs": (lambda work: work.jobs.find(limit=20), {"pk_jobs"}),
    "listing failed jobs": (lambda work: work.jobs.find(limit=20, status=JobStatus.FAILED), {"ix_jobs_halted"}),
    "listing a queue's jobs": (lambda work: work.jobs.find(limit=20, queue="queue1"), set()),
    "listing a decision set's jobs": (
        lambda work: work.jobs.find(limit=20, decision_set_id=DECISION_SET),
        {"ix_jobs_decision_set_id_id"},
    ),
    "finding a decision set's live jobs": (
        lambda work: work.jobs.live_of(DECISION_SET),
        {"ix_jobs_decision_set_id_id"},
    ),
    "reading a stream": (
        lambda work: work.events.read(Stream.of_decision_set(DECISION_SET), after=3, limit=100),
        {"uq_events_stream_id_sequence"},
    ),
    "reading the feed": (
        lambda work: work.events.feed(after=FeedPosition(1, 1), limit=100),
        {"ix_events_transaction_id_position"},
    ),
    "listing decision sets": (lambda work: work.decision_sets.find(limit=20), {"pk_decision_sets"}),
    "listing a project's decision sets": (
        lambda work: work.decision_sets.find(limit=20, project_id=PROJECT),
        set(),
    ),
    "listing active decision sets": (
        lambda work: work.decision_sets.find(limit=20, status=DecisionSetStatus.ACTIVE),
        {"ix_decision_sets_status_id"},
    ),
}


async def test_every_hot_query_uses_an_index(storage: SqlStorage, postgres_url: str) -> None:
    wrong: list[str] = []
    for name, (operation, indexes) in OPERATIONS.items():
        with statements_run() as statements:
            await _run_and_undo(storage, operation)
        for cache_mode in ("force_custom_plan", "force_generic_plan"):
            plan = [node for statement in statements for node in explained(postgres_url, statement, cache_mode)]
            scanned = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
            used = {node["Index Name"] for node in plan if "Index Name" in node}
            if scanned or not used or not indexes <= used:
                wrong.append(f"{name} ({cache_mode}): scans {sorted(scanned)}, uses {sorted(used)}")
    assert wrong == []


class _UndoError(Exception):
    pass


async def _run_and_undo(storage: SqlStorage, operation: Operation) -> None:
    with pytest.raises(_UndoError):
        async with storage.transaction() as work:
            await operation(work)
            raise _UndoError
