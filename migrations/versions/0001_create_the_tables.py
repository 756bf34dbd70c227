"""Create the tables of the durable core, and keep its event log append-only.

Revision 0001, the first. A revision that has been released is never edited: it states its types and SQL in full and
imports nothing of the application, whose tables move on.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
NAME = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

HOT: dict[str, float] = {"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_cost_delay": 0}
"""Storage parameters of tables whose rows are updated again and again."""

APPEND_ONLY_ON_POSTGRESQL = (
    """
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The event log is append-only: % on events is refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$
""",
    """
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
FOR EACH ROW EXECUTE FUNCTION refuse_event_change()
""",
    """
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_event_change()
""",
    """
CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()
""",
)

APPEND_ONLY_ON_SQLITE = (
    """
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'The event log is append-only: UPDATE on events is refused.');
END
""",
    """
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM event_streams WHERE id = OLD.stream_id)
BEGIN
    SELECT RAISE(ABORT, 'The event log is append-only: DELETE on events is refused.');
END
""",
)


class Xid8(sa.types.UserDefinedType[int]):
    """The id of a PostgreSQL transaction, which never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type in DDL."""
        return "XID8"


TRANSACTION_ID = Xid8().with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Bring an empty database to 0001."""
    _create_projects()
    _create_decision_sets()
    _create_event_streams()
    _create_events()
    _create_jobs()
    _create_agent_runs()
    _create_artifacts()
    _create_approvals()
    _create_inbound_events()
    _create_checkpoints()
    _create_checkpoint_blobs()
    _create_checkpoint_writes()
    for statement in APPEND_ONLY_ON_POSTGRESQL if _on_postgresql() else APPEND_ONLY_ON_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Bring a database at 0001 back to an empty one; all it holds is lost."""
    for table in (
        "checkpoint_writes",
        "checkpoint_blobs",
        "checkpoints",
        "inbound_events",
        "approvals",
        "artifacts",
        "agent_runs",
        "jobs",
        "events",
        "event_streams",
        "decision_sets",
        "projects",
    ):
        op.drop_table(table)
    if _on_postgresql():
        op.execute("DROP FUNCTION refuse_event_change()")


def _on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _current_transaction() -> Any:
    return sa.text("pg_current_xact_id()" if _on_postgresql() else "0")


def _only_where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def _create_projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )


def _create_decision_sets() -> None:
    op.create_table(
        "decision_sets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.String(255), nullable=False),
        sa.Column("workflow", sa.String(100), nullable=False),
        sa.Column("workflow_version", sa.String(100), nullable=False),
        sa.Column("user_prompt", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("status_reason", sa.Text()),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("forked_from", sa.String(255)),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_sets")),
        sa.CheckConstraint(
            "status IN ('active', 'waiting_approval', 'completed', 'failed', 'cancelled')",
            name=op.f("ck_decision_sets_status"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], ondelete="CASCADE", name=op.f("fk_decision_sets_project_id_projects")
        ),
        sa.UniqueConstraint("thread_id", name=op.f("uq_decision_sets_thread_id")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("ix_decision_sets_project_id_id", "decision_sets", ["project_id", "id"])
    op.create_index("ix_decision_sets_status_id", "decision_sets", ["status", "id"])


def _create_event_streams() -> None:
    op.create_table(
        "event_streams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("decision_set_id", sa.Uuid()),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_transaction", TRANSACTION_ID, server_default=_current_transaction(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_streams")),
        sa.CheckConstraint("kind IN ('decision_set', 'project', 'server')", name=op.f("ck_event_streams_kind")),
        sa.CheckConstraint(
            "(kind = 'decision_set') = (decision_set_id IS NOT NULL)", name=op.f("ck_event_streams_owner")
        ),
        sa.ForeignKeyConstraint(
            ["decision_set_id"],
            ["decision_sets.id"],
            ondelete="CASCADE",
            name=op.f("fk_event_streams_decision_set_id_decision_sets"),
        ),
        postgresql_with=HOT,
    )
    op.create_index("ix_event_streams_decision_set_id", "event_streams", ["decision_set_id"])


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("position", BIG_KEY, sa.Identity(always=False), nullable=False),
        sa.Column("transaction_id", TRANSACTION_ID, server_default=_current_transaction(), nullable=False),
        sa.Column("stream_kind", sa.String(32), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.String(100), nullable=False),
        sa.Column("event_data", JSON, nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
        sa.UniqueConstraint("stream_id", "sequence", name=op.f("uq_events_stream_id_sequence")),
        sa.ForeignKeyConstraint(
            ["stream_id"], ["event_streams.id"], ondelete="CASCADE", name=op.f("fk_events_stream_id_event_streams")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_transaction_id_position", "events", ["transaction_id", "position"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_set_id", sa.Uuid()),
        sa.Column("queue", sa.String(100), nullable=False),
        sa.Column("job_type", sa.String(100), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("run_at", TIME, nullable=False),
        sa.Column("worker_id", sa.Text()),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("lease_expires_at", TIME),
        sa.Column("retry_count", sa.BigInteger(), nullable=False),
        sa.Column("max_retries", sa.BigInteger(), nullable=False),
        sa.Column("timeout_seconds", sa.Double()),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("exclusive_key", sa.String(255)),
        sa.Column("error_message", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("completed_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'waiting_approval', 'completed', 'failed', 'cancelled')",
            name=op.f("ck_jobs_status"),
        ),
        sa.CheckConstraint(
            "status <> 'running' OR (worker_id IS NOT NULL AND lease_expires_at IS NOT NULL)",
            name=op.f("ck_jobs_running_is_leased"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_set_id"],
            ["decision_sets.id"],
            ondelete="CASCADE",
            name=op.f("fk_jobs_decision_set_id_decision_sets"),
        ),
        postgresql_with=HOT,
    )
    op.create_index(
        "ix_jobs_decision_set_id_id", "jobs", ["decision_set_id", "id"], **_only_where("decision_set_id IS NOT NULL")
    )
    op.create_index(
        "ix_jobs_halted",
        "jobs",
        ["status", "id"],
        **_only_where("status IN ('waiting_approval', 'failed', 'cancelled')"),
    )
    op.create_index("ix_jobs_queue_id", "jobs", ["queue", "id"])
    op.create_index(
        "ix_jobs_queued", "jobs", [sa.text("priority DESC"), "run_at", "id"], **_only_where("status = 'queued'")
    )
    op.create_index(
        "ix_jobs_queued_by_exclusive_key",
        "jobs",
        ["exclusive_key", sa.text("priority DESC"), "run_at", "id"],
        **_only_where("status = 'queued' AND exclusive_key IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_queued_by_queue",
        "jobs",
        ["queue", sa.text("priority DESC"), "run_at", "id"],
        **_only_where("status = 'queued'"),
    )
    op.create_index(
        "ix_jobs_running_by_lease_expires_at", "jobs", ["lease_expires_at"], **_only_where("status = 'running'")
    )
    op.create_index(
        "uq_jobs_exclusive_key_running", "jobs", ["exclusive_key"], unique=True, **_only_where("status = 'running'")
    )
    op.create_index(
        "uq_jobs_queue_idempotency_key",
        "jobs",
        ["queue", "idempotency_key"],
        unique=True,
        **_only_where("idempotency_key IS NOT NULL"),
    )


def _create_agent_runs() -> None:
    op.create_table(
        "agent_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_set_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("agent_name", sa.String(255), nullable=False),
        sa.Column("task_id", sa.String(255), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("input_data", JSON),
        sa.Column("output_data", JSON),
        sa.Column("error_message", sa.Text()),
        sa.Column("usage", JSON, nullable=False),
        sa.Column("checkpoint_id", sa.Text()),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("completed_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_runs")),
        sa.CheckConstraint(
            "status IN ('running', 'completed', 'failed', 'interrupted')", name=op.f("ck_agent_runs_status")
        ),
        sa.ForeignKeyConstraint(
            ["decision_set_id"],
            ["decision_sets.id"],
            ondelete="CASCADE",
            name=op.f("fk_agent_runs_decision_set_id_decision_sets"),
        ),
    )
    op.create_index("ix_agent_runs_decision_set_id_id", "agent_runs", ["decision_set_id", "id"])
    op.create_index(
        "ix_agent_runs_running_by_job_id", "agent_runs", ["job_id", "id"], **_only_where("status = 'running'")
    )
    op.create_index(
        "uq_agent_runs_completed_task",
        "agent_runs",
        ["decision_set_id", "task_id"],
        unique=True,
        **_only_where("status = 'completed'"),
    )


def _create_artifacts() -> None:
    op.create_table(
        "artifacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_set_id", sa.Uuid(), nullable=False),
        sa.Column("artifact_type", sa.String(100), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("storage_key", sa.String(512), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("extra_metadata", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
        sa.UniqueConstraint(
            "decision_set_id",
            "filename",
            "content_hash",
            name=op.f("uq_artifacts_decision_set_id_filename_content_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_set_id"],
            ["decision_sets.id"],
            ondelete="CASCADE",
            name=op.f("fk_artifacts_decision_set_id_decision_sets"),
        ),
    )
    op.create_index("ix_artifacts_decision_set_id_id", "artifacts", ["decision_set_id", "id"])


def _create_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("decision_set_id", sa.Uuid(), nullable=False),
        sa.Column("interrupt_id", sa.String(255), nullable=False),
        sa.Column("gate", sa.String(255), nullable=False),
        sa.Column("prompt", JSON),
        sa.Column("response_schema", JSON, nullable=False),
        sa.Column("defaults", JSON),
        sa.Column("rejection", JSON),
        sa.Column("deadline", TIME),
        sa.Column("on_timeout", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("answer", JSON),
        sa.Column("comment", sa.Text()),
        sa.Column("decided_by", sa.String(255)),
        sa.Column("decided_at", TIME),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("decision_set_id", "interrupt_id", name=op.f("pk_approvals")),
        sa.CheckConstraint("status IN ('open', 'answered', 'expired', 'cancelled')", name=op.f("ck_approvals_status")),
        sa.CheckConstraint("on_timeout IN ('take_defaults', 'reject')", name=op.f("ck_approvals_on_timeout")),
        sa.ForeignKeyConstraint(
            ["decision_set_id"],
            ["decision_sets.id"],
            ondelete="CASCADE",
            name=op.f("fk_approvals_decision_set_id_decision_sets"),
        ),
    )
    op.create_index("ix_approvals_open_by_deadline", "approvals", ["deadline"], **_only_where("status = 'open'"))
    op.create_index("ix_approvals_status_created_at", "approvals", ["status", "created_at"])


def _create_inbound_events() -> None:
    op.create_table(
        "inbound_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("event_type", sa.String(100), nullable=False),
        sa.Column("data", JSON),
        sa.Column("task_context", JSON, nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("decision_set_id", sa.Uuid()),
        sa.Column("error_message", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_events")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_inbound_events_source_external_id")),
        sa.CheckConstraint("status IN ('received', 'processed', 'failed')", name=op.f("ck_inbound_events_status")),
        sa.ForeignKeyConstraint(
            ["decision_set_id"],
            ["decision_sets.id"],
            ondelete="SET NULL",
            name=op.f("fk_inbound_events_decision_set_id_decision_sets"),
        ),
    )
    op.create_index("ix_inbound_events_decision_set_id", "inbound_events", ["decision_set_id"])
    op.create_index("ix_inbound_events_source_id", "inbound_events", ["source", "id"])
    op.create_index("ix_inbound_events_status_id", "inbound_events", ["status", "id"])


def _create_checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("thread_id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("checkpoint_id", NAME, nullable=False),
        sa.Column("parent_id", NAME),
        sa.Column("body_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.Column("channel_versions", JSON, nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "namespace", "checkpoint_id", name=op.f("pk_checkpoints")),
    )
    op.create_index("ix_checkpoints_run_id", "checkpoints", ["run_id"], **_only_where("run_id IS NOT NULL"))


def _create_checkpoint_blobs() -> None:
    op.create_table(
        "checkpoint_blobs",
        sa.Column("thread_id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("channel", NAME, nullable=False),
        sa.Column("version", NAME, nullable=False),
        sa.Column("value_type", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "namespace", "channel", "version", name=op.f("pk_checkpoint_blobs")),
    )


def _create_checkpoint_writes() -> None:
    op.create_table(
        "checkpoint_writes",
        sa.Column("thread_id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("checkpoint_id", NAME, nullable=False),
        sa.Column("task_id", NAME, nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("task_path", sa.Text(), nullable=False),
        sa.Column("value_type", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "thread_id", "namespace", "checkpoint_id", "task_id", "idx", name=op.f("pk_checkpoint_writes")
        ),
    )
