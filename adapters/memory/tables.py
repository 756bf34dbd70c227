"""The tables of the in-memory storage, and a transaction's views of them."""

from typing import TypeAlias
from uuid import UUID

from adapters.memory.table import ALL, Place, Scope, Table, TableView
from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.approval import Approval, ApprovalStatus
from domain.model.artifact import Artifact
from domain.model.decision_set import DecisionSet
from domain.model.event import Event, Stream, StreamHead
from domain.model.inbound_event import InboundEvent
from domain.model.job import Job, JobStatus
from domain.model.project import Project
from ports.checkpoints import BlobRecord, CheckpointKey, CheckpointRecord, WriteRecord

ApprovalKey: TypeAlias = tuple[UUID, str]
BlobKey: TypeAlias = tuple[str, str, str, str]
WriteKey: TypeAlias = tuple[CheckpointKey, str, int]


class Tables:
    """Everything that is committed."""

    def __init__(self) -> None:
        self.projects: Table[UUID, Project] = Table(all=lambda key, _: (ALL, (key.int,)))
        self.decision_sets: Table[UUID, DecisionSet] = Table(
            all=lambda key, _: (ALL, (key.int,)),
            project=lambda key, row: (row.project_id, (key.int,)),
            thread=lambda key, row: (row.thread_id, (key.int,)),
        )
        self.jobs: Table[UUID, Job] = Table(
            all=lambda key, _: (ALL, (key.int,)),
            decision_set=lambda key, row: None if row.decision_set_id is None else (row.decision_set_id, (key.int,)),
            standing=lambda key, row: ((row.queue, row.status), (key.int,)),
            idempotency_key=_idempotency_key,
            queued=_queued,
            running=_running,
            exclusive_key=_running_exclusively,
        )
        self.events: Table[int, Event] = Table(
            all=lambda key, _: (ALL, (key,)), stream=lambda _, row: (row.stream, (row.sequence,))
        )
        self.heads: Table[Stream, StreamHead] = Table()
        self.positions: Table[str, int] = Table()
        self.agent_runs: Table[UUID, AgentRun] = Table(
            decision_set=lambda key, row: (row.decision_set_id, (key.int,)),
            running=lambda key, row: (row.job_id, (key.int,)) if row.status is AgentRunStatus.RUNNING else None,
            completed=_completed_task,
        )
        self.artifacts: Table[UUID, Artifact] = Table(
            decision_set=lambda key, row: (row.decision_set_id, (key.int,)),
            content=lambda key, row: ((row.decision_set_id, row.filename, row.content_hash), (key.int,)),
        )
        self.approvals: Table[ApprovalKey, Approval] = Table(
            all=lambda key, row: (ALL, (row.created_at, key[0].int, key[1])),
            decision_set=lambda key, row: (row.decision_set_id, (row.created_at, key[0].int, key[1])),
            deadline=_open_until,
        )
        self.inbound_events: Table[UUID, InboundEvent] = Table(
            all=lambda key, _: (ALL, (key.int,)),
            external_id=lambda key, row: ((row.source, row.external_id), (key.int,)),
            decision_set=lambda key, row: None if row.decision_set_id is None else (row.decision_set_id, (key.int,)),
        )
        self.checkpoints: Table[CheckpointKey, CheckpointRecord] = Table(
            all=lambda key, _: (ALL, (key.checkpoint_id, key.thread_id, key.namespace)),
            thread=lambda key, _: (key.thread_id, (key.checkpoint_id, key.namespace)),
            namespace=lambda key, _: ((key.thread_id, key.namespace), (key.checkpoint_id,)),
            run=_run_of_checkpoint,
        )
        self.blobs: Table[BlobKey, BlobRecord] = Table(thread=lambda key, _: (key[0], key[1:]))
        self.writes: Table[WriteKey, WriteRecord] = Table(
            checkpoint=lambda key, row: (key[0], (row.task_id, row.index)),
            thread=lambda key, _: (key[0].thread_id, (key[0].namespace, key[0].checkpoint_id, *key[1:])),
        )


class Views:
    """What one transaction sees of the tables."""

    def __init__(self, tables: Tables, scope: Scope) -> None:
        self.projects = TableView(tables.projects, scope)
        self.decision_sets = TableView(tables.decision_sets, scope)
        self.jobs = TableView(tables.jobs, scope)
        self.events = TableView(tables.events, scope)
        self.heads = TableView(tables.heads, scope)
        self.positions = TableView(tables.positions, scope)
        self.agent_runs = TableView(tables.agent_runs, scope)
        self.artifacts = TableView(tables.artifacts, scope)
        self.approvals = TableView(tables.approvals, scope)
        self.inbound_events = TableView(tables.inbound_events, scope)
        self.checkpoints = TableView(tables.checkpoints, scope)
        self.blobs = TableView(tables.blobs, scope)
        self.writes = TableView(tables.writes, scope)
        self._scope = scope

    def commit(self) -> None:
        """Write everything this transaction wrote; readers see all of it or nothing."""
        with self._scope.reading:
            for view in vars(self).values():
                if isinstance(view, TableView):
                    view.commit()

    def end(self) -> None:
        """Refuse further writes."""
        self._scope.ended = True


def _idempotency_key(key: UUID, job: Job) -> Place | None:
    return None if job.idempotency_key is None else ((job.queue, job.idempotency_key), (key.int,))


def _queued(key: UUID, job: Job) -> Place | None:
    return (job.queue, (-job.priority, job.run_at, key.int)) if job.status is JobStatus.QUEUED else None


def _running(key: UUID, job: Job) -> Place | None:
    return (ALL, (job.lease_expires_at, key.int)) if job.status is JobStatus.RUNNING else None


def _running_exclusively(key: UUID, job: Job) -> Place | None:
    exclusive = job.status is JobStatus.RUNNING and job.exclusive_key is not None
    return (job.exclusive_key, (key.int,)) if exclusive else None


def _completed_task(key: UUID, run: AgentRun) -> Place | None:
    return ((run.decision_set_id, run.task_id), (key.int,)) if run.status is AgentRunStatus.COMPLETED else None


def _open_until(key: ApprovalKey, approval: Approval) -> Place | None:
    waits = approval.status is ApprovalStatus.OPEN and approval.deadline is not None
    return (ALL, (approval.deadline, key[0].int, key[1])) if waits else None


def _run_of_checkpoint(key: CheckpointKey, record: CheckpointRecord) -> Place | None:
    run_id = record.metadata.get("run_id")
    return (run_id, (key.thread_id, key.namespace, key.checkpoint_id)) if isinstance(run_id, str) else None
