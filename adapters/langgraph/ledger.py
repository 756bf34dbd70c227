"""The rows and events that tell of a run's agents, written inside a transaction that others open."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import evolve, frozen

from adapters.langgraph.plain import capped
from adapters.langgraph.steps import FinishedTask, TaskName
from domain.model.agent_run import AgentRun
from domain.model.approval import Approval
from domain.model.artifact import Artifact
from domain.model.event import NewEvent, Stream
from domain.model.event_type import EventType
from domain.model.job import MAX_ERROR, Job
from domain.model.secrets import mask_secrets, storable
from ports.storage import UnitOfWork
from ports.system import Ids

LOST = "The worker was lost while this ran; the step runs again."
_MAX_INPUT_BYTES = 16_384
_MAX_NAME = 255


@frozen
class Stopped:
    """An execution that ended without an output: interrupted, or failed with an error."""

    name: TaskName
    run: AgentRun
    error: str | None = None


@frozen
class Ledger:
    """Writes what the agents of one run do."""

    job: Job
    decision_set_id: UUID
    ids: Ids

    async def start(self, uow: UnitOfWork, run_id: UUID, name: TaskName, node_input: object) -> AgentRun:
        """Write that an agent starts."""
        run = AgentRun(
            id=run_id,
            decision_set_id=self.decision_set_id,
            job_id=self.job.id,
            agent_name=name.node[:_MAX_NAME],
            task_id=name.task_id,
            lease_token=self.job.lease_token,
            started_at=await uow.now(),
            input_data=capped(node_input, _MAX_INPUT_BYTES),
        )
        await uow.agent_runs.put([run])
        await uow.events.append([self._event(EventType.AGENT_STARTED, run)])
        return run

    async def stop(self, uow: UnitOfWork, stopped: Sequence[Stopped]) -> None:
        """Write executions that were interrupted or failed."""
        now = await uow.now()
        runs, events = [], []
        for one in stopped:
            if one.error is None:
                runs.append(one.run.interrupted(now))
                events.append(self._event(EventType.AGENT_INTERRUPTED, one.run))
            else:
                error = mask_secrets(storable(one.error))[:MAX_ERROR]
                runs.append(one.run.failed(now, error))
                events.append(self._event(EventType.AGENT_FAILED, one.run, error=error))
        await uow.agent_runs.put(runs)
        await uow.events.append(events)

    async def complete(
        self, uow: UnitOfWork, step: Sequence[FinishedTask], checkpoint_id: str, lost: frozenset[UUID]
    ) -> None:
        """Write a superstep's ends, artifacts and events; a run that was given up as ``lost`` is written anew."""
        now = await uow.now()
        rows = [evolve(row, created_at=now) for one in step for row in one.artifacts]
        kept = {(row.filename, row.content_hash): row for row in await uow.artifacts.add(rows)}
        runs, events = [], []
        for one in step:
            begun = evolve(one.run, id=self.ids.new()) if one.run.id in lost else one.run
            run = begun.completed(one.ended_at or now, one.output, usage=one.usage, checkpoint_id=checkpoint_id)
            runs.append(run)
            events += [self._event(event.event_type, run, **event.data) for event in one.events]
            events += [self._stored(run, kept[row.filename, row.content_hash]) for row in one.artifacts]
            events.append(self._event(EventType.AGENT_COMPLETED, run, duration_ms=run.duration_ms))
        await uow.agent_runs.put(runs)
        await uow.events.append(events)

    async def request(self, uow: UnitOfWork, approvals: Sequence[Approval]) -> None:
        """Write that approvals are asked for."""
        await uow.events.append([self._requested(approval) for approval in approvals])

    def _requested(self, approval: Approval) -> NewEvent:
        data = {
            "interrupt_id": approval.interrupt_id,
            "gate": approval.gate,
            "prompt": capped(approval.prompt),
            "deadline": approval.deadline.isoformat() if approval.deadline else None,
        }
        stream = Stream.of_decision_set(self.decision_set_id)
        return NewEvent(stream, EventType.APPROVAL_REQUESTED, data, _actor(approval.gate), self.job.id)

    def _event(self, event_type: str, run: AgentRun, **data: Any) -> NewEvent:
        known = {"agent": run.agent_name, "agent_run_id": str(run.id), "task_id": run.task_id}
        stream = Stream.of_decision_set(self.decision_set_id)
        return NewEvent(stream, event_type, {**known, **data}, _actor(run.agent_name), self.job.id)

    def _stored(self, run: AgentRun, artifact: Artifact) -> NewEvent:
        return self._event(EventType.ARTIFACT_STORED, run, **artifact.record)


def _actor(agent_name: str) -> str:
    return f"agent:{agent_name}"[:_MAX_NAME]
