"""Go on from a checkpoint: resume a decision set, or fork it into a new one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from attrs import frozen

from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import (
    IllegalTransitionError,
    NotFoundError,
    RunInProgressError,
)
from domain.model.event_type import EventType
from domain.model.job import WORKFLOW_JOB, Job
from domain.use_cases.recording import about_decision_set, about_job
from domain.use_cases.run_options import RunOptions, new_run
from domain.use_cases.workflow_status import move
from ports.storage import Storage, UnitOfWork
from ports.system import Ids


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
            new = new_run(self.ids, moved, options, graph_input)
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
                (enqueued,) = await work.jobs.enqueue([new_run(self.ids, fork, options, None)])
                job = enqueued.job
                events.append(about_job(EventType.JOB_ENQUEUED, job, actor))
            await work.events.append(events)
        return fork, job


async def _require_no_run(work: UnitOfWork, decision_set: DecisionSet) -> None:
    for job in await work.jobs.live_of(decision_set.id):
        if job.job_type == WORKFLOW_JOB:
            raise RunInProgressError(decision_set.id, job.id)
