"""Start a workflow for a project, or cancel it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from attrs import frozen

from domain.mlops.redaction import redact
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import (
    AlreadyExistsError,
    IllegalTransitionError,
    TransactionConflictError,
    VersionConflictError,
)
from domain.model.event import NewEvent
from domain.model.event_type import EventType
from domain.model.job import WORKFLOW_JOB, Job
from domain.use_cases.recording import about_decision_set, about_job
from domain.use_cases.run_options import RunOptions, new_run
from domain.use_cases.workflow_status import close_agent_runs, move, withdraw_approvals
from ports.storage import Storage, UnitOfWork
from ports.system import Ids
from ports.workflows import WorkflowCatalog, WorkflowInfo


@frozen
class StartWorkflow:
    """Start a workflow: a new decision set with its first run queued."""

    storage: Storage
    catalog: WorkflowCatalog
    ids: Ids

    async def __call__(
        self,
        project_id: UUID,
        workflow: str,
        prompt: str,
        *,
        actor: str,
        graph_input: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        options: RunOptions | None = None,
        idempotency_key: str | None = None,
    ) -> tuple[DecisionSet, Job]:
        """Return the decision set and the queued job.

        A workflow that redacts gets secrets and personal data taken out of the prompt before anything is stored. With
        an ``idempotency_key`` that was used before, returns what was started then. Raises NotFoundError (project),
        UnknownWorkflowError, WorkflowLoadError, InvalidValueError for the prompt, AlreadyExistsError for a key that
        started something else.
        """
        info = self.catalog.get(workflow)
        redactions: list[str] = []
        if info.redacts_prompt:
            redacted = redact(prompt)
            prompt, redactions = redacted.text, [found.kind for found in redacted.redactions]
        try:
            async with self.storage.transaction() as work:
                await work.projects.get(project_id)
                decision_set = await self._add(work, project_id, info, prompt, metadata)
                new = new_run(self.ids, decision_set, options, graph_input, idempotency_key)
                (enqueued,) = await work.jobs.enqueue([new])
                if not enqueued.created:
                    raise _AlreadyStartedError(enqueued.job)
                data = {
                    "workflow": info.name,
                    "workflow_version": info.version,
                    "prompt": prompt,
                    "redactions": redactions,
                }
                started = about_decision_set(EventType.WORKFLOW_STARTED, decision_set, actor, data, enqueued.job)
                await work.events.append([started, about_job(EventType.JOB_ENQUEUED, enqueued.job, actor)])
        except _AlreadyStartedError as before:
            return await self._started_before(before.job, decision_set)
        return decision_set, enqueued.job

    async def _add(
        self,
        work: UnitOfWork,
        project_id: UUID,
        info: WorkflowInfo,
        prompt: str,
        metadata: Mapping[str, Any] | None,
    ) -> DecisionSet:
        decision_set_id = self.ids.new()
        now = await work.now()
        decision_set = DecisionSet(
            id=decision_set_id,
            project_id=project_id,
            thread_id=str(decision_set_id),
            workflow=info.name,
            workflow_version=info.version,
            user_prompt=prompt,
            created_at=now,
            updated_at=now,
            metadata=metadata or {},
        )
        await work.decision_sets.add(decision_set)
        return decision_set

    async def _started_before(self, job: Job, asked: DecisionSet) -> tuple[DecisionSet, Job]:
        if job.decision_set_id is None or job.job_type != WORKFLOW_JOB:
            raise AlreadyExistsError("job with idempotency key", job.idempotency_key)
        async with self.storage.transaction(read_only=True) as work:
            started = await work.decision_sets.get(job.decision_set_id)
        if _request(started) != _request(asked):
            raise AlreadyExistsError("job with idempotency key", job.idempotency_key)
        return started, job


@frozen
class CancelDecisionSet:
    """Cancel a decision set with its live jobs and open approvals."""

    storage: Storage

    async def __call__(
        self, decision_set_id: UUID, *, actor: str, reason: str | None = None, expected_version: int | None = None
    ) -> DecisionSet:
        """Cancel at once; a worker that runs it finds its lease lost at its next write or heartbeat.

        Raises IllegalTransitionError when it has ended, VersionConflictError when not at ``expected_version``,
        TransactionConflictError when a job was queued for it at the same moment.
        """
        async with self.storage.transaction() as work:
            events = await self._cancel_jobs(work, decision_set_id, actor, reason)
            decision_set = await work.decision_sets.get(decision_set_id, for_update=True)
            if await work.jobs.live_of(decision_set_id):
                raise TransactionConflictError(
                    f"A job was queued for the decision set {decision_set_id} while it was being cancelled; cancel it"
                    " again."
                )
            if expected_version is not None and decision_set.version != expected_version:
                raise VersionConflictError("decision set", decision_set_id, expected_version, decision_set.version)
            if decision_set.status is DecisionSetStatus.CANCELLED:
                raise IllegalTransitionError("decision set", decision_set_id, decision_set.status, "cancelled")
            moved = await move(work, decision_set, DecisionSetStatus.CANCELLED, reason=reason)
            events += await withdraw_approvals(work, moved, actor)
            events.append(about_decision_set(EventType.DECISION_SET_CANCELLED, moved, actor, {"reason": reason}))
            await work.events.append(events)
        return moved

    async def _cancel_jobs(
        self, work: UnitOfWork, decision_set_id: UUID, actor: str, reason: str | None
    ) -> list[NewEvent]:
        events = []
        for found in await work.jobs.live_of(decision_set_id):
            job = await work.jobs.get(found.id, for_update=True)
            if not job.live:
                continue
            cancelled = job.cancelled(await work.now(), reason)
            await work.jobs.save(cancelled, expected=job)
            await close_agent_runs(work, cancelled)
            events.append(about_job(EventType.JOB_CANCELLED, cancelled, actor, {"reason": reason}))
        return events


class _AlreadyStartedError(Exception):
    """Rolls a start back whose idempotency key was used before."""

    def __init__(self, job: Job) -> None:
        super().__init__(str(job.id))
        self.job = job


def _request(decision_set: DecisionSet) -> tuple[UUID, str, str]:
    return decision_set.project_id, decision_set.workflow, decision_set.user_prompt
