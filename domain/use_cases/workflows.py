"""Workflows: start one for a project, and cancel, resume or fork its decision set."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from attrs import evolve, frozen

from domain.mlops.redaction import redact
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import (
    AlreadyExistsError,
    IllegalTransitionError,
    NotFoundError,
    RunInProgressError,
    TransactionConflictError,
    VersionConflictError,
)
from domain.model.event import NewEvent
from domain.model.event_type import EventType
from domain.model.job import DEFAULT_QUEUE, WORKFLOW_JOB, Job, NewJob
from domain.use_cases.recording import about_decision_set, about_job
from domain.use_cases.workflow_status import close_agent_runs, move, withdraw_approvals
from ports.storage import Storage, UnitOfWork
from ports.system import Ids
from ports.workflows import WorkflowCatalog, WorkflowInfo


@frozen
class RunOptions:
    """How a run's job is queued. ``timeout`` bounds one attempt."""

    queue: str = DEFAULT_QUEUE
    priority: int = 0
    max_retries: int = 3
    timeout: timedelta | None = None

    def at(self, priority: int) -> "RunOptions":
        """Return the same options at another priority."""
        return evolve(self, priority=priority)


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
                new = _run(self.ids, decision_set, options, graph_input, idempotency_key)
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


@frozen
class ResumeDecisionSet:
    """Run a decision set on from its last checkpoint."""

    storage: Storage
    ids: Ids

    async def __call__(
        self,
        decision_set_id: UUID,
        *,
        actor: str,
        graph_input: Mapping[str, Any] | None = None,
        options: RunOptions | None = None,
    ) -> Job:
        """Queue another run: one that goes on where the last stopped, or with new input at the graph's start.

        Raises RunInProgressError when a run is live, IllegalTransitionError when it is completed and no input is given.
        """
        async with self.storage.transaction() as work:
            decision_set = await work.decision_sets.get(decision_set_id, for_update=True)
            await _require_no_run(work, decision_set)
            if decision_set.status is DecisionSetStatus.COMPLETED and graph_input is None:
                raise IllegalTransitionError("decision set", decision_set_id, decision_set.status, "resumed")
            moved = await move(work, decision_set, DecisionSetStatus.ACTIVE)
            new = _run(self.ids, moved, options, graph_input)
            (enqueued,) = await work.jobs.enqueue([new])
            resumed = about_decision_set(EventType.WORKFLOW_RESUMED, moved, actor, job=enqueued.job)
            await work.events.append([resumed, about_job(EventType.JOB_ENQUEUED, enqueued.job, actor)])
        return enqueued.job


@frozen
class ForkDecisionSet:
    """Fork a decision set at a checkpoint."""

    storage: Storage
    ids: Ids

    async def __call__(
        self,
        decision_set_id: UUID,
        *,
        actor: str,
        checkpoint_id: str | None = None,
        run: bool = True,
        options: RunOptions | None = None,
    ) -> tuple[DecisionSet, Job | None]:
        """Copy the thread up to a checkpoint (the last by default) into a new decision set, and run it on from there.

        Raises NotFoundError for an unknown checkpoint, or when the decision set has none yet.
        """
        fork_id = self.ids.new()
        async with self.storage.transaction() as work:
            parent = await work.decision_sets.get(decision_set_id)
            at = await work.checkpoints.get(parent.thread_id, "", checkpoint_id)
            if at is None:
                raise NotFoundError("checkpoint", checkpoint_id or f"of decision set {decision_set_id}")
            now = await work.now()
            fork = DecisionSet(
                id=fork_id,
                project_id=parent.project_id,
                thread_id=str(fork_id),
                workflow=parent.workflow,
                workflow_version=parent.workflow_version,
                user_prompt=parent.user_prompt,
                created_at=now,
                updated_at=now,
                metadata=parent.metadata,
                parent_id=parent.id,
                forked_from=at.record.key.checkpoint_id,
            )
            await work.decision_sets.add(fork)
            await work.checkpoints.copy_thread(parent.thread_id, fork.thread_id, up_to=fork.forked_from)
            data = {"parent_id": str(parent.id), "fork_id": str(fork.id), "checkpoint_id": fork.forked_from}
            events = [
                about_decision_set(EventType.DECISION_SET_FORKED, parent, actor, data),
                about_decision_set(EventType.DECISION_SET_FORKED, fork, actor, data),
            ]
            job = None
            if run:
                (enqueued,) = await work.jobs.enqueue([_run(self.ids, fork, options, None)])
                job = enqueued.job
                events.append(about_job(EventType.JOB_ENQUEUED, job, actor))
            await work.events.append(events)
        return fork, job


class _AlreadyStartedError(Exception):
    """Rolls a start back whose idempotency key was used before."""

    def __init__(self, job: Job) -> None:
        super().__init__(str(job.id))
        self.job = job


def _request(decision_set: DecisionSet) -> tuple[UUID, str, str]:
    return decision_set.project_id, decision_set.workflow, decision_set.user_prompt


async def _require_no_run(work: UnitOfWork, decision_set: DecisionSet) -> None:
    for job in await work.jobs.live_of(decision_set.id):
        if job.job_type == WORKFLOW_JOB:
            raise RunInProgressError(decision_set.id, job.id)


def _run(
    ids: Ids,
    decision_set: DecisionSet,
    options: RunOptions | None,
    graph_input: Mapping[str, Any] | None,
    idempotency_key: str | None = None,
) -> NewJob:
    chosen = options or RunOptions()
    return NewJob(
        id=ids.new(),
        job_type=WORKFLOW_JOB,
        payload={"input": dict(graph_input) if graph_input is not None else None},
        decision_set_id=decision_set.id,
        queue=chosen.queue,
        priority=chosen.priority,
        max_retries=chosen.max_retries,
        timeout=chosen.timeout,
        idempotency_key=idempotency_key,
        exclusive_key=str(decision_set.id),
    )
