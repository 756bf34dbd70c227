"""Rows to entities and back, by hand."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.approval import Approval, ApprovalStatus, OnTimeout
from domain.model.artifact import Artifact
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.event import Event, Stream, StreamKind
from domain.model.inbound_event import InboundEvent, InboundEventStatus
from domain.model.job import Job, JobStatus
from domain.model.project import Project

Values = Mapping[str, Any]


def project_values(project: Project) -> Values:
    """Return a project's row."""
    return {
        "id": project.id,
        "name": project.name,
        "description": project.description,
        "version": project.version,
        "created_at": project.created_at,
        "updated_at": project.updated_at,
    }


def project_of(row: Row[Any]) -> Project:
    """Return the project of a row."""
    return Project(**row._mapping)


def decision_set_values(decision_set: DecisionSet) -> Values:
    """Return a decision set's row."""
    return {
        "id": decision_set.id,
        "project_id": decision_set.project_id,
        "thread_id": decision_set.thread_id,
        "workflow": decision_set.workflow,
        "workflow_version": decision_set.workflow_version,
        "user_prompt": decision_set.user_prompt,
        "status": decision_set.status.value,
        "status_reason": decision_set.status_reason,
        "metadata": decision_set.metadata,
        "parent_id": decision_set.parent_id,
        "forked_from": decision_set.forked_from,
        "version": decision_set.version,
        "created_at": decision_set.created_at,
        "updated_at": decision_set.updated_at,
    }


def decision_set_of(row: Row[Any]) -> DecisionSet:
    """Return the decision set of a row."""
    return DecisionSet(**{**row._mapping, "status": DecisionSetStatus(row.status)})


def event_values(event: Event) -> Values:
    """Return an event's row, without what the database gives it: position and transaction."""
    return {
        "stream_kind": event.stream.kind.value,
        "stream_id": event.stream.id,
        "sequence": event.sequence,
        "event_type": event.event_type,
        "event_data": event.event_data,
        "actor": event.actor,
        "job_id": event.job_id,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
        "created_at": event.created_at,
    }


def event_of(row: Row[Any]) -> Event:
    """Return the event of a row."""
    return Event(
        position=row.position,
        stream=Stream(StreamKind(row.stream_kind), row.stream_id),
        sequence=row.sequence,
        event_type=row.event_type,
        event_data=row.event_data,
        actor=row.actor,
        created_at=row.created_at,
        prev_hash=bytes(row.prev_hash),
        hash=bytes(row.hash),
        job_id=row.job_id,
    )


def job_values(job: Job) -> Values:
    """Return a job's row."""
    return {
        "id": job.id,
        "decision_set_id": job.decision_set_id,
        "queue": job.queue,
        "job_type": job.job_type,
        "priority": job.priority,
        "status": job.status.value,
        "payload": job.payload,
        "run_at": job.run_at,
        "worker_id": job.worker_id,
        "lease_token": job.lease_token,
        "lease_expires_at": job.lease_expires_at,
        "retry_count": job.retry_count,
        "max_retries": job.max_retries,
        "timeout_seconds": seconds(job.timeout),
        "idempotency_key": job.idempotency_key,
        "exclusive_key": job.exclusive_key,
        "error_message": job.error_message,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
    }


def job_of(row: Row[Any]) -> Job:
    """Return the job of a row."""
    values = {**row._mapping, "status": JobStatus(row.status)}
    limit = values.pop("timeout_seconds")
    return Job(**values, timeout=None if limit is None else timedelta(seconds=limit))


def seconds(duration: timedelta | None) -> float | None:
    """Return a time limit as its column keeps it."""
    return None if duration is None else duration.total_seconds()


def agent_run_values(run: AgentRun) -> Values:
    """Return an agent run's row."""
    return {
        "id": run.id,
        "decision_set_id": run.decision_set_id,
        "job_id": run.job_id,
        "agent_name": run.agent_name,
        "task_id": run.task_id,
        "lease_token": run.lease_token,
        "status": run.status.value,
        "input_data": run.input_data,
        "output_data": run.output_data,
        "error_message": run.error_message,
        "usage": run.usage,
        "checkpoint_id": run.checkpoint_id,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
    }


def agent_run_of(row: Row[Any]) -> AgentRun:
    """Return the agent run of a row."""
    return AgentRun(**{**row._mapping, "status": AgentRunStatus(row.status)})


def artifact_values(artifact: Artifact) -> Values:
    """Return an artifact's row."""
    return {
        "id": artifact.id,
        "decision_set_id": artifact.decision_set_id,
        "artifact_type": artifact.artifact_type,
        "filename": artifact.filename,
        "storage_key": artifact.storage_key,
        "size_bytes": artifact.size_bytes,
        "content_hash": artifact.content_hash,
        "extra_metadata": artifact.extra_metadata,
        "created_at": artifact.created_at,
    }


def artifact_of(row: Row[Any]) -> Artifact:
    """Return the artifact of a row."""
    return Artifact(**row._mapping)


def approval_values(approval: Approval) -> Values:
    """Return an approval's row."""
    return {
        "decision_set_id": approval.decision_set_id,
        "interrupt_id": approval.interrupt_id,
        "gate": approval.gate,
        "prompt": approval.prompt,
        "response_schema": approval.response_schema,
        "defaults": approval.defaults,
        "rejection": approval.rejection,
        "deadline": approval.deadline,
        "on_timeout": approval.on_timeout.value,
        "status": approval.status.value,
        "answer": approval.answer,
        "comment": approval.comment,
        "decided_by": approval.decided_by,
        "decided_at": approval.decided_at,
        "version": approval.version,
        "created_at": approval.created_at,
    }


def approval_of(row: Row[Any]) -> Approval:
    """Return the approval of a row."""
    stated = {"status": ApprovalStatus(row.status), "on_timeout": OnTimeout(row.on_timeout)}
    return Approval(**{**row._mapping, **stated})


def inbound_event_values(event: InboundEvent) -> Values:
    """Return an inbound event's row."""
    return {
        "id": event.id,
        "source": event.source,
        "external_id": event.external_id,
        "event_type": event.event_type,
        "data": event.data,
        "task_context": event.task_context,
        "status": event.status.value,
        "decision_set_id": event.decision_set_id,
        "error_message": event.error_message,
        "created_at": event.created_at,
        "updated_at": event.updated_at,
    }


def inbound_event_of(row: Row[Any]) -> InboundEvent:
    """Return the inbound event of a row."""
    return InboundEvent(**{**row._mapping, "status": InboundEventStatus(row.status)})
