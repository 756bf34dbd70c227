"""The tables, for both databases; migrations are made from them."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from adapters.sql.types import BigKey, Json, Name, TransactionId, UtcTime, current_transaction
from domain.model.agent_run import AgentRunStatus
from domain.model.approval import ApprovalStatus, OnTimeout
from domain.model.decision_set import DecisionSetStatus
from domain.model.event import StreamKind
from domain.model.inbound_event import InboundEventStatus
from domain.model.job import JobStatus

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_HOT = {"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_cost_delay": 0}
"""For tables whose rows are updated again and again: room for updates in the page, and vacuum early and fast."""


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _partial(name: str, *columns: Any, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


def _decision_set(*, nullable: bool = False, ondelete: str = "CASCADE", **options: Any) -> Column[Any]:
    foreign_key = ForeignKey("decision_sets.id", ondelete=ondelete)
    return Column("decision_set_id", Uuid(), foreign_key, nullable=nullable, **options)


projects = Table(
    "projects",
    metadata,
    Column("id", Uuid(), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("description", Text()),
    Column("version", BigInteger(), nullable=False),
    Column("created_at", UtcTime(), nullable=False),
    Column("updated_at", UtcTime(), nullable=False),
)

decision_sets = Table(
    "decision_sets",
    metadata,
    Column("id", Uuid(), primary_key=True),
    Column("project_id", Uuid(), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("thread_id", String(255), nullable=False, unique=True),
    Column("workflow", String(100), nullable=False),
    Column("workflow_version", String(100), nullable=False),
    Column("user_prompt", Text(), nullable=False),
    Column("status", String(32), nullable=False),
    Column("status_reason", Text()),
    Column("metadata", Json(), nullable=False),
    Column("parent_id", Uuid()),
    Column("forked_from", String(255)),
    Column("version", BigInteger(), nullable=False),
    Column("created_at", UtcTime(), nullable=False),
    Column("updated_at", UtcTime(), nullable=False),
    _one_of("status", DecisionSetStatus),
    Index("ix_decision_sets_project_id_id", "project_id", "id"),
    Index("ix_decision_sets_status_id", "status", "id"),
    postgresql_with={"fillfactor": 80},
)

event_streams = Table(
    "event_streams",
    metadata,
    Column("id", Uuid(), primary_key=True),
    Column("kind", String(32), nullable=False),
    _decision_set(nullable=True, index=True),
    Column("last_sequence", BigInteger(), nullable=False),
    Column("last_hash", LargeBinary(), nullable=False),
    Column("last_transaction", TransactionId(), nullable=False, server_default=current_transaction()),
    _one_of("kind", StreamKind),
    CheckConstraint("(kind = 'decision_set') = (decision_set_id IS NOT NULL)", name="owner"),
    postgresql_with=_HOT,
)

events = Table(
    "events",
    metadata,
    Column("position", BigKey, Identity(), primary_key=True),
    Column("transaction_id", TransactionId(), nullable=False, server_default=current_transaction()),
    Column("stream_kind", String(32), nullable=False),
    Column("stream_id", Uuid(), ForeignKey("event_streams.id", ondelete="CASCADE"), nullable=False),
    Column("sequence", BigInteger(), nullable=False),
    Column("event_type", String(100), nullable=False),
    Column("event_data", Json(), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("job_id", Uuid()),
    Column("prev_hash", LargeBinary(), nullable=False),
    Column("hash", LargeBinary(), nullable=False),
    Column("created_at", UtcTime(), nullable=False),
    UniqueConstraint("stream_id", "sequence"),
    Index("ix_events_transaction_id_position", "transaction_id", "position"),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Uuid(), primary_key=True),
    _decision_set(nullable=True),
    Column("queue", String(100), nullable=False),
    Column("job_type", String(100), nullable=False),
    Column("priority", Integer(), nullable=False),
    Column("status", String(32), nullable=False),
    Column("payload", Json(), nullable=False),
    Column("run_at", UtcTime(), nullable=False),
    Column("worker_id", Text()),
    Column("lease_token", BigInteger(), nullable=False),
    Column("lease_expires_at", UtcTime()),
    Column("retry_count", BigInteger(), nullable=False),
    Column("max_retries", BigInteger(), nullable=False),
    Column("timeout_seconds", Double()),
    Column("idempotency_key", String(255)),
    Column("exclusive_key", String(255)),
    Column("error_message", Text()),
    Column("created_at", UtcTime(), nullable=False),
    Column("started_at", UtcTime()),
    Column("completed_at", UtcTime()),
    _one_of("status", JobStatus),
    CheckConstraint(
        "status <> 'running' OR (worker_id IS NOT NULL AND lease_expires_at IS NOT NULL)", name="running_is_leased"
    ),
    postgresql_with=_HOT,
)
_due_order = (jobs.c.priority.desc(), jobs.c.run_at, jobs.c.id)
_partial(
    "uq_jobs_queue_idempotency_key",
    jobs.c.queue,
    jobs.c.idempotency_key,
    where="idempotency_key IS NOT NULL",
    unique=True,
)
_partial("uq_jobs_exclusive_key_running", jobs.c.exclusive_key, where="status = 'running'", unique=True)
_partial("ix_jobs_queued", *_due_order, where="status = 'queued'")
_partial("ix_jobs_queued_by_queue", jobs.c.queue, *_due_order, where="status = 'queued'")
_partial(
    "ix_jobs_queued_by_exclusive_key",
    jobs.c.exclusive_key,
    *_due_order,
    where="status = 'queued' AND exclusive_key IS NOT NULL",
)
_partial("ix_jobs_running_by_lease_expires_at", jobs.c.lease_expires_at, where="status = 'running'")
_partial("ix_jobs_halted", jobs.c.status, jobs.c.id, where="status IN ('waiting_approval', 'failed', 'cancelled')")
_partial("ix_jobs_decision_set_id_id", jobs.c.decision_set_id, jobs.c.id, where="decision_set_id IS NOT NULL")
Index("ix_jobs_queue_id", jobs.c.queue, jobs.c.id)

agent_runs = Table(
    "agent_runs",
    metadata,
    Column("id", Uuid(), primary_key=True),
    _decision_set(),
    Column("job_id", Uuid(), nullable=False),
    Column("agent_name", String(255), nullable=False),
    Column("task_id", String(255), nullable=False),
    Column("lease_token", BigInteger(), nullable=False),
    Column("status", String(32), nullable=False),
    Column("input_data", Json()),
    Column("output_data", Json()),
    Column("error_message", Text()),
    Column("usage", Json(), nullable=False),
    Column("checkpoint_id", Text()),
    Column("started_at", UtcTime(), nullable=False),
    Column("completed_at", UtcTime()),
    _one_of("status", AgentRunStatus),
    Index("ix_agent_runs_decision_set_id_id", "decision_set_id", "id"),
)
_partial(
    "uq_agent_runs_completed_task",
    agent_runs.c.decision_set_id,
    agent_runs.c.task_id,
    where="status = 'completed'",
    unique=True,
)
_partial("ix_agent_runs_running_by_job_id", agent_runs.c.job_id, agent_runs.c.id, where="status = 'running'")

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Uuid(), primary_key=True),
    _decision_set(),
    Column("artifact_type", String(100), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("storage_key", String(512), nullable=False),
    Column("size_bytes", BigInteger(), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("extra_metadata", Json(), nullable=False),
    Column("created_at", UtcTime(), nullable=False),
    UniqueConstraint("decision_set_id", "filename", "content_hash"),
    Index("ix_artifacts_decision_set_id_id", "decision_set_id", "id"),
)

approvals = Table(
    "approvals",
    metadata,
    _decision_set(primary_key=True),
    Column("interrupt_id", String(255), primary_key=True),
    Column("gate", String(255), nullable=False),
    Column("prompt", Json()),
    Column("response_schema", Json(), nullable=False),
    Column("defaults", Json()),
    Column("rejection", Json()),
    Column("deadline", UtcTime()),
    Column("on_timeout", String(32), nullable=False),
    Column("status", String(32), nullable=False),
    Column("answer", Json()),
    Column("comment", Text()),
    Column("decided_by", String(255)),
    Column("decided_at", UtcTime()),
    Column("version", BigInteger(), nullable=False),
    Column("created_at", UtcTime(), nullable=False),
    _one_of("status", ApprovalStatus),
    _one_of("on_timeout", OnTimeout),
    Index("ix_approvals_status_created_at", "status", "created_at"),
)
_partial("ix_approvals_open_by_deadline", approvals.c.deadline, where="status = 'open'")

inbound_events = Table(
    "inbound_events",
    metadata,
    Column("id", Uuid(), primary_key=True),
    Column("source", String(100), nullable=False),
    Column("external_id", String(255), nullable=False),
    Column("event_type", String(100), nullable=False),
    Column("data", Json()),
    Column("task_context", Json(), nullable=False),
    Column("status", String(32), nullable=False),
    _decision_set(nullable=True, ondelete="SET NULL", index=True),
    Column("error_message", Text()),
    Column("created_at", UtcTime(), nullable=False),
    Column("updated_at", UtcTime(), nullable=False),
    UniqueConstraint("source", "external_id"),
    _one_of("status", InboundEventStatus),
    Index("ix_inbound_events_status_id", "status", "id"),
    Index("ix_inbound_events_source_id", "source", "id"),
)

_checkpoint_key = ("thread_id", "namespace", "checkpoint_id")

checkpoints = Table(
    "checkpoints",
    metadata,
    *(Column(name, Name, primary_key=True) for name in _checkpoint_key),
    Column("parent_id", Name),
    Column("body_type", Text(), nullable=False),
    Column("body", LargeBinary(), nullable=False),
    Column("metadata", Json(), nullable=False),
    Column("run_id", Text()),
    Column("channel_versions", Json(), nullable=False),
)
_partial("ix_checkpoints_run_id", checkpoints.c.run_id, where="run_id IS NOT NULL")

checkpoint_blobs = Table(
    "checkpoint_blobs",
    metadata,
    *(Column(name, Name, primary_key=True) for name in ("thread_id", "namespace", "channel", "version")),
    Column("value_type", Text(), nullable=False),
    Column("value", LargeBinary(), nullable=False),
)

checkpoint_writes = Table(
    "checkpoint_writes",
    metadata,
    *(Column(name, Name, primary_key=True) for name in (*_checkpoint_key, "task_id")),
    Column("idx", Integer(), primary_key=True, autoincrement=False),
    Column("channel", Text(), nullable=False),
    Column("task_path", Text(), nullable=False),
    Column("value_type", Text(), nullable=False),
    Column("value", LargeBinary(), nullable=False),
)
